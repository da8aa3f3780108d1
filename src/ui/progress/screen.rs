//! The bottom rows of a terminal that a block of lines is drawn on: what indicatif draws becomes one write a frame.
//!
//! indicatif decides when to draw and keeps talk and block apart; this decides how. Its stock terminal erases every row
//! before it writes them again and fills rows with blanks to the full width. Here rows are overwritten in place, so
//! that nothing flickers; no row reaches the last column, so that no terminal wraps; the cursor rests on the first
//! column, so that a `^C` echoed there is overwritten; and where the terminal has become narrower since the last frame,
//! the rows that it has broken in two are erased too.

use std::fmt::{self, Write as _};
use std::io::{self, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

use indicatif::TermLike;

use crate::ui::line::columns;
use crate::ui::printer::{Sink, lock};
use crate::ui::style::own_text;

/// Asks for a terminal's size: columns and rows.
pub(super) type Size = Arc<dyn Fn() -> (u16, u16) + Send + Sync>;

/// The size of the terminal that standard error is, 80×24 where it does not tell.
pub(super) fn stderr_size() -> (u16, u16) {
    terminal_size::terminal_size_of(io::stderr()).map_or((80, 24), |(width, height)| (width.0.max(1), height.0.max(1)))
}

/// Draws blocks of lines. Lines of nothing but blanks are not supported.
pub(super) struct Screen {
    sink: Sink,
    size: Size,
    frame: Mutex<Frame>,
}

#[derive(Default)]
struct Frame {
    /// The lines of the frame in the making.
    next: Vec<String>,
    /// The columns of each row on the terminal.
    shown: Vec<usize>,
    /// The terminal's columns when they were drawn.
    width: u16,
}

impl Screen {
    pub(super) fn new(sink: Sink, size: Size) -> Self {
        Self { sink, size, frame: Mutex::default() }
    }
}

impl Frame {
    /// What turns the rows on the terminal into the next frame.
    fn render(&mut self, width: u16) -> String {
        let next = std::mem::take(&mut self.next);
        let mut out = String::new();
        if !self.shown.is_empty() {
            let reflowed = width < self.width;
            let up = match self.shown.split_last() {
                // The terminal has broken rows that no longer fit.
                Some((_, above)) if reflowed => {
                    let width = usize::from(width.max(1));
                    above.iter().map(|columns| columns.div_ceil(width).max(1)).sum()
                }
                _ => self.shown.len() - 1,
            };
            out.push('\r');
            if up > 0 {
                let _ = write!(out, "\u{1b}[{up}A");
            }
            if reflowed || next.is_empty() {
                out.push_str("\u{1b}[J");
            }
        }
        for (i, line) in next.iter().enumerate() {
            let end = if i + 1 < next.len() { "\r\n" } else { "\u{1b}[J\r" };
            let _ = write!(out, "{line}\u{1b}[K{end}");
        }
        self.shown = next.iter().map(|line| columns(&own_text(line, false))).collect();
        self.width = width;
        out
    }
}

impl TermLike for Screen {
    fn width(&self) -> u16 {
        (self.size)().0
    }

    fn height(&self) -> u16 {
        (self.size)().1
    }

    // Where the cursor has to go is known from what is shown.
    fn move_cursor_up(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_down(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_right(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_left(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        Ok(())
    }

    fn write_line(&self, line: &str) -> io::Result<()> {
        self.write_str(line)
    }

    /// Takes one line of the frame; blanks are what indicatif fills rows with.
    fn write_str(&self, line: &str) -> io::Result<()> {
        if !line.trim().is_empty() {
            self.frame.lock().unwrap_or_else(PoisonError::into_inner).next.push(line.to_owned());
        }
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        let bytes = self.frame.lock().unwrap_or_else(PoisonError::into_inner).render((self.size)().0);
        if bytes.is_empty() {
            return Ok(());
        }
        let mut sink = lock(&self.sink);
        sink.write_all(bytes.as_bytes())?;
        sink.flush()
    }
}

impl fmt::Debug for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Screen").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
