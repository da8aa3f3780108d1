//! The 25 checks: an instruction with its arguments, and whether a text follows it.
//!
//! The definitions are those of the published code, oddities included; `docs/graders.md` lists where they differ.

use super::form;
use super::language::{self, Language};
use super::pattern::Pattern;
use super::text::{capital_words, count_words, is_lower, is_upper, sentences, strip};
use super::wording::{Noun, found_or, none_of};
use crate::grade::words::{any_of, quote};

/// A number and how the count has to stand to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Amount {
    pub(super) relation: Relation,
    pub(super) bound: u64,
}

/// The two relations of the published checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    LessThan,
    AtLeast,
}

impl Relation {
    /// Their names, as they are written.
    pub(super) const NAMES: [(&'static str, Self); 2] = [("less than", Self::LessThan), ("at least", Self::AtLeast)];
}

impl Amount {
    /// Nothing, or what the count should have been.
    fn holds(self, count: u64, noun: Noun<'_>) -> Result<(), String> {
        let (right, words) = match self.relation {
            Relation::LessThan => (count < self.bound, "less than"),
            Relation::AtLeast => (count >= self.bound, "at least"),
        };
        found_or(right, || format!("expected {words} {}, got {count}", noun.many(self.bound)))
    }
}

fn at_least(count: u64, bound: u64, noun: Noun<'_>) -> Result<(), String> {
    Amount { relation: Relation::AtLeast, bound }.holds(count, noun)
}

/// An instruction with its arguments.
#[derive(Debug, Clone)]
pub(super) enum Check {
    /// `keywords:existence`
    Existence(Vec<Pattern>),
    /// `keywords:frequency`
    Frequency(Pattern, Amount),
    /// `keywords:forbidden_words`
    Forbidden(Vec<Pattern>),
    /// `keywords:letter_frequency`; the letter is small.
    LetterFrequency(String, Amount),
    /// `language:response_language`
    Language(Language),
    /// `length_constraints:number_sentences`
    Sentences(Amount),
    /// `length_constraints:number_paragraphs`
    Paragraphs(u64),
    /// `length_constraints:number_words`
    Words(Amount),
    /// `length_constraints:nth_paragraph_first_word`; the word is small.
    FirstWord { paragraphs: u64, nth: u64, word: String },
    /// `detectable_content:number_placeholders`
    Placeholders(u64),
    /// `detectable_content:postscript`
    Postscript { marker: String, pattern: Pattern },
    /// `detectable_format:number_bullet_lists`
    Bullets(u64),
    /// `detectable_format:constrained_response`
    Constrained,
    /// `detectable_format:number_highlighted_sections`
    Highlights(u64),
    /// `detectable_format:multiple_sections`
    Sections { mark: Pattern, count: u64 },
    /// `detectable_format:json_format`
    Json,
    /// `detectable_format:title`
    Title,
    /// `combination:two_responses`
    TwoResponses,
    /// `combination:repeat_prompt`
    RepeatPrompt(String),
    /// `startend:end_checker`
    End(String),
    /// `startend:quotation`
    Quotation,
    /// `change_case:capital_word_frequency`
    CapitalWords(Amount),
    /// `change_case:english_capital`
    EnglishCapital,
    /// `change_case:english_lowercase`
    EnglishLowercase,
    /// `punctuation:no_comma`
    NoComma,
}

/// What `detectable_format:constrained_response` asks for.
const ANSWERS: [&str; 3] = ["My answer is yes.", "My answer is no.", "My answer is maybe."];

impl Check {
    /// Whether a text follows the instruction.
    ///
    /// # Errors
    /// What was expected and what came, where it does not.
    pub(super) fn follow(&self, text: &str) -> Result<(), String> {
        match self {
            Self::Existence(keywords) => {
                none_of(keywords.iter().filter(|keyword| !keyword.is_in(text)), "the answer does not hold")
            }
            Self::Forbidden(words) => none_of(words.iter().filter(|word| word.is_in(text)), "the answer holds"),
            Self::Frequency(keyword, amount) => {
                amount.holds(keyword.count(text), Noun("occurrence", &format!(" of {}", quote(&keyword.text))))
            }
            Self::LetterFrequency(letter, amount) => {
                let count = text.to_lowercase().matches(letter.as_str()).count() as u64;
                amount.holds(count, Noun("occurrence", &format!(" of {}", quote(letter))))
            }
            Self::Language(wanted) => language::follow(text, *wanted),
            Self::Sentences(amount) => amount.holds(sentences(text).len() as u64, Noun("sentence", "")),
            Self::Words(amount) => amount.holds(count_words(text), Noun("word", "")),
            Self::CapitalWords(amount) => amount.holds(capital_words(text), Noun("word", " in capitals")),
            Self::Paragraphs(count) => form::paragraphs(text, *count),
            Self::FirstWord { paragraphs, nth, word } => form::first_word(text, *paragraphs, *nth, word),
            Self::Placeholders(count) => {
                at_least(form::placeholders(text), *count, Noun("placeholder", " in square brackets"))
            }
            Self::Highlights(count) => at_least(form::highlights(text), *count, Noun("highlight", " like `*this*`")),
            Self::Sections { mark, count } => {
                let marked = format!(" marked with {} and a number", quote(&mark.text));
                at_least(mark.count(text), *count, Noun("section", &marked))
            }
            Self::Bullets(count) => form::exactly(form::bullets(text), *count, Noun("bullet point", "")),
            Self::Postscript { marker, pattern } => {
                found_or(pattern.is_in(text), || format!("expected a postscript that begins with {}", quote(marker)))
            }
            Self::Constrained => {
                let found = ANSWERS.iter().any(|answer| text.contains(answer));
                found_or(found, || format!("expected {}", any_of(&ANSWERS.map(Into::into), "or")))
            }
            Self::Json => form::json(text),
            Self::Title => found_or(form::has_title(text), || {
                "expected a title in double angular brackets: `<<title>>`".to_owned()
            }),
            Self::TwoResponses => form::two_responses(text),
            Self::RepeatPrompt(prompt) => {
                let repeated = strip(text).to_lowercase().starts_with(&strip(prompt).to_lowercase());
                found_or(repeated, || format!("expected the answer to begin with {}", quote(strip(prompt))))
            }
            Self::End(phrase) => {
                let ends = strip(text).trim_matches('"').to_lowercase().ends_with(&strip(phrase).to_lowercase());
                found_or(ends, || format!("expected the answer to end with {}", quote(strip(phrase))))
            }
            Self::Quotation => {
                let text = strip(text);
                let quoted = text.len() > 1 && text.starts_with('"') && text.ends_with('"');
                found_or(quoted, || "expected the whole answer in double quotation marks".to_owned())
            }
            Self::EnglishCapital if !is_upper(text) => Err("expected capital letters only".to_owned()),
            Self::EnglishLowercase if !is_lower(text) => Err("expected small letters only".to_owned()),
            Self::EnglishCapital | Self::EnglishLowercase => language::follow(text, Language::ENGLISH),
            Self::NoComma => form::exactly(text.matches(',').count() as u64, 0, Noun("comma", "")),
        }
    }
}
