//! `providers` (or `targets`) → `models`, and the providers of assertions → `judges`.

use std::collections::HashSet;

use crate::import::emit::{Block, Line, Yaml};
use crate::import::source::{Node, Value};
use crate::import::work::{Work, left_out_note, unique};

use super::ids::{Target, target};
use super::params::{self, Settings};

/// How many files may name each other.
const MAX_DEPTH: usize = 4;

/// The models of a config.
#[derive(Debug, Default)]
pub(super) struct Models {
    /// The entries of `models`, with comments.
    pub(super) list: Block,
    /// The functions of their tools, by which calls are checked.
    pub(super) tools: Vec<(String, Yaml)>,
    names: HashSet<String>,
}

impl Models {
    /// Reads `providers`.
    pub(super) fn read(providers: Option<&Node>, work: &mut Work<'_>) -> Self {
        let mut models = Self::default();
        if let Some(providers) = providers {
            models.entries(providers, work, 0);
        }
        models
    }

    fn entries(&mut self, providers: &Node, work: &mut Work<'_>, depth: usize) {
        for entry in providers.items() {
            self.entry(entry, work, depth);
        }
    }

    fn entry(&mut self, entry: &Node, work: &mut Work<'_>, depth: usize) {
        let Some((id, options)) = parts(entry) else {
            return work.leave_out(&mut self.list, "provider", entry, None, "a provider has an `id`");
        };
        if let Some(path) = id.strip_prefix("file://")
            && [".yaml", ".yml", ".json"].iter().any(|ending| path.ends_with(ending))
            && depth < MAX_DEPTH
        {
            match work.data(path) {
                Ok(node) => self.entries(&node, work, depth + 1),
                Err(why) => work.leave_out(&mut self.list, "provider", entry, None, &why),
            }
            return;
        }
        let settings = params::read(options.and_then(|options| options.get("config")), work);
        let Some(found) = found(&id, &settings, options) else {
            let why = why_not(&id);
            return work.leave_out(&mut self.list, &format!("provider `{id}`"), entry, None, &why);
        };
        let label = options.and_then(|options| options.get("label")).and_then(Node::written);
        let name = label.filter(|label| !label.trim().is_empty()).unwrap_or_else(|| found.id.clone());
        let name = unique(&crate::text::one_line(name.trim()), &mut self.names);
        if found.is_mapped {
            self.list.note(format!("mapped from {id}"));
        }
        self.list.notes(settings.notes.iter().cloned());
        if let Some(options) = options {
            for key in ["prompts", "transform", "delay"] {
                if let Some(node) = options.get(key) {
                    let why = match key {
                        "prompts" => "every model is asked with every prompt",
                        "delay" => "write `requests_per_minute`",
                        _ => "answers are graded as they are; graders have `extract`",
                    };
                    work.leave_out(&mut self.list, &format!("provider key `{key}`"), node, Some(key), why);
                }
            }
        }
        self.tools.extend(settings.tools.iter().cloned());
        self.list.push(model(&found, Some(&name), settings));
    }
}

/// A provider's id, and the map that holds what else is said of it.
fn parts(entry: &Node) -> Option<(String, Option<&Node>)> {
    match &entry.value {
        Value::Text(id) => Some((id.trim().to_owned(), None)),
        Value::Map(entries) => match entry.get("id") {
            Some(id) => Some((id.text()?.trim().to_owned(), Some(entry))),
            // `openai:gpt-4o: { config: … }`
            None => match entries.as_slice() {
                [(id, options)] if id.contains(':') => Some((id.clone(), Some(options))),
                _ => None,
            },
        },
        _ => None,
    }
}

/// Where a provider is asked; one with an address of its own is asked there, whatever it is called.
fn found(id: &str, settings: &Settings, options: Option<&Node>) -> Option<Target> {
    let model = options.and_then(|options| options.get("config")?.get("model")?.text());
    let id = match model {
        Some(model)
            if id.matches(':').count() == 1
                && ["chat", "responses", "completion"].iter().any(|kind| id.ends_with(kind)) =>
        {
            format!("{id}:{model}")
        }
        _ => id.to_owned(),
    };
    let mut target = target(&id)?;
    if settings.base_url.is_some() && target.is_mapped {
        // The endpoint knows the model by the name that was written.
        let mut model = id.split_once(':')?.1;
        for kind in ["chat:", "responses:", "completion:", "messages:", "embedding:"] {
            model = model.strip_prefix(kind).unwrap_or(model);
        }
        model.clone_into(&mut target.id);
        target.is_mapped = false;
    }
    Some(target)
}

fn why_not(id: &str) -> String {
    let vendor = id.split(':').next().unwrap_or_default();
    match vendor {
        "file" | "python" | "exec" | "golang" | "ruby" | "package" => {
            "a program of its own: bench asks HTTP endpoints".to_owned()
        }
        "http" | "https" | "webhook" | "websocket" | "ws" | "wss" => {
            "an HTTP API of its own form: bench asks OpenAI-compatible endpoints (`base_url`)".to_owned()
        }
        "azure" | "azureopenai" => {
            "Azure's addresses differ by deployment: write `base_url` and `api_key_env`".to_owned()
        }
        _ if id.contains("{{") => "its name is a template".to_owned(),
        _ => "no model that is known on OpenRouter or to speak the API of OpenAI".to_owned(),
    }
}

