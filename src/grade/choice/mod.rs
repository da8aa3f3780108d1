//! `choice`: which of several options the answer picks, by its letter or by its text.
//!
//! Where the options stand is in `listed`; reading one pick out of an answer in `read`, several in `several`; options
//! and verdict in `grader`.

mod grader;
mod letter;
mod listed;
mod read;
mod several;
#[cfg(test)]
mod tests;

pub(super) use grader::FAMILY;
pub(super) use letter::letter;
pub(super) use listed::{LETTERS, letters};
