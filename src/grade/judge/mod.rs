//! `judge`: a model, or a panel of models, grades the answer by a rubric.
//!
//! In: the case, what was asked, the answer. Out: a verdict with the judges' reasons, or "cannot tell" where no verdict
//! could be read without guessing. On the way:
//!
//! - `options` are checked into `settings`: `scale` (what a judge may say, and the threshold), `template` (rubrics and
//!   prompts over the case's variables);
//! - `fence` encloses everything that is data, so that it cannot instruct the judge; `prompt` writes the messages;
//! - `asking` sends them, and once more with less where an endpoint refuses a constrained output;
//! - `read` takes a verdict out of a reply, tolerant of its form and strict about its meaning;
//! - `panel` makes one judgement of the votes.

mod asking;
mod fence;
mod grader;
mod options;
mod pair;
mod panel;
mod prompt;
mod read;
mod scale;
mod settings;
mod template;
#[cfg(test)]
mod tests;

pub(super) use grader::FAMILY;
pub use pair::{Contest, PairJudge, Place};
