//! Models that graders ask, each in a lane of its own.
//!
//! In: questions of graders, as they come. Out: answers, a record of what each took for the cell it was asked for, and
//! news for whoever shows progress and counts money. The decisions are those of every lane (`engine/lane`): limits,
//! pace, retries, `Retry-After`, concurrency that yields to 429, deadline, giving up.
//!
//! `asker` is the side of the graders, `desk` the task of one judge, `order` what goes between them, `work` a question
//! under way, `texts` the embeddings known and wanted, `share` who pays for a request that several cells needed, `entry`
//! its record, `totals` what it all took.

mod asker;
mod desk;
mod entry;
mod order;
mod share;
mod texts;
mod totals;
mod work;

#[cfg(test)]
mod tests;

pub use asker::{Asker, CellServices};
pub use totals::{JudgeNews, JudgeTotals};
