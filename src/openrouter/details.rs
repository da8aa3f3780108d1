//! What an error body says, dug out of the many shapes that endpoints give it.

use serde_json::{Map, Value};

use crate::text;

use super::redact::Redactor;

/// The longest message, in characters.
const MESSAGE_LIMIT: usize = 500;
/// The longest raw cause, in bytes.
pub(super) const RAW_LIMIT: usize = 2048;
/// How far down a message is looked for: the cause of a provider's error is often JSON in JSON.
const DEPTH: usize = 5;
/// Messages that say nothing: the cause is elsewhere.
const EMPTY_PHRASES: [&str; 6] =
    ["provider returned error", "internal server error", "error", "bad request", "unknown error", "upstream error"];

/// An error object, whatever its shape was. Nothing is cleaned or cut yet.
#[derive(Debug, Default)]
pub(super) struct Details {
    /// The code, where it is a number or reads as one.
    pub(super) code: Option<u16>,
    /// The code or type, where it is a word (`insufficient_quota`).
    pub(super) word: Option<String>,
    pub(super) message: Option<String>,
    pub(super) error_type: Option<String>,
    pub(super) provider: Option<String>,
    /// The provider's own words.
    pub(super) raw: Option<String>,
    /// Why moderation or a guardrail objected; `Some` also where it gave no reason.
    pub(super) objections: Option<Vec<String>>,
    pub(super) limit_source: Option<String>,
    /// OpenRouter's `metadata.reason`.
    pub(super) reason: Option<String>,
    /// Providers that were tried before, each as `name (code)`.
    pub(super) previous: Vec<String>,
    /// Headers of the upstream, where they are passed on.
    pub(super) headers: Option<Map<String, Value>>,
    /// Seconds to wait, said in the body.
    pub(super) retry_after: Option<f64>,
}

impl Details {
    /// Finds the error in a whole response body. `None`: there is none in it.
    pub(super) fn in_body(body: &Value) -> Option<Self> {
        match body {
            // Google wraps the envelope in an array.
            Value::Array(items) => items.iter().find_map(Self::in_body),
            Value::Object(object) => {
                let error = object.get("error").filter(|error| says_something(error));
                let mut details = match error {
                    Some(error) => Self::of(error),
                    // Envelopes without `error`: vLLM's, FastAPI's, and gateways that only have a message.
                    None => Self::of(body),
                };
                if details.message.is_none() {
                    details.message = message_in(body, DEPTH);
                }
                details.error_type = details.error_type.or_else(|| word(object.get("error_type")));
                (error.is_some() || details.message.is_some()).then_some(details)
            }
            _ => None,
        }
    }

    /// Reads one error: an object, or just its message.
    pub(super) fn of(error: &Value) -> Self {
        let Value::Object(object) = error else {
            return Self { message: message_in(error, DEPTH), ..Self::default() };
        };
        let empty = Map::new();
        let metadata = object.get("metadata").and_then(Value::as_object).unwrap_or(&empty);
        let code = object.get("code").or_else(|| object.get("http_status")).or_else(|| object.get("status"));
        let objections = ["reasons", "patterns"].into_iter().find_map(|name| metadata.get(name)).map(words);
        let flagged = metadata.contains_key("flagged_input");
        let availability = object.get("availability").and_then(Value::as_object);
        Self {
            code: code.and_then(number),
            word: word(object.get("code")).or_else(|| word(object.get("type"))).or_else(|| word(object.get("status"))),
            message: message_in(error, DEPTH),
            error_type: word(metadata.get("error_type")).or_else(|| word(object.get("error_type"))),
            provider: word(metadata.get("provider_name")).or_else(|| word(object.get("provider"))),
            raw: metadata.get("raw").filter(|raw| says_something(raw)).map(plain),
            objections: objections.or_else(|| flagged.then(Vec::new)),
            limit_source: word(metadata.get("limit_source")),
            reason: word(metadata.get("reason")),
            previous: metadata.get("previous_errors").map(previous).unwrap_or_default(),
            headers: metadata.get("headers").and_then(Value::as_object).cloned(),
            retry_after: [metadata.get("retry_after"), availability.and_then(|a| a.get("retry_after"))]
                .into_iter()
                .flatten()
                .find_map(|value| value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())),
        }
    }

    /// The most telling text there is, or `otherwise`; clean, on one line, bounded.
    pub(super) fn telling(&self, otherwise: &str, redactor: &Redactor) -> String {
        let said = self.message.as_deref().map_or("", str::trim);
        let cause = self.raw.as_deref().map(|raw| cause(raw).unwrap_or_else(|| raw.trim().to_owned()));
        let empty = said.is_empty() || EMPTY_PHRASES.contains(&said.trim_end_matches('.').to_lowercase().as_str());
        let mut text = match cause {
            Some(cause) if empty && !cause.is_empty() => match &self.provider {
                Some(provider) => format!("{provider}: {cause}"),
                None => cause,
            },
            _ if said.is_empty() => otherwise.to_owned(),
            _ => said.to_owned(),
        };
        let objections = self.objections.iter().flatten().filter(|word| !text.contains(*word));
        let objections = objections.map(String::as_str).collect::<Vec<_>>().join(", ");
        if !objections.is_empty() {
            text = format!("{text} ({objections})");
        }
        if !self.previous.is_empty() {
            // The end of a long message matters less than who failed before.
            let before = format!(" (before that: {})", self.previous.join(", "));
            let room = MESSAGE_LIMIT.saturating_sub(before.chars().count());
            return message(&format!("{}{before}", cut_chars(&redactor.clean(&text), room)), redactor);
        }
        message(&text, redactor)
    }
}

