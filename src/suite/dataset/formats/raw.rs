//! A row of a published file: its fields by name, and what is said where one is missing or of another kind.

use std::path::Path;

use serde_json::{Map, Value};

use crate::suite::read::list_of;
use crate::suite::whole::noun;
use crate::text::{excerpt, one_line};

use super::super::item::Item;
use super::looks::looks_like;
use super::registry::{Published, find};

/// A row and the file it stands in.
#[derive(Debug, Clone, Copy)]
pub(in crate::suite::dataset) struct Raw<'a> {
    /// Its columns.
    pub(in crate::suite::dataset) columns: &'a Map<String, Value>,
    /// The file as it is named in messages: some sets say in their files' names what they are about.
    pub(in crate::suite::dataset) file: &'a str,
}

/// That a row is not as its format has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::suite::dataset) struct Odd {
    /// What is wrong.
    pub(in crate::suite::dataset) message: String,
    /// What to do about it.
    pub(in crate::suite::dataset) hint: Option<String>,
}

impl Odd {
    /// What is wrong, without advice.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }

    /// With what to do about it.
    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

impl<'a> Raw<'a> {
    /// A field that is there and says something.
    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.columns.get(name).filter(|value| !value.is_null())
    }

    /// A field that has to be there.
    ///
    /// # Errors
    /// It is not, and which there are.
    pub(super) fn need(&self, name: &str) -> Result<&'a Value, Odd> {
        self.get(name).ok_or_else(|| self.lacks(name))
    }

    /// A text that has to be there and says something.
    ///
    /// # Errors
    /// It is missing, empty, or no text.
    pub(super) fn text(&self, name: &str) -> Result<&'a str, Odd> {
        match self.need(name)? {
            Value::String(text) if text.trim().is_empty() => Err(Odd::new(format!("`{name}` is empty"))),
            Value::String(text) => Ok(text),
            other => Err(self.odd(name, other, "a text")),
        }
    }

    /// A text that may be missing or empty.
    pub(super) fn maybe(&self, name: &str) -> Option<&'a str> {
        self.get(name)?.as_str().filter(|text| !text.trim().is_empty())
    }

    /// A text or number that has to be there, as text.
    ///
    /// # Errors
    /// It is missing, empty, or something else.
    pub(super) fn scalar(&self, name: &str) -> Result<String, Odd> {
        match self.need(name)? {
            Value::Number(number) => Ok(number.to_string()),
            Value::String(_) => self.text(name).map(str::to_owned),
            other => Err(self.odd(name, other, "a text or a number")),
        }
    }

    /// A list of texts that has to be there; a text that is such a list in JSON counts, as tables have nothing else.
    ///
    /// # Errors
    /// It is missing, empty, or something else.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<String>, Odd> {
        let value = self.need(name)?;
        let texts = texts_of(value).ok_or_else(|| self.odd(name, value, "a list of texts"))?;
        if texts.is_empty() {
            return Err(Odd::new(format!("`{name}` is empty")));
        }
        Ok(texts)
    }

    /// A field of another kind than expected.
    pub(super) fn odd(&self, name: &str, found: &Value, expected: &str) -> Odd {
        let odd = Odd::new(format!("`{name}` is {}, expected {expected}", shown(found)));
        Odd { hint: self.looks(), ..odd }
    }

    /// A field that is not there.
    pub(super) fn lacks(&self, name: &str) -> Odd {
        let names: Vec<&str> = self.columns.keys().map(String::as_str).collect();
        let there = match names.as_slice() {
            [] => "there is none".to_owned(),
            [one] => format!("the only field is `{one}`"),
            names => format!("the fields are {}", list_of(names)),
        };
        let null = if self.columns.contains_key(name) { " is null" } else { " is missing" };
        Odd { hint: self.looks(), ..Odd::new(format!("`{name}`{null}: {there}")) }
    }

    /// A hint where the row looks like one of a published format.
    fn looks(&self) -> Option<String> {
        let Published { name, about, .. } = find(looks_like(self.columns)?).ok()?;
        let about = about.split_once(": ").map_or(*about, |(_, about)| about);
        Some(format!("this looks like `format: {name}` ({about})"))
    }

    /// The name of the file without folders and endings.
    pub(super) fn stem(&self) -> &'a str {
        let name = Path::new(self.file).file_name().and_then(|name| name.to_str()).unwrap_or(self.file);
        let name = [".gz", ".zst"].iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name);
        name.rsplit_once('.').map_or(name, |(stem, _)| stem)
    }

    /// An item with all of the row's columns.
    pub(super) fn item(&self) -> Made {
        Made::of(self.columns.clone())
    }
}

/// A list of texts, or a text that is one in JSON; numbers and truth values count as the texts they are written as.
pub(super) fn texts_of(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(json) if json.trim_start().starts_with('[') => {
            texts_of(&serde_json::from_str::<Value>(json).ok().filter(Value::is_array)?)
        }
        Value::Array(items) => items.iter().map(text_of).collect(),
        _ => None,
    }
}

/// A plain value as text.
pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// A value in a message.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => format!("`{}`", one_line(&excerpt(text, 60))),
        Value::Number(number) => number.to_string(),
        other => noun(other).to_owned(),
    }
}

/// An item in the making.
#[derive(Debug, Default)]
pub(super) struct Made {
    columns: Map<String, Value>,
    item: Item,
}

impl Made {
    /// An item with these columns.
    pub(super) fn of(columns: Map<String, Value>) -> Self {
        Self { columns, item: Item::default() }
    }

    /// A column, over one of that name.
    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.columns.insert(name.to_owned(), value.into());
        self
    }

    /// A column, where there is something to say.
    pub(super) fn maybe(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// A column left out, where another says the same.
    pub(super) fn without(mut self, name: &str) -> Self {
        self.columns.shift_remove(name);
        self
    }

    /// What is expected.
    pub(super) fn expect(mut self, value: impl Into<Value>) -> Self {
        self.item.expect = Some(value.into().to_string());
        self
    }

    /// Its id in the published set.
    pub(super) fn id(mut self, id: impl Into<String>) -> Self {
        let id = id.into();
        self.item.id = Some(one_line(&id).into_owned()).filter(|id| !id.trim().is_empty());
        self
    }

    /// A tag, unless it is there or says nothing.
    pub(super) fn tag(mut self, tag: &str) -> Self {
        let tag = tag.trim();
        if !tag.is_empty() && !self.item.tags.iter().any(|known| known == tag) {
            self.item.tags.push(tag.to_owned());
        }
        self
    }

    /// Several of them.
    pub(super) fn tags<'t>(self, tags: impl IntoIterator<Item = &'t str>) -> Self {
        tags.into_iter().fold(self, Self::tag)
    }

    /// Graders of its own, as a suite writes them.
    pub(super) fn graders(mut self, graders: &Value) -> Self {
        self.item.graders = Some(super::super::item::node_of(graders));
        self
    }

    /// The finished item.
    pub(super) fn done(self) -> Item {
        Item { columns: Value::Object(self.columns).to_string(), ..self.item }
    }
}
