//! `chrf`: character n-grams, and with `word_order` word n-grams too (chrF++), as sacrebleu scores a sentence.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::grade::case::BuildContext;
use crate::grade::expectation::Need;
use crate::grade::family::Family;
use crate::grade::options::{self, OptionErrors, Share, Texts};
use crate::grade::types::Grader;

use super::grader::{Compared, Measure, Similar};
use super::ngrams::{Shared, Vocabulary, shared};
use super::python;
use super::settings::{Number, Threshold, positive, whole};

pub(in crate::grade) const FAMILY: Family = Family {
    name: "chrf",
    about: "answer and expected text share character n-grams (sacrebleu's chrF2)",
    build,
    schema: options::schema::<Options>,
};

const THRESHOLD: f64 = 0.5;

/// The options of `chrf`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Options {
    /// A reference or a list; without it the case's `expect`.
    value: Option<Texts>,
    /// The least score that passes, 0.5 if left out: `0.35` or `35%`. `0` never fails, for the score alone.
    #[schemars(with = "Share")]
    threshold: Option<Number>,
    /// The most characters in a row, 6 if left out.
    #[schemars(with = "Option<u8>", range(min = 1, max = 12))]
    char_order: Option<Number>,
    /// The most words in a row, 0 if left out.
    #[schemars(with = "Option<u8>", range(max = 8))]
    word_order: Option<Number>,
    /// How much more recall counts than precision, 2 if left out.
    #[schemars(with = "options::checked::Above")]
    beta: Option<Number>,
    /// Case does not count.
    ignore_case: bool,
    /// Blanks are characters too.
    whitespace: bool,
    /// sacrebleu's `eps_smoothing`.
    eps_smoothing: bool,
}

#[derive(Debug)]
struct Chrf {
    label: String,
    threshold: Threshold,
    char_order: usize,
    word_order: usize,
    beta: f64,
    lower: bool,
    whitespace: bool,
    smooth: bool,
}

fn build(options: &Value, _: &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors> {
    let options: Options = options::read(options)?;
    let word_order = whole(options.word_order, 0, 0..=8, "word_order")?;
    let beta = positive(options.beta, 2.0, "beta")?;
    let chrf = Chrf {
        label: format!("chrF{beta}{}", "+".repeat(word_order.min(2))),
        threshold: Threshold::read(options.threshold, THRESHOLD, "")?,
        char_order: whole(options.char_order, 6, 1..=12, "char_order")?,
        word_order,
        beta,
        lower: options.ignore_case,
        whitespace: options.whitespace,
        smooth: options.eps_smoothing,
    };
    Similar::boxed(options.value, chrf)
}

/// Words with a mark at one end taken off, the last one first: `(hi)` is `(hi` and `)`.
fn words(text: &str) -> impl Iterator<Item = &str> {
    python::split(text).flat_map(|word| {
        let mut chars = word.chars();
        let (first, last) = (chars.next(), chars.next_back());
        let (word, mark) = match (first, last) {
            (_, Some(last)) if last.is_ascii_punctuation() => word.split_at(word.len() - 1),
            (Some(first), Some(_)) if first.is_ascii_punctuation() => word.split_at(1),
            _ => (word, ""),
        };
        [word, mark].into_iter().filter(|part| !part.is_empty())
    })
}

impl Chrf {
    fn characters(&self, text: &str) -> Vec<u32> {
        text.chars().filter(|c| self.whitespace || !python::is_space(*c)).map(u32::from).collect()
    }

    fn score(&self, answer: &str, reference: &str) -> f64 {
        let (a, b) = (self.characters(answer), self.characters(reference));
        let mut orders = shared(&a, std::iter::once(b.as_slice()), self.char_order);
        if self.word_order > 0 {
            let mut known = Vocabulary::default();
            let b: Vec<u32> = words(reference).map(|word| known.add(word)).collect();
            let a: Vec<u32> = words(answer).map(|word| known.find(word)).collect();
            orders.extend(shared(&a, std::iter::once(b.as_slice()), self.word_order));
        }
        self.f_score(&orders)
    }

    /// `CHRF._compute_f_score` of sacrebleu, in 0..1.
    fn f_score(&self, orders: &[Shared]) -> f64 {
        const EPSILON: f64 = 1e-16;
        let factor = self.beta * self.beta;
        let (mut sum, mut precisions, mut recalls, mut used) = (0.0, 0.0, 0.0, 0_u32);
        for order in orders {
            let answer = if order.reference > 0 { order.answer } else { 0 };
            let share = |of: usize| if of > 0 { order.both as f64 / of as f64 } else { EPSILON };
            let (precision, recall) = (share(answer), share(order.reference));
            let denominator = factor * precision + recall;
            sum += if denominator > 0.0 { (1.0 + factor) * precision * recall / denominator } else { EPSILON };
            if answer > 0 && order.reference > 0 {
                precisions += precision;
                recalls += recall;
                used += 1;
            }
        }
        if self.smooth {
            return sum / orders.len() as f64;
        }
        let (precision, recall) = (precisions / f64::from(used.max(1)), recalls / f64::from(used.max(1)));
        if precision + recall > 0.0 { (1.0 + factor) * precision * recall / (factor * precision + recall) } else { 0.0 }
    }

    fn cased<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.lower { Cow::Owned(text.to_lowercase()) } else { Cow::Borrowed(text) }
    }
}

impl Measure for Chrf {
    const NEED: Need = Need { grader: "chrf", what: "a text", option: "value", example: "The cat sat on the mat." };

    fn wanted(&self) -> String {
        format!("a {} of at least {}", self.label, self.threshold)
    }

    fn label(&self) -> &str {
        &self.label
    }

    fn compare(&self, answer: &str, references: &[Cow<'_, str>]) -> Vec<Compared> {
        let answer = self.cased(answer);
        let score = |reference: &Cow<'_, str>| self.score(&answer, &self.cased(reference));
        references.iter().map(|reference| Compared::exact(score(reference), self.threshold)).collect()
    }

    fn hopeless(&self, reference: &str) -> Option<&'static str> {
        self.characters(reference).is_empty().then_some("has no characters to compare with")
    }
}
