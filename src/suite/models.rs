//! `defaults` and entries of `models` and `judges` → [`Model`]s, every default merged.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Map, Value};

use super::endpoint::{RawEndpoint, SuiteEndpoint};
use super::log::{Finding, Log, Place, Target};
use super::model::{Endpoint, Limits, Model, Overrides};
use super::node::Node;
use super::read::{Field, Table, Written};

/// Sent where no limit is given: some endpoints otherwise stop after a few tokens, others only at their context's end.
const MAX_TOKENS: u32 = 4096;

/// Keys of `defaults`, all of which a model may have too.
pub(super) const SETTINGS: [&str; 12] = [
    "timeout",
    "first_token_timeout",
    "idle_timeout",
    "deadline",
    "concurrency",
    "requests_per_minute",
    "tokens_per_minute",
    "retries",
    "give_up_after",
    "stream",
    "params",
    "provider",
];

/// Further keys of a model.
pub(super) const OWN: [&str; 6] = ["id", "name", "base_url", "api_key_env", "headers", "fallbacks"];

/// What was written under `defaults` or on a model.
#[derive(Debug, Default)]
struct Settings {
    timeout: Option<Duration>,
    /// The optional ones: `null` takes a default back.
    first_token_timeout: Written<Duration>,
    idle_timeout: Written<Duration>,
    deadline: Written<Duration>,
    concurrency: Option<u32>,
    requests_per_minute: Written<u32>,
    tokens_per_minute: Written<u32>,
    retries: Option<u32>,
    give_up_after: Option<u32>,
    stream: Option<bool>,
    params: Map<String, Value>,
    provider: Written<Value>,
}

impl Settings {
    fn read(table: &Table<'_>, log: &Log) -> Self {
        let optional = |key| Written::read(table.get(key), |field| field.duration(log));
        let no_limit = "leave it out, or write `null`, for no limit";
        let rate = |key| Written::read(table.get(key), |field| field.at_least_one(no_limit, log));
        Self {
            timeout: table.get("timeout").and_then(|field| field.duration(log)),
            first_token_timeout: optional("first_token_timeout"),
            idle_timeout: optional("idle_timeout"),
            deadline: optional("deadline"),
            concurrency: table
                .get("concurrency")
                .and_then(|field| field.at_least_one("with 0 requests in flight nothing would be asked", log)),
            requests_per_minute: rate("requests_per_minute"),
            tokens_per_minute: rate("tokens_per_minute"),
            retries: table.get("retries").and_then(|field| field.whole(log)),
            give_up_after: table
                .get("give_up_after")
                .and_then(|field| field.at_least_one("for never giving up, write a large number", log)),
            stream: table.get("stream").and_then(|field| field.boolean(log)),
            params: table.get("params").map(|field| params(&field, log)).unwrap_or_default(),
            provider: Written::read(table.get("provider"), |field| {
                field.entries("provider routing as a map", log).map(|_| field.node.to_value())
            }),
        }
    }
}

/// Request fields. Those that have a place of their own in a suite are refused: they would contradict it.
fn params(field: &Field<'_>, log: &Log) -> Map<String, Value> {
    let mut params = Map::new();
    for (name, value) in field.entries("request fields as a map", log).unwrap_or_default() {
        let hint = match name {
            "model" => "the model is its `id`",
            "models" => "write `fallbacks: [...]` on the model",
            "messages" => "messages are written under `prompts`",
            "stream" | "stream_options" => "write `stream: true` or `stream: false` beside `params`",
            "provider" => "write `provider: {...}` beside `params`",
            _ => {
                if matches!(name, "max_tokens" | "max_completion_tokens") && !value.is_null() {
                    _ = value.at_least_one("leave it out for the default of 4096", log);
                }
                params.insert(name.to_owned(), value.node.to_value());
                continue;
            }
        };
        log.add(Finding::error(&value.place, "cannot be set here").target(Target::Key).hint(hint));
    }
    params
}

/// What every model, and every judge, starts from.
#[derive(Debug)]
pub(super) struct Defaults<'a> {
    settings: Settings,
    endpoint: &'a SuiteEndpoint,
}

/// What a model is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Role<'a> {
    /// It is compared with the others; the command line has a say in how.
    UnderTest(&'a Overrides),
    /// It grades answers: what the suite and the command line ask of the models under test (an answer of few tokens, a
    /// temperature, tools) would be wrong for it, so it has only the `params` written on itself.
    Judge,
}

impl Role<'_> {
    const fn noun(self) -> &'static str {
        match self {
            Self::UnderTest(_) => "model",
            Self::Judge => "judge",
        }
    }
}

impl<'a> Defaults<'a> {
    /// Reads `defaults`.
    pub(super) fn read(suite: &Table<'_>, endpoint: &'a SuiteEndpoint, log: &Log) -> Self {
        let settings = suite
            .get("defaults")
            .filter(|field| !field.is_null())
            .and_then(|field| field.table("`defaults`", &SETTINGS, log))
            .map(|table| Settings::read(&table, log))
            .unwrap_or_default();
        Self { settings, endpoint }
    }

