//! The values that options are made of.

use std::fmt;

use schemars::JsonSchema;
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::amounts::Weight;

/// The options of every grader but `type` and `extract`.
#[derive(Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::grade) struct Common {
    /// The label in `grades`; the type if left out.
    pub(in crate::grade) name: Option<Label>,
    /// `true` turns the verdict around: pass becomes fail.
    pub(in crate::grade) not: bool,
    /// How much it counts in the score, 1 if left out. `0`: recorded and shown, with no say in verdict or score.
    pub(in crate::grade) weight: Weight,
}

/// A name that outputs show, columns of tables among them: not empty, on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::grade) struct Label(pub(in crate::grade) String);

impl<'de> Deserialize<'de> for Label {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Text(name) = Text::deserialize(deserializer)?;
        let name = name.trim();
        if name.is_empty() {
            return Err(de::Error::custom("expected a name, got an empty text"));
        }
        match name.chars().find(|c| c.is_control()) {
            Some(c) => Err(de::Error::custom(format!("holds a control character (U+{:04X})", u32::from(c)))),
            None => Ok(Self(name.to_owned())),
        }
    }
}

/// A text. Numbers and booleans are taken as they are written, as YAML makes them of texts without quotes; null is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::grade) struct Text(pub(in crate::grade) String);

struct TextVisitor;

impl Visitor<'_> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Text, E> {
        Ok(Text(text.to_owned()))
    }

    fn visit_bool<E: de::Error>(self, b: bool) -> Result<Text, E> {
        Ok(Text(b.to_string()))
    }

    fn visit_u64<E: de::Error>(self, n: u64) -> Result<Text, E> {
        Ok(Text(n.to_string()))
    }

    fn visit_i64<E: de::Error>(self, n: i64) -> Result<Text, E> {
        Ok(Text(n.to_string()))
    }

    fn visit_f64<E: de::Error>(self, x: f64) -> Result<Text, E> {
        Ok(Text(Value::from(x).to_string()))
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

/// One text or a list of at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::grade) struct Texts(pub(in crate::grade) Vec<Text>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextsVisitor;

        impl<'de> Visitor<'de> for TextsVisitor {
            type Value = Texts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Texts, E> {
                TextVisitor.visit_str(text).map(|text| Texts(vec![text]))
            }

            fn visit_bool<E: de::Error>(self, b: bool) -> Result<Texts, E> {
                TextVisitor.visit_bool(b).map(|text| Texts(vec![text]))
            }

            fn visit_u64<E: de::Error>(self, n: u64) -> Result<Texts, E> {
                TextVisitor.visit_u64(n).map(|text| Texts(vec![text]))
            }

            fn visit_i64<E: de::Error>(self, n: i64) -> Result<Texts, E> {
                TextVisitor.visit_i64(n).map(|text| Texts(vec![text]))
            }

            fn visit_f64<E: de::Error>(self, x: f64) -> Result<Texts, E> {
                TextVisitor.visit_f64(x).map(|text| Texts(vec![text]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Texts, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = items.next_element()? {
                    texts.push(text);
                }
                if texts.is_empty() {
                    return Err(de::Error::custom("the list is empty"));
                }
                Ok(Texts(texts))
            }
        }

        deserializer.deserialize_any(TextsVisitor)
    }
}

/// How many of several have to hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::grade) enum Match {
    /// One is enough.
    #[default]
    Any,
    /// Every one.
    All,
}

/// Any JSON value, null too, told apart from a key that was left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::grade) struct Literal(pub(in crate::grade) Option<Value>);

impl<'de> Deserialize<'de> for Literal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(|value| Self(Some(value)))
    }
}
