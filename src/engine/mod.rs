//! The concurrent part: one lane per model, all lanes at once, none waiting for another's slot.
//!
//! In: a plan, a client and limits for each model, what is already done, a cancellation token. Out: events, and one
//! record per cell to the journal. Prints nothing, writes nothing.
//!
//! Two halves. The deciding half has neither clock nor socket: `dispatch` (the run: all lanes, budget, reasons to stop)
//! over `lane` (one model: which cell next and when, what a failure means) over `limits` and `backoff`. It maps an
//! input and a time to effects, and is tested without a runtime. The doing half carries effects out: `drive` is the one
//! loop, `attempt` one HTTP request of one cell, `grading` what its graders say. Cells report to that one loop; every
//! wait in it races the cancellation.
//!
//! Where graders ask models of their own, `ask` asks these in lanes of theirs. Then a cell ends in two steps: its answer
//! frees the model's slot, and its grading ends the cell.

mod ask;
mod attempt;
mod backoff;
mod dispatch;
mod drive;
mod event;
mod grading;
mod lane;
mod limits;
#[cfg(test)]
mod testserver;

pub use ask::{Asker, CellServices, JudgeNews, JudgeTotals};
pub use dispatch::Stopped;
pub use drive::{Answered, Outcome, Prior, Setup, run};
pub use event::{Event, JudgeEvent, LaneInfo, StopReason, Wait};
