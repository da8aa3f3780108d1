//! Recorded conversations: `ShareGPT`'s `{conversations: [{from, value}]}` and `OpenAI`'s `{messages: [{role, content}]}`
//! as for fine-tuning.
//!
//! The last message, if it is the assistant's, is what is expected, and all before it is asked. One that calls tools
//! expects the calls.

use serde_json::{Value, json};

use super::super::item::Item;
use super::super::rows::Format;
use super::conversation;
use super::raw::{Odd, Raw};
use super::registry::Published;

pub(super) const CHAT: Published = Published {
    name: "chat",
    about: "conversations (ShareGPT, OpenAI fine-tuning): the last answer is the expected one",
    file: Format::JsonLines,
    columns: &[],
    rows: &[],
    prompt: "{ messages: \"{{ messages }}\" }",
    graders: "[{ type: chrf, threshold: 0.5 }]",
    items,
};

fn items(raw: &Raw<'_>, give: &mut dyn FnMut(Item)) -> Result<(), Odd> {
    let mut messages = messages(raw)?;
    if let Some(system) = raw.maybe("system").filter(|_| role(messages.first()) != Some("system")) {
        messages.insert(0, conversation::message("system", system));
    }
    let mut made = raw.item().without("conversations");
    if let Ok(id) = raw.scalar("id") {
        made = made.id(id);
    }
    if role(messages.last()) == Some("assistant") {
        let last = messages.pop().unwrap_or_default();
        if messages.is_empty() {
            return Err(Odd::new("a conversation of one answer: nothing is asked"));
        }
        made = match calls(&last) {
            Some(calls) => made.expect(calls).graders(&json!(["tool_call"])),
            None => match answer(&last) {
                Some(text) => made.expect(text),
                None => return Err(Odd::new("the last message, which is expected, holds no text")),
            },
        };
    } else {
        // Nothing is expected, so nothing can be compared.
        made = made.graders(&json!([]));
    }
    give(made.with("messages", messages).done());
    Ok(())
}

fn messages(raw: &Raw<'_>) -> Result<Vec<Value>, Odd> {
    let Some(value) = raw.get("conversations") else {
        return match raw.need("messages")? {
            Value::Array(list) => conversation::openai("messages", list),
            other => Err(raw.odd("messages", other, "a list of messages")),
        };
    };
    let Value::Array(list) = value else { return Err(raw.odd("conversations", value, "a list of turns")) };
    // Some sets have the one name and the other form.
    if list.iter().all(|turn| turn.get("role").is_some()) {
        conversation::openai("conversations", list)
    } else {
        conversation::sharegpt("conversations", list)
    }
}

fn role(message: Option<&Value>) -> Option<&str> {
    message?.get("role")?.as_str()
}

/// The tools that a message calls, as the grader `tool_call` wants them.
fn calls(message: &Value) -> Option<Value> {
    let several = message.get("tool_calls").and_then(Value::as_array).filter(|calls| !calls.is_empty());
    match (several, message.get("function_call")) {
        (Some(calls), _) => {
            let call = |call: &Value| call.get("function").cloned().unwrap_or_else(|| call.clone());
            Some(calls.iter().map(call).collect())
        }
        (None, Some(call)) if call.is_object() => Some(json!([call])),
        _ => None,
    }
}

/// The text of a message.
fn answer(message: &Value) -> Option<String> {
    let text = match message.get("content")? {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts: Vec<&str> = parts.iter().filter_map(|part| part.get("text")?.as_str()).collect();
            texts.join("\n")
        }
        _ => return None,
    };
    Some(text).filter(|text| !text.trim().is_empty())
}
