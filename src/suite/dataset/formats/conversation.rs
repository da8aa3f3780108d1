//! Chat messages as data sets have them → messages as they are sent.

use serde_json::{Map, Value};

use crate::suite::whole;

use super::raw::Odd;

/// Fields of a message that say something to a trainer and nothing to an endpoint.
const NOT_SENT: [&str; 3] = ["weight", "train", "loss_weight"];

/// Messages of `OpenAI`'s form, checked.
///
/// # Errors
/// What is wrong, with the place in `name`.
pub(super) fn openai(name: &str, list: &[Value]) -> Result<Vec<Value>, Odd> {
    let mut messages = Vec::with_capacity(list.len());
    for (at, message) in list.iter().enumerate() {
        whole::check(message).map_err(|problem| Odd::new(format!("`{name}[{at}]` {problem}")))?;
        let mut message = message.clone();
        if let Value::Object(fields) = &mut message {
            fields.retain(|key, value| !NOT_SENT.contains(&key.as_str()) && (key == "content" || !value.is_null()));
        }
        messages.push(message);
    }
    if messages.is_empty() {
        return Err(Odd::new(format!("`{name}` is empty")));
    }
    Ok(messages)
}

/// Messages of `ShareGPT`'s form: `{from, value}`.
///
/// # Errors
/// What is wrong, with the place in `name`.
pub(super) fn sharegpt(name: &str, list: &[Value]) -> Result<Vec<Value>, Odd> {
    let mut messages = Vec::with_capacity(list.len());
    for (at, turn) in list.iter().enumerate() {
        let odd = |problem: String| Odd::new(format!("`{name}[{at}]` {problem}"));
        let text = |key: &str| turn.get(key).and_then(Value::as_str);
        let from = text("from").ok_or_else(|| odd("has no `from`".to_owned()))?;
        let value = text("value").ok_or_else(|| odd("has no `value`".to_owned()))?;
        let role = match from.to_ascii_lowercase().as_str() {
            "human" | "user" => "user",
            "gpt" | "chatgpt" | "assistant" | "model" | "bot" | "bing" | "bard" => "assistant",
            "system" => "system",
            _ => {
                let shown = crate::text::fit(from, 30);
                let hint = "`human`, `gpt` and `system` are known; for calls of tools write rows as `{ messages: … }`";
                return Err(odd(format!("is from `{shown}`, who is nobody known")).hint(hint));
            }
        };
        messages.push(message(role, value));
    }
    if messages.is_empty() {
        return Err(Odd::new(format!("`{name}` is empty")));
    }
    Ok(messages)
}

/// A message of text.
pub(super) fn message(role: &str, content: &str) -> Value {
    let fields = [("role", role), ("content", content)].map(|(key, text)| (key.to_owned(), Value::from(text)));
    Value::Object(Map::from_iter(fields))
}
