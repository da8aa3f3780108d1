//! The wording of the reasons.

use std::borrow::Cow;

use crate::grade::words::any_of;

use super::pattern::Pattern;

/// Something to count: `word`, and what stands behind it whatever the number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Noun<'a>(pub(super) &'a str, pub(super) &'a str);

impl Noun<'_> {
    /// `1 word in capitals`, `3 words in capitals`.
    pub(super) fn many(self, count: u64) -> String {
        let Self(noun, rest) = self;
        let ending = if count == 1 { "" } else { "s" };
        format!("{count} {noun}{ending}{rest}")
    }
}

/// Nothing if it is right, else the reason.
pub(super) fn found_or(right: bool, reason: impl FnOnce() -> String) -> Result<(), String> {
    if right { Ok(()) } else { Err(reason()) }
}

/// Nothing if there are no such keywords, else which.
pub(super) fn none_of<'a>(keywords: impl Iterator<Item = &'a Pattern>, lead: &str) -> Result<(), String> {
    let wrong: Vec<Cow<'_, str>> = keywords.map(|keyword| Cow::Borrowed(keyword.text.as_str())).collect();
    if wrong.is_empty() { Ok(()) } else { Err(format!("{lead} {}", any_of(&wrong, "and"))) }
}
