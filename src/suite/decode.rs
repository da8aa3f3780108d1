//! YAML text → [`Node`], or the one mistake that keeps it from being read, explained.

use std::cell::Cell;
use std::fmt;
use std::ops::Range;

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error as _, MapAccess, SeqAccess, Visitor};

use super::node::Node;
use super::spans;

/// Values that aliases may add to those that were written.
const ALIAS_BUDGET: usize = 1_000_000;

/// Brackets nested deeper than this are looked at before libyaml sees them: its time grows with the square of the
/// depth.
const SUSPICIOUS_DEPTH: usize = 128;

/// With fewer brackets than this, libyaml takes less than half a second however deep they nest.
const SUSPICIOUS_BRACKETS: usize = 20_000;

/// A decoded document.
#[derive(Debug)]
pub(super) struct Decoded {
    pub(super) root: Node,
    /// Whether some number may have been written otherwise than its value prints (`1.10`).
    pub(super) has_floats: bool,
}

/// Why a text is no YAML document that can be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SyntaxMistake {
    pub(super) message: String,
    pub(super) range: Option<Range<usize>>,
    pub(super) hint: Option<String>,
}

/// Reads one YAML document.
pub(super) fn decode(text: &str) -> Result<Decoded, SyntaxMistake> {
    if may_nest_deeply(text)
        && let Err((message, at)) = spans::scan(text)
    {
        return Err(explain(text, &message, Some(at)));
    }
    let build = Build { left: &Cell::new(text.len() + ALIAS_BUDGET), has_floats: &Cell::new(false) };
    match build.deserialize(serde_yaml::Deserializer::from_str(text)) {
        Ok(root) => Ok(Decoded { root, has_floats: build.has_floats.get() }),
        Err(error) => {
            let at = error.location().map(|location| location.index());
            Err(explain(text, &error.to_string(), at))
        }
    }
}

/// Whether flow collections might nest deeper than libyaml should see. Closing brackets inside quotes do not close, and
/// which quotes are quotes only a parser knows: so a file with many brackets and some quotes is always suspicious.
fn may_nest_deeply(text: &str) -> bool {
    let (mut depth, mut deepest, mut opened, mut quotes) = (0_usize, 0, 0_usize, false);
    for byte in text.bytes() {
        match byte {
            b'[' | b'{' => {
                depth += 1;
                opened += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'"' | b'\'' => quotes = true,
            _ => {}
        }
    }
    deepest > SUSPICIOUS_DEPTH || (quotes && opened > SUSPICIOUS_BRACKETS)
}

/// Cuts the place and the path out of the parser's message, names the place, and says what to do.
fn explain(text: &str, raw: &str, at: Option<usize>) -> SyntaxMistake {
    let mut message = raw;
    for tail in [" at line ", " at byte ", " at position "] {
        message = message.split_once(tail).map_or(message, |(head, _)| head);
    }
    let at = text.floor_char_boundary(at.unwrap_or(0).min(text.len()));
    let mut range = at..text[at..].char_indices().nth(1).map_or(text.len(), |(i, _)| at + i);
    let line_start = text[..at].rfind('\n').map_or(0, |i| i + 1);
    let line = text[line_start..].lines().next().unwrap_or_default();
    let indent = &line[..line.len() - line.trim_start().len()];

    let (message, hint) = if raw.contains("more than one document") {
        match (spans::second_document(text), spans::scan(text)) {
            (Some(second), _) => range = second,
            // What follows is no document either: libyaml only says that something does.
            (None, Err((message, at))) => return SyntaxMistake { message, range: Some(at..at), hint: None },
            (None, Ok(())) => {}
        }
        ("a suite is one YAML document, and here a second begins", "write each suite in its own file")
    } else if raw.contains("recursion limit") {
        ("nested too deeply", "at most 128 levels are read")
    } else if raw.contains("repetition limit") || raw.contains(TOO_MANY) {
        range = text.find('*').map_or(0..0, |i| i..i + 1);
        ("the aliases (`*name`) of this file expand to too many values", "write the values out, or use fewer aliases")
    } else if raw.contains("tab character") || raw.contains("cannot start any token") && text[at..].starts_with('\t') {
        ("a tab is used for indentation", "YAML allows only spaces there")
    } else if indent.contains('\t') {
        let tab = line_start + indent.find('\t').unwrap_or(0);
        range = tab..tab + 1;
        ("a tab is used for indentation", "YAML allows only spaces there")
    } else if raw.contains(NO_MAP_AS_KEY) && text[at..].starts_with('{') {
        ("a map or list stands where a key is expected", "a text that begins with `{` needs quotes: \"{{ ticket }}\"")
    } else if raw.contains(NO_MAP_AS_KEY) {
        ("a map or list stands where a key is expected", "a key is a text")
    } else if raw.contains("mapping values are not allowed") {
        (
            "a second `:` on this line, or a key indented deeper than those before it",
            "a text that holds `: ` needs quotes",
        )
    } else if raw.contains("cannot start any token") {
        ("this character cannot begin a text", "put the text in quotes")
    } else if raw.contains("control characters") {
        let forbidden = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}');
        let found = text.char_indices().find(|(_, c)| forbidden(*c) || matches!(c, '\u{fffe}' | '\u{ffff}'));
        range = found.map_or(range, |(i, c)| i..i + c.len_utf8());
        (
            "a control character, which YAML does not allow",
            "remove it, or write it as an escape in double quotes: \"\\x1b\"",
        )
    } else if raw.contains("unexpected end of stream") {
        let start = message_start(text, raw).filter(|&start| start < text.len()).unwrap_or(range.start);
        range = start..text[start..].char_indices().nth(1).map_or(text.len(), |(i, _)| start + i);
        ("this quote is never closed", "close it, or double a quote inside single quotes")
    } else if raw.contains("did not find expected key") {
        (
            "expected a key here: the indentation or the quotes before it do not fit",
            "keys of one map begin in one column; a quote inside a quoted text is written \\\" or ''",
        )
    } else if raw.contains("did not find expected '-' indicator") {
        ("expected `- ` here: the entries of one list begin in one column", "check the indentation")
    } else if let Some(closing) = [("',' or ']'", "`,` or `]`"), ("',' or '}'", "`,` or `}`")]
        .into_iter()
        .find_map(|(theirs, ours)| raw.contains(theirs).then_some(ours))
    {
        let opened = message_start(text, raw).unwrap_or(at);
        let line = text[..opened].bytes().filter(|&b| b == b'\n').count() + 1;
        let message = format!("expected {closing} here: the list or map in brackets of line {line} goes on or ends");
        let hint = "close the bracket, or put a text with `[`, `{`, `:` or `,` in it in quotes".to_owned();
        return SyntaxMistake { message, range: Some(range), hint: Some(hint) };
    } else if raw.contains("unknown anchor") {
        ("this alias has no anchor before it", "a text that begins with `*` needs quotes; an anchor is written `&name`")
    } else {
        (message.rsplit(": ").next().unwrap_or(message), "")
    };
    SyntaxMistake {
        message: message.to_owned(),
        range: Some(range),
        hint: Some(hint).filter(|hint| !hint.is_empty()).map(str::to_owned),
    }
}

