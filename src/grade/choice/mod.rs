//! `choice`: which of several options the answer picks, by its letter or by its text.
//!
//! Reading the pick out of an answer lives in `read`, options and verdict in `grader`.

mod grader;
mod letter;
mod read;
#[cfg(test)]
mod tests;

pub(super) use grader::{FAMILY, LETTERS, letters};
pub(super) use letter::letter;
