//! `messages: "{{ messages }}"`: one template that gives all messages of a request, as conversations in datasets are.

use serde_json::Value;

use super::shape::{Leaf, ShapeError};
use super::template::{TemplateError, Vars};

/// What a list of messages looks like, for hints.
const FORM: &str = "a list such as `[{ role: user, content: … }]`";

/// The messages that a template gives for a case.
///
/// # Errors
/// The template cannot be rendered, or what it gives is no list of messages.
pub(super) fn messages(leaf: &Leaf, vars: &Vars<'_>) -> Result<Vec<Value>, ShapeError> {
    let mut json = String::new();
    leaf.render_json(vars, &mut json)?;
    let mut value: Value = serde_json::from_str(&json).unwrap_or_default();
    // A template that is more than one variable gives a text, which then is JSON.
    if let Value::String(text) = &value {
        match serde_json::from_str(text) {
            Ok(inner) => value = inner,
            Err(_) => return Err(wrong(leaf, "`messages` gives a text that is no JSON".to_owned())),
        }
    }
    let Value::Array(messages) = value else {
        return Err(wrong(leaf, format!("`messages` gives {}, not a list", noun(&value))));
    };
    if messages.is_empty() {
        return Err(wrong(leaf, "`messages` gives an empty list".to_owned()));
    }
    for (at, message) in messages.iter().enumerate() {
        check(message).map_err(|problem| wrong(leaf, format!("`messages` gives a list whose entry {at} {problem}")))?;
    }
    Ok(messages)
}

fn wrong(leaf: &Leaf, message: String) -> ShapeError {
    let hint = Some(format!("it has to give {FORM}"));
    ShapeError { leaf: leaf.number, error: TemplateError { message, range: None, hint } }
}

/// Whether a value can be sent as a message.
///
/// # Errors
/// What is wrong, behind the name of the value.
pub(super) fn check(message: &Value) -> Result<(), String> {
    let Value::Object(fields) = message else { return Err(format!("is {}, not a map", noun(message))) };
    match fields.get("role") {
        Some(Value::String(role)) if !role.trim().is_empty() => {}
        Some(Value::String(_)) => return Err("has an empty `role`".to_owned()),
        Some(other) => return Err(format!("has {} as `role`, not a text", noun(other))),
        None => return Err("has no `role`".to_owned()),
    }
    let calls =
        ["tool_calls", "function_call"].iter().any(|key| fields.get(*key).is_some_and(|calls| !calls.is_null()));
    match fields.get("content") {
        Some(Value::String(_)) => Ok(()),
        Some(Value::Array(parts)) if parts.iter().all(|part| part.get("type").is_some_and(Value::is_string)) => Ok(()),
        Some(Value::Array(_)) => Err("has a part without `type` in its `content`".to_owned()),
        None | Some(Value::Null) if calls => Ok(()),
        None | Some(Value::Null) => Err("has no `content`".to_owned()),
        Some(other) => Err(format!("has {} as `content`, not a text or a list of parts", noun(other))),
    }
}

/// A value in words.
pub(super) fn noun(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::template::Template;

    fn given(template: &str, vars: &str) -> Result<Vec<Value>, String> {
        let leaf = Leaf { number: 3, template: Template::new(template).unwrap() };
        messages(&leaf, &Vars::parse(vars).unwrap()).map_err(|problem| problem.error.message)
    }

    #[test]
    fn a_variable_and_its_json_give_the_same_messages() {
        let vars = r#"{"m":[{"role":"user","content":"a {{ b }}","name":"x"}]}"#;
        let wanted = serde_json::json!([{ "role": "user", "content": "a {{ b }}", "name": "x" }]);
        for template in ["{{ m }}", "{{ m | tojson }}", " {{ m }} ", "{% if m %}{{ m }}{% endif %}"] {
            assert_eq!(Value::Array(given(template, vars).unwrap()), wanted, "{template}");
        }
    }

    #[test]
    fn messages_that_only_call_tools_need_no_content() {
        assert!(given("{{ m }}", r#"{"m":[{"role":"assistant","tool_calls":[{"id":"1"}]}]}"#).is_ok());
    }

    #[test]
    fn what_is_no_list_of_messages_is_told() {
        for (vars, part) in [
            (r#"{"m":"hi"}"#, "no JSON"),
            (r#"{"m":{"role":"user"}}"#, "a map, not a list"),
            (r#"{"m":[]}"#, "empty list"),
            (r#"{"m":["hi"]}"#, "entry 0 is a text, not a map"),
            (r#"{"m":[{"role":"user","content":"x"},{"content":"x"}]}"#, "entry 1 has no `role`"),
            (r#"{"m":[{"role":"user"}]}"#, "no `content`"),
            (r#"{"m":[{"role":5,"content":"x"}]}"#, "a number as `role`"),
            (r#"{"m":[{"role":"user","content":{"a":1}}]}"#, "a map as `content`"),
            (r#"{"m":[{"role":"user","content":[{"text":"x"}]}]}"#, "without `type`"),
            (r#"{"n":1}"#, "`m` is undefined"),
        ] {
            let said = given("{{ m }}", vars).unwrap_err();
            assert!(said.contains(part), "{vars}: {said}");
        }
    }
}
