//! `config` of a provider → settings and request fields of a model.

use crate::import::emit::{Block, Yaml};
use crate::import::source::{Node, Value};
use crate::import::work::{Work, left_out_note};

/// Request fields that are sent as they are.
const AS_IS: [&str; 19] = [
    "temperature",
    "max_tokens",
    "max_completion_tokens",
    "top_p",
    "top_k",
    "min_p",
    "top_a",
    "frequency_penalty",
    "presence_penalty",
    "repetition_penalty",
    "seed",
    "stop",
    "logprobs",
    "top_logprobs",
    "parallel_tool_calls",
    "verbosity",
    "user",
    "transforms",
    "plugins",
];

/// The same fields as other providers call them.
const RENAMED: [(&str, &str); 9] = [
    ("maxOutputTokens", "max_tokens"),
    ("max_output_tokens", "max_tokens"),
    ("max_new_tokens", "max_tokens"),
    ("num_predict", "max_tokens"),
    ("maxTokens", "max_tokens"),
    ("topP", "top_p"),
    ("topK", "top_k"),
    ("stop_sequences", "stop"),
    ("stopSequences", "stop"),
];

/// What says nothing about the answers: where, by whom and at what price they are given.
const SILENT: [&str; 22] = [
    "apiKey",
    "apiKeyEnvar",
    "apiBaseUrl",
    "apiHost",
    "basePath",
    "baseUrl",
    "headers",
    "organization",
    "project",
    "projectId",
    "region",
    "cost",
    "inputCost",
    "outputCost",
    "timeout",
    "timeoutMs",
    "maxRetries",
    "accessKeyId",
    "secretAccessKey",
    "useCache",
    "label",
    "model",
];

/// What a provider's config makes of its model.
#[derive(Debug, Default)]
pub(super) struct Settings {
    pub(super) params: Block,
    pub(super) base_url: Option<String>,
    pub(super) key: Option<String>,
    pub(super) headers: Block,
    pub(super) timeout: Option<String>,
    pub(super) retries: Option<Node>,
    /// Comments at the model's place.
    pub(super) notes: Vec<String>,
    /// The functions among its tools: name and JSON Schema of the arguments.
    pub(super) tools: Vec<(String, Yaml)>,
}

/// Reads a provider's config.
pub(super) fn read(config: Option<&Node>, work: &mut Work<'_>) -> Settings {
    let mut settings = Settings::default();
    let Some(config) = config else { return settings };
    let text = |key: &str| config.get(key).and_then(Node::text);
    settings.base_url = text("apiBaseUrl")
        .or_else(|| text("basePath"))
        .or_else(|| text("baseUrl"))
        .filter(|url| {
            (url.starts_with("http://") || url.starts_with("https://")) && !url.contains(['{', '?', '#', '@'])
        })
        .map(|url| url.trim_end_matches('/').trim_end_matches("/chat/completions").to_owned());
    settings.key = text("apiKeyEnvar")
        .or_else(|| text("apiKey").and_then(environment_name))
        .filter(|name| is_variable(name))
        .map(str::to_owned);
    settings.timeout = config.get("timeout").or_else(|| config.get("timeoutMs")).and_then(milliseconds);
    settings.retries = config.get("maxRetries").filter(|node| is_whole(node)).cloned();
    if config.get("apiKey").is_some() && settings.key.is_none() {
        settings.notes.push("the key is not copied: put it into the variable that `api_key_env` names".to_owned());
    }
    for (name, value) in config.get("headers").map(Node::entries).unwrap_or_default() {
        let is_secret = ["authorization", "api-key", "x-api-key", "cookie", "content-type", "host"];
        match value.written() {
            Some(text) if !is_secret.contains(&name.to_ascii_lowercase().as_str()) && !text.contains("{{") => {
                settings.headers.put(name, text);
            }
            _ => {
                work.list(value, format!("header `{name}`"), "a header that bench sets, or that may hold a secret");
                settings.notes.push(format!("not imported: the header `{name}`"));
            }
        }
    }
    fields(config, &mut settings, work);
    settings
}

fn fields(config: &Node, settings: &mut Settings, work: &mut Work<'_>) {
    let mut seen: Vec<&str> = Vec::new();
    for (key, value) in config.entries() {
        if value.value == Value::Null || SILENT.contains(&key.as_str()) || settings.params.get(key).is_some() {
            continue;
        }
        if AS_IS.contains(&key.as_str()) && !is_templated(value) {
            settings.params.put(key, &number(value));
        } else if let Some((_, ours)) = RENAMED.iter().find(|(theirs, _)| theirs == key)
            && !seen.contains(ours)
        {
            seen.push(ours);
            settings.params.put(ours, &number(value));
        } else {
            special(key, value, settings, work);
        }
    }
}

