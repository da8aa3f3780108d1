//! What a right answer to a case looks like, by its graders: what simulated models are told, so that a simulated run
//! has passes and fails whatever it is graded by.
//!
//! In: a grader's options and a case. Out: an answer that would pass, where the grader can name one in a few lines.
//! Nothing that is graded depends on it.

use serde_json::Value;

use super::case::CaseFacts;
use super::extract::Extract;
use super::set::{BuiltGrader, GraderSet};

/// An answer that would pass.
#[derive(Debug, Clone, PartialEq)]
pub enum Example {
    /// This text.
    Text(String),
    /// This value.
    Json(Value),
    /// Any value that keeps to this JSON Schema.
    Schema(Value),
    /// These calls of tools; of none: an answer in words.
    Calls(Vec<ExampleCall>),
}

/// A call of a tool.
#[derive(Debug, Clone, PartialEq)]
pub struct ExampleCall {
    /// The tool's name.
    pub name: String,
    /// Its arguments; `None`: any.
    pub arguments: Option<Value>,
}

/// What has to stand before and behind an answer for it to be found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Frame {
    /// In front of it.
    pub before: String,
    /// Behind it.
    pub after: String,
}

impl BuiltGrader {
    /// An answer that would pass, in the form that it is looked for; `None` where it cannot be told.
    fn example(&self, case: &CaseFacts<'_>) -> Option<(Example, Frame)> {
        let frame = self.extract.as_ref().and_then(Extract::frame);
        let expected = || match case.expected()? {
            Value::String(text) => Some(Example::Text(text.clone())),
            _ => None,
        };
        // A frame by itself is worth telling: the usual answer would not be found.
        let example = self.grader.example(case).or_else(|| frame.is_some().then(expected).flatten())?;
        Some((example, frame.unwrap_or_default()))
    }
}

impl GraderSet {
    /// What the first grader that counts and can tell takes for a right answer.
    pub fn example(&self, case: &CaseFacts<'_>) -> Option<(Example, Frame)> {
        first(self.graders.iter().map(AsRef::as_ref), case)
    }
}

/// What the first of these that counts and can tell takes for a right answer.
pub(super) fn first<'g>(
    graders: impl Iterator<Item = &'g BuiltGrader>,
    case: &CaseFacts<'_>,
) -> Option<(Example, Frame)> {
    graders.filter(|grader| grader.weight > 0.0 && !grader.not).find_map(|grader| grader.example(case))
}
