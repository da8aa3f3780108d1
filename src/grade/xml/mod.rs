//! `xml`: the answer is, or holds, a well-formed XML document.
//!
//! `read` reads one document; the grader looks for it in the answer.

mod grader;
mod read;
#[cfg(test)]
mod tests;

pub(super) use grader::FAMILY;
