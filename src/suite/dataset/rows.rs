//! Files → rows, one at a time, whatever the format.

use std::io;
use std::ops::ControlFlow;
use std::path::Path;

use crate::suite::canonical::compact;
use crate::suite::log::Log;

use super::compression::Packing;
use super::open::sum_of;
use super::seen::Seen;
use super::source::{DataFile, Input};
use super::{delimited, folder, json, parquet, workbook, yaml};

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// Fields with something between them: usually this.
    Delimited(u8),
    /// One JSON object a line.
    JsonLines,
    /// An array of objects.
    Json,
    /// A list of maps.
    Yaml,
    /// A Parquet file; a build needs the feature `parquet`.
    Parquet,
    /// An Excel workbook; a build needs the feature `xlsx`.
    Workbook,
    /// The file itself is a case.
    Files,
}

impl Format {
    /// What may stand under `format`, besides published formats.
    pub(super) const NAMES: [(&'static str, Self); 10] = [
        ("csv", Self::Delimited(b',')),
        ("tsv", Self::Delimited(b'\t')),
        ("jsonl", Self::JsonLines),
        ("ndjson", Self::JsonLines),
        ("json", Self::Json),
        ("yaml", Self::Yaml),
        ("yml", Self::Yaml),
        ("parquet", Self::Parquet),
        ("xlsx", Self::Workbook),
        ("files", Self::Files),
    ];

    /// By its name under `format`.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, format)| *format)
    }

    /// By the ending of the file's name, before that of its packing.
    pub(super) fn of(path: &str) -> Option<Self> {
        let path = Packing::of_name(path).map_or(path, |(_, stem)| stem);
        let extension = Path::new(path).extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "xlsm" => Some(Self::Workbook),
            "txt" | "text" | "md" | "markdown" | "rst" | "png" | "jpg" | "jpeg" | "gif" | "webp" | "pdf" => {
                Some(Self::Files)
            }
            "files" => None,
            other => Self::named(other),
        }
    }

    /// By the first bytes of a stream, which has no name.
    pub(super) fn of_head(head: &[u8]) -> Self {
        match head.trim_ascii_start() {
            [b'{', ..] => Self::JsonLines,
            [b'[', ..] => Self::Json,
            _ => Self::Delimited(b','),
        }
    }

    /// Its name under `format`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Delimited(b'\t') => "tsv",
            Self::Delimited(_) => "csv",
            Self::JsonLines => "jsonl",
            Self::Json => "json",
            Self::Yaml => "yaml",
            Self::Parquet => "parquet",
            Self::Workbook => "xlsx",
            Self::Files => "files",
        }
    }

    /// What one row is called.
    pub(super) fn unit(self) -> &'static str {
        match self {
            Self::JsonLines => "line",
            Self::Files => "file",
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
        Self::new(error.to_string())
    }
}

/// Takes rows until it has enough.
pub(super) type Sink<'a> = dyn FnMut(Result<Row, BadRow>) -> ControlFlow<()> + 'a;

/// What is known of a file once it was read.
#[derive(Debug)]
pub(super) struct Facts {
    /// How it was read, in words.
    pub(super) format: String,
    /// SHA-256 of the bytes on the disk, where all of them were read.
    pub(super) sha256: Option<String>,
    /// What kept it from being read, or from being read to its end.
    pub(super) failure: Option<FileError>,
}

/// Reads a file's rows.
pub(super) fn read(file: &DataFile, sink: &mut Sink<'_>, log: &Log) -> Facts {
    let (mut last, mut is_enough) = (None, false);
    let mut words = vec![file.format.name().to_owned()];
    let mut sha256 = None;
    let result = read_into(
        file,
        &mut |row| {
            last = Some(row.as_ref().map_or_else(|bad| bad.number, |row| row.number));
            let flow = sink(row);
            is_enough = flow.is_break();
            flow
        },
        &mut words,
        &mut sha256,
        log,
    );
    if result.is_err() || is_enough {
        sha256 = None;
    }
    let failure = result.err().map(|error| match last {
        None => error,
        Some(last) => FileError { message: format!("after {} {last}: {}", file.format.unit(), error.message), ..error },
    });
    Facts { format: words.join(", "), sha256: sha256.and_then(|sum| sum()), failure }
}

/// Computes a file's sum, which costs nothing where it is not asked for.
type LateSum = Box<dyn FnOnce() -> Option<String>>;

fn read_into(
    file: &DataFile,
    sink: &mut Sink<'_>,
    words: &mut Vec<String>,
    sha256: &mut Option<LateSum>,
    log: &Log,
) -> Result<(), FileError> {
    let options = &*file.options;
    match file.format {
        Format::Files => {
            let Input::Each(files) = &file.input else { return Err(FileError::new("a stream is no file of cases")) };
            if let [only] = &files[..] {
                let path = only.path.clone();
                *sha256 = Some(Box::new(move || sum_of(&path)));
            }
            folder::read(files, sink);
            return Ok(());
        }
        Format::Parquet | Format::Workbook => {
            let Input::Disk(path) = &file.input else {
                return Err(FileError::new("a stream cannot be read as a table"));
            };
            let at = path.clone();
            *sha256 = Some(Box::new(move || sum_of(&at)));
            if file.format == Format::Parquet {
                return parquet::read(path, sink);
            }
            let columns = Some(&*options.columns).filter(|columns| !columns.is_empty());
            return workbook::read(path, options.sheet.as_ref(), columns, sink);
        }
        Format::Delimited(_) | Format::JsonLines | Format::Json | Format::Yaml => {}
    }
    let opened = file.open()?;
    words.extend(opened.describe());
    if let Some(mistake) = opened.mistake(&file.shown) {
        return Err(mistake);
    }
    let dialect = match file.format {
        Format::Delimited(usual) => {
            let (head, is_whole) = opened.head();
            let dialect = delimited::dialect(head, is_whole, usual, options);
            words.splice(1..1, delimited::describe(dialect, options));
            Some(dialect)
        }
        _ => None,
    };
    let (reader, sum) = opened.into_reader();
    *sha256 = sum.map(|sum| Box::new(move || sum.finish()) as LateSum);
    let shown = &*file.shown;
    match (file.format, dialect) {
        (Format::JsonLines, _) => json::read_lines(reader, shown, sink),
        (Format::Json, _) => json::read_document(reader, shown, &options.rows, options.rows_are_usual, sink),
        (Format::Yaml, _) => yaml::read(reader, shown, &options.rows, sink, log),
        (_, Some(dialect)) => delimited::read(reader, shown, dialect, &options.columns, sink),
        (_, None) => Ok(()),
    }
}

/// A row of JSON text.
pub(super) fn json_row(text: &str, number: u32, line: Option<usize>) -> Result<Row, BadRow> {
    let bad = |message: String| BadRow { number, line, message, hint: None };
    match serde_json::from_str(text) {
        Ok(Seen("an object")) => Ok(Row { number, line, json: compact(text) }),
        Ok(Seen(found)) => Err(bad(format!("expected a JSON object, found {found}"))),
        Err(error) => {
            let message = error.to_string();
            let message = message.split_once(" at line ").map_or(&*message, |(message, _)| message);
            Err(bad(format!("not JSON at column {}: {message}", error.column())))
        }
    }
}
