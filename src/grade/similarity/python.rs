//! What counts as a blank or a letter where the reference implementations ask Python.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use regex_syntax::hir::{Class as HirClass, Hir, HirKind};

/// `str.isspace`: Unicode's white space and the four ASCII separators.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

/// `str.split()`.
pub(super) fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_space).filter(|word| !word.is_empty())
}

/// What `\b` takes for part of a word: letters, numbers and `_`. Unlike with Rust's `\b`, a mark that combines with a
/// letter is none.
pub(super) fn is_word(c: char) -> bool {
    static WORD: LazyLock<Class> = LazyLock::new(|| Class::new(r"[\p{L}\p{N}_]"));
    if c.is_ascii() { c.is_ascii_alphanumeric() || c == '_' } else { WORD.has(c) }
}

/// A class of characters by Unicode's categories.
#[derive(Debug)]
pub(super) struct Class {
    ascii: [bool; 128],
    ranges: Vec<RangeInclusive<char>>,
}

impl Class {
    /// The class of a regular expression that is one; of any other, nothing.
    pub(super) fn new(pattern: &str) -> Self {
        let hir = regex_syntax::parse(pattern).ok();
        let ranges: Vec<RangeInclusive<char>> = match hir.as_ref().map(Hir::kind) {
            Some(HirKind::Class(HirClass::Unicode(class))) => {
                class.ranges().iter().map(|range| range.start()..=range.end()).collect()
            }
            _ => Vec::new(),
        };
        let ascii = std::array::from_fn(|code| {
            u8::try_from(code).is_ok_and(|code| ranges.iter().any(|range| range.contains(&char::from(code))))
        });
        Self { ascii, ranges }
    }

    /// Whether a character is in it.
    pub(super) fn has(&self, c: char) -> bool {
        if let Some(is) = self.ascii.get(c as usize) {
            return *is;
        }
        let after = self.ranges.partition_point(|range| *range.end() < c);
        self.ranges.get(after).is_some_and(|range| range.contains(&c))
    }
}
