//! A suite as a tree with comments at their places → YAML text.
//!
//! Written by hand, as `serde_yaml` writes no comments. Every text that is written reads back as the same text.

use super::source::{Node, Value};

/// Lists and maps stand on one line where they fit into so many columns.
const WIDTH: usize = 108;

/// A value to be written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Yaml {
    Null,
    Bool(bool),
    /// A JSON number.
    Number(String),
    Text(String),
    List(Block),
    Map(Block),
}

/// The lines of a list or map.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Block(pub(super) Vec<Line>);

/// An entry, or what stands between entries.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Line {
    /// A comment.
    Note(String),
    /// An empty line.
    Gap,
    /// An entry of a map with its key, or of a list without.
    Entry(Option<String>, Yaml),
}

impl Block {
    /// A comment in front of what comes next.
    pub(super) fn note(&mut self, text: impl Into<String>) {
        self.0.push(Line::Note(text.into()));
    }

    /// Comments in front of what comes next.
    pub(super) fn notes(&mut self, texts: impl IntoIterator<Item = String>) {
        self.0.extend(texts.into_iter().map(Line::Note));
    }

    /// An entry of a map.
    pub(super) fn put(&mut self, key: &str, value: impl Into<Yaml>) {
        self.0.push(Line::Entry(Some(key.to_owned()), value.into()));
    }

