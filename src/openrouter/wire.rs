//! The shapes of a chat answer, read leniently: every field may be missing, null or of another type, every word may be
//! new. What has the wrong type is unknown; it never costs the rest of the answer.
//!
//! Text is borrowed from the input where it can be, so that a chunk of a stream costs no allocation.

use std::borrow::Cow;

use serde::de::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::lenient::{Choices, Count, Flag, List, Maybe, Prose, Text};

/// A chunk of a stream, or a whole answer: they differ in `delta` and `message` only.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Chunk<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) model: Text<'a>,
    #[serde(borrow)]
    pub(super) provider: Text<'a>,
    #[serde(borrow)]
    pub(super) choices: Choices<'a>,
    #[serde(borrow)]
    pub(super) usage: Maybe<Usage<'a>>,
    #[serde(borrow)]
    pub(super) error: Option<&'a RawValue>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Choice<'a> {
    pub(super) index: Count,
    #[serde(borrow)]
    pub(super) delta: Maybe<Message<'a>>,
    #[serde(borrow)]
    pub(super) message: Maybe<Message<'a>>,
    /// Of legacy completions.
    #[serde(borrow)]
    pub(super) text: Text<'a>,
    #[serde(borrow)]
    pub(super) finish_reason: Text<'a>,
    #[serde(borrow)]
    pub(super) native_finish_reason: Text<'a>,
    #[serde(borrow)]
    pub(super) error: Option<&'a RawValue>,
}

/// A message, or the part of one in a chunk. What is rare stays raw until it is wanted.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub(super) content: Prose<'a>,
    #[serde(borrow)]
    pub(super) reasoning: Prose<'a>,
    /// What `DeepSeek`, vLLM and llama.cpp call it.
    #[serde(borrow)]
    pub(super) reasoning_content: Prose<'a>,
    #[serde(borrow)]
    pub(super) reasoning_details: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) refusal: Text<'a>,
    #[serde(borrow)]
    pub(super) tool_calls: Option<&'a RawValue>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Usage<'a> {
    pub(super) prompt_tokens: Count,
    pub(super) completion_tokens: Count,
    pub(super) prompt_tokens_details: Maybe<PromptDetails>,
    pub(super) completion_tokens_details: Maybe<CompletionDetails>,
    /// Kept as written: money is exact.
    #[serde(borrow)]
    pub(super) cost: Option<&'a RawValue>,
    pub(super) is_byok: Flag,
    #[serde(borrow)]
    pub(super) cost_details: Maybe<CostDetails<'a>>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct PromptDetails {
    pub(super) cached_tokens: Count,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct CompletionDetails {
    pub(super) reasoning_tokens: Count,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct CostDetails<'a> {
    #[serde(borrow)]
    pub(super) upstream_inference_cost: Option<&'a RawValue>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct ToolCallPart<'a> {
    pub(super) index: Count,
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) function: Maybe<Function<'a>>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Function<'a> {
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    /// JSON text in a string; some send the object itself.
    #[serde(borrow)]
    pub(super) arguments: Option<&'a RawValue>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct ReasoningDetail<'a> {
    #[serde(borrow)]
    pub(super) text: Text<'a>,
    #[serde(borrow)]
    pub(super) summary: Text<'a>,
}

/// Reads a JSON object leniently. `None`: it is not one.
pub(super) fn parse<'a>(json: &'a str, patched: &'a mut String) -> Option<Box<Chunk<'a>>> {
    if let Ok(Maybe(chunk)) = serde_json::from_str(json) {
        return chunk;
    }
    // Half of a surrogate pair, from servers that count in UTF-16, or a key that comes twice. Both are rare, so a
    // second look may cost what it likes.
    *patched = mend_surrogates(json);
    *patched = serde_json::from_str::<Value>(patched).ok()?.to_string();
    serde_json::from_str::<Maybe<Chunk<'_>>>(patched).ok()?.0
}

/// Replaces every `\uD800`–`\uDFFF` that is not part of a pair by `\uFFFD`.
fn mend_surrogates(json: &str) -> String {
    let unit = |at: usize| {
        let hex = json.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(hex, 16).ok()
    };
    let mut out = String::with_capacity(json.len());
    let mut at = 0;
    while let Some(step) = memchr::memchr(b'\\', &json.as_bytes()[at..]) {
        let escape = at + step;
        out.push_str(&json[at..escape]);
        let (text, len) = match (unit(escape), unit(escape + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => (&json[escape..escape + 12], 12),
            (Some(0xd800..=0xdfff), _) => ("\\ufffd", 6),
            // Any other escape: the character after the backslash goes with it, so that `\\` hides nothing.
            _ => {
                let len = 1 + json[escape + 1..].chars().next().map_or(0, char::len_utf8);
                (&json[escape..escape + len], len)
            }
        };
        out.push_str(text);
        at = escape + len;
    }
    out.push_str(&json[at..]);
    out
}

/// Reads the objects of an array leniently, at most `limit` of them; anything else is an empty list.
pub(super) fn list<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>, limit: usize) -> Vec<T> {
    let Some(raw) = raw else { return Vec::new() };
    serde_json::from_str::<List<T>>(raw.get())
        .map(|List(items)| items)
        .unwrap_or_default()
        .into_iter()
        .take(limit)
        .collect()
}

/// The text of a raw value: a string's content, nothing for null, else the JSON itself.
pub(super) fn raw_text(raw: &RawValue) -> Cow<'_, str> {
    match raw.get() {
        "null" => Cow::Borrowed(""),
        json if json.starts_with('"') => match serde_json::from_str(json) {
            Ok(Text(Some(text))) => text,
            _ => Cow::Borrowed(""),
        },
        json => Cow::Borrowed(json),
    }
}

#[cfg(test)]
mod tests;
