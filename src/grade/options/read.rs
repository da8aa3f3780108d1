//! A deserializer over JSON values whose errors say "a list" and "a map", and what was probably meant.
//!
//! `serde_json`'s own would do but for its words ("sequence", "unit") and because its errors lose the list of
//! keys that a did-you-mean needs.

use std::fmt::{self, Display};

use serde::de::DeserializeOwned;
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{self, Deserializer, Expected, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value};

use crate::text::{closest, excerpt, one_line};

/// The options that every grader takes, handled once for all.
pub(in crate::grade) const COMMON: &[&str] = &["type", "name", "not", "weight", "extract"];

/// A mistake in a grader's options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionError {
    /// Dotted path inside the grader's map (`any[1]`), empty for the grader as a whole.
    pub path: String,
    /// A lower-case fragment: what is wrong.
    pub message: String,
    /// What to do, for example a did-you-mean.
    pub hint: Option<String>,
}

impl OptionError {
    /// A mistake in the value of one option.
    pub(in crate::grade) fn at(path: &str, message: impl Into<String>, hint: Option<&str>) -> Self {
        Self { path: path.to_owned(), message: message.into(), hint: hint.map(ToOwned::to_owned) }
    }
}

/// The mistakes in a grader's options; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionErrors(pub Vec<OptionError>);

impl OptionErrors {
    /// The same mistakes, seen from outside: `max` inside `of[1]` is `of[1].max`.
    #[must_use]
    pub(in crate::grade) fn within(mut self, place: &str) -> Self {
        for error in &mut self.0 {
            error.path = join(place, &error.path);
        }
        self
    }
}

/// A path inside a place: `of[1]` and `max` make `of[1].max`.
pub(in crate::grade) fn join(place: &str, path: &str) -> String {
    let dot = if place.is_empty() || path.is_empty() || path.starts_with('[') { "" } else { "." };
    format!("{place}{dot}{path}")
}

impl From<OptionError> for OptionErrors {
    fn from(error: OptionError) -> Self {
        Self(vec![error])
    }
}

/// Reads a grader's options struct.
///
/// # Errors
/// Every mistake, with its path. One in each option: a wrong option is left out to find those in the others.
pub(in crate::grade) fn read<T: DeserializeOwned>(options: &Value) -> Result<T, OptionErrors> {
    read_beside(options, &[COMMON])
}

/// [`read`] for a map that may have further keys, which are read apart: they are named where a key is unknown.
///
/// # Errors
/// Every mistake, with its path.
pub(in crate::grade) fn read_beside<T: DeserializeOwned>(
    options: &Value,
    beside: &[&[&str]],
) -> Result<T, OptionErrors> {
    let first = match read_once(options, beside) {
        Ok(options) => return Ok(options),
        Err(error) => error,
    };
    let mut errors = vec![first];
    let mut rest = options.clone();
    loop {
        let wrong = errors.last().map(|error| top_key(&error.path).to_owned()).unwrap_or_default();
        let removed = rest.as_object_mut().and_then(|map| map.shift_remove(&wrong));
        if removed.is_none() {
            return Err(OptionErrors(errors));
        }
        match read_once::<T>(&rest, beside) {
            // Leaving an option out makes a required one missing, which is no mistake of the user's.
            Err(error) if !error.path.is_empty() && !errors.contains(&error) => errors.push(error),
            _ => return Err(OptionErrors(errors)),
        }
    }
}

/// Takes some keys out of a map and reads them by themselves.
///
/// # Errors
/// Every mistake, with its path.
pub(in crate::grade) fn take<T: DeserializeOwned>(
    map: &mut Map<String, Value>,
    keys: &[&str],
) -> Result<T, OptionErrors> {
    let taken = keys.iter().filter_map(|key| map.shift_remove_entry(*key)).collect();
    read_beside(&Value::Object(taken), &[])
}

