//! Graders of how an answer came about, not of what it says: `latency`, `ttft`, `cost`, `tokens`, `finish_reason`; and
//! `refusal`, whether there is an answer at all.
//!
//! What was not measured is never judged: then the grader cannot tell, and the cell is an `error`.

mod finish_reason;
mod limits;
mod refusal;
mod tokens;

pub(super) use finish_reason::FAMILY as FINISH_REASON;
pub(super) use limits::{COST, LATENCY, TTFT};
pub(super) use refusal::FAMILY as REFUSAL;
pub(super) use tokens::FAMILY as TOKENS;
