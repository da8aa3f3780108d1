//! `rouge`: words, word n-grams or the longest common subsequence, as Google's `rouge-score` counts them.

use std::borrow::Cow;
use std::collections::HashSet;

use serde::Deserialize;
use serde_json::Value;

use crate::grade::case::BuildContext;
use crate::grade::expectation::Need;
use crate::grade::family::Family;
use crate::grade::options::{self, OptionErrors, Texts};
use crate::grade::types::Grader;

use super::bits::{BUDGET, lcs};
use super::f1::Part;
use super::grader::{Compared, Measure, Similar};
use super::ngrams::{Interner, shared};
use super::porter::stem;
use super::settings::{Number, Threshold};
use super::union_lcs::union_lcs;

pub(in crate::grade) const FAMILY: Family =
    Family { name: "rouge", about: "answer and expected text share words (ROUGE-1, 2, L, Lsum)", build };

const THRESHOLD: f64 = 0.5;

/// The options of `rouge`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Options {
    value: Option<Texts>,
    threshold: Option<Number>,
    variant: Variant,
    measure: Part,
    stemmer: bool,
}

/// What is counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
enum Variant {
    /// Words.
    #[serde(rename = "rouge1")]
    One,
    /// Pairs of words.
    #[serde(rename = "rouge2")]
    Two,
    /// Three in a row.
    #[serde(rename = "rouge3")]
    Three,
    /// Four in a row.
    #[serde(rename = "rouge4")]
    Four,
    /// The longest common subsequence.
    #[default]
    #[serde(rename = "rougeL")]
    L,
    /// The same line by line, united for each line of the reference.
    #[serde(rename = "rougeLsum")]
    Lsum,
}

impl Variant {
    /// How many words in a row are counted.
    const fn length(self) -> Option<usize> {
        match self {
            Self::One => Some(1),
            Self::Two => Some(2),
            Self::Three => Some(3),
            Self::Four => Some(4),
            Self::L | Self::Lsum => None,
        }
    }
}

#[derive(Debug)]
struct Rouge {
    label: String,
    threshold: Threshold,
    variant: Variant,
    part: Part,
    stemmer: bool,
}

fn build(options: &Value, _: &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors> {
    let options: Options = options::read(options)?;
    let kind = match options.variant {
        Variant::One => "ROUGE-1",
        Variant::Two => "ROUGE-2",
        Variant::Three => "ROUGE-3",
        Variant::Four => "ROUGE-4",
        Variant::L => "ROUGE-L",
        Variant::Lsum => "ROUGE-Lsum",
    };
    let part = match options.measure {
        Part::F => "",
        Part::Precision => " precision",
        Part::Recall => " recall",
    };
    let rouge = Rouge {
        label: format!("{kind}{part}"),
        threshold: Threshold::read(options.threshold, THRESHOLD, "")?,
        variant: options.variant,
        part: options.measure,
        stemmer: options.stemmer,
    };
    Similar::boxed(options.value, rouge)
}

/// The words of `rouge_score.tokenize`: runs of a–z and 0–9, those of more than three characters stemmed when asked.
fn each_word(text: &str, stemmer: bool, mut each: impl FnMut(&str)) {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    for word in words {
        if stemmer && word.len() > 3 {
            each(&stem(word));
        } else {
            each(word);
        }
    }
}

impl Rouge {
    fn tokens(&self, text: &str, known: &mut Interner<String>) -> Vec<u32> {
        let mut tokens = Vec::new();
        each_word(text, self.stemmer, |word| tokens.push(known.number_of(word)));
        tokens
    }

    fn one(
        &self,
        answer: &[u32],
        lines: &HashSet<Vec<u32>>,
        reference: &str,
        known: &mut Interner<String>,
        budget: &mut u64,
    ) -> Compared {
        let tokens = self.tokens(reference, known);
        let overlap = |length: usize| {
            let orders = shared(answer, std::iter::once(tokens.as_slice()), length);
            orders.last().copied().unwrap_or_default()
        };
        if let Some(length) = self.variant.length() {
            let overlap = overlap(length);
            return Compared::exact(self.part.of(overlap.both, overlap.answer, overlap.reference), self.threshold);
        }
        let both = if self.variant == Variant::L {
            lcs(answer, &tokens, budget)
        } else {
            let reference_lines: Vec<Vec<u32>> = reference.split('\n').map(|line| self.tokens(line, known)).collect();
            summary_hits(answer, &tokens, lines, &reference_lines, budget)
        };
        let score = |both: usize| self.part.of(both, answer.len(), tokens.len());
        match both {
            Some(both) => Compared::exact(score(both), self.threshold),
            // No subsequence has more words than are shared in any order.
            None => Compared::at_most(score(overlap(1).both), self.threshold),
        }
    }
}

/// The words of the united subsequences, none more often than it is in the answer and in the reference.
fn summary_hits(
    answer: &[u32],
    reference: &[u32],
    lines: &HashSet<Vec<u32>>,
    reference_lines: &[Vec<u32>],
    budget: &mut u64,
) -> Option<usize> {
    let largest = answer.iter().chain(reference).max().map_or(0, |&token| token as usize);
    let count = |tokens: &[u32]| {
        let mut counts = vec![0_usize; largest + 1];
        for &token in tokens {
            counts[token as usize] += 1;
        }
        counts
    };
    let (mut in_answer, mut in_reference) = (count(answer), count(reference));
    let mut hits = 0;
    for line in reference_lines {
        for place in union_lcs(line, lines, budget)? {
            let token = line[place] as usize;
            if in_answer[token] > 0 && in_reference[token] > 0 {
                in_answer[token] -= 1;
                in_reference[token] -= 1;
                hits += 1;
            }
        }
    }
    Some(hits)
}

impl Measure for Rouge {
    const NEED: Need = Need { grader: "rouge", what: "a text", option: "value", example: "The cat sat on the mat." };

    fn wanted(&self) -> String {
        format!("a {} of at least {}", self.label, self.threshold)
    }

    fn label(&self) -> &str {
        &self.label
    }

    fn compare(&self, answer: &str, references: &[Cow<'_, str>]) -> Vec<Compared> {
        let (mut known, mut budget) = (Interner::default(), BUDGET);
        let tokens = self.tokens(answer, &mut known);
        let lines = match self.variant {
            Variant::Lsum => answer.split('\n').map(|line| self.tokens(line, &mut known)).collect(),
            _ => HashSet::new(),
        };
        let one = |reference: &Cow<'_, str>| self.one(&tokens, &lines, reference, &mut known, &mut budget);
        references.iter().map(one).collect()
    }

    fn hopeless(&self, reference: &str) -> Option<&'static str> {
        let mut words = 0;
        each_word(reference, false, |_| words += 1);
        match self.variant.length().unwrap_or(1) {
            _ if words == 0 => Some(
                "has no word of the letters a–z and digits, the only ones that ROUGE sees: `chrf` is for every language",
            ),
            length if words < length => Some("has fewer words than `variant` counts in a row"),
            _ => None,
        }
    }
}
