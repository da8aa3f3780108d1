//! Files → rows, one at a time, whatever the format.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::ops::{ControlFlow, Range};
use std::path::Path;
use std::sync::Arc;

use crate::suite::canonical::compact;
use crate::suite::diagnostic::Source;
use crate::suite::log::Log;

use super::{delimited, json, yaml};

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// With this separator.
    Delimited(u8),
    /// One JSON object a line.
    JsonLines,
    /// An array of objects.
    Json,
    /// A list of maps.
    Yaml,
}

impl Format {
    /// By the ending of the file's name.
    pub(super) fn of(path: &str) -> Option<Self> {
        let extension = Path::new(path).extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "csv" => Some(Self::Delimited(b',')),
            "tsv" => Some(Self::Delimited(b'\t')),
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            "json" => Some(Self::Json),
            "yaml" | "yml" => Some(Self::Yaml),
            _ => None,
        }
    }

    /// In words.
    pub(super) fn describe(self) -> String {
        match self {
            Self::Delimited(b'\t') => "tsv".to_owned(),
            Self::Delimited(_) => "csv".to_owned(),
            Self::JsonLines => "jsonl".to_owned(),
            Self::Json => "json".to_owned(),
            Self::Yaml => "yaml".to_owned(),
        }
    }

    /// What one row is called.
    pub(super) fn unit(self) -> &'static str {
        match self {
            Self::JsonLines => "line",
            _ => "row",
        }
    }
}

/// A row as a compact JSON object.
#[derive(Debug)]
pub(super) struct Row {
    /// As the file counts: data rows from 1, lines for JSON lines.
    pub(super) number: u32,
    /// The line it begins on, where that is known.
    pub(super) line: Option<usize>,
    pub(super) json: String,
}

/// A row that is no case.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadRow {
    pub(super) number: u32,
    pub(super) line: Option<usize>,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

/// Why a file cannot be read, or not further.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FileError {
    pub(super) message: String,
    pub(super) hint: Option<String>,
    pub(super) line: Option<usize>,
}

impl FileError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, line: None }
    }

    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    pub(super) fn line(self, line: usize) -> Self {
        Self { line: Some(line), ..self }
    }
}

impl From<io::Error> for FileError {
    fn from(error: io::Error) -> Self {
        Self::new(format!("reading stopped: {error}"))
    }
}

/// Takes rows until it has enough.
pub(super) type Sink<'a> = dyn FnMut(Result<Row, BadRow>) -> ControlFlow<()> + 'a;

/// Reads a file's rows.
pub(super) fn read(path: &Path, format: Format, sink: &mut Sink<'_>, log: &Log) -> Result<(), FileError> {
    let shown = path.display();
    let open = || {
        // Looked at before it is opened: opening a pipe waits for its writer.
        if !std::fs::metadata(path)?.is_file() {
            return Err(io::Error::other("not a file"));
        }
        File::open(path)
    };
    let file = open().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            FileError::new(format!("there is no file `{shown}`")).hint("paths are relative to the suite file")
        }
        _ => FileError::new(format!("cannot read `{shown}`: {error}")),
    })?;
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let head = reader.fill_buf()?;
    if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
        return Err(FileError::new(format!("`{shown}` is UTF-16")).hint("save it as UTF-8"));
    }
    if head.starts_with(&[0xef, 0xbb, 0xbf]) {
        reader.consume(3);
    }
    match format {
        Format::Delimited(separator) => delimited::read(reader, separator, sink),
        Format::JsonLines => json::read_lines(reader, sink),
        Format::Json => json::read_array(reader, sink),
        Format::Yaml => yaml::read(reader, path, sink, log),
    }
}

/// A row of JSON text.
pub(super) fn json_row(text: &str, number: u32, line: Option<usize>) -> Result<Row, BadRow> {
    let bad = |message: String| BadRow { number, line, message, hint: None };
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(serde_json::Value::Object(_)) => Ok(Row { number, line, json: compact(text) }),
        Ok(other) => {
            let found = match other {
                serde_json::Value::Array(_) => "an array",
                serde_json::Value::String(_) => "a text",
                serde_json::Value::Null => "null",
                _ => "a plain value",
            };
            Err(bad(format!("expected a JSON object, found {found}")))
        }
        Err(error) => {
            let message = error.to_string();
            let message = message.split_once(" at line ").map_or(&*message, |(message, _)| message);
            Err(bad(format!("not JSON at column {}: {message}", error.column())))
        }
    }
}

/// Text that must be UTF-8, or where it is not.
pub(super) fn utf8(bytes: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(bytes)
        .map_err(|error| format!("not UTF-8 at byte {}: save the file as UTF-8", error.valid_up_to() + 1))
}

/// The beginning of a line of a file, for showing it.
pub(super) fn excerpt(path: &Path, shown: &str, line: Option<usize>) -> Option<(Arc<Source>, Range<usize>)> {
    let line = line?;
    let mut reader = BufReader::new(File::open(path).ok()?);
    let mut left = line.saturating_sub(1);
    while left > 0 {
        let buffer = reader.fill_buf().ok()?;
        if buffer.is_empty() {
            return None;
        }
        let (mut used, length) = (0, buffer.len());
        while left > 0 && used < length {
            match buffer[used..].iter().position(|&b| b == b'\n') {
                Some(at) => {
                    used += at + 1;
                    left -= 1;
                }
                None => used = length,
            }
        }
        reader.consume(used);
    }
    let mut bytes = Vec::new();
    reader.take(1024).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let text = text.trim_start_matches('\u{feff}').lines().next().unwrap_or_default().to_owned();
    let range = 0..text.len();
    Some((Arc::new(Source { path: shown.into(), text, first_line: line }), range))
}
