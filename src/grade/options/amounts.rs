//! Options that are amounts: each says what it wants in words.

use std::time::Duration;

use serde::de::{self, Deserialize, Deserializer};
use serde_json::Value;

use crate::units::{Usd, parse_duration};

use super::values::Text;

/// How much a grader counts: a number from 0 up, 1 unless it is said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::grade) struct Weight(pub(in crate::grade) f64);

impl Default for Weight {
    fn default() -> Self {
        Self(1.0)
    }
}

impl<'de> Deserialize<'de> for Weight {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Past this, sums of weights would lose the small ones.
        const MOST: f64 = 1e9;
        let value = Value::deserialize(deserializer)?;
        match value.as_f64() {
            Some(weight) if (0.0..=MOST).contains(&weight) => Ok(Self(weight)),
            _ => Err(de::Error::custom(format!("a weight is a number from 0 to a billion, got {}", shown(&value)))),
        }
    }
}

/// A share of the whole, from 0 to 1: `0.8` or `80%`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::grade) struct Share(pub(in crate::grade) f64);

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let percent = || value.as_str()?.trim().strip_suffix('%')?.trim().parse::<f64>().ok().map(|n| n / 100.0);
        match value.as_f64().or_else(percent) {
            Some(share) if (0.0..=1.0).contains(&share) => Ok(Self(share)),
            _ => Err(de::Error::custom(format!(
                "expected a share from 0 to 1, such as `0.8` or `80%`, got {}",
                shown(&value)
            ))),
        }
    }
}

/// A whole number from 0 up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::grade) struct Count(pub(in crate::grade) u64);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        value
            .as_u64()
            .map(Self)
            .ok_or_else(|| de::Error::custom(format!("expected a whole number from 0 up, got {}", shown(&value))))
    }
}

/// Something that a bound can be set on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::grade) struct Limit<T>(pub(in crate::grade) T);

impl<'de> Deserialize<'de> for Limit<Duration> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Text(text) = Text::deserialize(deserializer)?;
        parse_duration(&text).map(Self).map_err(de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Limit<Usd> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Text(text) = Text::deserialize(deserializer)?;
        // A number without quotes may come as `1e-5`.
        let exponent = || Usd::from_json(&text).filter(|_| text.contains(['e', 'E']));
        text.parse().or_else(|error| exponent().ok_or(error)).map(Self).map_err(de::Error::custom)
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => {
            format!("the text `{}`", crate::text::one_line(&crate::text::excerpt(text, 60)))
        }
        other => super::noun(other).to_owned(),
    }
}
