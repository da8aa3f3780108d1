//! An answer in one piece, for requests that do not stream.

use serde_json::{Value, json};

use super::fault::{Faults, Kind};
use super::mind::{Mishap, Said};
use super::tokens;
use super::wire::{Frame, details, inner_error};

/// The body of an answer that is not streamed.
pub(super) fn body(frame: &Frame, said: &Said, usage: &Value, mishap: Option<Mishap>, faults: &Faults) -> Value {
    let error = inner_error(faults, mishap == Some(Mishap::Breaks), &frame.provider);
    let within = faults.has(Kind::ErrorMid) || faults.has(Kind::ErrorAfter) || mishap == Some(Mishap::Breaks);
    if let (false, Some(error)) = (within, &error) {
        return json!({"error": error, "user_id": "user_simulated"});
    }
    let shown = match (&error, &said.content) {
        (Some(_), Some(text)) if !faults.has(Kind::ErrorAfter) => {
            Some(tokens::cut(text, tokens::count(text) / 2).to_owned())
        }
        (_, content) => content.clone(),
    };
    let mut message = json!({"role": "assistant", "content": shown, "refusal": said.refusal});
    if !said.reasoning.is_empty() {
        message["reasoning"] = said.reasoning.clone().into();
        message["reasoning_details"] = details(&said.reasoning);
    }
    if !said.calls.is_empty() {
        let call = |(index, (name, arguments)): (usize, &(String, String))| {
            let function = json!({"name": name, "arguments": arguments});
            let mut call = json!({"type": "function", "index": index, "function": function});
            if !faults.has(Kind::ToolCall) {
                call["id"] = frame.call_id(index).into();
            }
            call
        };
        message["tool_calls"] = said.calls.iter().enumerate().map(call).collect();
    }
    let finish = match faults.get(Kind::Finish) {
        Some(fault) => Some(fault.argument().unwrap_or("banana")),
        None => said.finish,
    };
    let mut choice = json!({"index": 0, "logprobs": null, "finish_reason": finish, "native_finish_reason": finish,
        "message": message});
    if let Some(error) = error {
        choice["finish_reason"] = "error".into();
        choice["error"] = error;
    }
    if faults.has(Kind::Malformed) {
        choice["finish_reason"] = "error".into();
        choice["native_finish_reason"] = "MALFORMED_FUNCTION_CALL".into();
    }
    if faults.has(Kind::NoFinish)
        && let Some(choice) = choice.as_object_mut()
    {
        choice.shift_remove("finish_reason");
        choice.shift_remove("native_finish_reason");
    }
    let no_usage = frame.minimal || faults.get(Kind::Usage).is_some_and(|f| f.argument().unwrap_or("none") == "none");
    frame.whole(&choice, (!no_usage).then_some(usage))
}
