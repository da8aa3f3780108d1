//! JSON lines, and lists of objects in JSON documents, without ever holding the whole file.

use std::fmt;
use std::io::{BufRead, BufReader, Read};

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::suite::read::{closest, list_of};

use super::encoding::text_of;
use super::guard::{Guard, MAX_ROW, Watch};
use super::rows::{BadRow, FileError, Sink, json_row};

/// Reads one object a line.
pub(super) fn read_lines(mut reader: impl BufRead, shown: &str, sink: &mut Sink<'_>) -> Result<(), FileError> {
    let mut bytes = Vec::new();
    for number in 1_u32.. {
        bytes.clear();
        if Read::by_ref(&mut reader).take(MAX_ROW as u64).read_until(b'\n', &mut bytes)? == 0 {
            return Ok(());
        }
        let line = Some(number as usize);
        if bytes.len() == MAX_ROW && bytes.last() != Some(&b'\n') {
            return Err(FileError::new(format!("line {number} is longer than {} MB", MAX_ROW >> 20))
                .hint("one object stands on each line; for a list of them, write `format: json`"));
        }
        let row = match text_of(&bytes) {
            Ok(text) if text.trim().is_empty() => continue,
            Ok(text) => json_row(text.trim(), number, line).map_err(|bad| of_a_document(bad, text)),
            Err(mistake) => {
                let hint = Some(mistake.hint(shown));
                Err(BadRow { number, line, message: format!("the line {}", mistake.message), hint })
            }
        };
        if sink(row).is_break() {
            return Ok(());
        }
    }
    Ok(())
}

/// Says so where the first line is the beginning of a document.
fn of_a_document(bad: BadRow, line: &str) -> BadRow {
    let is_document = bad.number == 1 && matches!(line.trim(), "[" | "{" | "[{");
    let hint =
        is_document.then(|| "this is one JSON document: name the file .json, or write `format: json`".to_owned());
    BadRow { hint, ..bad }
}

/// Reads the list to which these keys lead; without keys, the document is the list. Where the keys are the usual ones of
/// a published format, and not written, a document that is a list is read as one all the same.
pub(super) fn read_document(
    reader: impl Read,
    shown: &str,
    keys: &[String],
    is_usual: bool,
    sink: &mut Sink<'_>,
) -> Result<(), FileError> {
    let (guard, watch) = Guard::new(reader, shown);
    let mut json = serde_json::Deserializer::from_reader(BufReader::with_capacity(1 << 16, guard));
    let mut walk = Walk { sink, watch, number: 0, is_usual, is_enough: false, mistake: None };
    let result = Step { walk: &mut walk, keys, path: &mut Vec::new() }.deserialize(&mut json);
    let result = result.and_then(|()| json.end());
    let Walk { watch, is_enough, mistake, .. } = walk;
    match result {
        _ if is_enough => Ok(()),
        Ok(()) => Ok(()),
        Err(error) => Err(match mistake.or_else(|| watch.mistake()) {
            Some(mistake) => mistake,
            None => explain(&error),
        }),
    }
}

fn explain(error: &serde_json::Error) -> FileError {
    let message = error.to_string();
    let message = message.split_once(" at line ").map_or(&*message, |(message, _)| message);
    if error.is_io() {
        return FileError::new(message);
    }
    let line = error.line().max(1);
    match message {
        "trailing characters" => FileError::new("another value stands after the document")
            .hint("for one object a line, name the file .jsonl, or write `format: jsonl`")
            .line(line),
        "EOF while parsing a value" if error.column() == 0 && line == 1 => FileError::new("it is empty"),
        _ if error.is_eof() => FileError::new(format!("not JSON: it ends too early ({message})")).line(line),
        _ => FileError::new(format!("not JSON: {message} at column {}", error.column())).line(line),
    }
}

/// What goes along while a document is read.
struct Walk<'a, 'b> {
    sink: &'a mut Sink<'b>,
    watch: Watch,
    number: u32,
    /// Whether the keys are a format's, and may be missing.
    is_usual: bool,
    is_enough: bool,
    /// What is wrong with the document, in better words than an error of `serde_json` can hold.
    mistake: Option<FileError>,
}

/// A value of the document, to which `path` led and from which `keys` lead on.
struct Step<'s, 'a, 'b> {
    walk: &'s mut Walk<'a, 'b>,
    keys: &'s [String],
    path: &'s mut Vec<String>,
}

impl Step<'_, '_, '_> {
    /// What the value should be.
    fn wrong<E: serde::de::Error>(self, found: &str) -> E {
        let here = under(self.path);
        let (expected, hint) = match self.keys {
            [] if self.path.is_empty() => ("a list of objects", "write `[{...}, {...}]`"),
            [] => ("a list of objects", "`rows` names the keys that lead to the list"),
            [_, ..] => ("an object", "`rows` names the keys that lead to the list"),
        };
        self.walk.mistake = Some(FileError::new(format!("expected {expected}{here}, found {found}")).hint(hint));
        E::custom("not as expected")
    }
}