    /// Reads a list of models, each with the place of its name; names are unique in it.
    pub(super) fn read_list(&self, entries: &[Field<'_>], role: Role<'_>, log: &Log) -> Vec<(Model, Place)> {
        let mut models: Vec<(Model, Place)> = Vec::new();
        let mut names: HashMap<String, Place> = HashMap::new();
        for entry in entries {
            let Some((model, place)) = read_model(entry, self, role, log) else { continue };
            if let Some(first) = names.get(&model.name) {
                log.add(
                    Finding::error(&place, format!("a second {} named `{}`", role.noun(), model.name))
                        .related(first, "first here")
                        .hint("give one of them another `name`"),
                );
            } else {
                names.insert(model.name.clone(), place.clone());
            }
            models.push((model, place));
        }
        models
    }

    /// A judge of which only the id is known.
    pub(super) fn judge(&self, id: &str, log: &Log) -> Model {
        let endpoint = self.endpoint.for_model(RawEndpoint::default(), log);
        self.model(id.to_owned(), id.to_owned(), endpoint, Settings::default(), Vec::new(), Role::Judge)
    }

    /// A model with every default merged in.
    fn model(
        &self,
        id: String,
        name: String,
        endpoint: Endpoint,
        own: Settings,
        fallbacks: Vec<String>,
        role: Role<'_>,
    ) -> Model {
        let (defaults, usual) = (&self.settings, Limits::default());
        let (timeout, deadline, params, stream) = match role {
            Role::UnderTest(over) => {
                let over_params = over.params.iter().map(|(name, value)| (name, value));
                let params = merged_params(defaults.params.iter().chain(&own.params).chain(over_params));
                (over.timeout, over.deadline, params, true)
            }
            Role::Judge => (None, None, own.params, false),
        };
        let limits = Limits {
            timeout: timeout.or(own.timeout).or(defaults.timeout).unwrap_or(usual.timeout),
            first_token_timeout: own.first_token_timeout.or(defaults.first_token_timeout.clone()).value(),
            idle_timeout: own.idle_timeout.or(defaults.idle_timeout.clone()).value(),
            deadline: deadline.or(own.deadline.or(defaults.deadline.clone()).value()),
            concurrency: own.concurrency.or(defaults.concurrency).unwrap_or(usual.concurrency),
            requests_per_minute: own.requests_per_minute.or(defaults.requests_per_minute.clone()).value(),
            tokens_per_minute: own.tokens_per_minute.or(defaults.tokens_per_minute.clone()).value(),
            retries: own.retries.or(defaults.retries).unwrap_or(usual.retries),
            give_up_after: own.give_up_after.or(defaults.give_up_after).unwrap_or(usual.give_up_after),
        };
        Model {
            id,
            name,
            endpoint,
            limits,
            stream: own.stream.or(defaults.stream).unwrap_or(stream),
            params,
            provider: own.provider.or(defaults.provider.clone()).value(),
            fallbacks,
        }
    }
}

/// Reads `models`.
pub(super) fn read(suite: &Table<'_>, defaults: &Defaults<'_>, overrides: &Overrides, log: &Log) -> Vec<Model> {
    let Some(entries) = suite.require("models", log).and_then(|field| {
        let entries = field.list("models", log)?;
        if entries.is_empty() {
            log.add(Finding::error(&field.place, "no models to ask").hint("name at least one: `- openai/gpt-4o-mini`"));
        }
        Some(entries)
    }) else {
        return Vec::new();
    };
    let models = defaults.read_list(&entries, Role::UnderTest(overrides), log);
    models.into_iter().map(|(model, _)| model).collect()
}

/// A model, and the place of its name.
fn read_model(entry: &Field<'_>, defaults: &Defaults<'_>, role: Role<'_>, log: &Log) -> Option<(Model, Place)> {
    let (id, name, own, raw_endpoint, fallbacks) = match entry.node {
        Node::Map(_) => {
            let known: Vec<&'static str> = OWN.into_iter().chain(SETTINGS).collect();
            let table = entry.table(&format!("a {}", role.noun()), &known, log)?;
            let id = table.require("id", log).and_then(|field| Some((field.name(log)?.to_owned(), field.place)));
            let name = table
                .get("name")
                .filter(|field| !field.is_null())
                .and_then(|field| Some((field.name(log)?.to_owned(), field.place)));
            let fallbacks = table
                .get("fallbacks")
                .and_then(|field| field.list("model ids", log))
                .unwrap_or_default()
                .iter()
                .filter_map(|field| field.name(log).map(str::to_owned))
                .collect();
            (id, name, Settings::read(&table, log), RawEndpoint::read(&table, log), fallbacks)
        }
        Node::Text(_) => {
            let id = entry.name(log).map(|id| (id.to_owned(), entry.place.clone()));
            (id, None, Settings::default(), RawEndpoint::default(), Vec::new())
        }
        _ => {
            let message = format!("expected a model id or a map with `id`, found {}", entry.node.describe());
            log.error(&entry.place, message);
            return None;
        }
    };
    let endpoint = defaults.endpoint.for_model(raw_endpoint, log);
    let (id, id_place) = id?;
    let (name, place) = name.unwrap_or_else(|| (id.clone(), id_place));
    Some((defaults.model(id, name, endpoint, own, fallbacks, role), place))
}

/// Request fields from several levels, the later ones over the earlier ones, key by key; `null` takes a key back.
/// Without any limit on the answer's length the usual one is put in.
pub(crate) fn merged_params<'a>(levels: impl IntoIterator<Item = (&'a String, &'a Value)>) -> Map<String, Value> {
    let mut params = Map::new();
    for (name, value) in levels {
        // A limit on one level replaces the other spelling on a level below.
        match name.as_str() {
            "max_tokens" if !value.is_null() => _ = params.shift_remove("max_completion_tokens"),
            "max_completion_tokens" if !value.is_null() => _ = params.shift_remove("max_tokens"),
            _ => {}
        }
        if value.is_null() {
            params.shift_remove(name);
        } else {
            params.insert(name.clone(), value.clone());
        }
    }
    if !params.contains_key("max_tokens") && !params.contains_key("max_completion_tokens") {
        params.insert("max_tokens".to_owned(), MAX_TOKENS.into());
    }
    params
}
