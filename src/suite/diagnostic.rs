//! Mistakes in a suite, each with its place, and how they are shown.

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
    /// Its text (lossy where it was not UTF-8).
    pub text: String,
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
    /// A second place with its label, for example where a duplicate was first defined.
    pub related: Option<(Range<usize>, String)>,
    /// What to do next.
    pub hint: Option<String>,
}

/// All that was found, in file order.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics {
    /// The mistakes and remarks.
    pub items: Vec<Diagnostic>,
}
