//! The body of a chat request: what of it a simulated model heeds.

use serde_json::Value;

use super::fault::{Fault, FaultError};
use super::oracle::request_key;
use super::tokens;

/// A tool that may or must be called.
#[derive(Debug, Clone)]
pub(super) struct Tool {
    pub(super) name: String,
    /// JSON Schema of its arguments.
    pub(super) parameters: Value,
}

/// A chat request as far as it is heeded.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the wire format")]
pub(super) struct Asked {
    /// The model, then its fallbacks; never empty. Fault suffixes are still on them.
    pub(super) models: Vec<String>,
    /// What the oracle and the dice know the request by.
    pub(super) key: u64,
    /// All text of all messages.
    pub(super) prompt: String,
    pub(super) prompt_tokens: u32,
    pub(super) stream: bool,
    pub(super) max_tokens: Option<u32>,
    /// Temperature 0: the same request gets the same answer every time.
    pub(super) steady: bool,
    pub(super) stop: Vec<String>,
    /// How much reasoning as a factor on the usual; 0 switches it off.
    pub(super) effort: Option<f64>,
    pub(super) hide_reasoning: bool,
    /// The first tool, or the one that `tool_choice` names.
    pub(super) tool: Option<Tool>,
    /// All of them.
    pub(super) tools: Vec<Tool>,
    /// `tool_choice` wants a call.
    pub(super) must_call: bool,
    /// `response_format` wants JSON; of this schema where there is one.
    pub(super) format: Option<Value>,
}

/// Why a request is refused with 400.
pub(super) type Refusal = String;

impl Asked {
    /// Reads a request body.
    pub(super) fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let body: Value =
            serde_json::from_slice(body).map_err(|error| format!("Invalid JSON in request body: {error}"))?;
        let messages = body.get("messages").filter(|m| m.as_array().is_some_and(|m| !m.is_empty()));
        let messages = messages.ok_or("Input required: specify \"messages\" with at least one message")?;
        let mut models: Vec<String> =
            body.get("model").and_then(Value::as_str).map(str::to_owned).into_iter().collect();
        for fallback in texts(body.get("models")) {
            if !models.contains(&fallback) {
                models.push(fallback);
            }
        }
        if models.first().is_none_or(String::is_empty) {
            return Err("No models provided".to_owned());
        }
        let mut prompt = String::new();
        // Tools are offered in the prompt, too.
        let offers = body.get("tools").map_or(0, |tools| tokens::count(&tools.to_string()));
        let prompt_tokens = read_messages(messages, &mut prompt) + offers;
        let number = |name: &str| body.get(name).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok());
        let max_tokens = number("max_completion_tokens").or_else(|| number("max_tokens"));
        if max_tokens == Some(0) {
            return Err("max_tokens must be at least 1".to_owned());
        }
        let choice = body.get("tool_choice");
        let named = choice.and_then(|choice| choice.pointer("/function/name")?.as_str());
        let offered = choice.and_then(Value::as_str) != Some("none");
        let tools = if offered { tools(body.get("tools")) } else { Vec::new() };
        Ok(Self {
            models,
            key: request_key(messages),
            prompt,
            prompt_tokens,
            stream: body.get("stream").and_then(Value::as_bool).unwrap_or(false),
            max_tokens,
            steady: body.get("temperature").and_then(Value::as_f64) == Some(0.0),
            stop: texts(body.get("stop")).into_iter().filter(|stop| !stop.is_empty()).collect(),
            effort: effort(&body)?,
            hide_reasoning: body.pointer("/reasoning/exclude").and_then(Value::as_bool).unwrap_or(false)
                || body.get("include_reasoning").and_then(Value::as_bool) == Some(false),
            tool: tools.iter().find(|tool| named.is_none_or(|name| tool.name == name)).cloned(),
            tools,
            must_call: named.is_some() || choice.and_then(Value::as_str) == Some("required"),
            format: format(body.get("response_format")),
        })
    }
}

/// A model id and the faults asked for by its suffix: `author/slug+fault-429+fault-slow=1s`.
pub(super) fn split_faults(id: &str) -> Result<(&str, Vec<Fault>), FaultError> {
    let mut parts = id.split("+fault-");
    let model = parts.next().unwrap_or(id);
    Ok((model, parts.map(str::parse).collect::<Result<_, _>>()?))
}

/// A string or a list of strings.
fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// Collects the text of all messages and counts their tokens: four for a message's frame, 300 for a part that is
/// not text.
fn read_messages(messages: &Value, prompt: &mut String) -> u32 {
    let mut count = 0;
    let mut add = |text: &str, prompt: &mut String| {
        count += tokens::count(text);
        prompt.push_str(text);
        prompt.push('\n');
    };
    let mut frames = 0;
    for message in messages.as_array().into_iter().flatten() {
        frames += 4;
        match message.get("content") {
            Some(Value::String(text)) => add(text, prompt),
            Some(Value::Array(parts)) => {
                for part in parts {
                    match part.get("text").and_then(Value::as_str) {
                        Some(text) => add(text, prompt),
                        None => frames += 300,
                    }
                }
            }
            _ => {}
        }
    }
    count + frames
}