impl<'de> DeserializeSeed<'de> for Step<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Step<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let may_be_list = self.keys.is_empty() || self.walk.is_usual && self.path.is_empty();
        if !may_be_list {
            return Err(self.wrong("a list"));
        }
        while let Some(raw) = seq.next_element::<Box<RawValue>>()? {
            let walk = &mut *self.walk;
            walk.watch.row();
            walk.number = walk.number.saturating_add(1);
            if (walk.sink)(json_row(raw.get(), walk.number, None)).is_break() {
                walk.is_enough = true;
                return Err(A::Error::custom("enough"));
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((wanted, rest)) = self.keys.split_first() else {
            let mut lists = Vec::new();
            while let Some(key) = map.next_key::<String>()? {
                map.next_value_seed(Look { watch: &self.walk.watch, path: &mut vec![key], lists: &mut lists })?;
            }
            self.walk.mistake = Some(one_object(self.path, &lists));
            return Err(A::Error::custom("one object"));
        };
        let mut others = Vec::new();
        let mut is_found = false;
        while let Some(key) = map.next_key::<String>()? {
            if key == *wanted && !is_found {
                is_found = true;
                self.path.push(key);
                map.next_value_seed(Step { walk: &mut *self.walk, keys: rest, path: &mut *self.path })?;
                self.path.pop();
            } else {
                let aside = &mut vec![key.clone()];
                map.next_value_seed(Look { watch: &self.walk.watch, path: aside, lists: &mut Vec::new() })?;
                if others.len() < 100 {
                    others.push(key);
                }
            }
        }
        if is_found {
            return Ok(());
        }
        self.walk.mistake = Some(no_key(wanted, self.path, &others));
        Err(A::Error::custom("no such key"))
    }

    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<(), E> {
        Err(self.wrong("a text"))
    }

    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<(), E> {
        Err(self.wrong("a plain value"))
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<(), E> {
        Err(self.wrong("a number"))
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<(), E> {
        Err(self.wrong("a number"))
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<(), E> {
        Err(self.wrong("a number"))
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        Err(self.wrong("null"))
    }
}

/// Where in a document, in words.
pub(super) fn under(path: &[String]) -> String {
    if path.is_empty() { String::new() } else { format!(" under `{}`", path.join(".")) }
}

/// That `rows` names a key which is not there.
pub(super) fn no_key(wanted: &str, path: &[String], others: &[String]) -> FileError {
    let others: Vec<&str> = others.iter().map(String::as_str).collect();
    let here = under(path);
    let error = FileError::new(format!("there is no key `{wanted}`{here}"));
    match closest(wanted, others.iter().copied()) {
        Some(meant) => error.hint(format!("did you mean `{meant}`?")),
        None => error.hint(format!("there is {}", list_of(&others))),
    }
}

/// That a document is one object, and where its rows may be.
pub(super) fn one_object(path: &[String], lists: &[String]) -> FileError {
    let here = under(path);
    let error = FileError::new(format!("expected a list of objects{here}, found one object"));
    let full = |list: &String| [path, std::slice::from_ref(list)].concat().join(".");
    match lists {
        [only] => error.hint(format!("to read the list in it, write beside `path`: `rows: {}`", full(only))),
        [] => {
            error.hint("write `[{...}, {...}]`; for one object a line, name the file .jsonl or write `format: jsonl`")
        }
        several => {
            let names: Vec<String> = several.iter().map(full).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            error.hint(format!("`rows` beside `path` names the list: {}", list_of(&names)))
        }
    }
}

/// Looks for lists of objects in a value, three keys deep, and holds none of it.
struct Look<'s> {
    watch: &'s Watch,
    path: &'s mut Vec<String>,
    lists: &'s mut Vec<String>,
}

impl<'de> DeserializeSeed<'de> for Look<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.path.len() > 3 {
            return serde::Deserialize::deserialize(deserializer).map(|IgnoredAny| ());
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Look<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        if seq.next_element::<IsObject>()?.is_some_and(|IsObject(is_object)| is_object) && self.lists.len() < 100 {
            self.lists.push(self.path.join("."));
        }
        self.watch.row();
        while seq.next_element::<IgnoredAny>()?.is_some() {
            self.watch.row();
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            self.path.push(key);
            map.next_value_seed(Look { watch: self.watch, path: &mut *self.path, lists: &mut *self.lists })?;
            self.watch.row();
            self.path.pop();
        }
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// Whether a value is an object, whatever is in it.
struct IsObject(bool);

impl<'de> serde::Deserialize<'de> for IsObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // An element is looked at as it is written: it may be of any kind.
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Self(raw.get().trim_start().starts_with('{')))
    }
}
