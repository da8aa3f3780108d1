//! JSON values of unsure type: each type here takes any JSON value, keeps what it can use and calls the rest unknown.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::wire::Choice;

/// Text; a number is its digits, anything else is nothing.
#[derive(Debug, Default)]
pub(super) struct Text<'a>(pub(super) Option<Cow<'a, str>>);

impl Text<'_> {
    /// The text unless it is missing or empty.
    pub(super) fn some(&self) -> Option<&str> {
        self.0.as_deref().filter(|text| !text.is_empty())
    }
}

/// A text in which a model speaks: a string, an array of parts, or an object with a `text`.
#[derive(Debug, Default)]
pub(super) struct Prose<'a> {
    pub(super) text: Option<Cow<'a, str>>,
    /// From parts that say they are thinking.
    pub(super) thinking: Option<String>,
}

impl Prose<'_> {
    /// The text unless it is missing or empty.
    pub(super) fn some(&self) -> Option<&str> {
        self.text.as_deref().filter(|text| !text.is_empty())
    }
}

/// A count: a whole number, also written as a float or as text. Negative ones and nonsense are unknown.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Count(pub(super) Option<u64>);

/// A boolean, also as text or number; nonsense is false.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Flag(pub(super) bool);

/// An object, or nothing where something else is found. In a box: what is read is moved many times on its way up, and
/// copying a few hundred bytes each time was an eighth of the time of a streamed answer.
#[derive(Debug)]
pub(super) struct Maybe<T>(pub(super) Option<Box<T>>);

impl<T> Default for Maybe<T> {
    fn default() -> Self {
        Self(None)
    }
}

/// The first answer of `choices`; others were not asked for.
#[derive(Debug, Default)]
pub(super) struct Choices<'a> {
    /// Whether there was an array at all.
    pub(super) present: bool,
    pub(super) first: Option<Box<Choice<'a>>>,
}

/// The objects of an array.
#[derive(Debug)]
pub(super) struct List<T>(pub(super) Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// Parts nested deeper than this are not text any more.
const DEEPEST_PART: usize = 4;

/// What a type makes of each kind of JSON value; by default nothing.
trait FromAny<'de>: Default {
    fn text(text: Cow<'de, str>) -> Self {
        let _ = text;
        Self::default()
    }

    fn whole(number: u64) -> Self {
        let _ = number;
        Self::default()
    }

    fn number(number: f64) -> Self {
        let _ = number;
        Self::default()
    }

    fn boolean(value: bool) -> Self {
        let _ = value;
        Self::default()
    }

    fn array<A: SeqAccess<'de>>(mut array: A) -> Result<Self, A::Error> {
        while array.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }

    fn object<A: MapAccess<'de>>(mut object: A) -> Result<Self, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
}

struct Any<T>(PhantomData<T>);

