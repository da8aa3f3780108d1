//! `tool_call`: the answer calls the tools it should, with the arguments it should.
//!
//! `calls` reads what was called, `wanted` what should have been, `grader` holds the options and the verdict.

mod calls;
mod grader;
#[cfg(test)]
mod tests;
mod wanted;

pub(super) use grader::FAMILY;
