//! `yaml`: the answer is, or holds, YAML; it may be compared as JSON is.
//!
//! `read` makes a JSON value of a YAML text.

mod grader;
mod read;
#[cfg(test)]
mod tests;

pub(super) use grader::FAMILY;
