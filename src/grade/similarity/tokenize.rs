//! The tokenizers of sacrebleu.

use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::python::{self, Class};

/// sacrebleu's `tokenize`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub(super) enum Tokenizer {
    /// `mteval-v13a`, the default: punctuation apart, but in numbers.
    #[default]
    #[serde(rename = "13a")]
    V13a,
    /// `mteval-v14`: the same by Unicode's classes.
    #[serde(rename = "intl")]
    International,
    /// Chinese characters one by one, the rest as by `13a`.
    #[serde(rename = "zh")]
    Chinese,
    /// Every character.
    #[serde(rename = "char")]
    Char,
    /// What stands between white space.
    #[serde(rename = "none")]
    None,
}

impl Tokenizer {
    /// The tokens of a text, `each` given one after the other.
    pub(super) fn tokenize(self, text: &str, each: &mut dyn FnMut(&str)) {
        let text = text.trim_end_matches(python::is_space);
        match self {
            Self::None => python::split(text).for_each(each),
            Self::Char => {
                let mut buffer = [0; 4];
                text.chars().filter(|c| !python::is_space(*c)).for_each(|c| each(c.encode_utf8(&mut buffer)));
            }
            Self::V13a => python::split(&western(&format!(" {} ", unescaped(text)))).for_each(each),
            Self::Chinese => {
                python::split(&western(&single_out(text.trim_matches(python::is_space), is_chinese))).for_each(each);
            }
            Self::International => python::split(&international(text)).for_each(each),
        }
    }
}

/// Where blanks go around two characters in a row.
#[derive(Debug, Clone, Copy)]
enum Gap {
    /// `(a)(b)` → `a b `.
    AroundSecond,
    /// `(a)(b)` → ` a b`.
    AroundFirst,
}

/// Puts blanks around two characters in a row where both fit, from left to right, as a regular expression of both would
/// be replaced: what was the second is not looked at as a first.
fn part(text: &str, first: impl Fn(char) -> bool, second: impl Fn(char) -> bool, gap: Gap) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    let mut chars = text.chars().peekable();
    while let Some(a) = chars.next() {
        match chars.next_if(|&b| first(a) && second(b)) {
            Some(b) => match gap {
                Gap::AroundSecond => out.extend([a, ' ', b, ' ']),
                Gap::AroundFirst => out.extend([' ', a, ' ', b]),
            },
            None => out.push(a),
        }
    }
    out
}

/// Puts blanks around each character that fits.
fn single_out(text: &str, fits: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    for c in text.chars() {
        if fits(c) {
            out.extend([' ', c, ' ']);
        } else {
            out.push(c);
        }
    }
    out
}

/// What `13a` does first: ends of lines and the entities of SGML.
fn unescaped(text: &str) -> String {
    let text = text.replace("<skipped>", "").replace("-\n", "").replace('\n', " ");
    if !text.contains('&') {
        return text;
    }
    text.replace("&quot;", "\"").replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
}

/// sacrebleu's `TokenizerRegexp`.
fn western(text: &str) -> String {
    let digit = |c: char| c.is_ascii_digit();
    let stop = |c: char| matches!(c, '.' | ',');
    // What else ASCII has of punctuation, but apostrophe and hyphen; and the blank.
    let mark = |c: char| c == ' ' || (c.is_ascii_punctuation() && !matches!(c, '\'' | '-' | '.' | ','));
    let text = single_out(text, mark);
    // Full stop and comma unless behind a digit, unless before one; hyphen behind a digit.
    let text = part(&text, |c| !digit(c), stop, Gap::AroundSecond);
    let text = part(&text, stop, |c| !digit(c), Gap::AroundFirst);
    part(&text, digit, |c| c == '-', Gap::AroundSecond)
}

/// sacrebleu's `TokenizerV14International`.
fn international(text: &str) -> String {
    static NUMBER: LazyLock<Class> = LazyLock::new(|| Class::new(r"\p{N}"));
    static PUNCTUATION: LazyLock<Class> = LazyLock::new(|| Class::new(r"\p{P}"));
    static SYMBOL: LazyLock<Class> = LazyLock::new(|| Class::new(r"\p{S}"));
    let (number, mark) = (|c| NUMBER.has(c), |c| PUNCTUATION.has(c));
    let text = part(text, |c| !number(c), mark, Gap::AroundSecond);
    let text = part(&text, mark, |c| !number(c), Gap::AroundFirst);
    single_out(&text, |c| SYMBOL.has(c))
}

/// sacrebleu's ranges. Two of them it writes with five digits where Python reads four: what was meant for extension B
/// covers U+2001 to U+2A6D, the quotation marks and dashes of English among them.
fn is_chinese(c: char) -> bool {
    matches!(c,
        '\u{2001}'..='\u{2a6d}' | '\u{2e80}'..='\u{2fdf}' | '\u{2ff0}'..='\u{303f}' | '\u{3100}'..='\u{312f}'
        | '\u{31a0}'..='\u{31bf}' | '\u{31c0}'..='\u{31ef}' | '\u{3200}'..='\u{33ff}' | '\u{3400}'..='\u{4db5}'
        | '\u{4e00}'..='\u{9fbb}' | '\u{f900}'..='\u{fa2d}' | '\u{fa30}'..='\u{fa6a}' | '\u{fa70}'..='\u{fad9}'
        | '\u{fe10}'..='\u{fe1f}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ffef}')
}
