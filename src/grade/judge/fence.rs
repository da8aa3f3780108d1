//! A fence around data, so that a judge can tell it from its instructions, and the data cannot end it.
//!
//! ```text
//! ⟦ANSWER 3fa94c0d71be⟧
//! whatever the model said
//! ⟦/ANSWER 3fa94c0d71be⟧
//! ```
//!
//! Two things keep data from forging these lines, each by itself: the id is a hash of everything that is judged, so
//! nobody can know it while writing a part of that, and it is made anew until the data does not contain it; and the
//! brackets `⟦ ⟧` are replaced in data by `[ ]`. What could act without being seen (control characters, overrides of the
//! direction, invisible tags) becomes `�`, and the tokens by which chat templates part messages are broken with a blank,
//! for endpoints that would take them for real.

use std::borrow::Cow;
use std::sync::LazyLock;

use ::regex::Regex;
use sha2::{Digest, Sha256};

/// The digits of an id: 48 bits.
const ID_BYTES: usize = 6;

/// Delimiters of one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fence {
    id: String,
}

impl Fence {
    /// For data, with the words that make this call another than others; the same words and data give the same id.
    pub(super) fn new(words: &[&str], data: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for word in words.iter().chain(data) {
            hash.update((word.len() as u64).to_le_bytes());
            hash.update(word);
        }
        Self::of(hash.finalize().into(), data)
    }

    /// The first id from a hash that the data does not contain.
    pub(super) fn of(mut state: [u8; 32], data: &[&str]) -> Self {
        loop {
            let number = state[..ID_BYTES].iter().fold(0_u64, |number, &byte| number << 8 | u64::from(byte));
            let id = format!("{number:0width$x}", width = 2 * ID_BYTES);
            let holds =
                |text: &&str| memchr::memmem::find(text.to_ascii_lowercase().as_bytes(), id.as_bytes()).is_some();
            if !data.iter().any(holds) {
                return Self { id };
            }
            state = Sha256::digest(state).into();
        }
    }

    /// The id in the delimiters.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Text in a fence.
    pub(super) fn block(&self, name: &str, text: &str) -> String {
        format!("⟦{name} {}⟧\n{text}\n⟦/{name} {}⟧", self.id, self.id)
    }

    /// A remark to the judge inside a fence, which data cannot forge.
    pub(super) fn remark(&self, remark: &str) -> String {
        format!("⟦{remark} {}⟧", self.id)
    }

    /// Data made harmless, with a remark where it was cut.
    pub(super) fn data(&self, data: Data<'_>) -> String {
        if data.left_out == 0 {
            return defused(data.head);
        }
        let gone = self.remark(&format!("{} characters left out", data.left_out));
        format!("{}\n{gone}\n{}", defused(data.head), defused(data.tail))
    }
}

/// Text that is to stand in a fence, cut in its middle where it is too long.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Data<'t> {
    head: &'t str,
    tail: &'t str,
    /// The characters between head and tail.
    pub(super) left_out: usize,
}

impl<'t> Data<'t> {
    /// A text, of which at most `limit` characters are kept.
    pub(super) fn new(text: &'t str, limit: usize) -> Self {
        let whole = Self { head: text, tail: "", left_out: 0 };
        if text.len() <= limit {
            return whole;
        }
        let length = text.chars().count();
        if length <= limit {
            return whole;
        }
        let at = |nth: usize| text.char_indices().nth(nth).map_or(text.len(), |(at, _)| at);
        let (head, tail) = (at(limit - limit / 2), at(length - limit / 2));
        Self { head: &text[..head], tail: &text[tail..], left_out: length - limit }
    }

    /// What of it is kept.
    pub(super) const fn kept(&self) -> [&'t str; 2] {
        [self.head, self.tail]
    }
}

/// Text without anything that acts unseen, forges a fence, or ends a message in a chat template.
fn defused(text: &str) -> String {
    static TOKENS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)<([|｜]|/?s>|(?:start|end)_of_turn>|begin▁of|end▁of)|\[(/?INST\]|/?SYSTEM_PROMPT\])").ok()
    });
    let text = text.replace("\r\n", "\n");
    let seen: String = text
        .chars()
        .map(|c| match c {
            '⟦' => '[',
            '⟧' => ']',
            c if unseen(c) => '\u{fffd}',
            c => c,
        })
        .collect();
    let broken = TOKENS.as_ref().map(|tokens| {
        tokens.replace_all(&seen, |found: &::regex::Captures<'_>| {
            let (open, rest) = found[0].split_at(1);
            format!("{open} {rest}")
        })
    });
    broken.unwrap_or(Cow::Borrowed(&seen)).into_owned()
}

/// Characters that act or speak to a model without being seen by people. The joiners that Persian, Hindi and emoji are
/// written with are not among them.
fn unseen(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c,
            '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}
