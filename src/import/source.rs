//! The text of a config, YAML or JSON → a tree of values, each with its line.
//!
//! Not the reader of suites: a config of another tool may hold tags (`!function`), duplicate keys, and tabs in its JSON.

use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

/// Values that a config may hold, those that aliases repeat among them.
const MAX_NODES: usize = 500_000;

/// How deep they may nest.
const MAX_DEPTH: usize = 100;

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) value: Value,
    /// The file it stands in, as the config names it; empty for the config itself.
    pub(super) file: Arc<str>,
    /// From 1.
    pub(super) line: usize,
}

/// A value as it is written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    /// A JSON number, as it was written where JSON can write it so.
    Number(String),
    Text(String),
    /// A scalar with a tag of its own: the tag without `!`, and the text.
    Tagged(String, String),
    List(Vec<Node>),
    /// In file order; of keys that stand twice the last counts.
    Map(Vec<(String, Node)>),
}

/// Why a text cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unreadable {
    pub(super) message: String,
    pub(super) line: usize,
}

/// Reads the first document of a YAML text, or a JSON text.
pub(super) fn parse(text: &str, file: &str) -> Result<Node, Unreadable> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let file: Arc<str> = file.into();
    match Reader::new(text, &file).document() {
        Ok(mut root) => {
            merge(&mut root);
            Ok(root)
        }
        // JSON is not YAML to every reader: tabs, long keys.
        Err(error) => match serde_json::from_str::<serde_json::Value>(text) {
            Ok(value) => Ok(Node::of_json(&value, &file, 1)),
            Err(_) => lenient(text, &file).ok_or(error),
        },
    }
}

/// What libyaml reads and the parser with places does not, such as quoted texts that go on further left. Without lines.
fn lenient(text: &str, file: &Arc<str>) -> Option<Node> {
    // libyaml's time grows with the square of the depth.
    let brackets = text.bytes().filter(|byte| matches!(byte, b'[' | b'{')).count();
    if text.len() > 4 << 20 || brackets > 5_000 {
        return None;
    }
    let mut root = of_yaml(serde_yaml::from_str(text).ok()?, file);
    merge(&mut root);
    Some(root)
}

fn of_yaml(yaml: serde_yaml::Value, file: &Arc<str>) -> Node {
    let value = match yaml {
        serde_yaml::Value::Null => Value::Null,
        serde_yaml::Value::Bool(value) => Value::Bool(value),
        serde_yaml::Value::Number(number) => plain(number.to_string()),
        serde_yaml::Value::String(text) => Value::Text(text),
        serde_yaml::Value::Sequence(items) => Value::List(items.into_iter().map(|item| of_yaml(item, file)).collect()),
        serde_yaml::Value::Mapping(entries) => {
            Value::Map(entries.into_iter().map(|(key, item)| (of_yaml(key, file).key(), of_yaml(item, file))).collect())
        }
        serde_yaml::Value::Tagged(tagged) => {
            let text = of_yaml(tagged.value, file).key();
            Value::Tagged(tagged.tag.to_string().trim_start_matches('!').to_owned(), text)
        }
    };
    Node { value, file: Arc::clone(file), line: 1 }
}

