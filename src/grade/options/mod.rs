//! A grader's map in a suite → its options struct, every mistake with its path and in the words of YAML.

mod read;
mod values;

pub(super) use read::{COMMON, both, noun, read};
pub use read::{OptionError, OptionErrors};
pub(super) use values::{Common, Literal, Text, Texts};
