//! What is known of a group of cells, and the figures that follow from it.

use std::sync::Arc;
use std::time::Duration;

use super::judging::JudgeSummary;
use super::repeats::Repeats;
use super::scores::Scores;
use super::trouble::Trouble;
use crate::journal::LaneEnding;
use crate::stats::{quantile, wilson};
use crate::units::Usd;

/// The confidence of the intervals in the outputs.
pub(super) const CONFIDENCE: f64 = 0.95;

/// Tokens over answered cells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TokenSum {
    /// Those that were reported.
    pub known: u64,
    /// Answered cells for which nobody reported them.
    pub unknown_cells: u64,
}

impl TokenSum {
    /// The sum; `None` where a part of it is unknown, or nothing was answered.
    pub fn total(self, answered: u64) -> Option<u64> {
        (self.unknown_cells == 0 && answered > 0).then_some(self.known)
    }

    pub(super) fn add(&mut self, tokens: Option<u64>) {
        match tokens {
            Some(tokens) => self.known = self.known.saturating_add(tokens),
            None => self.unknown_cells += 1,
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.known = self.known.saturating_add(other.known);
        self.unknown_cells += other.unknown_cells;
    }
}

/// A group of cells: all of a model, or those of a model and one prompt.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    /// Planned cells.
    pub cells: u64,
    /// Graded right.
    pub pass: u64,
    /// Graded wrong.
    pub fail: u64,
    /// Ran out of time in every attempt.
    pub timeout: u64,
    /// Without a gradable answer.
    pub error: u64,
    /// Never finished.
    pub skipped: u64,
    /// Cells whose answer arrived, graded or not.
    pub answered: u64,
    /// Sum of the scores of graded cells.
    pub score_sum: f64,
    /// Some score is not just the verdict (1 for a pass, 0 for a fail).
    pub graded_finely: bool,
    /// What each grader said.
    pub scores: Scores,
    /// What the repeats of each case tell; `None` where each is asked once.
    pub repeats: Option<Repeats>,
    /// Latencies of answered cells in milliseconds, ascending. Answers from a cache have none.
    pub latencies_ms: Arc<[f64]>,
    /// Times to the first token in milliseconds, ascending.
    pub ttfts_ms: Arc<[f64]>,
    /// Tokens a second, ascending.
    pub tokens_per_s: Arc<[f64]>,
    /// Prompt tokens.
    pub prompt_tokens: TokenSum,
    /// Completion tokens, reasoning included.
    pub completion_tokens: TokenSum,
    /// What was reported or estimated, added up exactly.
    pub cost_known: Usd,
    /// Asked cells some of whose cost may be missing in `cost_known`.
    pub cost_unknown: u64,
    /// Cells with a cost, be it zero. Without any, nothing is known of what the model costs.
    pub cost_reported: u64,
    /// Cells whose cost was computed from tokens and prices.
    pub cost_estimated: u64,
    /// Cells for which a request was sent.
    pub asked: u64,
    /// Requests sent.
    pub attempts: u64,
    /// Answers that came from another model than the asked one.
    pub fallbacks: u64,
    /// Answers cut off by the limit on their length.
    pub cut: u64,
    /// Answers with nothing in them.
    pub empty: u64,
    /// From the first request to the end of the last cell, pauses before a resumption left out.
    pub wall: Option<Duration>,
    /// What kept cells from being graded: timeouts, errors, skips, each kind the most frequent first.
    pub troubles: Vec<Trouble>,
}

impl Figures {
    /// Cells that count towards accuracy.
    pub fn counted(&self) -> u64 {
        self.pass + self.fail + self.timeout
    }

    /// pass / (pass + fail + timeout).
    pub fn accuracy(&self) -> Option<f64> {
        (self.counted() > 0).then(|| self.pass as f64 / self.counted() as f64)
    }

    /// The 95 % Wilson interval of the accuracy.
    pub fn accuracy_interval(&self) -> Option<(f64, f64)> {
        wilson(self.pass, self.counted(), CONFIDENCE)
    }

    /// The mean score over the cells that count in accuracy: a timeout adds nothing to the sum and one to the count.
    pub fn score_mean(&self) -> Option<f64> {
        (self.counted() > 0).then(|| self.score_sum / self.counted() as f64)
    }

    /// A quantile of the latency in milliseconds.
    pub fn latency_ms(&self, p: f64) -> Option<f64> {
        quantile(&self.latencies_ms, p)
    }

    /// The mean latency in milliseconds.
    pub fn latency_mean_ms(&self) -> Option<f64> {
        let n = self.latencies_ms.len();
        (n > 0).then(|| self.latencies_ms.iter().sum::<f64>() / n as f64)
    }

    /// A quantile of the time to the first token in milliseconds.
    pub fn ttft_ms(&self, p: f64) -> Option<f64> {
        quantile(&self.ttfts_ms, p)
    }

    /// The median of the tokens a second.
    pub fn tokens_per_s_p50(&self) -> Option<f64> {
        quantile(&self.tokens_per_s, 0.5)
    }

    /// What it cost; `None` where a part of it is unknown, or nobody reported any cost.
    pub fn cost(&self) -> Option<Usd> {
        (self.cost_unknown == 0 && self.cost_reported > 0).then_some(self.cost_known)
    }

    /// What a right answer cost; `None` where the cost is unknown or there is no right answer.
    pub fn cost_per_pass(&self) -> Option<Usd> {
        self.cost()?.per(self.pass)
    }

    /// Requests beyond the first of each cell.
    pub fn retries(&self) -> u64 {
        self.attempts - self.asked
    }
}

/// A model's figures.
#[derive(Debug, Clone)]
pub struct ModelSummary {
    /// The unique label.
    pub name: String,
    /// What was sent as `model`.
    pub id: String,
    /// Over all its cells.
    pub total: Figures,
    /// By prompt, in plan order.
    pub prompts: Vec<Figures>,
    /// Why its run stopped early, where it did.
    pub ending: Option<LaneEnding>,
}

/// A run's figures.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// The models in plan order.
    pub models: Vec<ModelSummary>,
    /// The models that graders asked, in the order of the manifest. What they cost is no part of the models' figures.
    pub judges: Vec<JudgeSummary>,
    /// From the first request of the run to the end of its last cell, pauses before a resumption left out.
    pub wall: Option<Duration>,
}
