//! `path`, `format` …: the files an entry means, and how they are read.

use std::path::{Path, PathBuf};

use crate::suite::log::{Finding, Log, Place};
use crate::suite::model::Outside;
use crate::suite::read::{Field, Table};

use super::formats::{self, Published};
use super::rows::Format;

/// The keys read here.
pub(super) const KEYS: [&str; 7] = ["path", "format", "delimiter", "quote", "columns", "rows", "sheet"];

/// Where an entry's rows come from.
#[derive(Debug)]
pub(super) struct Source {
    /// As it is written.
    pub(super) path: String,
    /// The place of the path.
    pub(super) place: Place,
    pub(super) published: Option<&'static Published>,
    format: Format,
}

/// A file to be read.
#[derive(Debug)]
pub(super) struct DataFile {
    /// As it is named in messages.
    pub(super) shown: String,
    pub(super) path: PathBuf,
    pub(super) format: Format,
}

impl Source {
    /// An entry that is only a path.
    pub(super) fn of_path(field: &Field<'_>, log: &Log) -> Option<Self> {
        let path = field.name(log)?.to_owned();
        let format = format_of(&path, &field.place, log)?;
        Some(Self { path, place: field.place.clone(), published: None, format })
    }

    /// Reads an entry's keys. `None` where its files should not be looked at.
    pub(super) fn read(table: &Table<'_>, log: &Log) -> Option<Self> {
        let published = match table.get("format").filter(|field| !field.is_null()) {
            None => None,
            Some(field) => match formats::find(field.name(log)?) {
                Ok(published) => Some(published),
                Err(meant) => {
                    let hint = meant.map(|meant| format!("did you mean `{meant}`?"));
                    log.add(Finding::error(&field.place, "unknown format").maybe_hint(hint));
                    return None;
                }
            },
        };
        let field = table.require("path", log)?;
        Some(Self { published, ..Self::of_path(&field, log)? })
    }

    /// The files in the order in which they are read.
    pub(super) fn files(&self, folder: &Path, _outside: &Outside, _log: &Log) -> Vec<DataFile> {
        vec![DataFile { shown: self.path.clone(), path: folder.join(&self.path), format: self.format }]
    }
}

fn format_of(path: &str, place: &Place, log: &Log) -> Option<Format> {
    let format = Format::of(path);
    if format.is_none() {
        let (message, hint) = if path.to_ascii_lowercase().ends_with(".parquet") {
            ("Parquet files cannot be read yet", "convert it to .jsonl or .csv")
        } else {
            ("a dataset's format is told by its name's ending", "name it .csv, .tsv, .jsonl, .json, .yaml or .yml")
        };
        log.add(Finding::error(place, message).hint(hint));
    }
    format
}
