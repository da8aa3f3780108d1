//! Which of two models' answers is better, by a judge.
//!
//! In: a run's recorded answers, the suite's `pairwise` and an [`Asker`](crate::engine::Asker) for its judge. Out: a line
//! in the run's `pairwise.jsonl` for every two answers to one question, and from these lines win rates, a ranking and
//! what the order of the answers did.
//!
//! It is a phase of its own behind the run: no model ever waits for another's answer. `pairs` says which answers meet,
//! `compare` asks the judge in both orders, `store` keeps what it said, `tally` sums it up. What was compared is not
//! asked again.

mod compare;
mod pairs;
mod record;
mod store;
mod tally;

pub use compare::{Compare, CompareError, Compared, compare};
pub use pairs::{Pair, pairs};
pub use record::{Opinion, PairRecord, Pick};
pub use store::{Store, StoreError, read_comparisons};
pub use tally::{OrderEffect, Standing, Standings, Tally};
