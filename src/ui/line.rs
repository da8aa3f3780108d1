//! One line of a terminal: pieces of text with roles, measured in columns, never wider than asked.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::text;

use super::style::{Palette, Role};

/// How many columns a text takes at most. Terminals disagree about ligatures and joined characters: the larger
/// measure is taken, as a line that is a column short is harmless and one that wraps is not.
pub(super) fn columns(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.width().max(text.chars().map(|c| c.width().unwrap_or(0)).sum())
}

/// A stranger's text made fit for a table: one line, nothing that acts, no modifiers that make terminals disagree about
/// the width (variation selectors, skin tones), no towers of combining marks.
pub(super) fn tame(text: &str) -> String {
    let mut marks = 0;
    text::one_line(text)
        .chars()
        .filter(|&c| {
            marks = if c.width() == Some(0) { marks + 1 } else { 0 };
            marks <= 2 && !matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0000}'..='\u{e0fff}')
        })
        .collect()
}

/// The text cut to so many columns, with `…` as the last one where something was cut.
pub(super) fn clip(text: &str, limit: usize) -> String {
    if columns(text) <= limit {
        return text.to_owned();
    }
    let mut out = start_of(text, limit.saturating_sub(1));
    if limit > 0 {
        out.push('…');
    }
    out
}

/// The text cut in its middle: of a model's id both the vendor and the version say which one it is.
pub(super) fn clip_middle(text: &str, limit: usize) -> String {
    if columns(text) <= limit || limit < 8 {
        return clip(text, limit);
    }
    let head = start_of(text, (limit - 1) * 2 / 5);
    let room = limit - 1 - columns(&head);
    let mut used = 0;
    let tail = text.char_indices().rev().take_while(|(_, c)| {
        used += c.width().unwrap_or(0);
        used <= room
    });
    let from = tail.last().map_or(text.len(), |(at, _)| at);
    format!("{head}…{}", &text[from..])
}

/// As much of the text's start as fits.
fn start_of(text: &str, room: usize) -> String {
    let mut used = 0;
    text.chars()
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= room
        })
        .collect()
}

/// A line in the making.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    spans: Vec<(Role, String)>,
    width: usize,
}

impl Line {
    /// Adds a piece. It has to be tame.
    pub(super) fn push(&mut self, role: Role, text: impl Into<String>) -> &mut Self {
        let text = text.into();
        self.width += columns(&text);
        self.spans.push((role, text));
        self
    }

    /// Adds blanks up to a column.
    pub(super) fn pad_to(&mut self, column: usize) -> &mut Self {
        if column > self.width {
            self.push(Role::Plain, " ".repeat(column - self.width));
        }
        self
    }

    /// Columns so far.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// The line as it is written: at most `limit` columns, no blanks at its end.
    pub(super) fn render(&self, limit: usize, palette: Palette) -> String {
        let mut room = limit;
        let whole = self.width <= limit;
        let mut shown: Vec<(Role, String)> = Vec::with_capacity(self.spans.len());
        for (role, text) in &self.spans {
            // Where the line has to be cut, its last column is kept for the `…`.
            let width = columns(text);
            if whole || width < room {
                shown.push((*role, text.clone()));
                room -= width.min(room);
            } else {
                if room > 0 {
                    shown.push((*role, start_of(text, room - 1) + "…"));
                }
                break;
            }
        }
        while let Some((_, last)) = shown.last_mut() {
            last.truncate(last.trim_end_matches(' ').len());
            if !last.is_empty() {
                break;
            }
            shown.pop();
        }
        // Blanks have no colour, and saying so would only make the line longer.
        let role = |role: Role, text: &str| if text.trim_matches(' ').is_empty() { Role::Plain } else { role };
        shown.into_iter().map(|(r, text)| palette.paint(role(r, &text), text).to_string()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_in_the_middle() {
        assert_eq!(clip_middle("anthropic/claude-sonnet-4.5", 18), "anthro…-sonnet-4.5");
        assert_eq!(clip_middle("short", 18), "short");
        assert_eq!(clip_middle("日本語のモデル名前です", 12), "日本…前です");
        assert_eq!(clip_middle("abcdefghij", 4), "abc…");
    }

    #[test]
    fn what_makes_terminals_disagree_is_taken_out() {
        assert_eq!(tame("a\u{301}\u{302}\u{303}\u{304}b"), "a\u{301}\u{302}b");
        assert_eq!(tame("👍🏽 ❤\u{fe0f}\u{1b}[2J"), "👍 ❤\u{fffd}[2J");
        assert_eq!(columns("لا"), 2);
    }

    #[test]
    fn a_line_is_never_wider_than_asked() {
        let mut line = Line::default();
        line.push(Role::Strong, "quick").push(Role::Plain, " · ").push(Role::Pass, "日本語");
        assert_eq!(line.width(), 14);
        let plain = Palette::new(false);
        assert_eq!(line.render(14, plain), "quick · 日本語");
        assert_eq!(line.render(13, plain), "quick · 日本…");
        assert_eq!(line.render(6, plain), "quick…");
        assert_eq!(line.render(1, plain), "…");
        assert_eq!(line.render(0, plain), "");
        assert_eq!(line.render(5, Palette::new(true)), "\u{1b}[1mquic…\u{1b}[0m");
    }
}
