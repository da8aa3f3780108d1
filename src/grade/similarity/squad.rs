//! `squad_em`: the exact match of `SQuAD`'s evaluation script, and the normalisation behind it and `f1`.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::grade::case::{BuildContext, CaseFacts};
use crate::grade::expectation::Need;
use crate::grade::family::Family;
use crate::grade::options::{self, OptionErrors, Texts};
use crate::grade::types::{Grader, Grading, Judgement, Subject};
use crate::grade::words::{any_of, got, quote};

use super::python;

pub(in crate::grade) const FAMILY: Family = Family {
    name: "squad_em",
    about: "the answer is the expected text but for case, punctuation and articles",
    build,
    schema: options::schema::<Options>,
};

const NEED: Need = Need { grader: "squad_em", what: "a text", option: "value", example: "Denver Broncos" };

/// The options of `squad_em`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Options {
    /// A reference or a list; without it the case's `expect`.
    value: Option<Texts>,
}

#[derive(Debug)]
struct ExactMatch {
    value: Option<Texts>,
}

fn build(options: &Value, _: &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors> {
    let Options { value } = options::read(options)?;
    Ok(Box::new(ExactMatch { value }))
}

impl Grader for ExactMatch {
    fn grade<'a>(&'a self, subject: Subject<'a>) -> Grading<'a> {
        let references = match NEED.texts(self.value.as_ref(), subject.expected) {
            Ok(references) => references,
            Err(reason) => return Grading::Ready(Judgement::unable(reason)),
        };
        let answer = Normal::SQUAD.apply(&subject.answer.text);
        let same = |reference: &&Cow<'_, str>| Normal::SQUAD.apply(reference) == answer;
        Grading::Ready(if let Some(reference) = references.iter().find(same) {
            Judgement::pass(format!("the answer is {}, normalised", quote(reference)))
        } else {
            let expected = any_of(&references, "or");
            let compared = format!("compared as {}; `f1` gives credit for parts", quote(&answer));
            Judgement::fail(format!("expected {expected}, got {} ({compared})", got(subject.answer)))
        })
    }

    fn check(&self, case: &CaseFacts<'_>) -> Result<(), String> {
        NEED.texts(self.value.as_ref(), case.expected()).map(drop)
    }
}

/// What does not count.
#[derive(Debug, Clone, Copy)]
pub(super) struct Normal {
    pub(super) case: bool,
    pub(super) punctuation: bool,
    pub(super) articles: bool,
}

impl Normal {
    /// `normalize_answer` of the official script: lower case, no ASCII punctuation, no `a`, `an`, `the`, single blanks.
    pub(super) const SQUAD: Self = Self { case: true, punctuation: true, articles: true };

    /// The text without what does not count; whitespace never does.
    pub(super) fn apply(self, text: &str) -> String {
        let mut text = Cow::Borrowed(text);
        if self.case {
            text = Cow::Owned(text.to_lowercase());
        }
        if self.punctuation {
            text.to_mut().retain(|c| !c.is_ascii_punctuation());
        }
        if self.articles {
            text = Cow::Owned(without_articles(&text));
        }
        let mut words = String::with_capacity(text.len());
        for word in python::split(&text) {
            if !words.is_empty() {
                words.push(' ');
            }
            words.push_str(word);
        }
        words
    }
}

/// A blank for each `a`, `an` and `the` that is a word of its own.
fn without_articles(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (word, after) = rest.split_at(rest.find(|c| !python::is_word(c)).unwrap_or(rest.len()));
        let (between, after) = after.split_at(after.find(python::is_word).unwrap_or(after.len()));
        out.push_str(if matches!(word, "a" | "an" | "the") { " " } else { word });
        out.push_str(between);
        rest = after;
    }
    out
}
