//! A case's variables as they are stored: a JSON object, of which only its own keys are parsed.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer as _;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::suite::env::Env;
use crate::suite::read::list_of;

/// The variables of a case, each still JSON text.
#[derive(Debug)]
pub(in crate::suite) struct Vars<'a> {
    /// The whole object.
    pub(in crate::suite) json: &'a str,
    entries: Vec<(Cow<'a, str>, &'a str)>,
    /// Whether these are the columns of a row, the whole of which is called `row`.
    is_row: bool,
    /// What is declared of the environment, a JSON object.
    env: Option<&'a str>,
}

impl<'a> Vars<'a> {
    /// Reads an object's keys.
    ///
    /// # Errors
    /// Where the text is no JSON object.
    pub(in crate::suite) fn parse(json: &'a str) -> Result<Self, serde_json::Error> {
        let entries = serde_json::Deserializer::from_str(json).deserialize_map(Entries)?;
        Ok(Self { json, entries, is_row: false, env: None })
    }

    /// Reads a dataset's row: besides its columns there is `row`, for columns whose names are no variables' names.
    ///
    /// # Errors
    /// Where the text is no JSON object.
    pub(in crate::suite) fn of_row(json: &'a str) -> Result<Self, serde_json::Error> {
        Ok(Self { is_row: true, ..Self::parse(json)? })
    }

    /// The same with what the suite declares of the environment as `env`.
    pub(in crate::suite) fn with_env(self, env: &'a Env) -> Self {
        Self { env: env.json(), ..self }
    }

    /// The JSON text of a variable: the environment, else the last of its name.
    pub(in crate::suite) fn get(&self, name: &str) -> Option<&'a str> {
        if let (Some(env), "env") = (self.env, name) {
            return Some(env);
        }
        let json = self.entries.iter().rev().find(|(known, _)| known == name).map(|(_, json)| *json);
        json.or((self.is_row && name == "row").then_some(self.json))
    }

    /// Whether `env` is what the suite declares of the environment.
    pub(super) fn declares_env(&self) -> bool {
        self.env.is_some()
    }

    /// The JSON text of a variable or of a field of one.
    ///
    /// # Errors
    /// The path up to the first name that is not there.
    pub(in crate::suite) fn lookup(&self, path: &str) -> Result<&'a str, String> {
        let (head, rest) = path.split_once('.').map_or((path, None), |(head, rest)| (head, Some(rest)));
        let json = self.get(head).ok_or_else(|| head.to_owned())?;
        let Some(rest) = rest else { return Ok(json) };
        let missing = |tail: &str| format!("{head}.{tail}");
        let Ok(inner) = Vars::parse(json) else {
            return Err(missing(rest.split('.').next().unwrap_or(rest)));
        };
        inner.lookup(rest).map_err(|tail| missing(&tail))
    }

    /// The variables' names.
    pub(in crate::suite) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(name, _)| name.as_ref())
    }

    /// The variables and their JSON texts.
    pub(in crate::suite) fn entries(&self) -> impl Iterator<Item = (&str, &'a str)> {
        self.entries.iter().map(|(name, json)| (name.as_ref(), *json))
    }

    /// All that a template can name, a later entry over an earlier one.
    pub(super) fn context(&self) -> impl Iterator<Item = (&str, &'a str)> {
        let row = self.is_row.then_some(("row", self.json)).into_iter();
        row.chain(self.entries()).chain(self.env.map(|env| ("env", env)))
    }

    /// What there is, in words.
    pub(in crate::suite) fn known(&self) -> String {
        let names: Vec<&str> = self.names().collect();
        let what = if self.is_row { "column" } else { "variable" };
        match names.as_slice() {
            [] => format!("there are no {what}s"),
            [one] => format!("the only {what} is `{one}`"),
            names => format!("the {what}s are {}", list_of(names)),
        }
    }
}

struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Vec<(Cow<'de, str>, &'de str)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(Name(name)) = map.next_key()? {
            let value: &'de RawValue = map.next_value()?;
            entries.push((name, value.get()));
        }
        Ok(entries)
    }
}

/// A key, borrowed where it holds no escape.
struct Name<'a>(Cow<'a, str>);

impl<'de> serde::Deserialize<'de> for Name<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// Appends a JSON value as people read it: a text without quotes, anything else as it is written.
pub(in crate::suite) fn push_text(json: &str, out: &mut String) {
    if let Some(inner) = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        if !inner.contains('\\') {
            out.push_str(inner);
            return;
        }
        if let Ok(text) = serde_json::from_str::<String>(json) {
            out.push_str(&text);
            return;
        }
    }
    out.push_str(json);
}
