//! `defaults`, models and judges.

use serde_json::{Value, json};

use crate::grade::NAME_PATTERN;
use crate::suite::models::{OWN, SETTINGS};

use super::parts::{about, duration, name, or_nothing, section, whole, with};
use super::{endpoint, params};

/// `defaults`.
pub(super) fn defaults() -> Value {
    section("Settings for every model; a model's own go over them", &SETTINGS, setting)
}

/// An entry of `models`.
pub(super) fn model() -> Value {
    entry("A model: its id, or a map with `id` and its settings", "model")
}

/// An entry of `judges`.
pub(super) fn judge() -> Value {
    entry("A model that graders ask: its id, or a map with `id` and its settings", "judge")
}

fn entry(what: &str, noun: &str) -> Value {
    let keys: Vec<&'static str> = OWN.into_iter().chain(SETTINGS).collect();
    let map = section(what, &keys, |key| match key {
        "id" => Some(about("What is sent as `model`; required", name_of_model())),
        "name" => Some(about(
            &format!("What the {noun} is called in every output, unique; the id if left out"),
            or_nothing(name()),
        )),
        "fallbacks" => Some(about(
            "Model ids that OpenRouter may take instead, sent as `models`",
            json!({"type": "array", "items": name()}),
        )),
        _ => endpoint::key(key).or_else(|| setting(key)),
    });
    let id = json!({"type": "string", "pattern": NAME_PATTERN});
    about(what, json!({"anyOf": [id, with(map, json!({"required": ["id"]}))]}))
}

fn name_of_model() -> Value {
    with(name(), json!({"examples": ["openai/gpt-4o-mini", "anthropic/claude-sonnet-4.5"]}))
}

fn setting(key: &str) -> Option<Value> {
    let or = |schema: Value, default: Value| with(schema, json!({"default": default}));
    Some(match key {
        "timeout" => about("The time limit of one attempt, connect to last byte", or(duration(), json!("60s"))),
        "first_token_timeout" => about("One attempt, to the first token; streaming only", or_nothing(duration())),
        "idle_timeout" => about("Between two chunks of a stream", or_nothing(duration())),
        "deadline" => about("The model's whole run; what has not finished is `skipped`", or_nothing(duration())),
        "concurrency" => about("Requests in flight", or(whole(1), json!(8))),
        "requests_per_minute" => about("Requests a minute at most, a limit on our side", or_nothing(whole(1))),
        "tokens_per_minute" => about("Tokens a minute at most, a limit on our side", or_nothing(whole(1))),
        "retries" => about("Further attempts after a failure that may pass", or(whole(0), json!(3))),
        "give_up_after" => about(
            "Consecutive cells ended in error or timeout after which the model's run ends",
            or(whole(1), json!(10)),
        ),
        "stream" => about("Whether answers are streamed", json!({"type": "boolean", "default": true})),
        "params" => params::params(),
        "provider" => about(
            "OpenRouter provider routing, sent as `provider`",
            json!({"type": ["object", "null"], "examples": [{"order": ["anthropic"], "allow_fallbacks": false}]}),
        ),
        _ => return None,
    })
}
