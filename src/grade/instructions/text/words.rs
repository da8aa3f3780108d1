//! Words as NLTK counts them: `RegexpTokenizer(r"\w+")`, and `word_tokenize`, which follows the Penn Treebank.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::char::is_combining_mark;

use super::characters::is_upper;
use super::sentences::sentences;

/// The number of words: runs of letters, digits and `_`.
pub(in crate::grade::instructions) fn count_words(text: &str) -> u64 {
    text.split(|c| !is_word(c)).filter(|word| !word.is_empty()).count() as u64
}

/// Python's `\w`. It has no marks, so that a vowel sign ends a word of Devanagari, and no letters in circles.
fn is_word(c: char) -> bool {
    c == '_' || (c.is_alphanumeric() && (c.is_ascii() || !(is_combining_mark(c) || matches!(c, 'Ⓐ'..='ⓩ'))))
}

/// The number of words all in capitals: `I'M` and `CANNOT` are two each, `A-B` is one.
pub(in crate::grade::instructions) fn capital_words(text: &str) -> u64 {
    sentences(text).into_iter().map(|sentence| simply(sentence).unwrap_or_else(|| count(&split(sentence)))).sum()
}

fn count(words: &str) -> u64 {
    words.split_whitespace().filter(|word| is_upper(word)).count() as u64
}

/// The number of words in capitals of a sentence that no rule could change: between blanks and marks, what has capitals
/// is letters and digits only.
fn simply(sentence: &str) -> Option<u64> {
    const MARKS: [char; 14] = ['"', '(', ')', '[', ']', '{', '}', ',', '.', ';', ':', '?', '!', '*'];
    const SPLIT: [&str; 6] = ["cannot", "gimme", "gonna", "gotta", "lemme", "wanna"];
    let mut found = 0;
    for word in sentence.split_whitespace().filter(|word| word.contains(char::is_uppercase)) {
        let word = word.trim_matches(MARKS);
        if !word.chars().all(char::is_alphanumeric) || SPLIT.iter().any(|split| word.eq_ignore_ascii_case(split)) {
            return None;
        }
        found += u64::from(is_upper(word));
    }
    Some(found)
}

/// Blanks put between the words of a sentence.
fn split(sentence: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(sentence);
    for (pattern, replacement) in RULES.iter() {
        if let Cow::Owned(replaced) = pattern.replace_all(&text, *replacement) {
            text = Cow::Owned(replaced);
        }
    }
    text
}

/// The substitutions of `NLTKWordTokenizer` in their order.
static RULES: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    let rules = [
        // Quotes that open.
        ("([«“‘„]|[`]+)", " $1 "),
        (r#"^""#, "``"),
        ("(``)", " $1 "),
        (r#"([ (\[{<])("|'{2})"#, "$1 `` "),
        (r"'([\w--[mtsdnMTSDN]])\b", "' $1"),
        // Punctuation.
        (r#"([^.])(\.)([\])}>"'»”’ ]*)\s*$"#, "$1 $2 $3 "),
        (r"([:,])(\D)", " $1 $2"),
        ("([:,])$", " $1 "),
        (r"\.{2,}", " $0 "),
        ("[;@#$%&]", " $0 "),
        (r#"([^.])(\.)([\])}>"']*)\s*$"#, "$1 $2$3 "),
        ("[?!]", " $0 "),
        ("([^'])' ", "$1 ' "),
        (r"\*", " $0 "),
        (r"[\]\[(){}<>]", " $0 "),
        ("--", " -- "),
        ("^|$", " "),
        // Quotes that close, and what is short for a word.
        ("([»”’])", " $1 "),
        ("''", " '' "),
        ("\"", " '' "),
        (r"\s+", " "),
        ("([^' ])('[sS]|'[mM]|'[dD]|') ", "$1 $2 "),
        ("([^' ])('ll|'LL|'re|'RE|'ve|'VE|n't|N'T) ", "$1 $2 "),
        // Two words written as one.
        (r"(?i)\b(can)(not)\b", " $1 $2 "),
        (r"(?i)\b(d)('ye)\b", " $1 $2 "),
        (r"(?i)\b(gim)(me)\b", " $1 $2 "),
        (r"(?i)\b(gon)(na)\b", " $1 $2 "),
        (r"(?i)\b(got)(ta)\b", " $1 $2 "),
        (r"(?i)\b(lem)(me)\b", " $1 $2 "),
        (r"(?i)\b(more)('n)\b", " $1 $2 "),
        (r"(?i)\b(wan)(na)(\s)", " $1 $2 $3"),
        (r"(?i) ('t)(is)\b", " $1 $2 "),
        (r"(?i) ('t)(was)\b", " $1 $2 "),
    ];
    let rule = |(pattern, replacement)| (Regex::new(pattern).expect("it is right"), replacement);
    rules.into_iter().map(rule).collect()
});