struct Reader<'a> {
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    file: &'a Arc<str>,
    anchors: std::collections::HashMap<usize, (Node, usize)>,
    left: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, file: &'a Arc<str>) -> Self {
        Self { parser: Parser::new_from_str(text), file, anchors: std::collections::HashMap::new(), left: MAX_NODES }
    }

    fn next(&mut self) -> Result<(Event<'a>, usize), Unreadable> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => Ok((event, span.start.line())),
            Some(Err(error)) => Err(Unreadable { message: error.info().to_owned(), line: error.marker().line() }),
            None => Ok((Event::StreamEnd, 1)),
        }
    }

    fn document(&mut self) -> Result<Node, Unreadable> {
        loop {
            let (event, line) = self.next()?;
            match event {
                Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => {}
                Event::StreamEnd | Event::DocumentEnd => {
                    return Ok(Node { value: Value::Null, file: Arc::clone(self.file), line });
                }
                other => return self.node(other, line, 0),
            }
        }
    }

    fn take(&mut self, count: usize, line: usize) -> Result<(), Unreadable> {
        self.left = self.left.checked_sub(count).ok_or(Unreadable {
            message: format!("holds more than {MAX_NODES} values, those that aliases repeat among them"),
            line,
        })?;
        Ok(())
    }

    fn node(&mut self, event: Event<'a>, line: usize, depth: usize) -> Result<Node, Unreadable> {
        if depth > MAX_DEPTH {
            return Err(Unreadable { message: format!("nested deeper than {MAX_DEPTH} levels"), line });
        }
        self.take(1, line)?;
        let before = self.left;
        let (value, anchor) = match event {
            Event::Alias(anchor) => {
                let Some((node, size)) = self.anchors.get(&anchor).cloned() else {
                    return Err(Unreadable { message: "an alias without its anchor".to_owned(), line });
                };
                self.take(size, line)?;
                return Ok(node);
            }
            Event::Scalar(text, style, anchor, tag) => (scalar(text.into_owned(), style, tag.as_deref()), anchor),
            Event::SequenceStart(anchor, _) => {
                let mut items = Vec::new();
                loop {
                    let (event, line) = self.next()?;
                    if matches!(event, Event::SequenceEnd | Event::StreamEnd) {
                        break;
                    }
                    items.push(self.node(event, line, depth + 1)?);
                }
                (Value::List(items), anchor)
            }
            Event::MappingStart(anchor, _) => {
                let mut entries = Vec::new();
                loop {
                    let (event, key_line) = self.next()?;
                    if matches!(event, Event::MappingEnd | Event::StreamEnd) {
                        break;
                    }
                    let key = self.node(event, key_line, depth + 1)?.key();
                    let (event, line) = self.next()?;
                    let mut node = self.node(event, line, depth + 1)?;
                    if node.file == *self.file && !node.is_collection() {
                        node.line = key_line;
                    }
                    entries.push((key, node));
                }
                (Value::Map(entries), anchor)
            }
            _ => (Value::Null, 0),
        };
        let node = Node { value, file: Arc::clone(self.file), line };
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), before - self.left));
        }
        Ok(node)
    }
}

/// What a scalar is, by the core schema.
fn scalar(text: String, style: ScalarStyle, tag: Option<&Tag>) -> Value {
    if let Some(tag) = tag {
        return if tag.is_yaml_core_schema() {
            if tag.suffix == "str" { Value::Text(text) } else { plain(text) }
        } else {
            Value::Tagged(tag.suffix.clone(), text)
        };
    }
    if style == ScalarStyle::Plain { plain(text) } else { Value::Text(text) }
}

fn plain(text: String) -> Value {
    match text.as_str() {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => number(&text).map_or(Value::Text(text), Value::Number),
    }
}

/// A number as JSON writes it.
fn number(text: &str) -> Option<String> {
    let is_json = |text: &str| serde_json::from_str::<serde_json::Number>(text).is_ok();
    if is_json(text) {
        return Some(text.to_owned());
    }
    if let Some(hex) = text.strip_prefix("0x") {
        return u64::from_str_radix(hex, 16).ok().map(|number| number.to_string());
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | '+' | '-'))
        || !text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '+' | '-' | 'e' | 'E'))
    {
        return None;
    }
    // `.5`, `1.`, `+1`, `01`: as their value.
    let value: f64 = text.parse().ok()?;
    serde_json::Number::from_f64(value).map(|number| number.to_string()).filter(|written| is_json(written))
}

/// Puts the content of merge keys in its place; keys that are written win.
fn merge(node: &mut Node) {
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(merge),
        Value::Map(entries) => {
            for (_, node) in entries.iter_mut() {
                merge(node);
            }
            let Some(at) = entries.iter().position(|(key, _)| key == "<<") else { return };
            let (_, merged) = entries.remove(at);
            let sources = match merged.value {
                Value::List(items) => items,
                _ => vec![merged],
            };
            for source in sources {
                if let Value::Map(inner) = source.value {
                    let known: Vec<String> = entries.iter().map(|(key, _)| key.clone()).collect();
                    entries.extend(inner.into_iter().filter(|(key, _)| !known.contains(key)));
                }
            }
        }
        _ => {}
    }
}

impl Node {
    /// A JSON value at one place.
    pub(super) fn of_json(json: &serde_json::Value, file: &Arc<str>, line: usize) -> Self {
        let value = match json {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(value) => Value::Bool(*value),
            serde_json::Value::Number(number) => Value::Number(number.to_string()),
            serde_json::Value::String(text) => Value::Text(text.clone()),
            serde_json::Value::Array(items) => {
                Value::List(items.iter().map(|item| Self::of_json(item, file, line)).collect())
            }
            serde_json::Value::Object(map) => {
                Value::Map(map.iter().map(|(key, item)| (key.clone(), Self::of_json(item, file, line))).collect())
            }
        };
        Self { value, file: Arc::clone(file), line }
    }

