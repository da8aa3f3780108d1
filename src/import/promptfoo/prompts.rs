//! `prompts` → the prompts of a suite, from wherever they stand: inline, in files, as chats in JSON or YAML.

use std::collections::{BTreeSet, HashSet};
use std::sync::LazyLock;

use regex::Regex;

use crate::import::emit::{Block, Yaml};
use crate::import::source::{self, Node, Value};
use crate::import::template;
use crate::import::work::{Work, slug, unique};

use super::values::is_program;

/// Endings that make a text without `file://` the name of a file, where there is such a file.
const ENDINGS: [&str; 9] = [".txt", ".md", ".json", ".jsonl", ".yaml", ".yml", ".j2", ".csv", ".prompt"];

/// `{{ x | dump }}` where JSON has no quotes around it.
static DUMPED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"([:\[,]\s*)\{\{-?\s*([\w.]+)\s*\|\s*(?:dump|tojson)(?:\([^)]*\))?(?:\s*\|\s*safe)?\s*-?\}\}").ok()
});

/// The data URL that promptfoo makes of an image's content.
static DATA_URL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^data:[\w.+-]+/[\w.+-]+;base64,\s*(\{\{[^}]*\}\})$").ok());

/// What stands in front of and behind every prompt.
#[derive(Debug, Clone, Default)]
pub(super) struct Affixes {
    pub(super) prefix: String,
    pub(super) suffix: String,
}

/// The prompts of a config.
#[derive(Debug, Default)]
pub(super) struct Prompts {
    /// The entries of `prompts`, with comments.
    pub(super) list: Block,
    /// The variables that some prompt names.
    pub(super) variables: BTreeSet<String>,
    /// The environment's variables that some prompt names.
    pub(super) environment: BTreeSet<String>,
    ids: HashSet<String>,
    affixes: Affixes,
    images: BTreeSet<String>,
}

impl Prompts {
    /// Reads `prompts`; `images` are variables from files of images.
    pub(super) fn read(
        prompts: Option<&Node>,
        affixes: Affixes,
        images: BTreeSet<String>,
        work: &mut Work<'_>,
    ) -> Self {
        let mut read = Self { affixes, images, ..Self::default() };
        match prompts {
            // Without prompts, the variable `prompt` is one.
            None => read.text("{{ prompt }}", None, None, work),
            Some(node) if !node.entries().is_empty() && node.get("id").is_none() && node.get("raw").is_none() => {
                // The old form: `{ file: label }`.
                for (path, label) in node.entries() {
                    let label = label.written();
                    read.file(path, label.as_deref(), &label_at(node, path), work);
                }
            }
            Some(node) => {
                for item in node.items() {
                    read.entry(item, work);
                }
            }
        }
        read
    }

    fn entry(&mut self, item: &Node, work: &mut Work<'_>) {
        match &item.value {
            Value::Text(text) => self.written(text, None, item, work),
            Value::Map(_) => {
                let label = item.get("label").and_then(Node::written);
                let label = label.as_deref();
                if item.get("config").is_some() {
                    work.list(item, "prompt key `config`", "request fields stand on models");
                    self.list.note("not imported: the prompt's `config`; request fields stand on models");
                }
                if item.get("function").is_some() {
                    return work.leave_out(&mut self.list, "prompt", item, None, "a program");
                }
                match (item.get("raw"), item.get("id")) {
                    (Some(raw), id) => {
                        let own = label.map(str::to_owned).or_else(|| id.and_then(Node::written));
                        match raw.text() {
                            Some(text) => self.written(text, own.as_deref(), item, work),
                            None => self.chat(raw, own.as_deref(), item, work),
                        }
                    }
                    (None, Some(id)) => self.written(id.text().unwrap_or_default(), label, item, work),
                    (None, None) => {
                        let why = "a prompt is a text, or has `raw` or `id`";
                        work.leave_out(&mut self.list, "prompt", item, None, why);
                    }
                }
            }
            Value::List(_) => self.chat(item, None, item, work),
            _ => match item.written() {
                Some(text) => self.text(&text, None, Some(item), work),
                None => work.leave_out(&mut self.list, "prompt", item, None, "no text"),
            },
        }
    }

