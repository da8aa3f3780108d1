//! `json_path`: what a `JSONPath` selects in the answer's JSON compares as asked.
//!
//! `test` holds the comparisons of one value, `grader` the options and the verdict over all that is selected.

mod grader;
mod test;
#[cfg(test)]
mod tests;

pub(super) use grader::FAMILY;
