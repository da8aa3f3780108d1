//! A grader's map in a suite → its options struct, every mistake with its path and in the words of YAML.

mod amounts;
mod read;
mod schema;
mod values;

pub(super) use amounts::{Count, Limit, Share};
pub(super) use read::{COMMON, both, join, noun, read, read_beside, take};
pub use read::{OptionError, OptionErrors};
pub(crate) use schema::NAME_PATTERN;
pub(super) use schema::{FILLED_PATTERN, checked, schema, schema_of, schema_without_text};
pub(super) use values::{Common, Literal, Match, Text, Texts};
