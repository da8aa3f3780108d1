//! Whether a text is JSON, and what kind of it, without keeping any of it.

use std::fmt;

use serde::de::{SeqAccess, Visitor};

/// What a JSON text is, in words. All of it is looked at as if its values were wanted (escapes, sizes of numbers, depth
/// of nesting), and none is kept.
pub(super) struct Seen(pub(super) &'static str);

impl<'de> serde::Deserialize<'de> for Seen {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Look)
    }
}

struct Look;

impl<'de> Visitor<'de> for Look {
    type Value = Seen;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Seen, E> {
        Ok(Seen("a plain value"))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Seen, E> {
        Ok(Seen("a plain value"))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Seen, E> {
        Ok(Seen("a plain value"))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Seen, E> {
        Ok(Seen("a plain value"))
    }

    fn visit_str<E>(self, _: &str) -> Result<Seen, E> {
        Ok(Seen("a text"))
    }

    fn visit_unit<E>(self) -> Result<Seen, E> {
        Ok(Seen("null"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Seen, A::Error> {
        while seq.next_element::<Seen>()?.is_some() {}
        Ok(Seen("an array"))
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Seen, A::Error> {
        while map.next_entry::<Seen, Seen>()?.is_some() {}
        Ok(Seen("an object"))
    }
}
