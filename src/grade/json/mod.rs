//! `json`: the answer is, or holds, a JSON value equal to the expected one, or with it as a part.
//!
//! Finding the value in an answer lives in `extract`, comparing two values in `compare`, `pairing` and `ignore`, naming a
//! place in one in `place`; other families use them too.

pub(in crate::grade) mod compare;
pub(in crate::grade) mod extract;
mod grader;
pub(in crate::grade) mod ignore;
pub(in crate::grade) mod pairing;
pub(in crate::grade) mod place;

pub(super) use extract::first;
pub(super) use grader::FAMILY;
