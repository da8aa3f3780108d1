//! The concurrent part: one lane per model, all lanes at once, none waiting for another's slot.
//!
//! In: a plan, a client and limits for each model, what is already done, a cancellation token. Out: events, and one
//! record per cell to the journal. Prints nothing, writes nothing.

mod event;

pub use event::{Event, LaneInfo, StopReason, Wait};
