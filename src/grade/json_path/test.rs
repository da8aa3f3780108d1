//! One comparison of one value.

use regex::Regex;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::grade::json::compare::{Comparison, brief};
use crate::grade::normal::fold_case;
use crate::grade::words::join;

/// What a value is asked.
#[derive(Debug, Clone)]
pub(super) enum Test {
    Equals(Value),
    /// The case's `expect`, where a text may stand for the number or boolean that it is written like.
    Expected(Value),
    In(Vec<Value>),
    /// A text holds it, a list has it as an item, a map as a key.
    Contains(Value),
    Matches(Regex),
    LessThan(f64),
    AtMost(f64),
    AtLeast(f64),
    GreaterThan(f64),
    Kind(JsonKind),
}

/// The types of JSON, and whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum JsonKind {
    String,
    Number,
    Integer,
    Boolean,
    Array,
    Object,
    Null,
}

impl JsonKind {
    fn holds(self, value: &Value) -> bool {
        match self {
            Self::String => value.is_string(),
            Self::Number => value.is_number(),
            // 3.0 is a whole number, as for JSON Schema.
            Self::Integer => value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|x| x.fract() == 0.0),
            Self::Boolean => value.is_boolean(),
            Self::Array => value.is_array(),
            Self::Object => value.is_object(),
            Self::Null => value.is_null(),
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::String => "a string",
            Self::Number => "a number",
            Self::Integer => "an integer",
            Self::Boolean => "a boolean",
            Self::Array => "an array",
            Self::Object => "an object",
            Self::Null => "null",
        }
    }
}

impl Test {
    pub(super) fn holds(&self, value: &Value, comparison: &Comparison) -> bool {
        let same = |expected: &Value| comparison.difference(expected, value).is_none();
        let number = |test: &dyn Fn(f64) -> bool| value.as_f64().is_some_and(test);
        match self {
            Self::Equals(expected) => same(expected),
            Self::Expected(expected) => {
                same(expected)
                    || matches!((expected, value), (Value::String(text), Value::Number(_) | Value::Bool(_))
                        if serde_json::from_str(text.trim()).is_ok_and(|parsed: Value| same(&parsed)))
            }
            Self::In(values) => values.iter().any(same),
            Self::Contains(part) => contains(value, part, comparison),
            Self::Matches(regex) => match value {
                Value::String(text) => regex.is_match(text),
                Value::Number(_) | Value::Bool(_) => regex.is_match(&value.to_string()),
                _ => false,
            },
            Self::LessThan(bound) => number(&|x| x < *bound),
            Self::AtMost(bound) => number(&|x| x <= *bound),
            Self::AtLeast(bound) => number(&|x| x >= *bound),
            Self::GreaterThan(bound) => number(&|x| x > *bound),
            Self::Kind(kind) => kind.holds(value),
        }
    }

    /// What is expected, for after "expected".
    pub(super) fn words(&self) -> String {
        match self {
            Self::Equals(value) | Self::Expected(value) => brief(value),
            Self::In(values) => {
                let mut shown: Vec<String> = values.iter().take(5).map(short).collect();
                if values.len() > 5 {
                    shown.push(format!("{} more", values.len() - 5));
                }
                join(&shown, "or")
            }
            Self::Contains(part) => format!("something that contains {}", short(part)),
            Self::Matches(regex) => format!("a match of {}", short(&Value::from(regex.as_str()))),
            Self::LessThan(bound) => format!("a number less than {bound}"),
            Self::AtMost(bound) => format!("a number of at most {bound}"),
            Self::AtLeast(bound) => format!("a number of at least {bound}"),
            Self::GreaterThan(bound) => format!("a number greater than {bound}"),
            Self::Kind(kind) => kind.words().to_owned(),
        }
    }
}

/// A value on one line, shorter than `brief` has it, where several are shown.
pub(super) fn short(value: &Value) -> String {
    crate::text::excerpt(&brief(value), 80).into_owned()
}

fn contains(value: &Value, part: &Value, comparison: &Comparison) -> bool {
    match (value, part) {
        (Value::String(text), Value::String(part)) if comparison.ignore_case => {
            fold_case(text).contains(&*fold_case(part))
        }
        (Value::String(text), Value::String(part)) => text.contains(part.as_str()),
        // Numbers without quotes in YAML are meant as they are written.
        (Value::String(text), Value::Number(_) | Value::Bool(_)) => text.contains(&part.to_string()),
        (Value::Array(items), part) => items.iter().any(|item| comparison.difference(part, item).is_none()),
        (Value::Object(map), Value::String(key)) => map.contains_key(key),
        _ => false,
    }
}
