//! Mistakes in a suite, each with its place.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Nothing is sent.
    Error,
    /// It runs, but its author should know.
    Warning,
}

/// A file that was read, for showing lines of it.
#[derive(Debug)]
pub struct Source {
    /// As given by the user.
    pub path: PathBuf,
    /// Its text (lossy where it was not UTF-8), or the part of it that is shown.
    pub text: String,
    /// The number of the text's first line in the file, from 1.
    pub first_line: usize,
}

/// One mistake or remark.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What happened: a lower-case fragment without a full stop.
    pub message: String,
    /// The dotted path in the suite (`models[1].params`), empty for the whole file.
    pub path: String,
    /// Where: the file and the byte range to underline.
    pub place: Option<(Arc<Source>, Range<usize>)>,
    /// A second place in the same file with its label, for example where a duplicate was first defined.
    pub related: Option<(Range<usize>, String)>,
    /// What to do next.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// Line and column of the place, both from 1, the column in characters.
    pub fn line_column(&self) -> Option<(usize, usize)> {
        let (source, range) = self.place.as_ref()?;
        let before = source.text.get(..range.start)?;
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = source.first_line + before.bytes().filter(|&b| b == b'\n').count();
        Some((line, before[line_start..].chars().count() + 1))
    }
}

/// All that was found, in file order.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics {
    /// The mistakes and remarks.
    pub items: Vec<Diagnostic>,
    /// How many more were found than are kept in `items`.
    pub omitted: usize,
}

impl Diagnostics {
    /// Whether anything was found that keeps the suite from running.
    pub fn has_errors(&self) -> bool {
        self.items.iter().any(|item| item.severity == Severity::Error)
    }

    /// Whether nothing was found at all.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// How much was found, on one line: `2 errors, 1 warning`.
    pub fn summary(&self) -> String {
        let count = |severity| self.items.iter().filter(|item| item.severity == severity).count();
        let errors = count(Severity::Error) + self.omitted;
        let warnings = count(Severity::Warning);
        let say = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
        match (errors, warnings) {
            (errors, 0) => say(errors, "error"),
            (0, warnings) => say(warnings, "warning"),
            (errors, warnings) => format!("{}, {}", say(errors, "error"), say(warnings, "warning")),
        }
    }
}
