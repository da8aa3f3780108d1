//! What counts as a blank or a letter where the reference implementations ask Python.

use std::sync::LazyLock;

use regex::Regex;

/// `str.isspace`: Unicode's white space and the four ASCII separators.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

/// `str.split()`.
pub(super) fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_space).filter(|word| !word.is_empty())
}

/// What `\b(a|an|the)\b` sees as words in Python: runs of letters, numbers and `_`. Unlike in Rust's `\w`, marks that
/// combine with a letter end a word.
pub(super) static WORD: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[\p{L}\p{N}_]+").expect("the pattern is written rightly"));
