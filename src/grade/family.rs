//! The registry of grader families and how a suite's entry becomes a grader.

use serde_json::Value;

use super::{BuiltGrader, Grader, OptionError};

/// A way of grading that a suite can name.
#[derive(Debug)]
pub struct Family {
    /// What stands under `type`.
    pub name: &'static str,
    /// One line for `--help`, docs and the schema.
    pub about: &'static str,
    /// Builds a grader from its options (the map without `type`, `name` and `not`).
    pub build: fn(Value) -> Result<Box<dyn Grader>, OptionError>,
}

/// Every family, in the order of the documentation.
pub const FAMILIES: &[Family] = &[];

/// Builds a grader from a suite's entry: a string, or a map with `type`.
///
/// # Errors
/// The mistake with its path inside the entry.
pub fn build(entry: &Value) -> Result<BuiltGrader, OptionError> {
    Err(OptionError { path: String::new(), message: format!("unknown grader {entry}"), hint: None })
}