    /// An entry of a map, where there is one.
    pub(super) fn maybe(&mut self, key: &str, value: Option<impl Into<Yaml>>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    /// An entry of a list.
    pub(super) fn push(&mut self, value: impl Into<Yaml>) {
        self.0.push(Line::Entry(None, value.into()));
    }

    /// An empty line.
    pub(super) fn gap(&mut self) {
        self.0.push(Line::Gap);
    }

    /// How many entries there are.
    pub(super) fn len(&self) -> usize {
        self.0.iter().filter(|line| matches!(line, Line::Entry(..))).count()
    }

    /// The value under a key.
    pub(super) fn get(&self, wanted: &str) -> Option<&Yaml> {
        self.0.iter().find_map(|line| match line {
            Line::Entry(Some(key), value) if key == wanted => Some(value),
            _ => None,
        })
    }
}

impl From<&str> for Yaml {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Yaml {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Yaml {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<u64> for Yaml {
    fn from(value: u64) -> Self {
        Self::Number(value.to_string())
    }
}

impl From<f64> for Yaml {
    fn from(value: f64) -> Self {
        serde_json::Number::from_f64(value).map_or(Self::Null, |_| {
            // `5`, not `5.0`: Rust prints the shortest form that reads back.
            Self::Number(value.to_string())
        })
    }
}

impl From<&Node> for Yaml {
    fn from(node: &Node) -> Self {
        match &node.value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(text) => Self::Number(text.clone()),
            Value::Text(text) => Self::Text(text.clone()),
            Value::Tagged(tag, text) => Self::Text(format!("!{tag} {text}")),
            Value::List(items) => Self::List(Block(items.iter().map(|item| Line::Entry(None, item.into())).collect())),
            Value::Map(entries) => {
                let mut block = Block::default();
                for (i, (key, item)) in entries.iter().enumerate() {
                    // Of keys that stand twice the last counts.
                    if !entries[i + 1..].iter().any(|(later, _)| later == key) {
                        block.put(key, item);
                    }
                }
                Self::Map(block)
            }
        }
    }
}

impl From<&serde_json::Value> for Yaml {
    fn from(json: &serde_json::Value) -> Self {
        Self::from(&Node::of_json(json, &"".into(), 0))
    }
}

/// Writes a map as a document, its lists entry by entry.
pub(super) fn document(root: &Block) -> String {
    let mut out = String::new();
    block(root, 0, true, &mut out);
    out
}

/// Writes a value as the lines of a comment would show it.
pub(super) fn fragment(value: &Yaml) -> String {
    let mut out = String::new();
    match value {
        Yaml::Map(lines) | Yaml::List(lines) if lines.len() > 0 => match flow(value) {
            Some(text) if text.chars().count() <= WIDTH => out = text,
            _ => block(lines, 0, false, &mut out),
        },
        other => out = flow(other).unwrap_or_default(),
    }
    out.trim_end().to_owned()
}

fn indent(depth: usize, out: &mut String) {
    out.extend(std::iter::repeat_n("  ", depth));
}

fn block(lines: &Block, depth: usize, is_top: bool, out: &mut String) {
    for line in &lines.0 {
        match line {
            Line::Gap => out.push('\n'),
            Line::Note(text) => comment(text, depth, out),
            Line::Entry(Some(key), value) => {
                indent(depth, out);
                out.push_str(&scalar(key));
                out.push(':');
                entry(value, depth, is_top, out);
            }
            Line::Entry(None, value) => {
                indent(depth, out);
                out.push('-');
                item(value, depth, out);
            }
        }
    }
}

/// What stands behind `key:`.
fn entry(value: &Yaml, depth: usize, is_top: bool, out: &mut String) {
    let column = out.len() - out.rfind('\n').map_or(0, |at| at + 1);
    // The long lists of a suite read better an entry a line.
    let is_spread = is_top
        && matches!(value, Yaml::List(lines) if lines.0.iter().any(|line| matches!(line, Line::Entry(_, Yaml::Map(_)))));
    match value {
        Yaml::List(lines) | Yaml::Map(lines) => {
            if let Some(text) = flow(value).filter(|text| !is_spread && column + 1 + text.chars().count() <= WIDTH) {
                out.push(' ');
                out.push_str(&text);
                out.push('\n');
            } else if lines.len() == 0 {
                out.push_str(if matches!(value, Yaml::List(_)) { " []\n" } else { " {}\n" });
                block(lines, depth + 1, false, out);
            } else {
                out.push('\n');
                block(lines, depth + 1, false, out);
            }
        }
        Yaml::Text(text) if text.contains('\n') => long_text(text, depth + 1, out),
        other => {
            out.push(' ');
            out.push_str(&flow(other).unwrap_or_default());
            out.push('\n');
        }
    }
}

/// What stands behind `-`.
fn item(value: &Yaml, depth: usize, out: &mut String) {
    match value {
        Yaml::List(lines) | Yaml::Map(lines) if lines.len() > 0 => {
            let text = flow(value).filter(|text| 2 * depth + 2 + text.chars().count() <= WIDTH);
            if let Some(text) = text {
                out.push(' ');
                out.push_str(&text);
                out.push('\n');
                return;
            }
            let mut inner = String::new();
            block(lines, depth + 1, false, &mut inner);
            // The first key stands behind the dash, unless a comment comes first.
            let starts_with_entry = matches!(lines.0.first(), Some(Line::Entry(..)));
            if starts_with_entry {
                out.push(' ');
                out.push_str(inner.trim_start_matches(' '));
            } else {
                out.push('\n');
                out.push_str(&inner);
            }
        }
        Yaml::Text(text) if text.contains('\n') => long_text(text, depth + 1, out),
        other => {
            out.push(' ');
            out.push_str(&flow(other).unwrap_or_default());
            out.push('\n');
        }
    }
}

/// A text of several lines: as a block where that says the same.
fn long_text(text: &str, depth: usize, out: &mut String) {
    let body = text.trim_end_matches('\n');
    let first = body.split('\n').find(|line| !line.trim().is_empty());
    let fits = first.is_some_and(|line| !line.starts_with([' ', '\t']))
        && !body.starts_with('\n')
        && !body.lines().any(|line| line.starts_with('\t') || line.trim().is_empty() && !line.is_empty())
        && !body.ends_with([' ', '\t'])
        && body.chars().all(|c| c == '\n' || c == '\t' || is_printable(c));
    if !fits {
        out.push(' ');
        out.push_str(&quoted(text));
        out.push('\n');
        return;
    }
    let newlines = text.len() - body.len();
    out.push_str(match newlines {
        0 => " |-\n",
        1 => " |\n",
        _ => " |+\n",
    });
    for line in body.split('\n') {
        if !line.is_empty() {
            indent(depth, out);
            out.push_str(line);
        }
        out.push('\n');
    }
    out.extend(std::iter::repeat_n('\n', newlines.saturating_sub(1)));
}

fn comment(text: &str, depth: usize, out: &mut String) {
    for line in text.lines() {
        indent(depth, out);
        out.push('#');
        if !line.is_empty() {
            out.push(' ');
        }
        // What a reader takes for the end of the line would end the comment.
        out.extend(line.chars().map(|c| if c == '\t' || is_printable(c) { c } else { '\u{fffd}' }));
        out.push('\n');
    }
}

/// A value on one line; `None` where it has comments or texts of several lines.
fn flow(value: &Yaml) -> Option<String> {
    Some(match value {
        Yaml::Null => "null".to_owned(),
        Yaml::Bool(value) => value.to_string(),
        Yaml::Number(text) => text.clone(),
        Yaml::Text(text) if text.contains('\n') && text.len() > 60 => return None,
        Yaml::Text(text) => scalar(text),
        Yaml::List(lines) => {
            let items = lines.0.iter().map(|line| match line {
                Line::Entry(_, value) => flow(value),
                _ => None,
            });
            format!("[{}]", items.collect::<Option<Vec<_>>>()?.join(", "))
        }
        Yaml::Map(lines) if lines.0.is_empty() => "{}".to_owned(),
        Yaml::Map(lines) => {
            let entries = lines.0.iter().map(|line| match line {
                Line::Entry(Some(key), value) => Some(format!("{}: {}", scalar(key), flow(value)?)),
                _ => None,
            });
            format!("{{ {} }}", entries.collect::<Option<Vec<_>>>()?.join(", "))
        }
    })
}

/// A text as a scalar: plain where nothing else could be meant, else in quotes.
fn scalar(text: &str) -> String {
    if is_plain(text) {
        text.to_owned()
    } else if text.contains(['\\', '"']) && text.chars().all(is_printable) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        quoted(text)
    }
}

/// Whether a text without quotes is that text to every reader of YAML, in brackets too.
fn is_plain(text: &str) -> bool {
    const WORDS: [&str; 12] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n", ".inf", ".nan", "-.inf"];
    let first = |c: char| c.is_alphabetic() || matches!(c, '_' | '/' | '.' | '$') || c.is_ascii_digit();
    let inside = |c: char| {
        c.is_alphanumeric()
            || matches!(
                c,
                ' ' | '_' | '/' | '.' | '$' | '-' | '%' | '+' | '(' | ')' | ':' | '\'' | '@' | '=' | ';' | '~'
            )
    };
    let looks_like_number = text.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && text.chars().all(|c| c.is_ascii_hexdigit() || matches!(c, '.' | '+' | '-' | 'x' | 'o' | '_' | ':' | '%'));
    text.starts_with(first)
        && text.chars().all(inside)
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains("  ")
        && !looks_like_number
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

/// A text in double quotes.
fn quoted(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_printable(c) => out.push(c),
            c if u32::from(c) <= 0xffff => _ = write!(out, "\\u{:04X}", u32::from(c)),
            c => _ = write!(out, "\\U{:08X}", u32::from(c)),
        }
    }
    out.push('"');
    out
}

/// Whether a character may stand in YAML as it is, and is no line break to any reader.
fn is_printable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::import::source;

