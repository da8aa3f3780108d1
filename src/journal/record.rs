//! What is kept of a cell: the line of the journal, and what every output is made of.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::grade::{Answer, Grade, Graded, Measured};
use crate::units::Usd;

/// What became of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Graded: right.
    Pass,
    /// Graded: wrong.
    Fail,
    /// Every allowed attempt ran out of time.
    Timeout,
    /// No gradable answer: API, network, protocol or grader error.
    Error,
    /// Never finished: deadline, budget, circuit breaker, interrupt.
    Skipped,
}

impl Verdict {
    /// All of them, in the order they are shown.
    pub const ALL: [Self; 5] = [Self::Pass, Self::Fail, Self::Timeout, Self::Error, Self::Skipped];

    /// The word in every output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Timeout => "timeout",
            Self::Error => "error",
            Self::Skipped => "skipped",
        }
    }
}

/// Why a cell has no gradable answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErrorInfo {
    /// A word from a fixed list: those of `openrouter::ErrorKind`, `grader`, or the reason of a skip (`deadline`,
    /// `budget`, `give_up`, `model_gone`, `account`, `interrupted`, `sink`).
    pub kind: String,
    /// For people.
    pub message: String,
}

/// One HTTP request for a cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttemptRecord {
    /// When it was sent, RFC 3339 UTC with milliseconds.
    pub started_at: String,
    /// From the cell being ready for this attempt to the request being sent: slot, rate limit and backoff.
    pub waited_ms: f64,
    /// From sending to its end, however it ended.
    pub duration_ms: f64,
    /// To the first token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttft_ms: Option<f64>,
    /// The HTTP status, or the code inside a 200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why it failed; `None`: it gave the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorInfo>,
    /// The provider that served or failed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// OpenRouter's `error_type`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_type: Option<String>,
    /// The provider's own words, at most 2 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    /// What the server asked us to wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<f64>,
    /// `gen-…`, for looking up what it cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation_id: Option<String>,
    /// What it cost, where reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Usd>,
}

impl AttemptRecord {
    /// Whether our own clock ended it.
    pub fn timed_out(&self) -> bool {
        let timeouts = ["timeout", "first_token_timeout", "idle_timeout"];
        self.error.as_ref().is_some_and(|error| timeouts.contains(&error.kind.as_str()))
    }

    /// Whether it may have cost something that nobody reported.
    pub fn cost_unknown(&self) -> bool {
        may_have_cost(self.cost, self.error.as_ref().map(|error| error.kind.as_str()), self.ttft_ms)
    }
}

/// Whether an attempt may have cost something that nobody reported: it was answered, a part of an answer had arrived,
/// or the exchange broke off while the model may have been at work. What was refused (limits, bad requests, a provider
/// that failed at once) costs nothing.
pub(crate) fn may_have_cost(cost: Option<Usd>, error_kind: Option<&str>, ttft_ms: Option<f64>) -> bool {
    let at_work = match error_kind {
        None => true,
        Some(kind) => matches!(
            kind,
            "timeout"
                | "first_token_timeout"
                | "idle_timeout"
                | "upstream_timeout"
                | "connection_lost"
                | "truncated"
                | "protocol"
                | "too_large"
                | "cancelled"
        ),
    };
    cost.is_none() && (at_work || ttft_ms.is_some())
}

/// Tokens of the attempt that gave the answer; unknown is `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// Prompt, cached ones included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<u64>,
    /// Answer, reasoning included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completion: Option<u64>,
    /// Reasoning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<u64>,
    /// Read from the provider's cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached: Option<u64>,
}

impl Tokens {
    /// Completion tokens after the first ÷ (latency − ttft), a second. `None` where any of them is unknown, or first and
    /// last came at once: within a millisecond the network was timed, not the model.
    ///
    /// Reasoning that was never sent came before the first token that was, so it does not count: with it a model that
    /// thinks for a second and then sends three words at once would be the fastest of all.
    pub fn per_second(self, latency_ms: f64, ttft_ms: f64, reasoning_seen: bool) -> Option<f64> {
        let ms = latency_ms - ttft_ms;
        let unseen = if reasoning_seen { 0 } else { self.reasoning.unwrap_or(0) };
        let tokens = self.completion?.checked_sub(unseen)?.checked_sub(1)? as f64;
        (ms >= 1.0 && tokens > 0.0).then(|| tokens / (ms / 1000.0))
    }
}