    /// A text, or the name of a file.
    fn written(&mut self, text: &str, label: Option<&str>, item: &Node, work: &mut Work<'_>) {
        let trimmed = text.trim();
        if let Some(path) = trimmed.strip_prefix("file://") {
            return self.file(path, label, item, work);
        }
        let scheme = trimmed.split_once("://").map(|(scheme, _)| scheme);
        if matches!(scheme, Some("langfuse" | "portkey" | "helicone" | "package" | "exec"))
            || trimmed.starts_with("exec:")
        {
            let why = "the prompt is kept by a service or made by a program";
            return work.leave_out(&mut self.list, "prompt", item, None, why);
        }
        if !trimmed.contains('\n') && trimmed.len() < 300 {
            if is_program(trimmed) && !trimmed.contains(' ') {
                return work.leave_out(&mut self.list, "prompt", item, None, "the prompt is made by a program");
            }
            if ENDINGS.iter().any(|ending| trimmed.ends_with(ending)) && work.files.exists(trimmed)
                || trimmed.contains('*') && !trimmed.contains(' ') && !work.files.matching(trimmed).is_empty()
            {
                return self.file(trimmed, label, item, work);
            }
        }
        self.content(text, label, item, work);
    }

    fn file(&mut self, path: &str, label: Option<&str>, item: &Node, work: &mut Work<'_>) {
        if is_program(path) {
            return work.leave_out(&mut self.list, "prompt", item, None, "the prompt is made by a program");
        }
        if path.contains('*') {
            let found = work.files.matching(path);
            if found.is_empty() {
                work.leave_out(&mut self.list, "prompt", item, None, "no file matches");
            }
            for path in found {
                self.file(&path, label, item, work);
            }
            return;
        }
        let text = match work.files.read(path) {
            Ok(text) => text,
            Err(why) => return work.leave_out(&mut self.list, "prompt", item, None, &why),
        };
        let stem = path.rsplit('/').next().unwrap_or(path);
        let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
        let label = Some(label.unwrap_or(stem));
        let ending = path.rsplit_once('.').map_or_else(String::new, |(_, ending)| ending.to_ascii_lowercase());
        if ending == "jsonl" {
            for line in text.lines().filter(|line| !line.trim().is_empty()) {
                self.content(line, label, item, work);
            }
        } else if ending == "csv" {
            self.table(&text, item, work);
        } else if ending == "yaml" || ending == "yml" {
            match source::parse(&text, path) {
                Ok(node) if matches!(node.value, Value::List(_) | Value::Map(_)) => self.chat(&node, label, item, work),
                _ => self.content(&text, label, item, work),
            }
        } else if ending == "json" {
            self.content(&text, label, item, work);
        } else {
            let parts: Vec<&str> = separated(&text);
            for part in parts {
                self.content(part.trim(), label, item, work);
            }
        }
    }

    /// Prompts in a table with the columns `prompt` and `label`, or one a line.
    fn table(&mut self, text: &str, item: &Node, work: &mut Work<'_>) {
        let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(text.as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().flatten().collect();
        let column = |name: &str| rows.first().and_then(|head| head.iter().position(|cell| cell.trim() == name));
        let (prompt, label) = (column("prompt"), column("label"));
        for row in rows.iter().skip(usize::from(prompt.is_some())) {
            let text = row.get(prompt.unwrap_or(0)).unwrap_or_default().to_owned();
            self.content(&text, label.and_then(|at| row.get(at)), item, work);
        }
    }

    /// A text that may be a chat in JSON or YAML.
    fn content(&mut self, text: &str, label: Option<&str>, item: &Node, work: &mut Work<'_>) {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return;
        }
        let is_yaml = trimmed.starts_with("- role:");
        if trimmed.starts_with(['[', '{']) && !trimmed.starts_with("{{") && !trimmed.starts_with("{%") || is_yaml {
            let json =
                DUMPED.as_ref().map_or_else(|| trimmed.into(), |dumped| dumped.replace_all(trimmed, "$1\"{{ $2 }}\""));
            if let Ok(node) = source::parse(&json, &item.file)
                && is_chat(&node)
            {
                return self.chat(&node, label, item, work);
            }
            if trimmed.starts_with('[') && trimmed.contains("\"role\"") {
                let why = "a chat whose JSON is made by a template";
                return work.leave_out(&mut self.list, "prompt", item, None, why);
            }
        }
        self.text(text, label, Some(item), work);
    }

