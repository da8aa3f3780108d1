//! `json`: the answer is, or holds, a JSON value equal to the expected one, or with it as a part.
//!
//! Finding the value in an answer lives in `extract`, comparing two values in `compare`.

mod compare;
pub(super) mod extract;
mod grader;

pub(super) use extract::first;
pub(super) use grader::FAMILY;
