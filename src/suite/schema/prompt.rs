//! Prompts and their messages.

use serde_json::{Value, json};

use crate::suite::prompts;

use super::parts::{about, name, or_nothing, section, with};

/// A prompt: a template, or a map.
pub(super) fn prompt() -> Value {
    let map = section("A prompt", &prompts::KEYS, |key| {
        Some(match key {
            "id" => about("What the prompt is called in every output", or_nothing(name())),
            "system" => content("The system message, a template"),
            "user" => content("The user's message, a template"),
            "messages" => messages(),
            _ => return None,
        })
    });
    let shape = json!({
        "anyOf": [{"required": ["user"]}, {"required": ["messages"]}],
        "not": {"required": ["messages"], "anyOf": [{"required": ["user"]}, {"required": ["system"]}]},
    });
    json!({"anyOf": [{"type": ["string", "number"]}, with(map, shape)]})
}

/// A template or a list of parts.
fn content(what: &str) -> Value {
    json!({"description": what, "anyOf": [{"type": ["string", "number"]}, {"$ref": "#/$defs/parts"}]})
}

/// The whole list, or a template that gives it.
fn messages() -> Value {
    json!({
        "description": "All messages, instead of `system` and `user`; or a template that gives the whole list",
        "anyOf": [
            {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/message"}},
            {"type": "string", "pattern": r"\{[{%]", "examples": ["{{ messages }}"]},
        ],
    })
}

/// An entry of `messages`.
pub(super) fn message() -> Value {
    json!({
        "description": "A message; further fields (`name`, `tool_call_id` …) are sent as they are",
        "type": "object",
        "required": ["role"],
        "properties": {
            "role": with(name(), json!({
                "description": "Whose message it is",
                "examples": ["system", "user", "assistant", "tool"],
            })),
            "content": {
                "description": "A template, or a list of parts",
                "anyOf": [{"type": ["string", "number", "null"]}, {"$ref": "#/$defs/parts"}],
            },
            "tool_calls": {"description": "The tools that are called; `content` may then be left out"},
            "tool_call_id": {"description": "Which call this is the result of"},
            "name": {"description": "Who speaks"},
        },
        "anyOf": [
            {"required": ["tool_calls"]},
            {"required": ["content"], "properties": {"content": {"type": ["string", "number", "array"]}}},
        ],
    })
}

/// Texts, images, files and other parts of a message.
pub(super) fn parts() -> Value {
    json!({
        "description": "Parts of a message, passed through as they are, with templates in every text",
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "required": ["type"],
            "properties": {
                "type": with(name(), json!({"description": "What it is", "examples": ["text", "image_url", "file", "input_audio"]})),
                "text": {"description": "With `type: text`: a template"},
                "image_url": json!({"description": "With `type: image_url`: `url` is a URL, or the path of an image relative to the suite", "examples": [{"url": "scan.png"}]}),
                "file": json!({"description": "With `type: file`: `file_data` is a URL, or the path of a PDF or image relative to the suite", "examples": [{"file_data": "terms.pdf"}]}),
            },
        },
    })
}