/// Where a cost comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CostSource {
    /// The endpoint said so.
    Reported,
    /// Computed from tokens and prices.
    Estimated,
}

impl CostSource {
    /// The word in `cost_source`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Estimated => "estimated",
        }
    }
}

/// What a model was asked for while a cell was graded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AskKind {
    /// A chat completion.
    Chat,
    /// The embeddings of texts.
    Embedding,
}

/// What a grader asked a model, and what that took. A cell that was graded more than once has those of every time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AskRecord {
    /// The judge's name.
    pub model: String,
    /// What for.
    pub kind: AskKind,
    /// Of an embedding: how many texts this cell was the first to ask for. Its tokens and costs are their share of the
    /// requests, which hold texts of other cells too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub texts: Option<u32>,
    /// Every HTTP request, in order. Empty where none was sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<AttemptRecord>,
    /// What a chat model answered, at most 4 KiB of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// Of the request that gave the answer: sending to last byte.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<f64>,
    /// From asking to that request being sent, without the time that earlier ones were in flight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue_ms: Option<f64>,
    /// Tokens of that request.
    #[serde(default)]
    pub tokens: Tokens,
    /// What all requests together cost, as far as known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Usd>,
    /// Where the cost comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_source: Option<CostSource>,
    /// The model that answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub served_model: Option<String>,
    /// Why the answer ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish_reason: Option<String>,
    /// Why there is no answer: a word of `openrouter::ErrorKind`, or the reason for which the judge stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorInfo>,
}

/// A finished cell. Unknown is `None`, never 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CellRecord {
    /// The cell's stable id.
    pub cell: String,
    /// The model's name.
    pub model: String,
    /// The prompt's id.
    pub prompt: String,
    /// The case's id.
    pub case: String,
    /// The k-th time the case is asked, from 1.
    pub repeat: u32,
    /// What became of it.
    pub verdict: Verdict,
    /// 0 to 1; only of graded cells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// What was answered, reasoning not in it. Kept for every answer that arrived, graded or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// The reasoning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<String>,
    /// Tool calls of the answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<serde_json::Value>,
    /// The model's refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// Why there is no gradable answer: of error, timeout and skipped cells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorInfo>,
    /// What each grader said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grades: Vec<Grade>,
    /// Every HTTP request, in order. Empty where none was sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<AttemptRecord>,
    /// Of the attempt that gave the answer: sending to last byte. None for an answer from a cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<f64>,
    /// Of the same attempt: sending to first token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttft_ms: Option<f64>,
    /// From the cell being ready to the answering (else the last) attempt being sent, without the time that earlier
    /// attempts were in flight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue_ms: Option<f64>,
    /// Tokens of the answering attempt.
    #[serde(default)]
    pub tokens: Tokens,
    /// What all attempts together cost, as far as known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Usd>,
    /// Where the cost comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_source: Option<CostSource>,
    /// The model that answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub served_model: Option<String>,
    /// Who served it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Why the answer ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish_reason: Option<String>,
    /// `gen-…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation_id: Option<String>,
    /// When the first attempt was sent, RFC 3339 UTC with milliseconds; none where nothing was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// When the cell ended, the same form.
    pub ended_at: String,
    /// A simulator answered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub simulated: bool,
    /// What its graders asked other models.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asks: Vec<AskRecord>,
    /// What that cost, as far as known; no part of `cost`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grading_cost: Option<Usd>,
    /// When it was graded again the last time, RFC 3339 UTC: the `at` of that grading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graded_at: Option<String>,
    /// What other graders said before, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<EarlierGrades>,
}