fn read_once<T: DeserializeOwned>(options: &Value, beside: &[&[&str]]) -> Result<T, OptionError> {
    serde_path_to_error::deserialize(Node(options)).map_err(|error| {
        let path = error.path().to_string();
        let path = if path == "." { String::new() } else { path };
        let Mistake { message, mut hint, unknown } = error.into_inner();
        if let Some((field, expected)) = unknown {
            // Further keys stand in the grader's map itself, not in a map inside it.
            let beside = if path.contains(['.', '[']) { &[] } else { beside };
            let known = expected.iter().copied().chain(beside.iter().copied().flatten().copied());
            hint = Some(match closest(&field, known.clone()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("the options are {}", ticked(&known.collect::<Vec<_>>())),
            });
        }
        OptionError { path, message, hint }
    })
}

/// The option that a path leads into: `any` of `any[1]`.
fn top_key(path: &str) -> &str {
    path.split(['.', '[']).next().unwrap_or_default()
}

/// Two results, or the mistakes of both.
///
/// # Errors
/// All of them.
pub(in crate::grade) fn both<A, B>(
    a: Result<A, OptionErrors>,
    b: Result<B, OptionErrors>,
) -> Result<(A, B), OptionErrors> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (Err(OptionErrors(mut errors)), Err(OptionErrors(more))) => {
            errors.extend(more);
            Err(OptionErrors(errors))
        }
        (Err(errors), _) | (_, Err(errors)) => Err(errors),
    }
}

/// What a value is called in YAML.
pub(in crate::grade) const fn noun(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}

/// What is wrong, without the place.
#[derive(Debug)]
struct Mistake {
    message: String,
    hint: Option<String>,
    /// An unknown key, and those that the struct knows.
    unknown: Option<(String, &'static [&'static str])>,
}

impl Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Mistake {}

impl Mistake {
    fn new(message: String) -> Self {
        Self { message, hint: None, unknown: None }
    }
}

fn shown(text: &str) -> String {
    one_line(&excerpt(text, 60)).into_owned()
}

fn ticked(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

impl de::Error for Mistake {
    fn custom<T: Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn invalid_type(got: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let got = match got {
            Unexpected::Bool(b) => format!("`{b}`"),
            Unexpected::Unsigned(n) => format!("the number {n}"),
            Unexpected::Signed(n) => format!("the number {n}"),
            Unexpected::Float(x) => format!("the number {x}"),
            Unexpected::Str(text) => format!("the text `{}`", shown(text)),
            Unexpected::Unit | Unexpected::Option => "null".to_owned(),
            Unexpected::Seq => "a list".to_owned(),
            Unexpected::Map => "a map".to_owned(),
            other => other.to_string(),
        };
        let expected = match expected.to_string() {
            boolean if boolean == "a boolean" => "`true` or `false`".to_owned(),
            other => other,
        };
        let null = got == "null";
        Self {
            message: format!("expected {expected}, got {got}"),
            hint: null.then(|| "give it a value (a text in quotes), or leave the key out".to_owned()),
            unknown: None,
        }
    }

    fn invalid_value(got: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(got, expected)
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self {
            message: format!("`{}` is none of {}", shown(variant), ticked(expected)),
            hint: closest(variant, expected.iter().copied()).map(|meant| format!("did you mean `{meant}`?")),
            unknown: None,
        }
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let message = format!("unknown option `{}`", shown(field));
        Self { message, hint: None, unknown: Some((field.to_owned(), expected)) }
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(format!("`{field}` is missing"))
    }
}

/// A value as a deserializer.
struct Node<'de>(&'de Value);

impl<'de> IntoDeserializer<'de, Mistake> for Node<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Node<'de> {
    type Error = Mistake;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(b) => visitor.visit_bool(*b),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(n), ..) => visitor.visit_u64(n),
                (_, Some(n), _) => visitor.visit_i64(n),
                (.., x) => visitor.visit_f64(x.unwrap_or(f64::NAN)),
            },
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(items) => visitor.visit_seq(SeqDeserializer::new(items.iter().map(Node))),
            Value::Object(map) => {
                visitor.visit_map(MapDeserializer::new(map.iter().map(|(key, value)| (key.as_str(), Node(value)))))
            }
        }
    }

    /// A key that is written has a value: null is a mistake, never "left out".
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        match self.0 {
            Value::Null => Err(de::Error::invalid_type(Unexpected::Unit, &"a value")),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Mistake> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        match self.0 {
            Value::String(text) => visitor.visit_enum(text.as_str().into_deserializer()),
            other => Err(Mistake::new(format!("expected one of {}, got {}", ticked(variants), noun(other)))),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}
