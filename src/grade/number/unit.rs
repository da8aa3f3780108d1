//! The unit that a number has to have, and others that are converted into it.

use schemars::json_schema;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::grade::options::{FILLED_PATTERN, Text, schema_of};
use crate::grade::quantity::{Number, Quantity, Style, numbers};

/// What is passed over between a number and its unit.
const BETWEEN: [&str; 16] = [
    " ",
    "\u{a0}",
    "\u{202f}",
    "~",
    "\\,",
    "\\;",
    "\\:",
    "\\!",
    "\\ ",
    "\\text{",
    "\\mathrm{",
    "\\operatorname{",
    "{",
    "}",
    "$",
    "*",
];

/// How far behind a number its unit is looked for, in bytes, besides the unit itself.
const MOST_BETWEEN: usize = 40;

/// Spellings of units, each with what one of it is of the expected unit; not empty.
#[derive(Debug, Clone)]
pub(super) struct Units(pub(super) Vec<(String, Quantity)>);

schema_of!(Units, || json_schema!({
    "type": ["string", "array", "object"],
    "pattern": FILLED_PATTERN,
    "minItems": 1,
    "items": {"type": ["string", "number", "boolean"], "pattern": FILLED_PATTERN},
    "minProperties": 1,
    "propertyNames": {"pattern": FILLED_PATTERN},
    "additionalProperties": {"type": ["number", "string"], "exclusiveMinimum": 0, "pattern": r"\d"},
}));

/// What follows a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Follows<'u> {
    /// One of the units: its factor.
    Unit(&'u Quantity),
    /// No word at all.
    Nothing,
    /// Some other word, perhaps another unit.
    Word,
}

impl Units {
    /// The first spelling, for reasons.
    pub(super) fn name(&self) -> &str {
        self.0.first().map_or("", |(name, _)| name)
    }

    /// What follows a number of a text, or stands in front of it.
    pub(super) fn of(&self, text: &str, number: &Number) -> Follows<'_> {
        let before = text[..number.span.start].trim_end_matches([' ', '\\', '-', '\u{2212}']);
        // A percent sign is a part of the number, but may be the unit.
        let own = &text[number.span.clone()];
        let inside = self.0.iter().find(|(name, _)| number.percent && own.ends_with(name.as_str()));
        if let Some((_, factor)) = inside {
            return Follows::Unit(factor);
        }
        let mut rest = &text[number.span.end..];
        let all = rest.len();
        while let Some(part) = BETWEEN.iter().find(|part| rest.starts_with(**part)) {
            rest = &rest[part.len()..];
            if all - rest.len() > MOST_BETWEEN {
                break;
            }
        }
        let rest = rest.strip_prefix('-').unwrap_or(rest);
        let ends = |name: &str| {
            let mut after = rest[name.len()..].chars();
            let word = name.chars().next_back().is_some_and(char::is_alphanumeric);
            // `km²`, `km^2` and `km/h` are other units than `km`.
            !after.next().is_some_and(|c| word && c.is_alphanumeric() || matches!(c, '²' | '³' | '^' | '/'))
        };
        let is = |name: &str| {
            let Some(there) = rest.get(..name.len()) else { return false };
            // `m` and `M` are two units, `Miles` and `miles` one.
            let same = there == name || name.len() > 2 && there.eq_ignore_ascii_case(name);
            same && ends(name)
        };
        // The longest, so that `m²` is not `m`.
        let behind = self.0.iter().filter(|(name, _)| is(name)).max_by_key(|(name, _)| name.len());
        let front = || {
            self.0.iter().find(|(name, _)| {
                before.strip_suffix(name.as_str()).is_some_and(|rest| {
                    !name.starts_with(char::is_alphanumeric) || !rest.ends_with(char::is_alphanumeric)
                })
            })
        };
        match behind.or_else(front) {
            Some((_, factor)) => Follows::Unit(factor),
            None if rest.starts_with(|c: char| c.is_alphabetic() || c == '°') => Follows::Word,
            None => Follows::Nothing,
        }
    }
}

/// The number that a text consists of.
fn factor<E: de::Error>(text: &str) -> Result<Quantity, E> {
    let text = text.trim();
    let number = numbers(text, Style::default()).next().filter(|number| number.span == (0..text.len()));
    number.map(|number| number.value).filter(|value| !value.is_negative() && !value.is_zero()).ok_or_else(|| {
        E::custom(format!("`{text}` is not a factor: write what one of this unit is of the expected one"))
    })
}

fn spelling<E: de::Error>(text: &str) -> Result<String, E> {
    match text.trim() {
        "" => Err(E::custom("a unit has no name")),
        name => Ok(name.to_owned()),
    }
}

impl<'de> Deserialize<'de> for Units {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct UnitsVisitor;

        impl<'de> Visitor<'de> for UnitsVisitor {
            type Value = Units;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a unit, a list of its spellings, or a map from units to factors")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Units, E> {
                Ok(Units(vec![(spelling(text)?, Quantity::one())]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Units, A::Error> {
                let mut units = Vec::new();
                while let Some(Text(text)) = items.next_element()? {
                    units.push((spelling(&text)?, Quantity::one()));
                }
                if units.is_empty() { Err(de::Error::custom("the list is empty")) } else { Ok(Units(units)) }
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Units, A::Error> {
                let mut units = Vec::new();
                while let Some((name, Text(text))) = entries.next_entry::<String, Text>()? {
                    units.push((spelling(&name)?, factor(&text)?));
                }
                if units.is_empty() { Err(de::Error::custom("the map is empty")) } else { Ok(Units(units)) }
            }
        }

        deserializer.deserialize_any(UnitsVisitor)
    }
}