    fn text(&mut self, text: &str, label: Option<&str>, item: Option<&Node>, work: &mut Work<'_>) {
        match self.translated(text) {
            Ok(text) => {
                let text = format!("{}{text}{}", self.affixes.prefix, self.affixes.suffix);
                match self.id(label) {
                    None => self.list.push(text),
                    Some(id) => {
                        let mut prompt = Block::default();
                        prompt.put("id", id);
                        prompt.put("user", text);
                        self.list.push(Yaml::Map(prompt));
                    }
                }
            }
            Err(why) => {
                let written = Node { value: Value::Text(text.to_owned()), file: "".into(), line: 1 };
                work.leave_out(&mut self.list, "prompt", item.unwrap_or(&written), None, &why);
            }
        }
    }

    fn id(&mut self, label: Option<&str>) -> Option<String> {
        let id = crate::text::one_line(label?.trim()).into_owned();
        let id = if id.chars().count() > 60 || id.contains("{{") { slug(&id) } else { id };
        (!id.is_empty()).then(|| unique(&id, &mut self.ids))
    }

    fn chat(&mut self, chat: &Node, label: Option<&str>, item: &Node, work: &mut Work<'_>) {
        // Some keep the list under a key of a request.
        let list = chat.get("messages").unwrap_or(chat);
        if !is_chat(list) {
            let text = serde_json::to_string_pretty(&chat.to_json()).unwrap_or_default();
            return self.text(&text, label, Some(item), work);
        }
        let mut messages = Block::default();
        let last_user =
            list.items().iter().rposition(|message| message.get("role").and_then(Node::text) == Some("user"));
        for (i, message) in list.items().iter().enumerate() {
            let message = &with_parts(message);
            if let Some(part) = bad_part(message) {
                let why = "a part of a message in a form of its own: `type: text`, `image_url` and `file` are known";
                let part = part.clone();
                return work.leave_out(&mut self.list, "prompt", &part, None, why);
            }
            let translated = match self.message(message) {
                Ok(node) => node,
                Err(why) => return work.leave_out(&mut self.list, "prompt", item, None, &why),
            };
            let mut block = Block::default();
            for (key, value) in translated.entries() {
                match value.text() {
                    Some(text) if key == "content" && Some(i) == last_user => {
                        block.put(key, format!("{}{text}{}", self.affixes.prefix, self.affixes.suffix));
                    }
                    _ => block.put(key, value),
                }
            }
            messages.push(Yaml::Map(block));
        }
        let mut prompt = Block::default();
        prompt.maybe("id", self.id(label));
        prompt.put("messages", Yaml::List(messages));
        self.list.push(Yaml::Map(prompt));
    }

    /// A message with every template translated.
    fn message(&mut self, node: &Node) -> Result<Node, String> {
        Ok(match &node.value {
            Value::Text(text) => {
                let url = DATA_URL.as_ref().and_then(|url| url.captures(text.trim()));
                // An image that is attached is named, and not written out.
                let inner = url.and_then(|found| found.get(1)).map(|inner| inner.as_str());
                let inner =
                    inner.filter(|inner| template::variables(inner).iter().any(|name| self.images.contains(name)));
                let text = inner.unwrap_or(text);
                node.with(Value::Text(self.translated(text)?))
            }
            Value::List(items) => {
                node.with(Value::List(items.iter().map(|item| self.message(item)).collect::<Result<_, _>>()?))
            }
            Value::Map(entries) => {
                let mut translated = Vec::new();
                for (key, item) in entries {
                    translated.push((key.clone(), self.message(item)?));
                }
                node.with(Value::Map(translated))
            }
            _ => node.clone(),
        })
    }

    fn translated(&mut self, text: &str) -> Result<String, String> {
        let text = template::nunjucks(text)?;
        if text.contains("_conversation") {
            return Err("`_conversation` holds earlier answers, and cases are asked one by one".to_owned());
        }
        let mut names = template::variables(&text);
        if names.remove("env")
            && let Ok(environment) = Regex::new(r"\benv\.([A-Za-z_]\w*)")
        {
            self.environment.extend(environment.captures_iter(&text).map(|found| found[1].to_owned()));
        }
        self.variables.extend(names);
        Ok(text)
    }
}

