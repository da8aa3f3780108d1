//! `length`: how long the answer is, in a unit of choice.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use unicode_segmentation::UnicodeSegmentation;

use super::case::{BuildContext, CaseFacts};
use super::family::Family;
use super::options::{self, Count, OptionErrors};
use super::range::{Bounds, Range};
use super::types::{Grader, Grading, Judgement, Subject};
use super::words::got;

pub(super) const FAMILY: Family = Family {
    name: "length",
    about: "how many characters, words, sentences or lines the answer has",
    build,
    schema: options::schema::<Options>,
};

/// The options of `length`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("anyOf" = [{"required": ["min"]}, {"required": ["max"]}, {"required": ["exactly"]}]))]
struct Options {
    /// What is counted.
    unit: Unit,
    /// The least that passes.
    min: Option<Count>,
    /// The most that passes.
    max: Option<Count>,
    /// One length, instead of bounds.
    exactly: Option<Count>,
}

/// What is counted. Whitespace at the ends of the answer is not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Unit {
    /// As people see them: grapheme clusters of UAX 29.
    #[default]
    Characters,
    /// Words of UAX 29: with a letter or a digit in them.
    Words,
    /// Sentences of UAX 29 that have a word in them.
    Sentences,
    /// Lines with something on them.
    Lines,
    /// Runs of lines with something on them.
    Paragraphs,
    /// Unicode code points: what Python's `len` counts.
    CodePoints,
    /// Of UTF-8.
    Bytes,
}

impl Unit {
    fn count(self, text: &str) -> usize {
        let text = text.trim();
        let blank = |line: &&str| line.trim().is_empty();
        match self {
            Self::Characters => text.graphemes(true).count(),
            Self::Words => text.unicode_words().count(),
            Self::Sentences => text.unicode_sentences().count(),
            Self::Lines => text.lines().filter(|line| !blank(line)).count(),
            Self::Paragraphs => {
                // A paragraph begins where a line with something on it follows an empty one.
                let mut before = true;
                text.lines().filter(|line| std::mem::replace(&mut before, blank(line)) && !blank(line)).count()
            }
            Self::CodePoints => text.chars().count(),
            Self::Bytes => text.len(),
        }
    }

    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Characters => ("character", "characters"),
            Self::Words => ("word", "words"),
            Self::Sentences => ("sentence", "sentences"),
            Self::Lines => ("line", "lines"),
            Self::Paragraphs => ("paragraph", "paragraphs"),
            Self::CodePoints => ("code point", "code points"),
            Self::Bytes => ("byte", "bytes"),
        }
    }
}

#[derive(Debug)]
struct Length {
    unit: Unit,
    range: Range,
}

fn build(options: &Value, _: &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors> {
    let Options { unit, min, max, exactly } = options::read(options)?;
    let range = Bounds { min, max, exactly }.checked("how long the answer shall be", "max: 100")?;
    Ok(Box::new(Length { unit, range }))
}

impl Grader for Length {
    fn grade<'a>(&'a self, subject: Subject<'a>) -> Grading<'a> {
        let count = self.unit.count(&subject.answer.text) as u64;
        let (one, many) = self.unit.names();
        let has = format!("{count} {}", if count == 1 { one } else { many });
        Grading::Ready(if self.range.holds(count) {
            Judgement::pass(format!("the answer has {has}"))
        } else {
            let wanted = self.range.describe(one, many);
            Judgement::fail(format!("expected {wanted}, got {has}: {}", got(subject.answer)))
        })
    }

    fn check(&self, _: &CaseFacts<'_>) -> Result<(), String> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Unit;

    #[test]
    fn each_unit_counts_what_it_says() {
        use Unit::{Bytes, Characters, CodePoints, Lines, Paragraphs, Sentences, Words};
        for (unit, text, want) in [
            (Characters, " héllo\n", 5),
            (Characters, "👨‍👩‍👧 e\u{301}", 3),
            (Characters, "a\r\nb", 3),
            (CodePoints, "👨‍👩‍👧 e\u{301}", 8),
            (Bytes, "é!\n", 3),
            (Words, "It's 3.5 km -- isn't it?", 5),
            (Words, "well-known", 2),
            (Words, "**Bold** and `code`", 3),
            (Words, "今日は", 3),
            (Words, "", 0),
            (Sentences, "One. Two! Three? \"Four.\" he said...", 4),
            (Sentences, "It costs 3.5 euros, e.g. today.", 1),
            (Sentences, "これは一つ。これは二つ。", 2),
            (Sentences, "no end", 1),
            (Sentences, "...", 0),
            (Lines, "a\n\n b \r\n\n", 2),
            (Lines, "", 0),
            (Paragraphs, "a\nb\n\n \nc\n\n\nd\n", 3),
            (Paragraphs, "\n\n", 0),
        ] {
            assert_eq!(unit.count(text), want, "{unit:?} {text:?}");
        }
    }
}
