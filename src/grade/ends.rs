//! `starts_with` and `ends_with`: the answer begins, or ends, with a text.

use std::borrow::Cow;

use serde_json::Value;

use super::case::{BuildContext, CaseFacts};
use super::contains::empty_texts;
use super::exact::Options;
use super::expectation::Need;
use super::family::Family;
use super::normal::{Normal, read_with_normal, schema_with_normal};
use super::options::{OptionErrors, Texts};
use super::types::{Grader, Grading, Judgement, Subject};
use super::words::{any_of, got, got_end};

pub(super) const STARTS_WITH: Family = Family {
    name: "starts_with",
    about: "the answer begins with a text, or one of a list",
    build: |options, _: &BuildContext<'_>| build(options, End::Start),
    schema: schema_with_normal::<Options>,
};

pub(super) const ENDS_WITH: Family = Family {
    name: "ends_with",
    about: "the answer ends with a text, or one of a list",
    build: |options, _: &BuildContext<'_>| build(options, End::End),
    schema: schema_with_normal::<Options>,
};

/// Which end of the answer is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Start,
    End,
}

impl End {
    const fn need(self) -> Need {
        let grader = match self {
            Self::Start => "starts_with",
            Self::End => "ends_with",
        };
        Need { grader, what: "a text", option: "value", example: "yes" }
    }

    const fn verb(self) -> &'static str {
        match self {
            Self::Start => "begin",
            Self::End => "end",
        }
    }

    /// As much of an answer as a near miss of these texts can take: not worth several more passes over all of it.
    fn part<'a>(self, answer: &'a str, texts: &[Cow<'_, str>]) -> &'a str {
        let most = 2 * texts.iter().map(|text| text.len()).max().unwrap_or(0) + 1000;
        match self {
            Self::Start => &answer[..answer.floor_char_boundary(most)],
            Self::End => &answer[answer.ceil_char_boundary(answer.len().saturating_sub(most))..],
        }
    }

    fn holds(self, answer: &str, text: &str) -> bool {
        match self {
            Self::Start => answer.starts_with(text),
            Self::End => answer.ends_with(text),
        }
    }
}

#[derive(Debug)]
struct Ends {
    end: End,
    value: Option<Texts>,
    normal: Normal,
}

fn build(options: &Value, end: End) -> Result<Box<dyn Grader>, OptionErrors> {
    let (Options { value, trim }, normal) = read_with_normal(options)?;
    let normal = Normal { trim, ..normal };
    let errors = empty_texts("value", value.as_ref(), normal);
    if errors.is_empty() { Ok(Box::new(Ends { end, value, normal })) } else { Err(OptionErrors(errors)) }
}

impl Grader for Ends {
    fn grade<'a>(&'a self, subject: Subject<'a>) -> Grading<'a> {
        Grading::Ready(match self.end.need().texts(self.value.as_ref(), subject.expected) {
            Ok(texts) => self.judge(&subject, &texts),
            Err(reason) => Judgement::unable(reason),
        })
    }

    fn check(&self, case: &CaseFacts<'_>) -> Result<(), String> {
        let need = self.end.need();
        let texts = need.texts(self.value.as_ref(), case.expected())?;
        if texts.iter().any(|text| self.normal.apply(text).is_empty()) {
            return Err(format!("`{}` cannot fail: every answer {}s with an empty text", need.grader, self.end.verb()));
        }
        Ok(())
    }
}

impl Ends {
    fn judge(&self, subject: &Subject<'_>, texts: &[Cow<'_, str>]) -> Judgement {
        let (answer, verb) = (subject.answer, self.end.verb());
        let came = match self.end {
            End::Start => got(answer),
            End::End => got_end(answer),
        };
        if let Some(text) = self.found(self.normal, &answer.text, texts) {
            return Judgement::pass(format!("{came} {verb}s with {}", any_of(std::slice::from_ref(text), "or")));
        }
        let near = self.end.part(&answer.text, texts);
        let near = self.normal.looser().into_iter().find(|(normal, _)| self.found(*normal, near, texts).is_some());
        let near = near.map_or_else(String::new, |(_, option)| format!(" (so it is with `{option}`)"));
        Judgement::fail(format!("expected the answer to {verb} with {}, got {came}{near}", any_of(texts, "or")))
    }

    /// The text that the answer begins or ends with.
    fn found<'t, 'a>(&self, normal: Normal, answer: &str, texts: &'t [Cow<'a, str>]) -> Option<&'t Cow<'a, str>> {
        let answer = normal.apply(answer);
        texts.iter().find(|text| {
            let text = normal.apply(text);
            !text.is_empty() && self.end.holds(&answer, &text)
        })
    }
}
