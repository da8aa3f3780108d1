//! `f1`: the tokens that answer and reference share, as `SQuAD` counts them.

use std::borrow::Cow;
use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::grade::case::BuildContext;
use crate::grade::expectation::Need;
use crate::grade::family::Family;
use crate::grade::options::{self, OptionErrors, Share, Texts};
use crate::grade::types::Grader;

use super::grader::{Compared, Measure, Similar};
use super::settings::{Number, Threshold};
use super::squad::Normal;

pub(in crate::grade) const FAMILY: Family = Family {
    name: "f1",
    about: "answer and expected text share enough words (SQuAD's token F1)",
    build,
    schema: options::schema::<Options>,
};

/// Half of the words.
const THRESHOLD: f64 = 0.5;

/// The options of `f1`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Options {
    /// A reference or a list; without it the case's `expect`.
    value: Option<Texts>,
    /// The least score that passes, 0.5 if left out: `0.35` or `35%`. `0` never fails, for the score alone.
    #[schemars(with = "Share")]
    threshold: Option<Number>,
    /// Which figure is the score.
    measure: Part,
    /// What is counted.
    unit: Unit,
    /// Case does not count.
    ignore_case: bool,
    /// ASCII punctuation does not count.
    ignore_punctuation: bool,
    /// English articles do not count.
    ignore_articles: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            value: None,
            threshold: None,
            measure: Part::F,
            unit: Unit::Words,
            ignore_case: true,
            ignore_punctuation: true,
            ignore_articles: true,
        }
    }
}

/// Which figure of an overlap is the score.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Part {
    /// The harmonic mean of both.
    #[default]
    F,
    /// The share of the answer that is in the reference.
    Precision,
    /// The share of the reference that is in the answer.
    Recall,
}

impl Part {
    /// Of `both` tokens that are in an answer and a reference of these lengths; 0 where a text has none.
    pub(super) fn of(self, both: usize, answer: usize, reference: usize) -> f64 {
        let share = |of: usize| if of == 0 { 0.0 } else { both as f64 / of as f64 };
        match self {
            Self::Precision => share(answer),
            Self::Recall => share(reference),
            Self::F if both == 0 => 0.0,
            Self::F => 2.0 * share(answer) * share(reference) / (share(answer) + share(reference)),
        }
    }
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Unit {
    /// What stands between white space.
    Words,
    /// Each character but white space: for languages that write without blanks.
    Characters,
}

#[derive(Debug)]
struct TokenF1 {
    threshold: Threshold,
    part: Part,
    unit: Unit,
    normal: Normal,
}

fn build(options: &Value, _: &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors> {
    let options: Options = options::read(options)?;
    let normal = Normal {
        case: options.ignore_case,
        punctuation: options.ignore_punctuation,
        articles: options.ignore_articles,
    };
    let threshold = Threshold::read(options.threshold, THRESHOLD, "")?;
    Similar::boxed(options.value, TokenF1 { threshold, part: options.measure, unit: options.unit, normal })
}

impl TokenF1 {
    fn tokens<'t>(&self, normalised: &'t str) -> Vec<&'t str> {
        match self.unit {
            Unit::Words => normalised.split(' ').filter(|word| !word.is_empty()).collect(),
            Unit::Characters => normalised.split("").filter(|c| !c.is_empty() && *c != " ").collect(),
        }
    }

    fn score(&self, answer: &[&str], reference: &str) -> f64 {
        let reference = self.normal.apply(reference);
        let reference = self.tokens(&reference);
        if answer.is_empty() || reference.is_empty() {
            // SQuAD 2.0: a question without an answer is answered by nothing, and by nothing else.
            return f64::from(u8::from(answer.is_empty() && reference.is_empty()));
        }
        let mut left: HashMap<&str, usize> = HashMap::new();
        for token in &reference {
            *left.entry(token).or_default() += 1;
        }
        let mut both = 0;
        for token in answer {
            if let Some(left) = left.get_mut(token).filter(|left| **left > 0) {
                *left -= 1;
                both += 1;
            }
        }
        self.part.of(both, answer.len(), reference.len())
    }
}

impl Measure for TokenF1 {
    const NEED: Need = Need { grader: "f1", what: "a text", option: "value", example: "Denver Broncos" };

    fn wanted(&self) -> String {
        format!("a {} of at least {}", self.label(), self.threshold)
    }

    fn label(&self) -> &'static str {
        match self.part {
            Part::F => "token F1",
            Part::Precision => "token precision",
            Part::Recall => "token recall",
        }
    }

    fn compare(&self, answer: &str, references: &[Cow<'_, str>]) -> Vec<Compared> {
        let answer = self.normal.apply(answer);
        let answer = self.tokens(&answer);
        let score = |reference: &Cow<'_, str>| self.score(&answer, reference);
        references.iter().map(|reference| Compared::exact(score(reference), self.threshold)).collect()
    }

    fn hopeless(&self, _: &str) -> Option<&'static str> {
        None
    }
}
