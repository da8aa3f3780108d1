//! The tool calls of an answer.

use std::fmt;

use serde_json::{Map, Value};

use crate::grade::json::compare::brief;
use crate::text::{excerpt, one_line};

/// A call, its arguments parsed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Call {
    pub(super) name: String,
    /// Or what is wrong with the JSON, and the text.
    pub(super) arguments: Result<Value, (String, String)>,
}

impl Call {
    /// Reads `{name, arguments}`, as it is recorded, or `OpenAI`'s `{function: {name, arguments}}`.
    pub(super) fn read(call: &Value) -> Self {
        let (name, arguments) = parts(call);
        let arguments = match arguments {
            None | Some(Value::Null) => Ok(Value::Object(Map::new())),
            Some(Value::String(text)) => parsed(text).map_err(|error| (error, text.clone())),
            Some(value) => Ok(value.clone()),
        };
        Self { name: name.to_owned(), arguments }
    }
}

/// Name and arguments of a call, in either form.
pub(super) fn parts(call: &Value) -> (&str, Option<&Value>) {
    let body = match call.get("function") {
        Some(function @ Value::Object(_)) => function,
        _ => call,
    };
    (body.get("name").and_then(Value::as_str).unwrap_or_default(), body.get("arguments"))
}

/// Arguments as JSON text; none at all are an empty map.
///
/// # Errors
/// What is wrong with it.
pub(super) fn parsed(text: &str) -> Result<Value, String> {
    if text.trim().is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    serde_json::from_str(text).map_err(|error| error.to_string())
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = one_line(&excerpt(&self.name, 60)).into_owned();
        let arguments = match &self.arguments {
            Ok(Value::Object(map)) if map.is_empty() => String::new(),
            Ok(value) => brief(value),
            Err((_, text)) => one_line(&excerpt(text, 100)).into_owned(),
        };
        write!(f, "{name}({arguments})")
    }
}

/// The first few calls on one line.
pub(super) fn listed(calls: &[Call]) -> String {
    const MOST: usize = 3;
    let mut shown: Vec<String> =
        calls.iter().take(MOST).map(|call| excerpt(&call.to_string(), 150).into_owned()).collect();
    if calls.len() > MOST {
        shown.push(format!("{} more", calls.len() - MOST));
    }
    shown.join(", ")
}
