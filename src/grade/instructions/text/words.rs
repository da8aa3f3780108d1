//! Words as NLTK counts them: `RegexpTokenizer(r"\w+")`, and `word_tokenize`, which follows the Penn Treebank.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use super::characters::is_upper;
use super::sentences::sentences;

/// Runs of letters, digits and `_`. Python's `\w` has no marks, so that a vowel sign ends a word of Devanagari.
static WORD: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"[\p{L}\p{N}_]+").expect("it is right"));

/// The number of words.
pub(in crate::grade::instructions) fn count_words(text: &str) -> u64 {
    WORD.find_iter(text).count() as u64
}

/// The number of words all in capitals: `I'M` and `CANNOT` are two each, `A-B` is one.
pub(in crate::grade::instructions) fn capital_words(text: &str) -> u64 {
    let count = |sentence: &str| split(sentence).split_whitespace().filter(|word| is_upper(word)).count();
    // Most of a sentence without capitals is left alone by the rules, and none of it could count.
    let capitals = |sentence: &&str| sentence.chars().any(char::is_uppercase);
    sentences(text).into_iter().filter(capitals).map(count).sum::<usize>() as u64
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
