//! JSON that a person can read and a terminal can bear: one member, or one element of a top-level list, a line, and
//! everything deeper compact; characters that could act on a terminal are escaped.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// Writes a value with line breaks down to this depth of lists and objects.
///
/// # Errors
/// Those of the writer, and of values that cannot be JSON.
pub(crate) fn write(out: impl Write, value: &impl Serialize, depth: usize) -> serde_json::Result<()> {
    value.serialize(&mut Serializer::with_formatter(out, Tidy { depth, level: 0, empty: false }))
}

/// The formatter behind [`write()`].
#[derive(Debug)]
struct Tidy {
    depth: usize,
    level: usize,
    /// Nothing was written since the last opening bracket.
    empty: bool,
}

impl Tidy {
    fn open<W: ?Sized + Write>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.level += 1;
        self.empty = true;
        out.write_all(bracket)
    }

    fn close<W: ?Sized + Write>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        let broken = !std::mem::take(&mut self.empty) && self.level <= self.depth;
        self.level -= 1;
        if broken {
            self.line(out)?;
        }
        out.write_all(bracket)
    }

    fn line<W: ?Sized + Write>(&self, out: &mut W) -> io::Result<()> {
        out.write_all(b"\n")?;
        (0..self.level).try_for_each(|_| out.write_all(b"  "))
    }

    fn item<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.empty = false;
        if !first {
            out.write_all(b",")?;
        }
        if self.level <= self.depth { self.line(out) } else { Ok(()) }
    }
}

impl Formatter for Tidy {
    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(out, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.item(out, first)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(out, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.item(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(if self.level <= self.depth { b": " } else { b":" })
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|&(_, c)| c >= '\u{7f}' && crate::text::acts(c)) {
            out.write_all(&rest.as_bytes()[..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = &rest[at + c.len_utf8()..];
        }
        out.write_all(rest.as_bytes())
    }

    /// JSON that was made elsewhere: outside strings it is all ASCII.
    fn write_raw_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        self.write_string_fragment(out, fragment)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    #[test]
    fn lines_break_only_down_to_the_depth() {
        let value = json!({"name": "x", "none": [], "cases": [{"id": "a", "vars": {"t": [1, 2]}}, {}]});
        let mut out = Vec::new();
        super::write(&mut out, &value, 2).unwrap();
        insta::assert_snapshot!(String::from_utf8(out.clone()).unwrap(), @r#"
        {
          "name": "x",
          "none": [],
          "cases": [
            {"id":"a","vars":{"t":[1,2]}},
            {}
          ]
        }
        "#);
        assert_eq!(serde_json::from_slice::<Value>(&out).unwrap(), value);
    }

    #[test]
    fn nothing_in_it_acts_on_a_terminal() {
        let value = json!("a\u{1b}[2J\u{9b}31m\u{202e}\u{7f}é日\u{10ffff}");
        let mut out = Vec::new();
        super::write(&mut out, &value, 2).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "\"a\\u001b[2J\\u009b31m\\u202e\\u007fé日\u{10ffff}\"");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);

        let raw = serde_json::value::to_raw_value(&value).unwrap();
        let mut again = Vec::new();
        super::write(&mut again, &raw, 2).unwrap();
        assert_eq!(String::from_utf8(again).unwrap(), text);
    }
}
