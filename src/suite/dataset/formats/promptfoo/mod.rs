//! promptfoo's tests: the columns of its CSV files, and its assertions as graders.
//!
//! `assertion` reads an assertion, as text (`contains: Paris`, `not-similar(0.8): …`) or as a map (`{type, value}`);
//! `grader` says which grader it is, or why there is none; `row` reads a row of a test file. The first two serve
//! configurations as well as tables.

pub(crate) mod assertion;
pub(crate) mod grader;
mod row;

#[cfg(test)]
mod tests;

pub(super) use row::PROMPTFOO;
