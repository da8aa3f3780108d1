//! The printer decides in one place which of standard output, talk and progress are live.
//!
//! Data goes to standard output as it is. Talk goes to standard error, one line a message, strangers' control
//! characters defused; while the progress display is drawn, talk goes above it.

use std::error::Error;
use std::fmt::{self, Debug, Display};
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indicatif::ProgressBar;
use serde_json::json;

use crate::text;

use super::progress::json_line;
use super::style::{Palette, Role, own_text};

/// Bytes of one message at most; a server's error page is not a message.
const LONGEST_MESSAGE: usize = 4096;

/// How talk is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Talk {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object a line (`--progress json`), so that a tool can read all of standard error.
    Json,
}

/// What the printer has to know; found out by the command line from flags, environment and terminal.
#[expect(clippy::struct_excessive_bools, reason = "five independent facts, each named where it is set")]
#[derive(Debug, Clone, Copy, Default)]
pub struct PrinterConfig {
    /// Nothing but errors on standard error.
    pub quiet: bool,
    /// 1: each cell's end and each failed attempt as a line; 2: every event.
    pub verbose: u8,
    /// Colours on standard output.
    pub color_stdout: bool,
    /// Colours on standard error.
    pub color_stderr: bool,
    /// Standard output is a terminal.
    pub stdout_is_terminal: bool,
    /// Standard error is a terminal.
    pub stderr_is_terminal: bool,
    /// Columns that a table on standard output may take; `None`: as many as it likes.
    pub width: Option<usize>,
    /// How talk is written.
    pub talk: Talk,
}

/// What became of data sent to standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Delivery {
    /// Written.
    Written,
    /// The reader has gone (`bench … | head`): it has seen enough, which is no error.
    ReaderGone,
}

/// A stream that several writers share; each write is whole.
pub(super) type Sink = Arc<Mutex<Box<dyn Write + Send>>>;

/// Writes all that the program has to say. Cheap to clone; all clones share the streams.
#[derive(Clone)]
pub struct Printer {
    config: PrinterConfig,
    out: Sink,
    err: Sink,
    /// The progress display, while one is drawn.
    display: Arc<Mutex<Option<ProgressBar>>>,
}

impl Printer {
    /// A printer on the process's own streams.
    pub fn new(config: PrinterConfig) -> Self {
        Self::with_streams(config, Box::new(io::stdout()), Box::new(io::stderr()))
    }

    /// A printer on other streams.
    pub fn with_streams(config: PrinterConfig, out: Box<dyn Write + Send>, err: Box<dyn Write + Send>) -> Self {
        let sink = |stream| Arc::new(Mutex::new(stream));
        Self { config, out: sink(out), err: sink(err), display: Arc::default() }
    }

    /// What it was built from.
    pub fn config(&self) -> &PrinterConfig {
        &self.config
    }

    /// Colours for data on standard output.
    pub fn stdout_palette(&self) -> Palette {
        Palette::new(self.config.color_stdout)
    }

    /// Colours for talk on standard error.
    pub fn stderr_palette(&self) -> Palette {
        Palette::new(self.config.color_stderr)
    }

    /// Columns that a table on standard output may take.
    pub fn width(&self) -> Option<usize> {
        self.config.width
    }

    /// Writes data to standard output as it is, also when quiet.
    ///
    /// # Errors
    /// What the operating system said (a full disk behind a redirection). A reader that has gone is no error.
    pub fn out(&self, data: &str) -> io::Result<Delivery> {
        self.out_bytes(data.as_bytes())
    }

