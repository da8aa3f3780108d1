//! What a right answer to a case looks like, by its graders: what simulated models are told, so that a simulated run
//! has passes and fails whatever it is graded by.
//!
//! In: a grader's options and a case. Out: an answer that would pass, where the grader can name one in a few lines.
//! Nothing that is graded depends on it.

use std::sync::Arc;

use serde_json::Value;

use super::case::CaseFacts;
use super::extract::Extract;
use super::set::{BuiltGrader, GraderSet};

/// An answer that would pass.
#[derive(Debug, Clone, PartialEq)]
pub enum Example {
    /// This text, in whatever words around it.
    Text(String),
    /// This text, with nothing around it: what stands around it has a say, too.
    Whole(String),
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
    /// What the first grader that counts and can tell takes for a right answer. Where that is to call no tool, the next
    /// one says what is answered instead.
    pub fn example(&self, case: &CaseFacts<'_>) -> Option<(Example, Frame)> {
        let silent = |example: &Example| matches!(example, Example::Calls(calls) if calls.is_empty());
        let mut told = examples(self.graders.iter().map(AsRef::as_ref), case);
        match told.next()? {
            (first, frame) if silent(&first) => {
                Some(told.find(|(next, _)| !matches!(next, Example::Calls(_))).unwrap_or((first, frame)))
            }
            first => Some(first),
        }
    }

    /// An answer that would fail: what the first grader that counts, is turned around by `not` and can tell would pass.
    pub fn counterexample(&self, case: &CaseFacts<'_>) -> Option<String> {
        let turned = self.graders.iter().filter(|grader| grader.weight > 0.0 && grader.not);
        let text = |grader: &Arc<BuiltGrader>| match grader.example(case)? {
            (Example::Text(text) | Example::Whole(text), Frame { before, after }) => {
                Some(format!("{before}{text}{after}"))
            }
            _ => None,
        };
        turned.into_iter().find_map(text)
    }
}

/// What each of these that counts and can tell takes for a right answer.
fn examples<'g>(
    graders: impl Iterator<Item = &'g BuiltGrader>,
    case: &CaseFacts<'_>,
) -> impl Iterator<Item = (Example, Frame)> {
    graders.filter(|grader| grader.weight > 0.0 && !grader.not).filter_map(|grader| grader.example(case))
}

/// What the first of these that counts and can tell takes for a right answer.
pub(super) fn first<'g>(
    graders: impl Iterator<Item = &'g BuiltGrader>,
    case: &CaseFacts<'_>,
) -> Option<(Example, Frame)> {
    examples(graders, case).next()
}
