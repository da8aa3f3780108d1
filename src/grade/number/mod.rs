//! `number`: a number in the answer equals the expected one, exactly or within a tolerance, or lies in a range.
//!
//! Options and verdict are in `grader`, units in `unit`; finding numbers in prose is `quantity`'s.

mod grader;
#[cfg(test)]
mod tests;
mod unit;

pub(super) use grader::FAMILY;
