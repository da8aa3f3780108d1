//! What graders look at and what they say.

use std::borrow::Cow;
use std::fmt::Debug;
use std::time::Duration;

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::text::excerpt;
use crate::units::Usd;

use super::case::CaseFacts;
use super::example::Example;
use super::services::{Asked, Needs, Services};
use super::shuffle::Shuffle;

/// The bytes kept of what was taken out of an answer.
const EXTRACT_LIMIT: usize = 500;

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
    /// Tokens of the prompt.
    pub prompt_tokens: Option<u64>,
    /// Tokens of the answer, reasoning included.
    pub completion_tokens: Option<u64>,
    /// Reasoning tokens.
    pub reasoning_tokens: Option<u64>,
}

/// All that a grader may look at.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The case's id.
    pub case: &'a str,
    /// What was asked, for graders that show it to somebody.
    pub asked: &'a dyn Asked,
    /// Models and programs that may be asked.
    pub services: &'a dyn Services,
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
    /// An answer by itself: of no case, nothing measured, nobody to ask.
    pub fn new(answer: &'a Answer, expected: Option<&'a Value>, vars: &'a Map<String, Value>) -> Self {
        Self { case: "", asked: &(), services: &(), answer, expected, vars, measured: Measured::default() }
    }

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
    /// How much it counts among its like; 0 counts for nothing, in verdict and score.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub weight: f64,
    /// A fail as there was nothing to grade: `extract` found nothing. `not` leaves it a fail.
    #[serde(default, skip_serializing_if = "is_false")]
    pub nothing: bool,
    /// Of the graders it is put together of, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Self>,
}

const fn one() -> f64 {
    1.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn is_one(weight: &f64) -> bool {
    weight.to_bits() == 1.0_f64.to_bits()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

impl Grade {
    /// Whether it has a say in verdict and score.
    pub fn counts(&self) -> bool {
        self.weight > 0.0
    }
}

/// What a family's grader says; [`BuiltGrader`](super::set::BuiltGrader) makes a [`Grade`] of it.
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
    /// A fail as there was nothing to grade, which `not` leaves a fail.
    pub nothing: bool,
    /// Of the graders it is put together of.
    pub parts: Vec<Grade>,
}

impl Judgement {
    const fn new(pass: Option<bool>, reason: String) -> Self {
        Self { pass, score: None, reason, extracted: None, nothing: false, parts: Vec::new() }
    }

    /// Right, and why.
    pub fn pass(reason: impl Into<String>) -> Self {
        Self::new(Some(true), reason.into())
    }

    /// Wrong, and why.
    pub fn fail(reason: impl Into<String>) -> Self {
        Self::new(Some(false), reason.into())
    }

    /// Neither: the grader itself failed, and why.
    pub fn unable(reason: impl Into<String>) -> Self {
        Self::new(None, reason.into())
    }

    /// Wrong, as there was nothing to grade; also where the opposite is asked for.
    pub fn nothing(reason: impl Into<String>) -> Self {
        Self { nothing: true, ..Self::fail(reason) }
    }

    /// With what was taken out of the answer to be compared, cut to a size fit for a record.
    #[must_use]
    pub fn with_extracted(mut self, extracted: &str) -> Self {
        self.extracted = Some(excerpt(extracted, EXTRACT_LIMIT).into_owned());
        self
    }
}

/// A judgement that is here, or one that has to be waited for.
pub enum Grading<'a> {
    /// Pure graders.
    Ready(Judgement),
    /// Graders that ask a model or a program, and those that are put together of others.
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

    /// Whether this grader can work with this case; asked for every case before anything is sent.
    ///
    /// # Errors
    /// A lower-case fragment that says what is missing or wrong.
    fn check(&self, case: &CaseFacts<'_>) -> Result<(), String>;

    /// The option at fault where [`check`](Self::check) refuses a case, as a path inside the grader's entry: a template
    /// that names what the case has not. `None`: the case itself.
    fn at_fault(&self, _case: &CaseFacts<'_>) -> Option<String> {
        None
    }

    /// Whether the answer's text has a say: else there is nothing to `extract` for it.
    fn reads_text(&self) -> bool {
        true
    }

    /// An answer to this case that would pass, where one is easily told: simulated models say it. `expect` as it stands
    /// is what they say otherwise.
    fn example(&self, _case: &CaseFacts<'_>) -> Option<Example> {
        None
    }

    /// What it needs besides the answer. A grader that needs a model or a program may return [`Grading::Pending`].
    fn needs(&self) -> Needs {
        Needs::default()
    }

    /// The variables whose options are reordered before a case is asked.
    fn shuffles(&self) -> Vec<Shuffle> {
        Vec::new()
    }
}