/// What a cell was before it was graded again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EarlierGrades {
    /// When it was graded again, RFC 3339 UTC.
    pub until: String,
    /// What had become of it.
    pub verdict: Verdict,
    /// Its score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// The grader's error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorInfo>,
    /// What each grader said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grades: Vec<Grade>,
}

impl CellRecord {
    /// Whether an answer arrived, so that its latency counts.
    pub fn answered(&self) -> bool {
        matches!(self.verdict, Verdict::Pass | Verdict::Fail) || self.error.as_ref().is_some_and(|e| e.kind == "grader")
    }

    /// The answer as graders see it.
    pub fn answer(&self) -> Answer {
        Answer {
            text: self.output.clone().unwrap_or_default(),
            reasoning: self.reasoning.clone(),
            tool_calls: self.tool_calls.clone(),
            refusal: self.refusal.clone(),
            finish_reason: self.finish_reason.clone(),
        }
    }

    /// What graders may know of how the answer came.
    pub fn measured(&self) -> Measured {
        let duration = |ms: Option<f64>| ms.and_then(|ms| Duration::try_from_secs_f64(ms / 1000.0).ok());
        Measured {
            latency: duration(self.latency_ms),
            ttft: duration(self.ttft_ms),
            cost: self.cost,
            prompt_tokens: self.tokens.prompt,
            completion_tokens: self.tokens.completion,
            reasoning_tokens: self.tokens.reasoning,
        }
    }

    /// Enters the grades of its answer, and what they make of the cell: a grader that failed makes it an `error`.
    pub fn settle(&mut self, graded: Graded) {
        self.verdict = match graded.pass {
            Some(true) => Verdict::Pass,
            Some(false) => Verdict::Fail,
            None => Verdict::Error,
        };
        self.score = graded.score.filter(|_| graded.pass.is_some());
        self.error = graded.pass.is_none().then(|| {
            let message = graded.unable().map_or_else(
                || "a grader failed".to_owned(),
                |grade| format!("{}: {}", grade.grader, grade.reason.as_deref().unwrap_or("the grader failed")),
            );
            ErrorInfo { kind: "grader".to_owned(), message }
        });
        self.grades = graded.grades;
    }

    /// Whether it was answered and the answer not graded: the run was interrupted in between. It need not be asked
    /// again.
    pub fn awaits_grading(&self) -> bool {
        let whole = self.attempts.last().is_some_and(|attempt| attempt.error.is_none());
        self.verdict == Verdict::Skipped && self.output.is_some() && whole
    }

    /// Whether its grading failed because a model that a grader asked gave nothing.
    pub fn judge_failed(&self) -> bool {
        self.error.as_ref().is_some_and(|error| error.kind == "grader")
            && self.asks.iter().any(|ask| ask.error.is_some())
    }

    /// Adds what its graders asked, and what that cost.
    pub fn add_asks(&mut self, asks: Vec<AskRecord>) {
        self.asks.extend(asks);
        self.grading_cost = self.asks.iter().filter_map(|ask| ask.cost).reduce(|sum, cost| sum + cost);
    }

    /// As [`Tokens::per_second`].
    pub fn tokens_per_second(&self) -> Option<f64> {
        self.tokens.per_second(self.latency_ms?, self.ttft_ms?, self.reasoning.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_a_second_leave_out_the_first_and_reasoning_that_was_never_sent() {
        let tokens = Tokens { completion: Some(101), reasoning: Some(80), ..Tokens::default() };
        assert_eq!(tokens.per_second(3000.0, 1000.0, true), Some(50.0));
        assert_eq!(tokens.per_second(3000.0, 1000.0, false), Some(10.0));
        assert_eq!(tokens.per_second(1000.0, 1000.0, true), None);
        assert_eq!(tokens.per_second(1000.04, 1000.0, true), None);
        let one = Tokens { completion: Some(1), ..Tokens::default() };
        assert_eq!(one.per_second(3000.0, 1000.0, true), None);
        assert_eq!(Tokens::default().per_second(3000.0, 1000.0, true), None);
        let odd = Tokens { completion: Some(5), reasoning: Some(9), ..Tokens::default() };
        assert_eq!(odd.per_second(3000.0, 1000.0, false), None);
    }
}
