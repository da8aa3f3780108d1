//! `exact`: the whole answer is the expected text, or one of several.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::case::{BuildContext, CaseFacts};
use super::example::Example;
use super::expectation::Need;
use super::family::Family;
use super::normal::{Normal, read_with_normal, schema_with_normal};
use super::options::{OptionErrors, Text, Texts};
use super::types::{Grader, Grading, Judgement, Subject};
use super::words::{any_of, got};

pub(super) const FAMILY: Family = Family {
    name: "exact",
    about: "the whole answer is the expected text, or one of a list",
    build,
    schema: schema_with_normal::<Options>,
};

const NEED: Need = Need { grader: "exact", what: "a text", option: "value", example: "yes" };

/// The options of `exact`, `starts_with` and `ends_with`, those of [`Normal`] apart.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Options {
    /// What is compared with; without it the case's `expect`. A list means alternatives.
    pub(super) value: Option<Texts>,
    /// Whitespace at both ends does not count.
    pub(super) trim: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { value: None, trim: true }
    }
}

#[derive(Debug)]
struct Exact {
    value: Option<Texts>,
    normal: Normal,
}

fn build(options: &Value, _: &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors> {
    let (Options { value, trim }, normal) = read_with_normal(options)?;
    Ok(Box::new(Exact { value, normal: Normal { trim, ..normal } }))
}

impl Grader for Exact {
    fn grade<'a>(&'a self, subject: Subject<'a>) -> Grading<'a> {
        Grading::Ready(match NEED.texts(self.value.as_ref(), subject.expected) {
            Ok(texts) => self.judge(&subject, &texts),
            Err(reason) => Judgement::unable(reason),
        })
    }

    fn example(&self, _: &CaseFacts<'_>) -> Option<Example> {
        self.value.as_ref().and_then(|texts| texts.0.first()).map(|Text(text)| Example::Text(text.clone()))
    }

    fn check(&self, case: &CaseFacts<'_>) -> Result<(), String> {
        NEED.texts(self.value.as_ref(), case.expected()).map(drop)
    }
}

impl Exact {
    fn judge(&self, subject: &Subject<'_>, texts: &[Cow<'_, str>]) -> Judgement {
        let answer = self.normal.apply(&subject.answer.text);
        if let Some(text) = texts.iter().find(|text| self.normal.apply(text) == answer) {
            return Judgement::pass(format!("the answer is {}", any_of(std::slice::from_ref(text), "or")));
        }
        let near = self.near_miss(&subject.answer.text, texts).unwrap_or_default();
        Judgement::fail(format!("expected {}, got {}{near}", any_of(texts, "or"), got(subject.answer)))
    }

    /// Which option would have made it a pass, where a single one would.
    fn near_miss(&self, answer: &str, texts: &[Cow<'_, str>]) -> Option<String> {
        let longest = texts.iter().map(|text| text.len()).max().unwrap_or(0);
        // Far longer than what is expected: not a near miss, and not worth more passes over it.
        if answer.len() > 2 * longest + 1000 {
            return None;
        }
        let (_, option) = self.normal.looser().into_iter().find(|(normal, _)| {
            let answer = normal.apply(answer);
            !answer.is_empty() && texts.iter().any(|text| normal.apply(text) == answer)
        })?;
        Some(format!(" (equal with `{option}`)"))
    }
}
