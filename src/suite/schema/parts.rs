//! What the sections are made of.

use serde_json::{Map, Value, json};

use crate::grade::NAME_PATTERN;
use crate::units::{DURATION_PATTERN, USD_PATTERN};

/// A map with these keys and no others. A key that `describe` does not know may hold anything, until it is described:
/// a test finds it.
pub(in crate::suite) fn section(about: &str, keys: &[&'static str], describe: impl Fn(&str) -> Option<Value>) -> Value {
    let properties: Map<String, Value> =
        keys.iter().map(|key| ((*key).to_owned(), describe(key).unwrap_or_else(|| json!({})))).collect();
    json!({"type": "object", "description": about, "properties": properties, "additionalProperties": false})
}

/// With what is said of it.
pub(in crate::suite) fn about(text: &str, mut schema: Value) -> Value {
    schema["description"] = text.into();
    schema
}

/// With further keywords.
pub(in crate::suite) fn with(mut schema: Value, more: Value) -> Value {
    if let (Value::Object(schema), Value::Object(more)) = (&mut schema, more) {
        schema.extend(more);
    }
    schema
}

/// Where `key:` without a value is as good as no key.
pub(in crate::suite) fn or_nothing(mut schema: Value) -> Value {
    let types = match schema.get("type").cloned() {
        Some(Value::String(one)) => vec![one.into()],
        Some(Value::Array(several)) => several,
        _ => return with(json!({"anyOf": [schema, {"type": "null"}]}), Value::Null),
    };
    schema["type"] = types.into_iter().chain([Value::from("null")]).collect();
    schema
}

/// A text; a number counts as the text it was written as.
pub(in crate::suite) fn text() -> Value {
    json!({"type": ["string", "number"]})
}

/// A text with something in it, on one line.
pub(in crate::suite) fn name() -> Value {
    json!({"type": ["string", "number"], "pattern": NAME_PATTERN})
}

/// One or a list.
pub(in crate::suite) fn one_or_list(one: Value) -> Value {
    let mut types: Vec<Value> = match &one["type"] {
        Value::Array(types) => types.clone(),
        one => vec![one.clone()],
    };
    types.push("array".into());
    with(one.clone(), json!({"type": types, "items": one}))
}

/// `60s`, `1m 30s`, `250ms`.
pub(in crate::suite) fn duration() -> Value {
    json!({"type": "string", "pattern": DURATION_PATTERN, "examples": ["60s", "1m 30s", "250ms"]})
}

/// US dollars.
pub(in crate::suite) fn money() -> Value {
    json!({"type": ["string", "number"], "minimum": 0, "pattern": USD_PATTERN, "examples": ["$5.00", 5]})
}

/// A whole number from this on.
pub(in crate::suite) fn whole(least: u32) -> Value {
    json!({"type": "integer", "minimum": least, "maximum": u32::MAX})
}

/// A variable's name.
pub(in crate::suite) const VARIABLE_PATTERN: &str = "^[A-Za-z_][A-Za-z0-9_]*$";

/// A pattern for words whatever their case: `(?:[aA]|[bB])`.
pub(in crate::suite) fn any_case(words: &[&str]) -> String {
    let letter = |c: char| match c {
        'a'..='z' => format!("[{c}{}]", c.to_ascii_uppercase()),
        '_' => "[_-]".to_owned(),
        c => c.to_string(),
    };
    let words: Vec<String> = words.iter().map(|word| word.chars().map(letter).collect()).collect();
    format!("(?:{})", words.join("|"))
}

/// A seed.
pub(in crate::suite) fn seed() -> Value {
    json!({"type": "integer", "minimum": 0, "maximum": u64::MAX})
}
