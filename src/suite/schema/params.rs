//! `params`: request fields. Any may stand there; those that most requests have are offered.

use serde_json::{Map, Value, json};

/// Fields with places of their own in a suite.
const ELSEWHERE: [&str; 6] = ["model", "models", "messages", "stream", "stream_options", "provider"];

/// The usual fields, and what they do.
const USUAL: [(&str, &str); 15] = [
    ("temperature", "How much chance is in the answer, from 0"),
    ("top_p", "Only the most likely tokens that make up this share are chosen from"),
    ("top_k", "Only so many of the most likely tokens are chosen from"),
    ("min_p", "Only tokens at least this share as likely as the most likely one are chosen from"),
    ("seed", "The same seed gives about the same answer, where the provider can"),
    ("stop", "A text or a list of texts at which the answer ends"),
    ("frequency_penalty", "How much repeated tokens are avoided, from -2 to 2"),
    ("presence_penalty", "How much tokens that were there are avoided, from -2 to 2"),
    ("repetition_penalty", "How much repetition is avoided, from 0 to 2"),
    ("reasoning", "How much is thought before the answer: `{ effort: low }` or `{ max_tokens: 2000 }`"),
    ("response_format", "The form of the answer: `{ type: json_object }`, or a JSON Schema"),
    ("tools", "The tools that the model may call"),
    ("tool_choice", "Which tool is called: `auto`, `none`, `required` or one of them"),
    ("logit_bias", "Tokens that are made more or less likely"),
    ("plugins", "OpenRouter's plugins"),
];

/// What stands under `params`.
pub(super) fn params() -> Value {
    let mut properties = Map::new();
    for name in ["max_tokens", "max_completion_tokens"] {
        let limit = json!({
            "description": "The most tokens of an answer; 4096 where neither this nor its other spelling is given",
            "type": ["integer", "null"], "minimum": 1, "maximum": u32::MAX,
        });
        properties.insert(name.to_owned(), limit);
    }
    properties.extend(USUAL.map(|(name, about)| (name.to_owned(), json!({"description": about}))));
    properties.extend(ELSEWHERE.map(|name| (name.to_owned(), Value::Bool(false))));
    json!({
        "description": "Request fields, sent as they are; `null` takes a default back",
        "type": "object",
        "properties": properties,
        "default": {"max_tokens": 4096},
    })
}
