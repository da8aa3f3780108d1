//! How many of something there may be: an option that is a number, or a map with `min` and `max`.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, Visitor};

/// Bounds of a count, both inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Amount {
    min: u64,
    max: Option<u64>,
}

impl Amount {
    /// Whether so many are right.
    pub(super) fn holds(self, count: usize) -> bool {
        let count = count as u64;
        count >= self.min && self.max.is_none_or(|max| count <= max)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.min, self.max) {
            (min, None) => write!(f, "at least {min}"),
            (min, Some(max)) if min == max => write!(f, "{min}"),
            (0, Some(max)) => write!(f, "at most {max}"),
            (min, Some(max)) => write!(f, "{min} to {max}"),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Bounds {
    min: Option<u64>,
    max: Option<u64>,
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AmountVisitor;

        impl<'de> Visitor<'de> for AmountVisitor {
            type Value = Amount;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number, or a map with `min` and `max`")
            }

            fn visit_u64<E: de::Error>(self, count: u64) -> Result<Amount, E> {
                Ok(Amount { min: count, max: Some(count) })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Amount, A::Error> {
                let Bounds { min, max } = Bounds::deserialize(MapAccessDeserializer::new(map))?;
                match (min, max) {
                    (None, None) => Err(de::Error::custom("give `min`, `max` or both")),
                    (Some(min), Some(max)) if min > max => {
                        Err(de::Error::custom(format_args!("`min` {min} is more than `max` {max}")))
                    }
                    (min, max) => Ok(Amount { min: min.unwrap_or(0), max }),
                }
            }
        }

        deserializer.deserialize_any(AmountVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grade::options::read;
    use serde_json::{Value, json};

    #[derive(Debug, Deserialize)]
    struct Options {
        count: Amount,
    }

    fn amount(value: Value) -> Result<Amount, String> {
        read::<Options>(&json!({ "count": value }))
            .map(|options| options.count)
            .map_err(|errors| errors.0[0].message.clone())
    }

    #[test]
    fn a_number_is_exact_and_bounds_are_inside() {
        let right =
            |value: Value| -> Vec<usize> { (0..5).filter(|&n| amount(value.clone()).unwrap().holds(n)).collect() };
        assert_eq!(right(json!(2)), [2]);
        assert_eq!(right(json!({"min": 3})), [3, 4]);
        assert_eq!(right(json!({"max": 1})), [0, 1]);
        assert_eq!(right(json!({"min": 1, "max": 2})), [1, 2]);
        assert_eq!(amount(json!({"min": 1, "max": 2})).unwrap().to_string(), "1 to 2");
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for (value, part) in [
            (json!(-1), "expected a whole number"),
            (json!("a"), "expected a whole number"),
            (json!({}), "give `min`"),
            (json!({"min": 3, "max": 2}), "more than `max`"),
            (json!({"mn": 3}), "unknown option `mn`"),
        ] {
            let message = amount(value).unwrap_err();
            assert!(message.contains(part), "{message}");
        }
    }
}