/// Fields that need more than another name.
fn special(key: &str, value: &Node, settings: &mut Settings, work: &mut Work<'_>) {
    match key {
        "generationConfig" | "inferenceConfig" | "parameters" | "options" => fields(value, settings, work),
        "passthrough" => {
            for (name, value) in value.entries() {
                settings.params.put(name, value);
            }
        }
        "reasoning_effort" if value.text().is_some() => {
            let mut reasoning = Block::default();
            reasoning.put("effort", value);
            settings.params.put("reasoning", Yaml::Map(reasoning));
        }
        "reasoning" if !value.entries().is_empty() => settings.params.put("reasoning", value),
        "thinking" if value.get("type").and_then(Node::text) == Some("disabled") => {}
        "thinking" if value.get("budget_tokens").is_some() => {
            let mut reasoning = Block::default();
            reasoning.maybe("max_tokens", value.get("budget_tokens"));
            settings.params.put("reasoning", Yaml::Map(reasoning));
        }
        "response_format" => match resolved(value, work) {
            Ok(format) if format.get("type").is_some() => settings.params.put("response_format", &format),
            Ok(_) => left_out(key, value, "no response format of OpenAI's form", settings, work),
            Err(why) => left_out(key, value, &why, settings, work),
        },
        "tools" | "functions" => tools(key, value, settings, work),
        "tool_choice" if matches!(value.text(), Some("auto" | "none" | "required")) || is_openai_choice(value) => {
            settings.params.put("tool_choice", value);
        }
        _ => left_out(key, value, "no request field that suites know; `params` can hold it", settings, work),
    }
}

fn left_out(key: &str, value: &Node, why: &str, settings: &mut Settings, work: &mut Work<'_>) {
    work.list(value, format!("provider setting `{key}`"), why);
    settings.notes.push(left_out_note(value, Some(key), why));
}

fn is_openai_choice(value: &Node) -> bool {
    value.get("type").and_then(Node::text) == Some("function") && value.get("function").is_some()
}

/// Tools in the form of OpenAI, of Anthropic, of Google or of the old `functions`.
fn tools(key: &str, value: &Node, settings: &mut Settings, work: &mut Work<'_>) {
    let resolved = match resolved(value, work) {
        Ok(node) => node,
        Err(why) => return left_out(key, value, &why, settings, work),
    };
    let mut list = Block::default();
    for tool in resolved.items() {
        let declared = tool.get("functionDeclarations").or_else(|| tool.get("function_declarations"));
        let functions = match declared {
            Some(declared) => declared.items(),
            None => std::slice::from_ref(tool.get("function").unwrap_or(tool)),
        };
        for function in functions {
            let schema = function.get("parameters").or_else(|| function.get("input_schema"));
            let named = function.get("name").and_then(Node::text).filter(|_| {
                schema.is_some() || tool.get("type").and_then(Node::text) == Some("function") || declared.is_some()
            });
            let Some(name) = named else {
                work.list(tool, "tool", "no function with a name and a schema");
                settings.notes.push(left_out_note(tool, None, "no function with a name and a schema"));
                continue;
            };
            let mut inner = Block::default();
            inner.put("name", name);
            inner.maybe("description", function.get("description"));
            inner.maybe("parameters", schema.map(lower_types).as_ref());
            inner.maybe("strict", function.get("strict"));
            let mut outer = Block::default();
            outer.put("type", "function");
            outer.put("function", Yaml::Map(inner));
            list.push(Yaml::Map(outer));
            if let Some(schema) = schema {
                settings.tools.push((name.to_owned(), Yaml::from(&lower_types(schema))));
            }
        }
    }
    if list.len() > 0 {
        settings.params.put("tools", Yaml::List(list));
    }
}

/// Google writes `STRING` where JSON Schema has `string`.
fn lower_types(schema: &Node) -> Node {
    match &schema.value {
        Value::Map(entries) => {
            let entry = |(key, node): &(String, Node)| {
                let node = match (key.as_str(), node.text()) {
                    ("type", Some(text)) if text.chars().all(|c| c.is_ascii_uppercase()) => {
                        node.with(Value::Text(text.to_ascii_lowercase()))
                    }
                    _ => lower_types(node),
                };
                (key.clone(), node)
            };
            schema.with(Value::Map(entries.iter().map(entry).collect()))
        }
        Value::List(items) => schema.with(Value::List(items.iter().map(lower_types).collect())),
        _ => schema.clone(),
    }
}

/// A value, or the content of the file that it names.
pub(super) fn resolved(value: &Node, work: &Work<'_>) -> Result<Node, String> {
    match value.text().and_then(|text| text.strip_prefix("file://")) {
        Some(path) if [".json", ".yaml", ".yml"].iter().any(|ending| path.ends_with(ending)) => work.data(path),
        Some(path) => Err(format!("`{path}` is a program or a template")),
        None => Ok(value.clone()),
    }
}

fn is_templated(value: &Node) -> bool {
    value.text().is_some_and(|text| text.contains("{{"))
}

/// A number in quotes is one.
fn number(value: &Node) -> Node {
    match value.text() {
        Some(text) if serde_json::from_str::<serde_json::Number>(text).is_ok() => {
            value.with(Value::Number(text.to_owned()))
        }
        _ => value.clone(),
    }
}

fn is_whole(node: &Node) -> bool {
    node.number().is_some_and(|number| number >= 0.0 && number.fract() == 0.0)
}

/// Milliseconds as a duration with its unit; nothing for none.
pub(super) fn milliseconds(node: &Node) -> Option<String> {
    let number = node.number().filter(|number| *number >= 1.0 && *number <= 1e9)?;
    Some(if number % 1000.0 == 0.0 { format!("{}s", number / 1000.0) } else { format!("{}ms", number.round()) })
}

/// The variable in `{{ env.NAME }}` or `$NAME`.
fn environment_name(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix("{{")?.strip_suffix("}}")?.trim();
    inner.strip_prefix("env.").map(str::trim)
}

fn is_variable(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
