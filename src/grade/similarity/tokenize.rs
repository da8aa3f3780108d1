//! The tokenizers of sacrebleu.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use super::python;

/// sacrebleu's `tokenize`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
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
            Self::Chinese => python::split(&western(&chinese(text.trim_matches(python::is_space)))).for_each(each),
            Self::International => python::split(&international(text)).for_each(each),
        }
    }
}

/// One substitution after the other.
fn replace_all(text: &str, steps: &[(Regex, &str)]) -> String {
    let mut text = Cow::Borrowed(text);
    for (pattern, replacement) in steps {
        if let Cow::Owned(changed) = pattern.replace_all(&text, *replacement) {
            text = Cow::Owned(changed);
        }
    }
    text.into_owned()
}

fn steps(patterns: &[(&str, &'static str)]) -> Vec<(Regex, &'static str)> {
    let compile = |pattern| Regex::new(pattern).expect("the pattern is written rightly");
    patterns.iter().map(|(pattern, replacement)| (compile(pattern), *replacement)).collect()
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
    static STEPS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
        steps(&[
            // ASCII punctuation but apostrophe, comma, hyphen and full stop.
            (r"([\x20-\x26\x28-\x2b\x2f\x3a-\x40\x5b-\x60\x7b-\x7e])", " $1 "),
            // Full stop and comma unless behind a digit, unless before one; hyphen behind a digit.
            (r"([^0-9])([.,])", "$1 $2 "),
            (r"([.,])([^0-9])", " $1 $2"),
            (r"([0-9])(-)", "$1 $2 "),
        ])
    });
    replace_all(text, &STEPS)
}

fn international(text: &str) -> String {
    static STEPS: LazyLock<Vec<(Regex, &str)>> =
        LazyLock::new(|| steps(&[(r"(\P{N})(\p{P})", "$1 $2 "), (r"(\p{P})(\P{N})", " $1 $2"), (r"(\p{S})", " $1 ")]));
    replace_all(text, &STEPS)
}

fn chinese(text: &str) -> String {
    let mut out = String::with_capacity(2 * text.len());
    for c in text.chars() {
        if is_chinese(c) {
            out.extend([' ', c, ' ']);
        } else {
            out.push(c);
        }
    }
    out
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