    /// As [`Printer::out`], for data that is bytes already.
    ///
    /// # Errors
    /// As [`Printer::out`].
    pub fn out_bytes(&self, data: &[u8]) -> io::Result<Delivery> {
        let write = || {
            let mut out = lock(&self.out);
            match out.write_all(data).and_then(|()| out.flush()) {
                Ok(()) => Ok(Delivery::Written),
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Delivery::ReaderGone),
                Err(error) => Err(error),
            }
        };
        match self.display() {
            Some(display) if self.config.stdout_is_terminal => display.suspend(write),
            _ => write(),
        }
    }

    /// Says something that is good to know. Not said when quiet.
    pub fn note(&self, message: &str) {
        if !self.config.quiet {
            self.message("note", None, &message, &[]);
        }
    }

    /// Says something that the user should act on. Not said when quiet.
    pub fn warn(&self, message: &str) {
        if !self.config.quiet {
            self.message("warning", Some(Role::Warning), &message, &[]);
        }
    }

    /// Says why something did not work, and what to do about it. Always said.
    pub fn error(&self, message: &dyn Display, hints: &[&str]) {
        self.message("error", Some(Role::Error), message, hints);
    }

    /// As [`Printer::error`], with the error's causes, each on a line of its own.
    pub fn error_chain(&self, error: &dyn Error, hints: &[&str]) {
        let mut causes = Vec::new();
        let mut next = error.source();
        while let Some(cause) = next {
            causes.push(cause.to_string());
            next = cause.source();
        }
        // A cause that its error repeats word for word tells nothing new.
        let shown = error.to_string();
        causes.retain(|cause| !shown.contains(cause.as_str()));
        let lines: Vec<(&str, Role, &str)> = causes
            .iter()
            .map(|cause| ("  caused by", Role::Error, cause.as_str()))
            .chain(hints.iter().map(|hint| ("hint", Role::Hint, *hint)))
            .collect();
        self.say("error", Some(Role::Error), &shown, &lines);
    }

    /// Writes several lines that we rendered ourselves (suite diagnostics) to standard error; colours in them stay
    /// where standard error has colours. Said also when quiet.
    pub fn error_block(&self, rendered: &str) {
        match self.config.talk {
            Talk::Text => {
                let mut text = own_text(rendered, self.config.color_stderr);
                if !text.ends_with('\n') {
                    text.push('\n');
                }
                self.talk(&text);
            }
            Talk::Json => self.say("error", None, &own_text(rendered, false), &[]),
        }
    }

    /// Writes several lines of output that belongs on standard output but cannot go there, as that carries other data
    /// (`--csv -`), to standard error. Not written when quiet.
    pub fn talk_block(&self, rendered: &str) {
        if !self.config.quiet {
            self.error_block(rendered);
        }
    }

    /// A writer for log lines: whole lines go above the progress display.
    pub fn log_writer(&self) -> LogWriter {
        LogWriter { printer: self.clone(), line: Vec::new() }
    }

    fn message(&self, level: &str, role: Option<Role>, message: &dyn Display, hints: &[&str]) {
        let hints: Vec<_> = hints.iter().map(|hint| ("hint", Role::Hint, *hint)).collect();
        self.say(level, role, &message.to_string(), &hints);
    }

    /// One message with the lines that belong to it: prefix, its colour, text.
    fn say(&self, level: &str, role: Option<Role>, message: &str, lines: &[(&str, Role, &str)]) {
        let message = text::excerpt(message, LONGEST_MESSAGE);
        let mut talk = match self.config.talk {
            Talk::Json => {
                let pick = |prefix: &str| -> Vec<&str> {
                    lines.iter().filter(|line| line.0.trim() == prefix).map(|line| line.2).collect()
                };
                let object = json!({ "event": "message", "level": level, "message": message,
                    "causes": pick("caused by"), "hints": pick("hint") });
                json_line(&object)
            }
            Talk::Text => {
                let palette = self.stderr_palette();
                let prefix = role.map(|role| palette.paint(role, format_args!("{level}:")).to_string() + " ");
                let mut said = prefix.unwrap_or_default() + &text::one_line(&message);
                for (prefix, role, text) in lines {
                    let text = text::excerpt(text, LONGEST_MESSAGE);
                    said.push('\n');
                    said.push_str(&palette.paint(*role, format_args!("{prefix}:")).to_string());
                    said.push(' ');
                    said.push_str(&text::one_line(&text));
                }
                said
            }
        };
        talk.push('\n');
        self.talk(&talk);
    }

    /// Writes whole lines to standard error, above the progress display where one is drawn. What cannot be written to
    /// standard error cannot be reported anywhere.
    pub(super) fn talk(&self, lines: &str) {
        let write = || {
            let mut err = lock(&self.err);
            let _ = err.write_all(lines.as_bytes()).and_then(|()| err.flush());
        };
        match self.display() {
            Some(display) => display.suspend(write),
            None => write(),
        }
    }

    /// The stream that the progress display is drawn on.
    pub(super) fn err_sink(&self) -> Sink {
        Arc::clone(&self.err)
    }

    /// From now on talk goes above this display; `None`: there is none any more.
    pub(super) fn set_display(&self, display: Option<ProgressBar>) {
        *self.display.lock().unwrap_or_else(PoisonError::into_inner) = display;
    }

    fn display(&self) -> Option<ProgressBar> {
        self.display.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Debug for Printer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Printer").field("config", &self.config).finish_non_exhaustive()
    }
}

/// The stream, also after a writer has panicked: there is nothing in it that could be half changed.
pub(super) fn lock(sink: &Sink) -> MutexGuard<'_, Box<dyn Write + Send>> {
    sink.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes log output and hands whole lines to the printer. Colours stay; everything else that acts is defused.
#[derive(Debug)]
pub struct LogWriter {
    printer: Printer,
    line: Vec<u8>,
}

impl Write for LogWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.line.extend_from_slice(bytes);
        if let Some(end) = self.line.iter().rposition(|b| *b == b'\n') {
            let rest = self.line.split_off(end + 1);
            let whole = std::mem::replace(&mut self.line, rest);
            let text = String::from_utf8_lossy(&whole);
            self.printer.talk(&own_text(&text, self.printer.config.color_stderr));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for LogWriter {
    fn drop(&mut self) {
        if !self.line.is_empty() {
            let _ = self.write(b"\n");
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
