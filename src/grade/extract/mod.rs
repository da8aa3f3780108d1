//! `extract`: the part of an answer that a grader is shown.
//!
//! In: the option as it was written, then answers. Out: the first thing that one of the ways finds, tried in order.
//! `options` reads the option, `method` holds the ways, `text` and `pattern` those that need some lines of
//! their own. Each takes time in proportion to the answer.

mod method;
mod options;
mod pattern;
#[cfg(test)]
mod tests;
mod text;

pub(super) use method::Extract;
pub(super) use options::schema;