/// A model's entry: its id alone where nothing else is to be said.
fn model(target: &Target, name: Option<&str>, settings: Settings) -> Yaml {
    let mut model = Block::default();
    model.put("id", target.id.as_str());
    model.maybe("name", name.filter(|name| *name != target.id));
    let has_own = settings.base_url.is_some();
    if let Some(base_url) = settings.base_url.or_else(|| target.base_url.map(str::to_owned)) {
        model.put("base_url", base_url);
        let key = settings.key.or_else(|| target.key.filter(|_| !has_own).map(str::to_owned));
        model.put("api_key_env", key.map_or(Yaml::Null, Yaml::Text));
    }
    if settings.headers.len() > 0 {
        model.put("headers", Yaml::Map(settings.headers));
    }
    model.maybe("timeout", settings.timeout);
    model.maybe("retries", settings.retries.as_ref());
    if let Some(served_by) = target.served_by {
        let (mut order, mut provider) = (Block::default(), Block::default());
        order.push(served_by);
        provider.put("order", Yaml::List(order));
        model.put("provider", Yaml::Map(provider));
    }
    if settings.params.len() > 0 {
        model.put("params", Yaml::Map(settings.params));
    }
    if model.len() == 1 { target.id.as_str().into() } else { Yaml::Map(model) }
}

/// Models that graders ask.
#[derive(Debug, Default)]
pub(super) struct Judges {
    list: Vec<(String, Vec<Line>)>,
    by_provider: Vec<(String, String)>,
    names: HashSet<String>,
}

/// What a judge is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// To grade by a rubric.
    Rubric,
    /// For embeddings.
    Embeddings,
}

impl Judges {
    /// The name of the judge that is this provider, or promptfoo's own where none is named.
    ///
    /// # Errors
    /// Why that provider cannot be asked.
    pub(super) fn name(&mut self, provider: Option<&Node>, what: Use, work: &mut Work<'_>) -> Result<String, String> {
        let (id, options) = match provider {
            None => (String::new(), None),
            Some(node) => {
                // A provider for each use: `{ text: …, embedding: … }`.
                let keys: &[&str] = if what == Use::Rubric { &["text"] } else { &["embedding"] };
                let node = match keys.iter().find_map(|key| node.get(key)) {
                    Some(inner) => inner,
                    None if node.get("text").is_some() || node.get("embedding").is_some() => {
                        return self.name(None, what, work);
                    }
                    None => node,
                };
                match parts(node) {
                    // A model that chats gives no vectors: promptfoo takes its own then, too.
                    Some((id, _)) if what == Use::Embeddings && !id.contains("embed") => {
                        return self.name(None, what, work);
                    }
                    Some((id, options)) => (id, options),
                    None => return Err("its provider is no model".to_owned()),
                }
            }
        };
        let key = format!("{what:?} {id} {}", options.map(|node| node.to_json().to_string()).unwrap_or_default());
        if let Some((_, name)) = self.by_provider.iter().find(|(known, _)| *known == key) {
            return Ok(name.clone());
        }
        let mut lines = Vec::new();
        let (base, entry) = if id.is_empty() {
            lines.push(Line::Note("promptfoo's own choice where none is named; any other does".to_owned()));
            let (name, id) = match what {
                Use::Rubric => ("judge", "openai/gpt-4.1"),
                Use::Embeddings => ("embeddings", "openai/text-embedding-3-large"),
            };
            (name.to_owned(), Err(id))
        } else {
            let settings = params::read(options.and_then(|options| options.get("config")), work);
            let Some(found) = found(&id, &settings, options) else {
                return Err(format!("its judge is `{id}`, and {}", why_not(&id)));
            };
            if found.is_mapped {
                lines.push(Line::Note(format!("mapped from {id}")));
            }
            lines.extend(settings.notes.iter().cloned().map(Line::Note));
            (found.id.rsplit('/').next().unwrap_or(&found.id).to_owned(), Ok((found, settings)))
        };
        let name = unique(&base, &mut self.names);
        let entry = match entry {
            Ok((found, settings)) => model(&found, Some(&name), settings),
            Err(id) => model(&Target { id: id.to_owned(), ..Target::default() }, Some(&name), Settings::default()),
        };
        lines.push(Line::Entry(None, entry));
        self.list.push((name.clone(), lines));
        self.by_provider.push((key, name.clone()));
        Ok(name)
    }

    /// The entries of `judges`.
    pub(super) fn into_list(self) -> Block {
        Block(self.list.into_iter().flat_map(|(_, lines)| lines).collect())
    }
}

/// The comment for a provider where one cannot stand.
pub(super) fn provider_note(node: &Node, key: &str) -> String {
    left_out_note(node, Some(key), "every model is asked every case")
}
