//! The JSON of chat answers, streamed and whole, as `openrouter/fixtures.json` shows them: optional fields are left
//! out rather than null, because the official SDKs refuse null where a field is merely optional.

use serde::Serialize;
use serde_json::{Value, json};

use super::errors;
use super::fault::{Faults, Kind};
use super::ledger::Generation;
use super::profile::Prices;

/// What every chunk of an answer repeats.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) id: String,
    pub(super) model: String,
    pub(super) provider: String,
    pub(super) created: i64,
    /// Only what any OpenAI-compatible server sends.
    pub(super) minimal: bool,
}

/// What a chunk adds to the answer.
#[derive(Debug, Default, Serialize)]
pub(super) struct Delta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reasoning: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reasoning_details: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refusal: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tool_calls: Option<Value>,
}

/// One choice of a chunk.
#[derive(Debug, Serialize)]
struct Choice<'a> {
    index: u8,
    delta: Delta<'a>,
    finish_reason: Option<&'a str>,
    native_finish_reason: Option<&'a str>,
    logprobs: Option<()>,
}

/// One event of a stream.
#[derive(Debug, Serialize)]
struct Chunk<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    object: &'static str,
    created: i64,
    model: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<&'a str>,
    choices: Vec<Choice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<&'a Value>,
}

/// The end of an answer in a chunk: finish reason, usage, error; each may be missing.
#[derive(Debug, Default)]
pub(super) struct End<'a> {
    pub(super) finish: Option<&'a str>,
    pub(super) native: Option<&'a str>,
    pub(super) usage: Option<&'a Value>,
    pub(super) error: Option<Value>,
}

impl Frame {
    /// The id of a tool call, by its place among the calls of the answer.
    pub(super) fn call_id(&self, index: usize) -> String {
        let own = self.id.rsplit('-').next().unwrap_or_default();
        if index == 0 { format!("call_{own}") } else { format!("call_{own}_{index}") }
    }

    /// An event with one choice.
    pub(super) fn chunk(&self, delta: Delta<'_>, end: End<'_>) -> String {
        let native = end.native.or(end.finish.map(native_word));
        let choice =
            Choice { index: 0, delta, finish_reason: end.finish, native_finish_reason: native, logprobs: None };
        self.event(vec![choice], end.usage, end.error)
    }

    /// An event without choices: only usage.
    pub(super) fn usage_alone(&self, usage: &Value) -> String {
        self.event(Vec::new(), Some(usage), None)
    }

    fn event(&self, choices: Vec<Choice<'_>>, usage: Option<&Value>, error: Option<Value>) -> String {
        let chunk = Chunk {
            id: (!self.minimal).then_some(&self.id),
            object: "chat.completion.chunk",
            created: self.created,
            model: &self.model,
            provider: (!self.minimal).then_some(&self.provider),
            choices,
            error,
            usage,
        };
        // A chunk has only strings and numbers in it: it can always be written.
        serde_json::to_string(&chunk).unwrap_or_default()
    }

    /// A whole answer that is not streamed.
    pub(super) fn whole(&self, choice: &Value, usage: Option<&Value>) -> Value {
        let mut body = json!({
            "id": self.id, "object": "chat.completion", "created": self.created, "model": self.model,
            "provider": self.provider, "system_fingerprint": null, "choices": [choice],
        });
        if let (true, Some(body)) = (self.minimal, body.as_object_mut()) {
            for extra in ["id", "provider", "system_fingerprint"] {
                body.shift_remove(extra);
            }
        }
        if let Some(usage) = usage {
            body["usage"] = usage.clone();
        }
        body
    }
}

/// A provider's own word for a finish reason.
fn native_word(finish: &str) -> &str {
    match finish {
        "length" => "max_output_tokens",
        "content_filter" => "SAFETY",
        other => other,
    }
}

/// Shown reasoning once more as `reasoning_details`, as OpenRouter sends it.
pub(super) fn details(reasoning: &str) -> Value {
    json!([{"type": "reasoning.text", "text": reasoning, "format": "unknown", "index": 0}])
}