/// A body without whose account it is, which concerns no record.
pub(super) fn anonymous(mut body: Value) -> String {
    body.as_object_mut().map(|members| members.remove("user_id"));
    body.to_string()
}

/// Text for people: without secrets, on one line, nothing that could act on a terminal, bounded.
pub(crate) fn message(text: &str, redactor: &Redactor) -> String {
    let clean = redactor.clean(text);
    let line = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    cut_chars(&text::one_line(&line), MESSAGE_LIMIT)
}

/// A provider's own words: without secrets, bounded.
pub(super) fn raw(text: &str, redactor: &Redactor) -> String {
    const MARK: char = '…';
    let clean = redactor.clean(text.trim());
    let lines = text::lines(&clean);
    if lines.len() <= RAW_LIMIT {
        return lines.into_owned();
    }
    let mut cut = lines[..lines.floor_char_boundary(RAW_LIMIT - MARK.len_utf8())].to_owned();
    cut.push(MARK);
    cut
}

/// A word such as a provider's name: without secrets, on one line, short.
pub(super) fn label(text: &str, redactor: &Redactor) -> String {
    cut_chars(&text::one_line(&redactor.clean(text)), 200)
}

fn cut_chars(text: &str, limit: usize) -> String {
    if text.chars().nth(limit).is_none() {
        return text.to_owned();
    }
    text.chars().take(limit.saturating_sub(1)).chain(['…']).collect()
}

/// Whether an `error` member is one at all: some endpoints send `null`, `""`, `false` or `{}` with every answer.
pub(super) fn says_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        _ => true,
    }
}

/// The message in a provider's raw cause, which is often JSON text.
fn cause(raw: &str) -> Option<String> {
    message_in(&serde_json::from_str(raw).ok()?, DEPTH)
}

/// The message in a value: text itself, or under the names that endpoints use.
fn message_in(value: &Value, depth: usize) -> Option<String> {
    let deeper = depth.checked_sub(1)?;
    match value {
        Value::String(text) => {
            let text = text.trim();
            let inner = if text.starts_with(['{', '[']) { serde_json::from_str::<Value>(text).ok() } else { None };
            inner.and_then(|inner| message_in(&inner, deeper)).or_else(|| (!text.is_empty()).then(|| text.to_owned()))
        }
        Value::Array(items) => items.iter().find_map(|item| message_in(item, deeper)),
        Value::Object(object) => ["message", "error", "errors", "detail", "msg", "error_description"]
            .into_iter()
            .find_map(|name| object.get(name).and_then(|value| message_in(value, deeper))),
        _ => None,
    }
}

fn number(value: &Value) -> Option<u16> {
    match value {
        Value::Number(number) => number.as_u64().and_then(|number| u16::try_from(number).ok()),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A text that is not a number.
fn word(value: Option<&Value>) -> Option<String> {
    let text = value?.as_str()?.trim();
    (!text.is_empty() && text.parse::<f64>().is_err()).then(|| text.to_owned())
}

fn words(value: &Value) -> Vec<String> {
    let items = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// A text as it is, anything else as JSON.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn previous(value: &Value) -> Vec<String> {
    let one = |error: &Value| {
        let name = word(error.get("provider")).or_else(|| word(error.get("provider_name")));
        let what = error.get("code").or_else(|| error.get("status")).and_then(number).map(|code| code.to_string());
        let what = what.or_else(|| message_in(error, DEPTH));
        match (name, what) {
            (Some(name), Some(what)) => Some(format!("{name} {what}")),
            (name, what) => name.or(what),
        }
    };
    value.as_array().into_iter().flatten().filter_map(one).take(8).collect()
}
