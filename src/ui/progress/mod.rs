//! The progress of a run on standard error.
//!
//! In: [`crate::engine::Event`]s, one call each, that only update counters ([`State`]). Out: a block of lines that is
//! drawn anew ([`lines`], a pure function of state, size and time), plain lines for a log ([`plain`]), or one JSON
//! object an event ([`json`]). Drawing and writing happen on a thread of their own, so that a slow terminal never
//! slows a run.
//!
//! A new event needs a place in [`State::apply`], in [`json::object`], and, where people should read of it at once, in
//! [`plain::Milestones`] or [`verbose::line`].

mod block;
mod columns;
pub mod json;
mod judge;
mod lane;
mod live;
mod meter;
mod mode;
pub mod plain;
mod row;
mod screen;
mod state;
mod transfer;
pub mod verbose;
mod words;

pub use block::lines;
pub(in crate::ui) use json::json_line;
pub use lane::{Lane, Phase};
pub use live::Progress;
pub use meter::{Latencies, Rate};
pub use mode::Mode;
pub use state::{Facts, State, Totals};
pub use transfer::Transfers;

#[cfg(test)]
mod scripts;
