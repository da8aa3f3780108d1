//! A file's rows, as the suite's own readers give them.

use std::io;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::cli::check::on_this_machine;
use crate::suite::{self, Diagnostics, LoadOptions};

/// No more rows are looked at.
const MOST_ROWS: usize = 50_000;

/// What a file holds.
#[derive(Debug)]
pub(super) struct Table {
    /// How it was read, in words.
    pub(super) format: String,
    /// The names of the columns, in the order in which they come first.
    pub(super) columns: Vec<String>,
    /// The rows, each with the columns that it has.
    pub(super) rows: Vec<Map<String, Value>>,
    /// Whether there are more rows than were looked at.
    pub(super) more: bool,
    /// The published format without which its rows cannot be found.
    pub(super) nested: Option<&'static str>,
}

/// Published formats whose rows stand within a document.
const NESTED: [&str; 2] = ["squad", "bbh"];

/// Why a file was not read.
#[derive(Debug)]
pub(super) enum Unread {
    /// The file is at fault.
    Mistakes(Diagnostics),
    /// Nothing could be written to the folder for temporary files.
    Failed(io::Error),
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

impl Table {
    /// Reads a file as a dataset of a suite that asks nothing of its rows, so that whatever a suite can read can be
    /// looked at.
    ///
    /// # Errors
    /// What a suite would say of the file.
    pub(super) fn read(file: &Path) -> Result<Self, Unread> {
        let unread = match Self::read_as(file, None) {
            Err(Unread::Mistakes(mistakes)) => mistakes,
            read => return read,
        };
        let nested = NESTED.iter().find_map(|name| Self::read_as(file, Some(name)).ok());
        nested.ok_or(Unread::Mistakes(unread))
    }

    fn read_as(file: &Path, nested: Option<&'static str>) -> Result<Self, Unread> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("suite.yaml");
        let dataset = json!({"path": std::path::absolute(file)?, "limit": MOST_ROWS, "format": nested});
        let suite = json!({"name": "a look", "models": ["none"], "prompt": "none", "dataset": dataset});
        std::fs::write(&path, suite.to_string())?;
        let options = LoadOptions { outside: on_this_machine(), ..LoadOptions::default() };
        let suite = match suite::load(&path, &options) {
            Ok(loaded) => loaded.suite,
            Err(mistakes) => return Err(Unread::Mistakes(of_file(mistakes, &path))),
        };
        let rows: Vec<Map<String, Value>> =
            suite.cases.iter().filter_map(|case| serde_json::from_str(&case.vars).ok()).collect();
        let mut columns: Vec<String> = Vec::new();
        for name in rows.iter().flat_map(Map::keys) {
            if !columns.contains(name) {
                columns.push(name.clone());
            }
        }
        let format = suite.datasets.first().map(|file| file.format.clone()).unwrap_or_default();
        Ok(Self { format, columns, more: rows.len() == MOST_ROWS, rows, nested })
    }

    /// The values of a column; `None` where a row does not have it.
    pub(super) fn values<'a>(&'a self, column: &'a str) -> impl Iterator<Item = Option<&'a Value>> {
        self.rows.iter().map(move |row| row.get(column))
    }
}

/// Mistakes without their places in a suite that nobody wrote.
fn of_file(mut mistakes: Diagnostics, suite: &Path) -> Diagnostics {
    for item in &mut mistakes.items {
        item.path.clear();
        item.related = None;
        if item.place.as_ref().is_some_and(|(source, _)| source.path == suite) {
            item.place = None;
        }
    }
    mistakes
}

/// A value as a template inserts it.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Whether there is anything in a value.
pub(super) fn is_empty(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(_) => false,
    }
}
