//! What a gate is judged on.

use crate::units::Usd;

/// What was measured of one model in a run. `cells` = `pass` + `fail` + `timeout` + `error` + `skipped`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measures {
    /// The model's name.
    pub model: String,
    /// Planned cells.
    pub cells: u64,
    /// Cells graded right.
    pub pass: u64,
    /// Cells graded wrong.
    pub fail: u64,
    /// Cells whose every attempt ran out of time.
    pub timeout: u64,
    /// Cells without a gradable answer.
    pub error: u64,
    /// Cells that never finished.
    pub skipped: u64,
    /// Cells for which an answer arrived (`CellRecord::answered`): `pass`, `fail`, and those whose grader failed.
    pub answered: u64,
    /// The sum of the scores of graded cells. The mean is over `pass` + `fail` + `timeout`: a timeout scores 0.
    pub score_sum: f64,
    /// Milliseconds, sorted ascending, of the answered cells that have a latency (an answer from a cache has none).
    pub latencies_ms: Vec<f64>,
    /// Milliseconds, sorted ascending, of the answered cells that have a time to first token.
    pub ttfts_ms: Vec<f64>,
    /// Tokens a second, sorted ascending, of the answered cells for which they are known.
    pub tokens_per_s: Vec<f64>,
    /// The sum of all costs that are known; `None` where no cost at all is known.
    pub cost: Option<Usd>,
    /// Cells for which a request was sent whose cost is not known.
    pub cost_unknown: u64,
}

impl Measures {
    /// Cells that say something about the model: the denominator of accuracy.
    pub(super) fn judged(&self) -> u64 {
        self.pass + self.fail + self.timeout
    }

    /// Cells that say nothing about the model and could change a metric.
    pub(super) fn unknown(&self) -> u64 {
        self.error + self.skipped
    }

    /// Unknown cells for which no answer arrived, so that not even their latency is known.
    pub(super) fn unanswered(&self) -> u64 {
        let answered_without_verdict = self.answered.saturating_sub(self.pass + self.fail);
        self.unknown().saturating_sub(answered_without_verdict)
    }
}
