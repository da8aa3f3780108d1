//! How many of something there may be: `min`, `max` and `exactly` beside a grader's other options, or one option that is
//! a number or a map with `min` and `max`.

use std::fmt;

use schemars::json_schema;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, Visitor};

use super::options::{Count, OptionError, OptionErrors, schema_of};

/// The options as they were written.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bounds {
    pub(super) min: Option<Count>,
    pub(super) max: Option<Count>,
    pub(super) exactly: Option<Count>,
}

/// Bounds of a count, both inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    min: u64,
    max: Option<u64>,
}

impl Bounds {
    /// The range that is meant. `what` and `example` word the mistake of saying nothing.
    ///
    /// # Errors
    /// Bounds that say nothing, contradict each other, or cannot fail.
    pub(super) fn checked(self, what: &str, example: &str) -> Result<Range, OptionErrors> {
        let bound = |count: Option<Count>| count.map(|Count(n)| n);
        let error = |path: &str, message: String, hint: &str| Err(OptionError::at(path, message, Some(hint)).into());
        match (bound(self.min), bound(self.max), bound(self.exactly)) {
            (None, None, None) => error("", format!("nothing says {what}"), &format!("add for example `{example}`")),
            (None, None, Some(n)) => Ok(Range { min: n, max: Some(n) }),
            (_, _, Some(_)) => {
                error("exactly", "`exactly` leaves nothing to `min` and `max`".to_owned(), "leave one or the other out")
            }
            (Some(0), None, None) => {
                error("min", "`min: 0` holds for every answer".to_owned(), "add `max`, or a higher `min`")
            }
            (Some(min), Some(max), None) if min > max => {
                error("max", format!("`max: {max}` is below `min: {min}`"), "no answer could pass")
            }
            (min, max, None) => Ok(Range { min: min.unwrap_or(0), max }),
        }
    }
}

impl Range {
    /// Whether so many are right.
    pub(super) fn holds(self, count: u64) -> bool {
        count >= self.min && self.max.is_none_or(|max| count <= max)
    }

    /// In words, for after "expected".
    pub(super) fn describe(self, one: &str, many: &str) -> String {
        let unit = |n: u64| if n == 1 { one } else { many };
        match (self.min, self.max) {
            (min, None) => format!("at least {min} {}", unit(min)),
            (0, Some(max)) => format!("at most {max} {}", unit(max)),
            (min, Some(max)) if min == max => format!("exactly {min} {}", unit(min)),
            (min, Some(max)) => format!("{min} to {max} {}", unit(max)),
        }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.min, self.max) {
            (min, None) => write!(f, "at least {min}"),
            (min, Some(max)) if min == max => write!(f, "{min}"),
            (0, Some(max)) => write!(f, "at most {max}"),
            (min, Some(max)) => write!(f, "{min} to {max}"),
        }
    }
}

/// The option as a map.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Map {
    /// The least that passes.
    min: Option<u64>,
    /// The most that passes.
    max: Option<u64>,
}

schema_of!(Range, || json_schema!({
    "type": ["integer", "object"],
    "minimum": 0,
    "additionalProperties": false,
    "minProperties": 1,
    "properties": {
        "min": {"description": "The least that passes", "type": "integer", "minimum": 0},
        "max": {"description": "The most that passes", "type": "integer", "minimum": 0},
    },
    "examples": [3, {"min": 1, "max": 3}],
}));

impl<'de> Deserialize<'de> for Range {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RangeVisitor;

        impl<'de> Visitor<'de> for RangeVisitor {
            type Value = Range;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number, or a map with `min` and `max`")
            }

            fn visit_u64<E: de::Error>(self, count: u64) -> Result<Range, E> {
                Ok(Range { min: count, max: Some(count) })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Range, A::Error> {
                let Map { min, max } = Map::deserialize(MapAccessDeserializer::new(map))?;
                match (min, max) {
                    (None, None) => Err(de::Error::custom("give `min`, `max` or both")),
                    (Some(min), Some(max)) if min > max => {
                        Err(de::Error::custom(format_args!("`min` {min} is more than `max` {max}")))
                    }
                    (min, max) => Ok(Range { min: min.unwrap_or(0), max }),
                }
            }
        }

        deserializer.deserialize_any(RangeVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grade::options::read;
    use serde_json::{Value, json};

    #[derive(Debug, Deserialize)]
    struct Options {
        count: Range,
    }

    fn range(value: Value) -> Result<Range, String> {
        read::<Options>(&json!({ "count": value }))
            .map(|options| options.count)
            .map_err(|errors| errors.0[0].message.clone())
    }

    #[test]
    fn a_number_is_exact_and_bounds_are_inside() {
        let right = |value: Value| -> Vec<u64> { (0..5).filter(|&n| range(value.clone()).unwrap().holds(n)).collect() };
        assert_eq!(right(json!(2)), [2]);
        assert_eq!(right(json!({"min": 3})), [3, 4]);
        assert_eq!(right(json!({"max": 1})), [0, 1]);
        assert_eq!(right(json!({"min": 1, "max": 2})), [1, 2]);
        assert_eq!(range(json!({"min": 1, "max": 2})).unwrap().to_string(), "1 to 2");
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for (value, part) in [
            (json!(-1), "expected a whole number"),
            (json!("a"), "expected a whole number"),
            (json!({}), "give `min`"),
            (json!({"min": 3, "max": 2}), "more than `max`"),
            (json!({"mn": 3}), "unknown option `mn`"),
        ] {
            let message = range(value).unwrap_err();
            assert!(message.contains(part), "{message}");
        }
    }
}
