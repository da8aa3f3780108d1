//! Gate expressions (`accuracy[sonnet] >= 90%`) and their three outcomes.
//!
//! In: the text of a gate, and the [`Measures`] of one model, which the report fills from the journal. Out: a
//! [`Judged`]: passed, failed or inconclusive for every model the gate holds for, with a line for people.
//!
//! Reading lives in `parse`, the words of the language in `expression`, what is known of a metric and within which
//! bounds in `estimate`, the decision and its wording in `judge`. `docs/gates.md` is the reference.

mod estimate;
mod expression;
mod judge;
mod measures;
mod parse;
#[cfg(test)]
mod tests;

pub use expression::{Gate, GateError};
pub use judge::{Judged, Outcome};
pub use measures::Measures;
