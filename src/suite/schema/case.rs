//! Inline cases.

use serde_json::{Value, json};

use crate::suite::inline;

use super::parts::{VARIABLE_PATTERN, about, name, one_or_list, or_nothing, section};

/// An entry of `cases`.
pub(super) fn case() -> Value {
    section("A case: variables, and what is expected of the answer", &inline::KEYS, |key| {
        Some(match key {
            "id" => about("Unique; a hash of `vars` and `expect` if left out", or_nothing(name())),
            "vars" => about("The variables, any values", json!({"type": ["object", "null"]})),
            "expect" => json!({"description": "What graders compare with: any value, templates in its texts allowed"}),
            "tags" => about("A tag, or a list of them", or_nothing(one_or_list(name()))),
            "graders" => about(
                "Further graders for this case",
                json!({"anyOf": [{"$ref": "#/$defs/graders"}, {"type": "null"}]}),
            ),
            "files" => files(),
            "matrix" => matrix(),
            _ => return None,
        })
    })
}

/// `files`: variables from files.
pub(in crate::suite) fn files() -> Value {
    json!({
        "description": "Variables from files: paths by template. A text file's content becomes the variable, the path of an image or PDF does",
        "type": ["object", "null"],
        "propertyNames": {"pattern": VARIABLE_PATTERN},
        "additionalProperties": {"type": ["string", "number"]},
        "examples": [{"contract": "contracts/{{ id }}.txt"}],
    })
}

/// `matrix`: each case once for every combination.
pub(in crate::suite) fn matrix() -> Value {
    json!({
        "description": "Each case once for every combination of these variables",
        "type": ["object", "null"],
        "propertyNames": {"pattern": VARIABLE_PATTERN},
        "additionalProperties": {"type": "array", "minItems": 1, "uniqueItems": true},
        "examples": [{"lang": ["en", "de"]}],
    })
}