    fn map(entries: &[(&str, Yaml)]) -> Block {
        let mut block = Block::default();
        for (key, value) in entries {
            block.put(key, value.clone());
        }
        block
    }

    #[test]
    fn what_is_short_stands_on_one_line_and_lists_of_maps_an_entry_a_line() {
        let mut cases = Block::default();
        cases.push(Yaml::Map(map(&[("vars", Yaml::Map(map(&[("q", "a: b".into())]))), ("expect", "1".into())])));
        cases.note("not imported: x\nsecond line");
        cases.push(Yaml::Map(map(&[("pattern", r"\d+ it's".into()), ("text", "one\ntwo\n".into())])));
        let mut long = Block::default();
        long.note("first");
        long.put("prompt", "Line one, which is long enough not to stand in brackets at all.\n\n  two");
        cases.push(Yaml::Map(long));
        let root = map(&[("name", "a b".into()), ("repeat", 3_u64.into()), ("cases", Yaml::List(cases))]);
        assert_eq!(
            document(&root),
            "name: a b
repeat: 3
cases:
  - { vars: { q: \"a: b\" }, expect: \"1\" }
  # not imported: x
  # second line
  - { pattern: '\\d+ it''s', text: \"one\\ntwo\\n\" }
  -
    # first
    prompt: |-
      Line one, which is long enough not to stand in brackets at all.

        two
"
        );
    }

    #[test]
    fn a_list_of_comments_only_is_an_empty_list() {
        let mut notes = Block::default();
        notes.note("nothing");
        assert_eq!(document(&map(&[("cases", Yaml::List(notes))])), "cases: []\n  # nothing\n");
    }

    fn texts() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<String>(),
            "[a-zA-Z0-9 :#\\-?&*!|>'\"%@`{}\\[\\],.\n\t\\\\~=]{0,30}",
            "[\u{80}-\u{a0}\u{2028}\u{2029}\u{feff}\u{fffe}\u{1f600}\n\r ]{0,8}",
            "(null|true|No|1e3|0x1F|1_000|12:30|\\.5|-|~|=|<<|0o7)",
            "( |\n|\t|a){0,12}",
        ]
    }

    proptest! {
        #[test]
        fn every_text_reads_back_as_it_was(text in texts(), key in texts(), deep in any::<bool>()) {
            let mut inner = Block::default();
            inner.put(&key, text.as_str());
            inner.note(text.as_str());
            let mut list = Block::default();
            list.push(text.as_str());
            list.push(Yaml::Map(inner));
            list.note(key.as_str());
            let value = if deep { Yaml::List(list) } else { text.as_str().into() };
            let written = document(&map(&[("a", value), ("b", text.as_str().into())]));
            let read: serde_yaml::Value = serde_yaml::from_str(&written).unwrap_or_else(|error| panic!("{error}\n{written}"));
            prop_assert_eq!(read["b"].as_str(), Some(text.as_str()), "{}", written);
            if deep {
                prop_assert_eq!(read["a"][0].as_str(), Some(text.as_str()), "{}", written);
                prop_assert_eq!(read["a"][1][key.as_str()].as_str(), Some(text.as_str()), "{}", written);
                // And by the reader of configs.
                let again = source::parse(&written, "").unwrap();
                prop_assert_eq!(again.get("a").unwrap().items()[0].text(), Some(text.as_str()), "{}", written);
            } else {
                prop_assert_eq!(read["a"].as_str(), Some(text.as_str()), "{}", written);
            }
        }
    }
}
