//! Colours and symbols, all in one place. Everything reads well without colour: colour repeats what words already say.

use std::fmt::{self, Display};

use anstyle::{AnsiColor, Style};

use crate::journal::Verdict;
use crate::text;

/// Finished.
pub const DONE: &str = "✓";
/// Cut off, or failed.
pub const CUT: &str = "✗";
/// Waiting for a point in time.
pub const WAITING: &str = "‖";
/// Fewer requests in flight than allowed.
pub const SLOWED: &str = "↓";
/// The done part of a bar.
pub const BAR: &str = "━";
/// The part of a bar that is still to do.
pub const BAR_REST: &str = "─";
/// A count of zero in a table of counts.
pub const ZERO: &str = "·";
/// Not known (yet).
pub const UNKNOWN: &str = "–";

/// What a piece of text is, and so what colour it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Ordinary text.
    Plain,
    /// What the eye should find first: names, totals.
    Strong,
    /// What the eye may skip: labels, separators, zeros.
    Dim,
    /// Right answers, finished things: green.
    Pass,
    /// Wrong answers: red.
    Fail,
    /// Answers that came too late: yellow.
    Timeout,
    /// No gradable answer; the `error:` prefix: red.
    Error,
    /// Warnings, slowed and waiting models: yellow.
    Warning,
    /// Hints and paths: cyan.
    Hint,
}

impl Role {
    /// The colour of a verdict.
    pub const fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Pass => Self::Pass,
            Verdict::Fail => Self::Fail,
            Verdict::Timeout => Self::Timeout,
            Verdict::Error => Self::Error,
            Verdict::Skipped => Self::Dim,
        }
    }

    /// Its style on a terminal.
    pub fn style(self) -> Style {
        let colored = |color: AnsiColor| Style::new().fg_color(Some(anstyle::Color::Ansi(color)));
        match self {
            Self::Plain => Style::new(),
            Self::Strong => Style::new().bold(),
            Self::Dim => Style::new().dimmed(),
            Self::Pass => colored(AnsiColor::Green),
            Self::Fail => colored(AnsiColor::Red),
            Self::Timeout | Self::Warning => colored(AnsiColor::Yellow),
            Self::Error => colored(AnsiColor::Red).bold(),
            Self::Hint => colored(AnsiColor::Cyan),
        }
    }
}

/// Colours on or off, for one stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Palette {
    on: bool,
}

impl Palette {
    /// A palette that colours, or one that leaves text as it is.
    pub const fn new(on: bool) -> Self {
        Self { on }
    }

    /// Whether it colours.
    pub const fn is_on(self) -> bool {
        self.on
    }

    /// The text in the colour of its role. The text is written as it is: whoever paints strangers' words defuses them.
    pub fn paint<T: Display>(self, role: Role, text: T) -> impl Display {
        let style = if self.on { role.style() } else { Style::new() };
        Painted { style, text }
    }
}

struct Painted<T> {
    style: Style,
    text: T,
}

impl<T: Display> Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{:#}", self.style, self.text, self.style)
    }
}

/// Text we rendered ourselves, several lines of it: colours stay where `keep_color`, everything else that could act on
/// a terminal is defused.
pub fn own_text(text: &str, keep_color: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("\u{1b}[") {
        let sequence = &rest[start..];
        let parameters = sequence[2..].bytes().take_while(|b| b.is_ascii_digit() || *b == b';').count();
        let end = 2 + parameters;
        out.push_str(&text::lines(&rest[..start]));
        if sequence[end..].starts_with('m') {
            if keep_color {
                out.push_str(&sequence[..=end]);
            }
            rest = &sequence[end + 1..];
        } else {
            out.push_str(&text::lines(&sequence[..2]));
            rest = &sequence[2..];
        }
    }
    out.push_str(&text::lines(rest));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colour_text_stays_as_it_is() {
        assert_eq!(Palette::new(false).paint(Role::Pass, "ok").to_string(), "ok");
        assert_eq!(Palette::new(true).paint(Role::Pass, "ok").to_string(), "\u{1b}[32mok\u{1b}[0m");
        assert_eq!(Palette::new(true).paint(Role::Plain, "ok").to_string(), "ok");
    }

    #[test]
    fn of_our_own_text_only_colours_stay() {
        let text = "\u{1b}[1;31mred\u{1b}[0m\n\u{1b}[2Jx\u{1b}]0;t\u{7}";
        assert_eq!(own_text(text, true), "\u{1b}[1;31mred\u{1b}[0m\n\u{fffd}[2Jx\u{fffd}]0;t\u{fffd}");
        assert_eq!(own_text(text, false), "red\n\u{fffd}[2Jx\u{fffd}]0;t\u{fffd}");
        assert_eq!(own_text("a\u{1b}[", true), "a\u{fffd}[");
    }
}
