//! The numbers among the options: thresholds and orders, checked with a hint.

use std::fmt;
use std::ops::RangeInclusive;

use serde::de::{self, Deserialize, Deserializer, Visitor};

use crate::grade::options::OptionError;

/// A number; a text such as `80%` is a share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Number(f64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberVisitor;

        impl Visitor<'_> for NumberVisitor {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_u64<E: de::Error>(self, n: u64) -> Result<Number, E> {
                Ok(Number(n as f64))
            }

            fn visit_i64<E: de::Error>(self, n: i64) -> Result<Number, E> {
                Ok(Number(n as f64))
            }

            fn visit_f64<E: de::Error>(self, x: f64) -> Result<Number, E> {
                Ok(Number(x))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Number, E> {
                let percent = text.trim().strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
                percent
                    .map(|percent| Number(percent / 100.0))
                    .ok_or_else(|| E::invalid_type(de::Unexpected::Str(text), &self))
            }
        }

        deserializer.deserialize_any(NumberVisitor)
    }
}

/// What a score in 0..1 has to reach.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Threshold(f64);

impl Threshold {
    /// What was written, else the family's own.
    ///
    /// # Errors
    /// A number outside of 0..1; the hint then says what else could be meant.
    pub(super) fn read(written: Option<Number>, default: f64, else_meant: &str) -> Result<Self, OptionError> {
        let Number(threshold) = written.unwrap_or(Number(default));
        if (0.0..=1.0).contains(&threshold) {
            return Ok(Self(threshold));
        }
        let hint = match threshold {
            x if x > 1.0 && x <= 100.0 => {
                format!("scores are shares here: write {} for {x} of 100{else_meant}", x / 100.0)
            }
            _ => format!("write for example `{default}`{else_meant}"),
        };
        Err(OptionError::at("threshold", format!("a threshold is from 0 to 1, not {threshold}"), Some(&hint)))
    }

    /// Whether a score reaches it, rounding apart.
    pub(super) fn met(self, score: f64) -> bool {
        score + 1e-9 >= self.0
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A whole number within a range.
///
/// # Errors
/// Any other, with its path.
pub(super) fn whole(
    written: Option<Number>,
    default: usize,
    range: RangeInclusive<usize>,
    path: &str,
) -> Result<usize, OptionError> {
    let Some(Number(x)) = written else { return Ok(default) };
    range.clone().find(|&n| (n as f64).to_bits() == x.to_bits()).ok_or_else(|| {
        let message = format!("`{path}` is a whole number from {} to {}, not {x}", range.start(), range.end());
        OptionError::at(path, message, Some(&format!("write for example `{default}`")))
    })
}

/// A number above 0.
///
/// # Errors
/// Any other, with its path.
pub(super) fn positive(written: Option<Number>, default: f64, path: &str) -> Result<f64, OptionError> {
    let Number(x) = written.unwrap_or(Number(default));
    if x > 0.0 && x <= 1e6 {
        return Ok(x);
    }
    let message = format!("`{path}` is a number above 0, not {x}");
    Err(OptionError::at(path, message, Some(&format!("write for example `{default}`"))))
}