impl<'de, T: FromAny<'de>> Visitor<'de> for Any<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<T, E> {
        Ok(T::text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::text(Cow::Owned(text.to_owned())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<T, E> {
        Ok(T::whole(number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<T, E> {
        Ok(T::number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<T, E> {
        Ok(T::number(number))
    }

    fn visit_bool<E>(self, value: bool) -> Result<T, E> {
        Ok(T::boolean(value))
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, array: A) -> Result<T, A::Error> {
        T::array(array)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<T, A::Error> {
        T::object(object)
    }
}

/// Reads any JSON value as a `T`.
fn any<'de, T: FromAny<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_any(Any(PhantomData))
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        any(deserializer)
    }
}

impl<'de: 'a, 'a> FromAny<'de> for Text<'a> {
    fn text(text: Cow<'de, str>) -> Self {
        Self(Some(text))
    }

    fn whole(number: u64) -> Self {
        Self(Some(Cow::Owned(number.to_string())))
    }

    fn number(number: f64) -> Self {
        Self(Some(Cow::Owned(number.to_string())))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Prose<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        any(deserializer)
    }
}

impl<'de: 'a, 'a> FromAny<'de> for Prose<'a> {
    fn text(text: Cow<'de, str>) -> Self {
        Self { text: Some(text), thinking: None }
    }

    fn array<A: SeqAccess<'de>>(mut array: A) -> Result<Self, A::Error> {
        let (mut text, mut thinking) = (String::new(), String::new());
        while let Some(part) = array.next_element::<Value>()? {
            gather(&part, &mut text, &mut thinking, DEEPEST_PART);
        }
        Ok(Self { text: Some(Cow::Owned(text)), thinking: (!thinking.is_empty()).then_some(thinking) })
    }

    fn object<A: MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
        let part = Value::deserialize(MapAccessDeserializer::new(object))?;
        let (mut text, mut thinking) = (String::new(), String::new());
        gather(&part, &mut text, &mut thinking, DEEPEST_PART);
        Ok(Self { text: Some(Cow::Owned(text)), thinking: (!thinking.is_empty()).then_some(thinking) })
    }
}

/// Adds what a content part says: `{type: text, text}`, a bare string, or `{type: thinking, thinking}`.
fn gather(part: &Value, text: &mut String, thinking: &mut String, depth: usize) {
    match part {
        Value::String(said) => text.push_str(said),
        Value::Array(parts) if depth > 0 => parts.iter().for_each(|part| gather(part, text, thinking, depth - 1)),
        Value::Object(part) if depth > 0 => {
            let kind = part.get("type").and_then(Value::as_str).unwrap_or_default();
            if matches!(kind, "thinking" | "reasoning") {
                let said = part.get("thinking").or_else(|| part.get("text")).unwrap_or(&Value::Null);
                let mut inner = String::new();
                gather(said, &mut inner, thinking, depth - 1);
                thinking.push_str(&inner);
            } else if let Some(said) = part.get("text") {
                gather(said, text, thinking, depth - 1);
            }
        }
        _ => {}
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        any(deserializer)
    }
}

impl<'de> FromAny<'de> for Count {
    fn text(text: Cow<'de, str>) -> Self {
        let text = text.trim();
        text.parse().map_or_else(|_| text.parse().map_or(Self(None), Self::number), |number| Self(Some(number)))
    }

    fn whole(number: u64) -> Self {
        Self(Some(number))
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked first")]
    fn number(number: f64) -> Self {
        Self((0.0..=9e15).contains(&number).then(|| number.round() as u64))
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        any(deserializer)
    }
}

impl<'de> FromAny<'de> for Flag {
    fn text(text: Cow<'de, str>) -> Self {
        Self(text.eq_ignore_ascii_case("true"))
    }

    fn whole(number: u64) -> Self {
        Self(number != 0)
    }

    fn boolean(value: bool) -> Self {
        Self(value)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        any(deserializer)
    }
}

impl<'de, T: Deserialize<'de>> FromAny<'de> for Maybe<T> {
    fn object<A: MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
        T::deserialize(MapAccessDeserializer::new(object)).map(|value| Self(Some(Box::new(value))))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Choices<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        any(deserializer)
    }
}

impl<'de: 'a, 'a> FromAny<'de> for Choices<'a> {
    fn array<A: SeqAccess<'de>>(mut array: A) -> Result<Self, A::Error> {
        let mut first = None;
        while let Some(Maybe(choice)) = array.next_element::<Maybe<Choice<'a>>>()? {
            first = first.or(choice.filter(|choice| choice.index.0.unwrap_or(0) == 0));
        }
        Ok(Self { present: true, first })
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        any(deserializer)
    }
}

impl<'de, T: Deserialize<'de>> FromAny<'de> for List<T> {
    fn array<A: SeqAccess<'de>>(mut array: A) -> Result<Self, A::Error> {
        let mut items = Vec::new();
        while let Some(Maybe::<T>(item)) = array.next_element()? {
            items.extend(item.map(|item| *item));
        }
        Ok(Self(items))
    }
}
