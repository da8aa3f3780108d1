//! Where a model is asked.

use serde_json::{Value, json};

use super::parts::{about, any_case, or_nothing, text, with};

/// Headers that carry secrets, and those that are set by bench.
const OURS: [&str; 10] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "api-key",
    "x-api-key",
    "host",
    "content-length",
    "content-type",
    "transfer-encoding",
    "connection",
];

/// What stands under a key of an endpoint, in the suite or on a model.
pub(super) fn key(key: &str) -> Option<Value> {
    Some(match key {
        "base_url" => about(
            "Where models are asked: an OpenAI-compatible address; `/chat/completions` is appended",
            json!({
                "type": "string",
                "pattern": r"^\s*[hH][tT][tT][pP][sS]?:/*(?![^?#]*/chat/completions/*\s*$)[^\s/?#@\\]+(?:[/\\][^?#]*)?$",
                "examples": ["https://openrouter.ai/api/v1", "http://127.0.0.1:8600/v1"],
            }),
        ),
        "api_key_env" => about(
            "The environment variable that holds the key, never the key itself; `null`: no key is sent",
            or_nothing(json!({
                "type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$", "examples": ["OPENROUTER_API_KEY"],
            })),
        ),
        "headers" => about(
            "Further request headers; no secrets",
            json!({
                "type": "object",
                "propertyNames": {"pattern": format!("^(?!{}$)[!#$%&'*+.^_`|~0-9A-Za-z-]+$", any_case(&OURS))},
                "additionalProperties": with(text(), json!({"pattern": r"^[^\u0000-\u0008\u000a-\u001f\u007f]*$"})),
            }),
        ),
        _ => return None,
    })
}