/// Texts that lines of `---` divide.
fn separated(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_end() == "---" {
            parts.push(&text[start..at]);
            start = at + line.len();
        }
        at += line.len();
    }
    parts.push(&text[start..]);
    parts.retain(|part| !part.trim().is_empty());
    parts
}

/// Whether it is a list of messages.
fn is_chat(node: &Node) -> bool {
    matches!(&node.value, Value::List(items) if !items.is_empty() && items.iter().all(|item| {
        item.get("role").and_then(Node::text).is_some() && (item.get("content").is_some() || item.get("tool_calls").is_some())
    }))
}

/// A message whose parts have the form of OpenAI, where they were in that of Anthropic or Bedrock.
fn with_parts(message: &Node) -> Node {
    let entry = |(key, node): &(String, Node)| match (key.as_str(), &node.value) {
        ("content", Value::List(parts)) => (
            key.clone(),
            node.with(Value::List(parts.iter().map(|part| known_part(part).unwrap_or_else(|| part.clone())).collect())),
        ),
        _ => (key.clone(), node.clone()),
    };
    message.with(Value::Map(message.entries().iter().map(entry).collect()))
}

fn known_part(part: &Node) -> Option<Node> {
    let text = |text: String| part.with(Value::Text(text));
    let map = |entries: Vec<(&str, Node)>| {
        part.with(Value::Map(entries.into_iter().map(|(key, node)| (key.to_owned(), node)).collect()))
    };
    let image = |content: &str, media: Option<&Node>| {
        let is_url = content.contains("://") || content.starts_with("data:");
        let kind = media.and_then(Node::text).map_or("jpeg", |media| media.rsplit('/').next().unwrap_or(media));
        let kind = if kind.contains('{') { "jpeg" } else { kind };
        let url = if is_url { content.to_owned() } else { format!("data:image/{kind};base64,{content}") };
        let url = map(vec![("url", text(url))]);
        map(vec![("type", text("image_url".to_owned())), ("image_url", url)])
    };
    let kind = part.get("type").and_then(Node::text);
    if let Value::Text(words) = &part.value {
        return Some(map(vec![("type", text("text".to_owned())), ("text", text(words.clone()))]));
    }
    match kind {
        None => {
            if let Some(words) = part.get("text").and_then(Node::text) {
                return Some(map(vec![("type", text("text".to_owned())), ("text", text(words.to_owned()))]));
            }
            if part.get("modality").and_then(Node::text) == Some("text") {
                let words = part.get("value")?.text()?.to_owned();
                return Some(map(vec![("type", text("text".to_owned())), ("text", text(words))]));
            }
            let inner = part.get("image")?;
            Some(image(inner.get("source")?.get("bytes")?.text()?, inner.get("format")))
        }
        Some("image") => {
            let source = part.get("source")?;
            Some(image(source.get("data").or_else(|| source.get("url"))?.text()?, source.get("media_type")))
        }
        Some("input_text") => {
            Some(map(vec![("type", text("text".to_owned())), ("text", text(part.get("text")?.text()?.to_owned()))]))
        }
        Some("input_image") => Some(image(part.get("image_url")?.text()?, None)),
        Some(_) => None,
    }
}

/// A part that no endpoint would know.
fn bad_part(message: &Node) -> Option<&Node> {
    match message.get("content").map(|node| &node.value) {
        Some(Value::List(parts)) => parts.iter().find(|part| part.get("type").and_then(Node::text).is_none()),
        Some(Value::Map(_)) => message.get("content"),
        _ => None,
    }
}

/// The entry `path` of a map as a node to name.
fn label_at(map: &Node, path: &str) -> Node {
    let place = map.get(path).unwrap_or(map);
    place.with(Value::Text(path.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_dashes_divide_prompts() {
        assert_eq!(separated("a\n---\nb --- c\n\n---\n"), ["a\n", "b --- c\n\n"]);
        assert_eq!(separated("only"), ["only"]);
    }
}
