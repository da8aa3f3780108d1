//! What the checks of form look for: paragraphs, lists, highlights, titles.

use std::sync::LazyLock;

use regex::Regex;
use serde::de::IgnoredAny;

use crate::grade::words::quote;

use super::text::{is_space, strip};
use super::wording::{Noun, found_or};

static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| pattern(r"\[.*?\]"));
static STAR: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?m)^\s*\*[^*].*$"));
static DASH: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?m)^\s*-.*$"));
static HIGHLIGHT: LazyLock<Regex> = LazyLock::new(|| pattern(r"\*[^\n*]*\*"));
static DOUBLE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\*\*[^\n*]*\*\*"));
static TITLE: LazyLock<Regex> = LazyLock::new(|| pattern(r"<<[^\n]+>>"));

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is fixed and right")
}

fn count(pattern: &Regex, text: &str) -> u64 {
    pattern.find_iter(text).count() as u64
}

/// Nothing, or what the count should have been.
pub(super) fn exactly(found: u64, wanted: u64, noun: Noun<'_>) -> Result<(), String> {
    found_or(found == wanted, || format!("expected {}, got {found}", noun.many(wanted)))
}

/// Texts in square brackets.
pub(super) fn placeholders(text: &str) -> u64 {
    count(&PLACEHOLDER, text)
}

/// Lines that begin with `*`, but not with two, or with `-`.
pub(super) fn bullets(text: &str) -> u64 {
    count(&STAR, text) + count(&DASH, text)
}

/// Texts between single asterisks, and again those between double ones: `**a**` holds two empty ones and one full.
pub(super) fn highlights(text: &str) -> u64 {
    let full = |pattern: &Regex| {
        let found = pattern.find_iter(text);
        found.filter(|found| !strip(found.as_str().trim_matches('*')).is_empty()).count() as u64
    };
    full(&HIGHLIGHT) + full(&DOUBLE)
}

/// Some line holds `<<…>>` with something in it.
pub(super) fn has_title(text: &str) -> bool {
    let title = |text: &str| !strip(text.trim_start_matches('<').trim_end_matches('>')).is_empty();
    TITLE.find_iter(text).any(|found| title(found.as_str()))
}

/// Paragraphs between `***`. One at either end may be empty; none between two others.
pub(super) fn paragraphs(text: &str, wanted: u64) -> Result<(), String> {
    let parts: Vec<&str> = text.split("***").collect();
    let empty = |part: &&&str| strip(part).is_empty();
    let inner = parts.iter().skip(1).take(parts.len().saturating_sub(2)).filter(empty).count();
    if inner > 0 {
        return Err("a paragraph between two `***` is empty".to_owned());
    }
    let outer = parts.iter().take(1).chain(parts.iter().skip(1).last()).filter(empty).count();
    exactly((parts.len() - outer) as u64, wanted, Noun("paragraph", " with `***` between them"))
}

/// The number of paragraphs between empty lines, and the first word of one of them.
pub(super) fn first_word(text: &str, wanted: u64, nth: u64, word: &str) -> Result<(), String> {
    let parts: Vec<&str> = text.split("\n\n").collect();
    let full = parts.iter().filter(|part| !strip(part).is_empty()).count() as u64;
    exactly(full, wanted, Noun("paragraph", " with an empty line between them"))?;
    // The one that is looked at is counted with the empty ones, as in the published check.
    let part = usize::try_from(nth).ok().and_then(|nth| parts.get(nth.checked_sub(1)?));
    let first = part.and_then(|part| part.split(is_space).find(|word| !word.is_empty())).unwrap_or_default();
    let found: String = first
        .trim_start_matches('\'')
        .trim_start_matches('"')
        .chars()
        .take_while(|c| !matches!(c, '.' | ',' | '?' | '!' | '\'' | '"'))
        .flat_map(char::to_lowercase)
        .collect();
    found_or(!first.is_empty() && found == word, || {
        format!("expected paragraph {nth} to begin with {}, got {}", quote(word), quote(first))
    })
}

/// Two different answers with `******` between them.
pub(super) fn two_responses(text: &str) -> Result<(), String> {
    let parts: Vec<&str> = text.split("******").map(strip).collect();
    let last = parts.len() - 1;
    if parts.iter().enumerate().any(|(index, part)| part.is_empty() && index != 0 && index != last) {
        return Err("an answer between two `******` is empty".to_owned());
    }
    let full: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    match full.as_slice() {
        [one, other] if one == other => Err("both answers are the same".to_owned()),
        [_, _] => Ok(()),
        other => exactly(other.len() as u64, 2, Noun("answer", " with `******` between them")),
    }
}

/// JSON and nothing else, but for a fence around it.
pub(super) fn json(text: &str) -> Result<(), String> {
    let mut json = strip(text);
    for fence in ["```json", "```Json", "```JSON", "```"] {
        json = json.strip_prefix(fence).unwrap_or(json);
    }
    let json = strip(json.strip_suffix("```").unwrap_or(json));
    match serde_json::from_str::<IgnoredAny>(json) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("expected JSON and nothing else: {error}")),
    }
}
