//! `rouge`: words, word n-grams or the longest common subsequence, as Google's `rouge-score` counts them.

use std::borrow::Cow;
use std::collections::HashSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::grade::case::BuildContext;
use crate::grade::expectation::Need;
use crate::grade::family::Family;
use crate::grade::options::{self, OptionErrors, Share, Texts};
use crate::grade::types::Grader;

use super::bits::{BUDGET, lcs};
use super::f1::Part;
use super::grader::{Compared, Measure, Similar};
use super::ngrams::{Vocabulary, shared};
use super::porter::stem;
use super::settings::{Number, Threshold};
use super::union_lcs::union_lcs;

pub(in crate::grade) const FAMILY: Family = Family {
    name: "rouge",
    about: "answer and expected text share words (ROUGE-1, 2, L, Lsum)",
    build,
    schema: options::schema::<Options>,
};

const THRESHOLD: f64 = 0.5;

/// The options of `rouge`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Options {
    /// A reference or a list; without it the case's `expect`.
    value: Option<Texts>,
    /// The least score that passes, 0.5 if left out: `0.35` or `35%`. `0` never fails, for the score alone.
    #[schemars(with = "Share")]
    threshold: Option<Number>,
    /// What is counted.
    variant: Variant,
    /// Which figure is the score.
    measure: Part,
    /// Porter's stemmer, as in NLTK: `running` is `run`.
    stemmer: bool,
}

/// What is counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
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
    /// How many words in a row are counted; a subsequence is of single words.
    const fn length(self) -> usize {
        match self {
            Self::One | Self::L | Self::Lsum => 1,
            Self::Two => 2,
            Self::Three => 3,
            Self::Four => 4,
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

/// A text as numbers of its words: as a whole, and line by line where that is needed.
#[derive(Debug)]
struct Text {
    words: Vec<u32>,
    lines: Vec<Vec<u32>>,
}

impl Rouge {
    fn text(&self, text: &str, mut number: impl FnMut(&str) -> u32) -> Text {
        let mut words = |text: &str| {
            let mut words = Vec::new();
            each_word(text, self.stemmer, |word| words.push(number(word)));
            words
        };
        let lines = if self.variant == Variant::Lsum { text.split('\n').map(&mut words).collect() } else { Vec::new() };
        Text { words: if lines.is_empty() { words(text) } else { lines.concat() }, lines }
    }

    fn one(&self, answer: &Text, reference: &Text, budget: &mut u64) -> Compared {
        let overlap = |length: usize| {
            let orders = shared(&answer.words, std::iter::once(reference.words.as_slice()), length);
            orders.last().copied().unwrap_or_default()
        };
        let both = match self.variant {
            Variant::L => lcs(&answer.words, &reference.words, budget),
            Variant::Lsum => summary_hits(answer, reference, budget),
            counted => {
                let overlap = overlap(counted.length());
                let score = self.part.of(overlap.both, overlap.answer, overlap.reference);
                return Compared::exact(score, self.threshold);
            }
        };
        let score = |both: usize| self.part.of(both, answer.words.len(), reference.words.len());
        match both {
            Some(both) => Compared::exact(score(both), self.threshold),
            // No subsequence has more words than are shared in any order.
            None => Compared::at_most(score(overlap(1).both), self.threshold),
        }
    }
}

/// The words of the united subsequences, none more often than it is in the answer and in the reference.
fn summary_hits(answer: &Text, reference: &Text, budget: &mut u64) -> Option<usize> {
    let largest = answer.words.iter().chain(&reference.words).max().map_or(0, |&word| word as usize);
    let count = |words: &[u32]| {
        let mut counts = vec![0_usize; largest + 1];
        for &word in words {
            counts[word as usize] += 1;
        }
        counts
    };
    let (mut in_answer, mut in_reference) = (count(&answer.words), count(&reference.words));
    let lines: HashSet<&[u32]> = answer.lines.iter().map(Vec::as_slice).collect();
    let mut hits = 0;
    for line in &reference.lines {
        for place in union_lcs(line, &lines, budget)? {
            let word = line[place] as usize;
            if in_answer[word] > 0 && in_reference[word] > 0 {
                in_answer[word] -= 1;
                in_reference[word] -= 1;
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
        let (mut known, mut budget) = (Vocabulary::default(), BUDGET);
        let references: Vec<Text> = references.iter().map(|text| self.text(text, |word| known.add(word))).collect();
        let answer = self.text(answer, |word| known.find(word));
        references.iter().map(|reference| self.one(&answer, reference, &mut budget)).collect()
    }

    fn hopeless(&self, reference: &str) -> Option<&'static str> {
        let mut words = 0;
        each_word(reference, false, |_| words += 1);
        match self.variant.length() {
            _ if words == 0 => Some(
                "has no word of the letters a–z and digits, the only ones that ROUGE sees: `chrf` is for every language",
            ),
            length if words < length => Some("has fewer words than `variant` counts in a row"),
            _ => None,
        }
    }
}