    /// Another value at this place.
    pub(super) fn with(&self, value: Value) -> Self {
        Self { value, file: Arc::clone(&self.file), line: self.line }
    }

    fn key(self) -> String {
        match self.value {
            Value::Text(text) | Value::Number(text) | Value::Tagged(_, text) => text,
            Value::Bool(value) => value.to_string(),
            Value::Null => "null".to_owned(),
            Value::List(_) | Value::Map(_) => String::new(),
        }
    }

    fn is_collection(&self) -> bool {
        matches!(self.value, Value::List(_) | Value::Map(_))
    }

    /// The value under a key of a map, `null` counting as nothing.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.entries()
            .iter()
            .rev()
            .find(|(name, _)| name == key)
            .map(|(_, node)| node)
            .filter(|node| node.value != Value::Null)
    }

    /// The entries of a map; of anything else none.
    pub(super) fn entries(&self) -> &[(String, Self)] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list, or the one value that stands for a list of one.
    pub(super) fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            Value::Null => &[],
            _ => std::slice::from_ref(self),
        }
    }

    /// A text.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A scalar as the text it was written as.
    pub(super) fn written(&self) -> Option<String> {
        match &self.value {
            Value::Text(text) | Value::Number(text) => Some(text.clone()),
            Value::Bool(value) => Some(value.to_string()),
            _ => None,
        }
    }

    /// A number, also one in quotes.
    pub(super) fn number(&self) -> Option<f64> {
        match &self.value {
            Value::Text(text) | Value::Number(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// Whether it is `true`.
    pub(super) fn is_true(&self) -> bool {
        self.value == Value::Bool(true)
    }

    /// As JSON.
    pub(super) fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => (*value).into(),
            Value::Number(text) => serde_json::from_str(text).unwrap_or(serde_json::Value::Null),
            Value::Text(text) => text.as_str().into(),
            Value::Tagged(tag, text) => format!("!{tag} {text}").into(),
            Value::List(items) => items.iter().map(Self::to_json).collect(),
            Value::Map(entries) => {
                serde_json::Value::Object(entries.iter().map(|(key, node)| (key.clone(), node.to_json())).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_lines_and_numbers_their_spelling() {
        let root = parse("a: 1.10\nb:\n  - x\n  - !function utils.f\n  - 'true'\nc: {d: .5}\n", "").unwrap();
        assert_eq!(root.get("a").unwrap().value, Value::Number("1.10".to_owned()));
        let items = root.get("b").unwrap().items();
        assert_eq!((items[1].line, &items[1].value), (4, &Value::Tagged("function".into(), "utils.f".into())));
        assert_eq!(items[2].text(), Some("true"));
        assert_eq!(root.get("c").unwrap().get("d").unwrap().value, Value::Number("0.5".to_owned()));
        assert_eq!(root.get("c").unwrap().get("d").unwrap().line, 6);
    }

    #[test]
    fn aliases_and_merge_keys_are_filled_in() {
        let root = parse("base: &b {x: 1, y: 2}\nz: {<<: *b, y: 3}\n", "").unwrap();
        let merged = root.get("z").unwrap();
        assert_eq!(merged.get("x").unwrap().number(), Some(1.0));
        assert_eq!(merged.get("y").unwrap().number(), Some(3.0));
    }

    #[test]
    fn json_with_tabs_is_read_too() {
        let root = parse("{\n\t\"a\": [1,\n\t\t{\"b\": null}]\n}", "").unwrap();
        assert_eq!(root.get("a").unwrap().items().len(), 2);
    }

    #[test]
    fn quoted_texts_may_go_on_further_left() {
        let root = parse("a:\n  b: \"one\ntwo\"\n  c: !function x.y\n", "").unwrap();
        let inner = root.get("a").unwrap();
        assert_eq!(inner.get("b").unwrap().text(), Some("one two"));
        assert_eq!(inner.get("c").unwrap().value, Value::Tagged("function".into(), "x.y".into()));
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_line() {
        assert_eq!(parse("a: 1\nb: [1\nc: 2\n", "").unwrap_err().line, 3);
        let bomb = (1..9).fold("a0: &a0 [x, x]\n".to_owned(), |text, n| {
            let tenfold = vec![format!("*a{}", n - 1); 10].join(",");
            text + &format!("a{n}: &a{n} [{tenfold}]\n")
        });
        assert!(parse(&bomb, "").unwrap_err().message.contains("values"));
        assert!(parse(&"[".repeat(5_000), "").is_err());
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "[\\-a:!&*{}\\[\\]\"'|>, \n\t#0-9]{0,80}") {
            let _ = parse(&text, "");
        }
    }
}
