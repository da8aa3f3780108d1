//! What all measures have in common: references, the best of them, verdict and reason.

use std::borrow::Cow;
use std::fmt::Debug;

use crate::grade::case::CaseFacts;
use crate::grade::expectation::Need;
use crate::grade::options::{OptionError, OptionErrors, Texts};
use crate::grade::types::{Grader, Grading, Judgement, Subject};
use crate::grade::words::{got, quote};

use super::settings::Threshold;

/// A way to say how alike an answer and its references are.
pub(super) trait Measure: Debug + Send + Sync {
    /// How the need for a reference is worded.
    const NEED: Need;

    /// What a pass takes, for after "expected": `a chrF of at least 0.5`.
    fn wanted(&self) -> String;

    /// What the score is called: `chrF`.
    fn label(&self) -> &str;

    /// Compares with each reference, or with all at once: then there is one result.
    fn compare(&self, answer: &str, references: &[Cow<'_, str>]) -> Vec<Compared>;

    /// Why no answer could ever be like this reference.
    fn hopeless(&self, reference: &str) -> Option<&'static str>;
}

/// How alike an answer and a reference are.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Compared {
    /// 0 to 1.
    pub(super) score: f64,
    /// The texts were too long to be compared: the score is an upper bound.
    pub(super) at_most: bool,
    /// Whether that is enough for a pass; of a bound, whether it could be.
    pub(super) enough: bool,
    /// Besides the score, in brackets.
    pub(super) detail: Option<String>,
}

impl Compared {
    /// A score that is sure.
    pub(super) fn exact(score: f64, threshold: Threshold) -> Self {
        Self { score, at_most: false, enough: threshold.met(score), detail: None }
    }

    /// A bound, where the texts are too long.
    pub(super) fn at_most(score: f64, threshold: Threshold) -> Self {
        Self { at_most: true, ..Self::exact(score, threshold) }
    }
}

/// A measure with the references it was given.
#[derive(Debug)]
pub(super) struct Similar<M> {
    value: Option<Texts>,
    measure: M,
}

impl<M: Measure + 'static> Similar<M> {
    /// A grader, where the option's references are some that an answer can be like.
    ///
    /// # Errors
    /// None of them is.
    pub(super) fn boxed(value: Option<Texts>, measure: M) -> Result<Box<dyn Grader>, OptionErrors> {
        let grader = Self { value, measure };
        if grader.value.is_some() {
            let references = grader.references(None).map_err(|message| OptionError::at("value", message, None))?;
            grader.hopeful(&references).map_err(|message| OptionError::at("value", message, None))?;
        }
        Ok(Box::new(grader))
    }

    fn references<'a>(&'a self, expected: Option<&'a serde_json::Value>) -> Result<Vec<Cow<'a, str>>, String> {
        M::NEED.texts(self.value.as_ref(), expected)
    }

    /// Whether an answer could be like one of them.
    fn hopeful(&self, references: &[Cow<'_, str>]) -> Result<(), String> {
        let reasons: Option<Vec<_>> = references.iter().map(|reference| self.measure.hopeless(reference)).collect();
        match (reasons.as_deref(), references.first()) {
            (Some([why, ..]), Some(first)) => {
                Err(format!("`{}` can never pass: {} {why}", M::NEED.grader, quote(first)))
            }
            _ => Ok(()),
        }
    }

    fn judge(&self, subject: &Subject<'_>, references: &[Cow<'_, str>]) -> Judgement {
        let compared = self.measure.compare(&subject.answer.text, references);
        let rank = |(_, compared): &(usize, &Compared)| (compared.enough && !compared.at_most, compared.score);
        let better = |a: &(usize, &Compared), b: &(usize, &Compared)| {
            rank(a).partial_cmp(&rank(b)).unwrap_or(std::cmp::Ordering::Equal)
        };
        // The first of several that are equally good.
        let Some((place, best)) = compared.iter().enumerate().rev().max_by(better) else {
            return Judgement::unable(M::NEED.missing());
        };
        let pass = best.enough && !best.at_most;
        if !pass && compared.iter().any(|compared| compared.enough && compared.at_most) {
            return Judgement::unable(format!(
                "cannot tell the {} of an answer of {} bytes and {}: both are too long to be compared",
                self.measure.label(),
                subject.answer.text.len(),
                quote(&references[place]),
            ));
        }
        let others = if references.len() > 1 { format!(" or {} more", references.len() - 1) } else { String::new() };
        let reference = references.get(place).map(|reference| quote(reference)).unwrap_or_default();
        let detail = best.detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default();
        let score = format!("{}{}{detail}", if best.at_most { "at most " } else { "" }, shown(best.score));
        let reason = if pass {
            format!("the {} with {reference} is {score}: {}", self.measure.label(), got(subject.answer))
        } else {
            format!("expected {} with {reference}{others}, got {score}: {}", self.measure.wanted(), got(subject.answer))
        };
        Judgement { score: Some(best.score), ..if pass { Judgement::pass(reason) } else { Judgement::fail(reason) } }
    }
}

impl<M: Measure + 'static> Grader for Similar<M> {
    fn grade<'a>(&'a self, subject: Subject<'a>) -> Grading<'a> {
        Grading::Ready(match self.references(subject.expected) {
            Ok(references) => self.judge(&subject, &references),
            Err(reason) => Judgement::unable(reason),
        })
    }

    fn check(&self, case: &CaseFacts<'_>) -> Result<(), String> {
        self.hopeful(&self.references(case.expected())?)
    }
}

/// A score with up to four digits behind the point, cut and not rounded: one below a threshold does not look like it.
pub(super) fn shown(score: f64) -> String {
    let cut = ((score + 1e-9) * 1e4).floor() / 1e4;
    format!("{cut}")
}
