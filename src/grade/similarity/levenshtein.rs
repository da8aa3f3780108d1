//! `levenshtein`: edit distance as a share of the longer text.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::grade::case::BuildContext;
use crate::grade::expectation::Need;
use crate::grade::family::Family;
use crate::grade::normal::{Normal, read_with_normal, schema_with_normal};
use crate::grade::options::{OptionErrors, Share, Texts};
use crate::grade::types::Grader;

use super::bits::{BUDGET, distance};
use super::grader::{Compared, Measure, Similar};
use super::ngrams::Vocabulary;
use super::python;
use super::settings::{Number, Threshold, whole};

pub(in crate::grade) const FAMILY: Family = Family {
    name: "levenshtein",
    about: "few edits make the answer the expected text",
    build,
    schema: schema_with_normal::<Options>,
};

/// One wrong character in five.
const THRESHOLD: f64 = 0.8;

/// The options of `levenshtein`, those of [`Normal`] apart.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Options {
    /// A reference or a list; without it the case's `expect`.
    value: Option<Texts>,
    /// The least score that passes, 0.8 if left out: `0.35` or `35%`. `0` never fails, for the score alone.
    #[schemars(with = "Share")]
    threshold: Option<Number>,
    /// The most edits that pass. Alone it stands instead of the threshold.
    #[schemars(with = "Option<u32>", range(max = 1_000_000))]
    max_distance: Option<Number>,
    /// What is inserted, deleted or replaced.
    unit: Unit,
    /// Whitespace at both ends does not count.
    trim: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { value: None, threshold: None, max_distance: None, unit: Unit::Characters, trim: true }
    }
}

/// What is inserted, deleted or replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Unit {
    /// Unicode scalar values.
    Characters,
    /// What stands between white space.
    Words,
}

#[derive(Debug)]
struct Levenshtein {
    /// `None`: only the distance counts.
    threshold: Option<Threshold>,
    most: Option<usize>,
    unit: Unit,
    normal: Normal,
}

fn build(options: &Value, _: &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors> {
    let (options, normal): (Options, Normal) = read_with_normal(options)?;
    let most = options.max_distance.map(|most| whole(Some(most), 5, 0..=1_000_000, "max_distance")).transpose()?;
    let threshold = match (options.threshold, most) {
        (None, Some(_)) => None,
        (written, _) => Some(Threshold::read(written, THRESHOLD, "; a number of edits is `max_distance`")?),
    };
    let normal = Normal { trim: options.trim, ..normal };
    Similar::boxed(options.value, Levenshtein { threshold, most, unit: options.unit, normal })
}

impl Levenshtein {
    fn one(&self, answer: &str, reference: &str, budget: &mut u64) -> Compared {
        let (answer, reference) = (self.normal.apply(answer), self.normal.apply(reference));
        let (a, b) = match self.unit {
            Unit::Characters => (characters(&answer), characters(&reference)),
            Unit::Words => {
                let mut words = Vocabulary::default();
                let reference = python::split(&reference).map(|word| words.add(word)).collect();
                (python::split(&answer).map(|word| words.find(word)).collect(), reference)
            }
        };
        let longer = a.len().max(b.len());
        let (edits, at_most) = match distance(&a, &b, budget) {
            Ok(edits) => (edits, false),
            Err(least) => (least, true),
        };
        let score = if longer == 0 { 1.0 } else { 1.0 - edits as f64 / longer as f64 };
        let enough =
            self.threshold.is_none_or(|threshold| threshold.met(score)) && self.most.is_none_or(|most| edits <= most);
        let plural = if edits == 1 { "edit" } else { "edits" };
        let detail = format!("{}{edits} {plural}", if at_most { "at least " } else { "" });
        Compared { score, at_most, enough, detail: Some(detail) }
    }
}

/// Characters as numbers; the commonest, ASCII, are small ones.
fn characters(text: &str) -> Vec<u32> {
    text.chars().map(u32::from).collect()
}

impl Measure for Levenshtein {
    const NEED: Need = Need { grader: "levenshtein", what: "a text", option: "value", example: "Paris" };

    fn wanted(&self) -> String {
        let edits = self.most.map(|most| format!("at most {most} {}", if most == 1 { "edit" } else { "edits" }));
        let share = self.threshold.map(|threshold| format!("a similarity of at least {threshold}"));
        [edits, share].into_iter().flatten().collect::<Vec<_>>().join(" and ")
    }

    fn label(&self) -> &'static str {
        "similarity"
    }

    fn compare(&self, answer: &str, references: &[Cow<'_, str>]) -> Vec<Compared> {
        let mut budget = BUDGET;
        references.iter().map(|reference| self.one(answer, reference, &mut budget)).collect()
    }

    fn hopeless(&self, _: &str) -> Option<&'static str> {
        None
    }
}
