//! YAML text (1.2, core schema) → a JSON value, in time and memory bounded by the text's length.
//!
//! Built from the parser's events on a stack of our own: an answer may nest deeper than ours, and its aliases may expand
//! to more than there is memory.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use serde_json::{Map, Number, Value};

/// How deep values may nest, as for JSON.
const MAX_DEPTH: usize = 128;

/// Values that aliases may add.
const ALIAS_BUDGET: usize = 100_000;

/// Why a text is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mistake {
    /// A lower-case fragment.
    pub(super) message: String,
    /// Beginning with 1.
    pub(super) line: usize,
}

/// A list or map that is not closed yet.
struct Frame {
    anchor: usize,
    /// Of what is in it, with itself.
    size: Size,
    content: Content,
}

enum Content {
    List(Vec<Value>),
    Map(Map<String, Value>, Option<String>),
}

/// How many values there are in one, and how deep they nest.
#[derive(Clone, Copy)]
struct Size {
    values: usize,
    depth: usize,
}

/// Reads one document.
///
/// # Errors
/// The first mistake.
pub(super) fn read(text: &str) -> Result<Value, Mistake> {
    let mut build = Build { open: Vec::new(), anchors: HashMap::new(), left: ALIAS_BUDGET, root: None, documents: 0 };
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, span) =
            event.map_err(|error| Mistake { message: error.info().to_owned(), line: error.marker().line() })?;
        if event == Event::StreamEnd {
            break;
        }
        build.take(event).map_err(|message| Mistake { message, line: span.start.line() })?;
    }
    build.root.ok_or_else(|| Mistake { message: "there is nothing in it".to_owned(), line: 1 })
}

struct Build {
    open: Vec<Frame>,
    anchors: HashMap<usize, (Value, Size)>,
    /// Values that aliases may still add.
    left: usize,
    root: Option<Value>,
    documents: usize,
}

impl Build {
    fn take(&mut self, event: Event<'_>) -> Result<(), String> {
        const LEAF: Size = Size { values: 1, depth: 1 };
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 { Err("a second document begins".to_owned()) } else { Ok(()) }
            }
            Event::Scalar(text, style, anchor, tag) => {
                let value = scalar(&text, style, tag.as_deref());
                self.put(value, LEAF, anchor)
            }
            Event::Alias(anchor) => {
                let Some((value, size)) = self.anchors.get(&anchor) else {
                    return Err("an alias of what is not closed yet".to_owned());
                };
                let Some(left) = self.left.checked_sub(size.values) else {
                    return Err("the aliases expand to too many values".to_owned());
                };
                self.left = left;
                let (value, size) = (value.clone(), *size);
                self.put(value, size, 0)
            }
            Event::SequenceStart(anchor, _) => self.open(anchor, Content::List(Vec::new())),
            Event::MappingStart(anchor, _) => self.open(anchor, Content::Map(Map::new(), None)),
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(Frame { anchor, size, content }) = self.open.pop() else { return Ok(()) };
                let value = match content {
                    Content::List(items) => Value::Array(items),
                    Content::Map(map, _) => Value::Object(map),
                };
                self.put(value, size, anchor)
            }
            _ => Ok(()),
        }
    }

    fn open(&mut self, anchor: usize, content: Content) -> Result<(), String> {
        if self.open.len() >= MAX_DEPTH {
            return Err(format!("it nests deeper than {MAX_DEPTH}"));
        }
        self.open.push(Frame { anchor, size: Size { values: 1, depth: 1 }, content });
        Ok(())
    }

    /// Puts a finished value where it belongs.
    fn put(&mut self, value: Value, size: Size, anchor: usize) -> Result<(), String> {
        if self.open.len() + size.depth > MAX_DEPTH + 1 {
            return Err(format!("it nests deeper than {MAX_DEPTH}"));
        }
        if anchor > 0 {
            let Some(left) = self.left.checked_sub(size.values) else {
                return Err("the anchors hold too many values".to_owned());
            };
            self.left = left;
            self.anchors.insert(anchor, (value.clone(), size));
        }
        let Some(frame) = self.open.last_mut() else {
            self.root = Some(value);
            return Ok(());
        };
        frame.size.values += size.values;
        frame.size.depth = frame.size.depth.max(size.depth + 1);
        match &mut frame.content {
            Content::List(items) => items.push(value),
            Content::Map(map, key) => match key.take() {
                None => *key = Some(key_of(value)),
                Some(key) => {
                    if map.contains_key(&key) {
                        let key = crate::text::excerpt(&key, 60);
                        return Err(format!("the key `{}` stands twice in a map", crate::text::one_line(&key)));
                    }
                    map.insert(key, value);
                }
            },
        }
        Ok(())
    }
}

/// A key of any kind as JSON can have it.
fn key_of(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// A scalar by the core schema of YAML 1.2: what is not plain is a text.
fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Value {
    let plain = match tag {
        Some(tag) => tag.is_yaml_core_schema() && tag.suffix != "str",
        None => style == ScalarStyle::Plain,
    };
    let resolved = || match text {
        "" | "~" | "null" | "Null" | "NULL" => Some(Value::Null),
        "true" | "True" | "TRUE" => Some(Value::Bool(true)),
        "false" | "False" | "FALSE" => Some(Value::Bool(false)),
        _ => number(text).map(Value::Number),
    };
    plain.then(resolved).flatten().unwrap_or_else(|| Value::String(text.to_owned()))
}

/// A number; infinity and NaN stay texts, as JSON has none.
fn number(text: &str) -> Option<Number> {
    if let Some(octal) = text.strip_prefix("0o") {
        return u64::from_str_radix(octal, 8).ok().filter(|_| !octal.starts_with('+')).map(Number::from);
    }
    if let Some(hex) = text.strip_prefix("0x") {
        return u64::from_str_radix(hex, 16).ok().filter(|_| !hex.starts_with('+')).map(Number::from);
    }
    // Words such as `inf` and `nan` parse as floats in Rust; no core float holds another letter than `e`.
    let shaped = !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte))
        && text.bytes().any(|byte| byte.is_ascii_digit());
    if !shaped {
        return None;
    }
    let unsigned = text.strip_prefix('+').unwrap_or(text);
    let whole = unsigned.parse::<i64>().map(Number::from).or_else(|_| unsigned.parse::<u64>().map(Number::from));
    whole.ok().or_else(|| Number::from_f64(text.parse().ok()?))
}
