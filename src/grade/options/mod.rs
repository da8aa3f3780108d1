//! A grader's map in a suite → its options struct, every mistake with its path and in the words of YAML.

mod read;
mod values;

pub use read::OptionError;
pub(super) use read::{COMMON, noun, read};
pub(super) use values::{Common, Literal, Text, Texts};
