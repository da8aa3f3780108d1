//! JSON lines, and JSON arrays of objects, without ever holding the whole file.

use std::fmt;
use std::io::{BufRead, Read};
use std::ops::ControlFlow;

use serde::Deserializer as _;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::rows::{BadRow, FileError, Sink, json_row, utf8};

/// One line may be this long.
const MAX_LINE: u64 = 64 << 20;

pub(super) fn read_lines(mut reader: impl BufRead, sink: &mut Sink<'_>) -> Result<(), FileError> {
    let mut bytes = Vec::new();
    for number in 1_u32.. {
        bytes.clear();
        if Read::by_ref(&mut reader).take(MAX_LINE).read_until(b'\n', &mut bytes)? == 0 {
            return Ok(());
        }
        let line = Some(number as usize);
        if bytes.len() as u64 == MAX_LINE && bytes.last() != Some(&b'\n') {
            return Err(FileError::new(format!("line {number} is longer than {} MB", MAX_LINE >> 20)));
        }
        let row = match utf8(&bytes) {
            Ok(text) if text.trim().is_empty() => continue,
            Ok(text) => json_row(text.trim(), number, line),
            Err(message) => Err(BadRow { number, line, message, hint: None }),
        };
        if sink(row).is_break() {
            return Ok(());
        }
    }
    Ok(())
}

pub(super) fn read_array(reader: impl Read, sink: &mut Sink<'_>) -> Result<(), FileError> {
    let mut json = serde_json::Deserializer::from_reader(reader);
    let mut rows = Rows { sink, stopped: false };
    let result = json.deserialize_any(&mut rows).and_then(|()| json.end());
    match result {
        _ if rows.stopped => Ok(()),
        Ok(()) => Ok(()),
        Err(error) if error.is_io() => Err(FileError::new(format!("reading stopped: {error}"))),
        Err(error) => {
            let message = error.to_string();
            let message = message.split_once(" at line ").map_or(&*message, |(message, _)| message);
            let hint = if message.contains("an array of objects") {
                "write `[{...}, {...}]`; for one object a line, name the file .jsonl"
            } else if message == "trailing characters" {
                "for one object a line, name the file .jsonl"
            } else {
                return Err(FileError::new(format!("not JSON: {message}")).line(error.line()));
            };
            Err(FileError::new(message).hint(hint).line(error.line().max(1)))
        }
    }
}

struct Rows<'a, 'b> {
    sink: &'a mut Sink<'b>,
    stopped: bool,
}

impl<'de> Visitor<'de> for &mut Rows<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut number = 0_u32;
        while let Some(raw) = seq.next_element_seed(Element)? {
            number = number.saturating_add(1);
            if (self.sink)(json_row(raw.get(), number, None)) == ControlFlow::Break(()) {
                self.stopped = true;
                return Err(A::Error::custom("enough"));
            }
        }
        Ok(())
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Err(A::Error::custom("expected an array of objects, found one object"))
    }
}

/// One element, its text kept.
struct Element;

impl<'de> DeserializeSeed<'de> for Element {
    type Value = Box<RawValue>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Box<RawValue>, D::Error> {
        serde::Deserialize::deserialize(deserializer)
    }
}