/// An amount as the JSON number with its exact digits.
pub(super) fn dollars(units: i64) -> Value {
    // Fewer than 16 digits: the nearest double is written with just these digits again.
    let amount: f64 = Prices::dollars(units).to_string().parse().unwrap_or_default();
    Value::from(amount)
}

/// The `usage` object of an answer.
pub(super) fn usage(generation: &Generation, faults: &Faults) -> Value {
    let Generation { prompt_tokens, completion_tokens, cached_tokens, reasoning_tokens, prices, .. } = generation;
    let completion_cost = i64::from(*completion_tokens) * prices.completion;
    let prompt_cost = generation.cost() - completion_cost;
    let mut usage = json!({
        "prompt_tokens": prompt_tokens, "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
        "cost": dollars(generation.cost()), "is_byok": false,
        "prompt_tokens_details": {"cached_tokens": cached_tokens, "cache_write_tokens": 0, "audio_tokens": 0, "video_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": reasoning_tokens, "image_tokens": 0, "audio_tokens": 0},
        "cost_details": {"upstream_inference_cost": null,
            "upstream_inference_prompt_cost": dollars(prompt_cost),
            "upstream_inference_completions_cost": dollars(completion_cost)},
    });
    if faults.has(Kind::Byok) {
        usage["cost"] = 0.into();
        usage["is_byok"] = true.into();
        usage["cost_details"]["upstream_inference_cost"] = dollars(generation.cost());
    }
    if faults.has(Kind::ReasoningExceeds) {
        usage["completion_tokens_details"]["reasoning_tokens"] = (completion_tokens + 1).into();
    }
    if faults.has(Kind::CacheHit) {
        usage = json!({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0, "cost": 0});
    }
    if faults.has(Kind::NoCost)
        && let Some(usage) = usage.as_object_mut()
    {
        usage.shift_remove("cost");
        usage.shift_remove("cost_details");
    }
    usage
}

/// The error object of the faults that put one inside a 200, or of a model's own breakdown.
pub(super) fn inner_error(faults: &Faults, own_breakdown: bool, provider: &str) -> Option<Value> {
    let code = |kind, usual| faults.number(kind, usual).and_then(|code| u16::try_from(code).ok());
    if let Some(fault) = faults.get(Kind::ErrorCode) {
        return Some(json!({"code": fault.argument().unwrap_or("server_error"), "message": "The server had an error"}));
    }
    if let Some(code) = code(Kind::ErrorUntyped, 502) {
        return Some(json!({"code": code, "message": "Provider returned error",
            "metadata": {"provider_name": provider, "raw": "upstream broke"}}));
    }
    let typed = [Kind::ErrorBody, Kind::ErrorFirst, Kind::ErrorMid, Kind::ErrorBare];
    let asked = typed.into_iter().find_map(|kind| code(kind, 502)).or_else(|| code(Kind::ErrorAfter, 400));
    asked.or(own_breakdown.then_some(502)).map(|code| errors::error(code, provider))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_every_digit() {
        for (units, text) in
            [(15_000_000, "0.000015"), (1, "1e-12"), (123_456_789_012_345, "123.456789012345"), (0, "0.0")]
        {
            assert_eq!(dollars(units).to_string(), text);
        }
    }

    #[test]
    fn a_minimal_server_sends_no_id_and_no_provider() {
        let frame = Frame {
            id: "gen-1".to_owned(),
            model: "m".to_owned(),
            provider: "SIMULATED X".to_owned(),
            created: 1,
            minimal: true,
        };
        let chunk = frame.chunk(Delta { content: Some("a"), ..Delta::default() }, End::default());
        assert!(!chunk.contains("gen-1") && !chunk.contains("SIMULATED"));
        let whole = Frame { minimal: false, ..frame }.whole(&json!({}), None);
        assert_eq!((whole["id"].as_str(), whole["provider"].as_str()), (Some("gen-1"), Some("SIMULATED X")));
    }
}
