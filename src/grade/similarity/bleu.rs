//! `bleu`: the precision of word n-grams, as sacrebleu scores a sentence.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::grade::case::BuildContext;
use crate::grade::expectation::Need;
use crate::grade::family::Family;
use crate::grade::options::{self, OptionError, OptionErrors, Share, Texts};
use crate::grade::types::Grader;

use super::grader::{Compared, Measure, Similar};
use super::ngrams::{Shared, Vocabulary, shared};
use super::settings::{Number, Threshold, positive, whole};
use super::tokenize::Tokenizer;

pub(in crate::grade) const FAMILY: Family = Family {
    name: "bleu",
    about: "the answer's word n-grams are in the expected text (sacrebleu's sentence BLEU)",
    build,
    schema: options::schema::<Options>,
};

const THRESHOLD: f64 = 0.5;

/// The options of `bleu`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Options {
    /// A reference or a list; without it the case's `expect`.
    value: Option<Texts>,
    /// The least score that passes, 0.5 if left out: `0.35` or `35%`. `0` never fails, for the score alone.
    #[schemars(with = "Share")]
    threshold: Option<Number>,
    /// sacrebleu's tokenizer.
    tokenize: Tokenizer,
    /// Case does not count.
    ignore_case: bool,
    /// The most words in a row, 4 if left out.
    #[schemars(with = "Option<u8>", range(min = 1, max = 8))]
    max_order: Option<Number>,
    /// Lengths that the answer is too short for are left out.
    effective_order: bool,
    /// What is done about lengths of which nothing is shared.
    smooth: Smooth,
    /// The number for `floor` (0.1) or `add-k` (1).
    #[schemars(with = "options::checked::Above")]
    smooth_value: Option<Number>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            value: None,
            threshold: None,
            tokenize: Tokenizer::default(),
            ignore_case: false,
            max_order: None,
            effective_order: true,
            smooth: Smooth::default(),
            smooth_value: None,
        }
    }
}

/// What is done about lengths of n-grams of which none is shared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Smooth {
    /// Each further one counts as half of the one before.
    #[default]
    Exp,
    /// It counts as a fixed small number.
    Floor,
    /// A fixed number is added to all but single words.
    AddK,
    /// Nothing: the score is 0.
    None,
}

#[derive(Debug)]
struct Bleu {
    threshold: Threshold,
    tokenize: Tokenizer,
    lower: bool,
    orders: usize,
    effective: bool,
    smooth: Smooth,
    smooth_value: f64,
}

fn build(options: &Value, _: &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors> {
    let options: Options = options::read(options)?;
    let usual = match options.smooth {
        Smooth::Floor => 0.1,
        Smooth::AddK => 1.0,
        Smooth::Exp | Smooth::None => {
            if options.smooth_value.is_some() {
                let hint = "leave it out, or set `smooth: floor` or `smooth: add-k`";
                return Err(OptionError::at("smooth_value", "this kind of smoothing takes no value", Some(hint)).into());
            }
            1.0
        }
    };
    let bleu = Bleu {
        threshold: Threshold::read(options.threshold, THRESHOLD, "")?,
        tokenize: options.tokenize,
        lower: options.ignore_case,
        orders: whole(options.max_order, 4, 1..=8, "max_order")?,
        effective: options.effective_order,
        smooth: options.smooth,
        smooth_value: positive(options.smooth_value, usual, "smooth_value")?,
    };
    Similar::boxed(options.value, bleu)
}

impl Bleu {
    fn tokens(&self, text: &str, mut number: impl FnMut(&str) -> u32) -> Vec<u32> {
        let mut tokens = Vec::new();
        let text = if self.lower { Cow::Owned(text.to_lowercase()) } else { Cow::Borrowed(text) };
        self.tokenize.tokenize(&text, &mut |token| tokens.push(number(token)));
        tokens
    }

    fn score(&self, answer: &str, references: &[Cow<'_, str>]) -> f64 {
        let mut known = Vocabulary::default();
        let references: Vec<Vec<u32>> =
            references.iter().map(|text| self.tokens(text, |token| known.add(token))).collect();
        let answer = self.tokens(answer, |token| known.find(token));
        // The reference whose length is closest, of two as close the shorter one.
        let lengths = references.iter().map(Vec::len);
        let length = lengths.min_by_key(|length| (length.abs_diff(answer.len()), *length)).unwrap_or(0);
        let shared = shared(&answer, references.iter().map(Vec::as_slice), self.orders);
        self.bleu(&shared, answer.len(), length)
    }

    /// `BLEU.compute_bleu` of sacrebleu, in 0..1.
    fn bleu(&self, shared: &[Shared], answer: usize, reference: usize) -> f64 {
        if shared.iter().all(|order| order.both == 0) {
            return 0.0;
        }
        let brevity = if answer < reference { (1.0 - reference as f64 / answer as f64).exp() } else { 1.0 };
        let mut logarithms = 0.0;
        let mut orders = 0_usize;
        let mut halved = 1.0;
        for (length, order) in (1..).zip(shared) {
            let added = if self.smooth == Smooth::AddK && length > 1 { self.smooth_value } else { 0.0 };
            let (right, all) = (order.both as f64 + added, order.answer as f64 + added);
            if all <= 0.0 {
                break;
            }
            let precision = match self.smooth {
                _ if right > 0.0 => right / all,
                Smooth::Exp => {
                    halved *= 2.0;
                    1.0 / (halved * all)
                }
                Smooth::Floor => self.smooth_value / all,
                Smooth::AddK | Smooth::None => 0.0,
            };
            logarithms += precision.ln();
            orders += 1;
        }
        // Lengths that the answer is too short for: left out, or worth nothing.
        if !self.effective && orders < self.orders {
            return 0.0;
        }
        brevity * (logarithms / orders as f64).exp()
    }
}

impl Measure for Bleu {
    const NEED: Need = Need { grader: "bleu", what: "a text", option: "value", example: "The cat sat on the mat." };

    fn wanted(&self) -> String {
        format!("a BLEU of at least {}", self.threshold)
    }

    fn label(&self) -> &'static str {
        "BLEU"
    }

    fn compare(&self, answer: &str, references: &[Cow<'_, str>]) -> Vec<Compared> {
        vec![Compared::exact(self.score(answer, references), self.threshold)]
    }

    fn hopeless(&self, reference: &str) -> Option<&'static str> {
        self.tokens(reference, |_| 0).is_empty().then_some("has no words to compare with")
    }
}
