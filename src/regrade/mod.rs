//! Recorded answers graded again with other graders: nothing is asked but what a judge or an embedding needs.
//!
//! In: a run's manifest and journal, and a suite whose graders (and expectations) may have changed. Out: for every
//! answer whose grades are different now a further line in the journal, the old grades kept in it; a manifest with the
//! new graders; and which verdicts changed.
//!
//! `matching` finds each of the run's cases in the suite, and refuses a suite that asks something else: the recorded
//! answers are not answers to that. `work` grades, on all cores. `changes` is what came of it.

mod changes;
mod matching;
mod work;

pub use changes::{Change, Changes};
pub use matching::{CaseHead, Matching, Mismatch};
pub use work::{Regrade, RegradeError, regrade};
