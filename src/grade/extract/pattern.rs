//! A match of a pattern.

use regex::Regex;

use crate::grade::words::quote;

use super::method::Which;

/// A pattern, and what of a match is taken.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) regex: Regex,
    /// The group, by its number; `None`: the first that took part, or the whole match of a pattern without groups.
    pub(super) group: Option<usize>,
    pub(super) which: Which,
}

/// Texts up to this many bytes are searched match by match. A search may look at all that is left, so many matches in
/// a longer text could take time in proportion to its square.
const NEAR: usize = 16 << 10;

/// The matches looked at in a longer text.
const MOST: usize = 1000;

impl Pattern {
    /// What is taken of the first or last match.
    pub(super) fn find<'t>(&self, text: &'t str) -> Option<&'t str> {
        let start = match self.which {
            Which::First => self.matches_from(text, 0).next()?,
            Which::Last => self.last(text)?,
        };
        let captures = self.regex.captures_at(text, start)?;
        let group = match self.group {
            Some(group) => captures.get(group),
            None => captures.iter().skip(1).flatten().next().or_else(|| captures.get(0)),
        };
        group.map(|found| found.as_str())
    }

    /// Where the last match begins. In a long text it is looked for in its last lines; if there is none, it is the
    /// last of the first thousand.
    fn last(&self, text: &str) -> Option<usize> {
        if text.len() > NEAR {
            let near = text.ceil_char_boundary(text.len() - NEAR);
            let near = text[near..].find('\n').map_or(near, |line| near + line + 1);
            if let Some(start) = self.matches_from(text, near).last() {
                return Some(start);
            }
            return self.matches_from(text, 0).take(MOST).last();
        }
        self.matches_from(text, 0).last()
    }

    /// The beginnings of the matches from a place on, which see what stands before it. Empty ones have nothing to take.
    fn matches_from<'t>(&'t self, text: &'t str, from: usize) -> impl Iterator<Item = usize> + 't {
        let mut from = Some(from);
        std::iter::from_fn(move || {
            loop {
                let found = self.regex.find_at(text, from?)?;
                if !found.is_empty() {
                    from = Some(found.end());
                    return Some(found.start());
                }
                from = text[found.end()..].chars().next().map(|next| found.end() + next.len_utf8());
            }
        })
    }

    /// What it looks for, in words.
    pub(super) fn describe(&self) -> String {
        format!("a match of {}", quote(self.regex.as_str()))
    }
}