/// Where the context of a libyaml message (`…, while scanning … at line 1 column 7`) begins.
fn message_start(text: &str, raw: &str) -> Option<usize> {
    let mut words = raw.rsplit_once(" at line ")?.1.split_whitespace();
    let line: usize = words.next()?.parse().ok()?;
    let column: usize = words.nth(1)?.parse().ok()?;
    let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let in_line = text.get(start..)?.char_indices().nth(column - 1)?.0;
    Some(start + in_line)
}

const TOO_MANY: &str = "too many values";
const NO_MAP_AS_KEY: &str = "expected a text as key";

/// Builds the tree, counting what aliases repeat.
#[derive(Clone, Copy)]
struct Build<'a> {
    left: &'a Cell<usize>,
    has_floats: &'a Cell<bool>,
}

impl<'de> DeserializeSeed<'de> for Build<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        let left = self.left.get().checked_sub(1).ok_or_else(|| D::Error::custom(TOO_MANY))?;
        self.left.set(left);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Build<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Number(value.to_string().into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Number(value.to_string().into()))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Node, E> {
        Ok(Node::Number(value.to_string().into()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Node, E> {
        Ok(Node::Number(value.to_string().into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Node, E> {
        self.has_floats.set(true);
        match serde_json::Number::from_f64(value) {
            Some(number) => Ok(Node::Number(number.to_string().into())),
            None => Err(E::custom("infinity and NaN are no numbers that can be sent: put the text in quotes")),
        }
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key_seed(Key)? {
            entries.push((key, map.next_value_seed(self)?));
        }
        Ok(Node::Map(entries))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Node, A::Error> {
        let (tag, _) = data.variant::<String>()?;
        Err(A::Error::custom(format_args!("tags such as `!{tag}` have no meaning in a suite")))
    }
}

/// A key, whatever it looks like, as the text that was written.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Box<str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Box<str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key {
    type Value = Box<str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text as key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Box<str>, E> {
        Ok(key.into())
    }
}