/// The factor that `reasoning` or `reasoning_effort` asks for.
fn effort(body: &Value) -> Result<Option<f64>, Refusal> {
    let reasoning = body.get("reasoning").filter(|reasoning| reasoning.is_object());
    let word = reasoning.and_then(|r| r.get("effort")).or_else(|| body.get("reasoning_effort")).and_then(Value::as_str);
    let budget = reasoning.and_then(|r| r.get("max_tokens")).and_then(Value::as_f64);
    if word.is_some() && budget.is_some() {
        return Err("Only one of \"reasoning.effort\" and \"reasoning.max_tokens\" can be specified".to_owned());
    }
    if reasoning.and_then(|r| r.get("enabled")).and_then(Value::as_bool) == Some(false) {
        return Ok(Some(0.0));
    }
    match word {
        // A budget is a ceiling far above what a simulated model uses.
        None => Ok(budget.map(|tokens| if tokens < 1.0 { 0.0 } else { 1.5 })),
        Some("none") => Ok(Some(0.0)),
        Some("minimal") => Ok(Some(0.15)),
        Some("low") => Ok(Some(0.5)),
        Some("medium") => Ok(Some(1.0)),
        Some("high") => Ok(Some(1.8)),
        Some("xhigh" | "max") => Ok(Some(2.5)),
        Some(other) => Err(format!("Invalid reasoning effort: {other}")),
    }
}

/// The tools that are offered.
fn tools(tools: Option<&Value>) -> Vec<Tool> {
    let functions = tools.and_then(Value::as_array).into_iter().flatten().filter_map(|tool| tool.get("function"));
    let tool = |function: &Value| {
        let parameters = function.get("parameters").cloned().unwrap_or(Value::Null);
        Some(Tool { name: function.get("name")?.as_str()?.to_owned(), parameters })
    };
    functions.filter_map(tool).collect()
}

/// The schema a `response_format` wants; null for JSON of any form.
fn format(format: Option<&Value>) -> Option<Value> {
    match format?.get("type")?.as_str()? {
        "json_object" => Some(Value::Null),
        "json_schema" => Some(format?.pointer("/json_schema/schema").cloned().unwrap_or(Value::Null)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(body: &Value) -> Result<Asked, Refusal> {
        Asked::parse(body.to_string().as_bytes())
    }

    #[test]
    fn a_request_is_read_with_its_fallbacks_limits_and_parts() {
        let asked = parse(&json!({
            "model": "a/b", "models": ["a/b", "c/d"], "max_tokens": 9, "temperature": 0, "stop": "END",
            "reasoning": {"effort": "low", "exclude": true},
            "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": [
                {"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": "data:"}}]}]}))
        .unwrap();
        assert_eq!(asked.models, ["a/b", "c/d"]);
        assert_eq!((asked.max_tokens, asked.steady, asked.effort), (Some(9), true, Some(0.5)));
        assert_eq!(asked.stop, ["END"]);
        assert_eq!(asked.prompt, "Be brief.\nWhat is this?\n");
        assert_eq!(asked.prompt_tokens, 3 + 4 + 4 + 4 + 300);
        assert!(asked.hide_reasoning && !asked.stream);
    }

    #[test]
    fn what_openrouter_refuses_is_refused() {
        let hi = json!([{"role": "user", "content": "hi"}]);
        assert!(Asked::parse(b"{").unwrap_err().contains("Invalid JSON"));
        assert!(parse(&json!({"model": "a/b", "messages": []})).unwrap_err().contains("messages"));
        assert!(parse(&json!({"messages": hi})).unwrap_err().contains("No models"));
        assert!(parse(&json!({"model": "a/b", "messages": hi, "max_tokens": 0})).is_err());
        let both = json!({"model": "a/b", "messages": hi, "reasoning": {"effort": "low", "max_tokens": 5}});
        assert!(parse(&both).unwrap_err().contains("Only one"));
    }

    #[test]
    fn a_model_id_may_ask_for_faults() {
        let (model, faults) = split_faults("openai/gpt-4o-mini:free+fault-429=2*1+fault-no-done").unwrap();
        assert_eq!((model, faults.len()), ("openai/gpt-4o-mini:free", 2));
        assert!(split_faults("a/b+fault-nonsense").is_err());
        assert_eq!(split_faults("a/b").unwrap(), ("a/b", Vec::new()));
    }

    #[test]
    fn tools_and_formats_are_found() {
        let asked = parse(&json!({"model": "a/b", "messages": [{"role": "user", "content": "x"}],
            "tools": [{"type": "function", "function": {"name": "f"}},
                      {"type": "function", "function": {"name": "g", "parameters": {"type": "object"}}}],
            "tool_choice": {"type": "function", "function": {"name": "g"}},
            "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}}}}))
        .unwrap();
        assert_eq!(asked.tool.unwrap().name, "g");
        assert!(asked.must_call);
        assert_eq!(asked.format, Some(json!({"type": "object"})));
    }
}
