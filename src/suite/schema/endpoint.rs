//! Where a model is asked.

use serde_json::{Value, json};

use super::parts::{about, or_nothing, text, with};

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
                "propertyNames": {
                    "pattern": concat!(
                        r"^(?!(?:[aA][uU][tT][hH][oO][rR][iI][zZ][aA][tT][iI][oO][nN]",
                        r"|[pP][rR][oO][xX][yY]-[aA][uU][tT][hH][oO][rR][iI][zZ][aA][tT][iI][oO][nN]",
                        r"|[cC][oO][oO][kK][iI][eE]|(?:[xX]-)?[aA][pP][iI]-[kK][eE][yY]|[hH][oO][sS][tT]",
                        r"|[cC][oO][nN][tT][eE][nN][tT]-(?:[lL][eE][nN][gG][tT][hH]|[tT][yY][pP][eE])",
                        r"|[tT][rR][aA][nN][sS][fF][eE][rR]-[eE][nN][cC][oO][dD][iI][nN][gG]",
                        r"|[cC][oO][nN][nN][eE][cC][tT][iI][oO][nN])$)[!#$%&'*+.^_`|~0-9A-Za-z-]+$",
                    ),
                },
                "additionalProperties": with(text(), json!({"pattern": r"^[^\u0000-\u0008\u000a-\u001f\u007f]*$"})),
            }),
        ),
        _ => return None,
    })
}
