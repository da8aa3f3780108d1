//! What the environment and the terminal say. Read here once, and nowhere below.

use std::io::IsTerminal;

use crate::ui::{self, Printer, PrinterConfig};

use super::args::{Color, Talk};

/// The environment and the terminal of this process.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts {
    /// Whether standard output shows colours.
    pub(super) color_stdout: bool,
    /// Whether standard error shows colours.
    pub(super) color_stderr: bool,
    /// Whether standard output is a terminal.
    pub(super) stdout_is_terminal: bool,
    /// Whether standard error is a terminal.
    pub(super) stderr_is_terminal: bool,
    /// Whether nothing should be drawn: in CI, and on a terminal that cannot.
    pub(super) plain_only: bool,
    /// Columns of the table on standard output.
    pub(super) width_stdout: usize,
    /// Columns of messages on standard error.
    pub(super) width_stderr: usize,
}

/// Columns where there is no terminal to ask: wide enough for a whole table, and the same everywhere.
const WIDTH_OF_A_PIPE: usize = 200;
/// Columns of messages in a log.
const WIDTH_OF_A_LOG: usize = 120;

impl Facts {
    /// Asks the environment and the terminal.
    pub(super) fn gather(talk: &Talk) -> Self {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let (stdout, stderr) = (std::io::stdout().is_terminal(), std::io::stderr().is_terminal());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let colored = |terminal| match talk.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !dumb && !set("NO_COLOR"),
        };
        let asked: Option<usize> = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let columns = |size: Option<(terminal_size::Width, terminal_size::Height)>, fallback: usize| -> usize {
            asked.or(size.map(|(width, _)| width.0.into())).unwrap_or(fallback).max(20)
        };
        Self {
            color_stdout: colored(stdout),
            color_stderr: colored(stderr),
            stdout_is_terminal: stdout,
            stderr_is_terminal: stderr,
            plain_only: dumb || set("CI"),
            width_stdout: columns(terminal_size::terminal_size_of(std::io::stdout()), WIDTH_OF_A_PIPE),
            width_stderr: columns(terminal_size::terminal_size_of(std::io::stderr()), WIDTH_OF_A_LOG),
        }
    }

    /// The printer for these facts. With `json`, talk is one JSON object a line too.
    pub(super) fn printer(&self, talk: &Talk, json: bool) -> Printer {
        Printer::new(PrinterConfig {
            quiet: talk.quiet,
            verbose: talk.verbose,
            color_stdout: self.color_stdout,
            color_stderr: self.color_stderr,
            stdout_is_terminal: self.stdout_is_terminal,
            stderr_is_terminal: self.stderr_is_terminal,
            width: Some(self.width_stdout),
            talk: if json { ui::Talk::Json } else { ui::Talk::Text },
        })
    }
}
