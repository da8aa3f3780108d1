//! `delimiter`, `quote`, `columns`, `rows`, `sheet`: how a file is read, where it does not say so itself.

use crate::suite::log::{Finding, Log, Place};
use crate::suite::node::Node;
use crate::suite::read::{Field, Table};

use super::formats::Published;
use super::rows::Format;
use super::workbook::Sheet;

/// How the files of an entry are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Options {
    /// What stands between fields; `None`: told by the file.
    pub(super) delimiter: Option<u8>,
    /// What stands around them, `Some(None)`: nothing; `None`: told by the file.
    pub(super) quote: Option<Option<u8>>,
    /// The names of columns, where there is no row of them. Empty: the first row names them.
    pub(super) columns: Vec<String>,
    /// The keys that lead to the list of rows in a document.
    pub(super) rows: Vec<String>,
    /// Whether those are the usual ones of a published format.
    pub(super) rows_are_usual: bool,
    /// Of a workbook; `None`: the first.
    pub(super) sheet: Option<Sheet>,
}

impl Options {
    /// Reads an entry's keys; `published` says what is not written. `None` where one cannot be used.
    pub(super) fn read(table: &Table<'_>, published: Option<&Published>, log: &Log) -> Option<Self> {
        let written = |key| table.get(key).filter(|field| !field.is_null());
        let mut is_whole = true;
        let mut read = Self::default();
        if let Some(published) = published {
            read.columns = published.columns.iter().map(|&name| name.to_owned()).collect();
            read.rows = published.rows.iter().map(|&key| key.to_owned()).collect();
            read.rows_are_usual = written("rows").is_none();
        }
        if let Some(field) = written("delimiter") {
            let found = character(&field, &[("tab", Some(b'\t')), ("\\t", Some(b'\t'))], "or `tab`", log);
            is_whole &= found.is_some();
            read.delimiter = found.flatten();
        }
        if let Some(field) = written("quote") {
            read.quote = character(&field, &[("none", None), ("", None)], "or `none`", log);
            is_whole &= read.quote.is_some();
        }
        if let (Some(delimiter), Some(Some(quote))) = (read.delimiter, read.quote)
            && delimiter == quote
        {
            log.error(&table.place.key("quote"), "the same character stands between fields and around them");
            is_whole = false;
        }
        if let Some(field) = written("columns") {
            let names = columns(&field, log);
            is_whole &= names.is_some();
            read.columns = names.unwrap_or_default();
        }
        if let Some(field) = written("rows") {
            let keys = match field.node {
                Node::List(_) => field.one_or_list().iter().map(|key| key.text(log).map(str::to_owned)).collect(),
                _ => field.name(log).map(|keys| keys.split('.').map(str::to_owned).collect::<Vec<_>>()),
            };
            let keys = keys.filter(|keys: &Vec<String>| {
                let is_sound = keys.iter().all(|key| !key.is_empty());
                if !is_sound {
                    log.add(Finding::error(&field.place, "an empty key").hint("write for example `rows: data.items`"));
                }
                is_sound
            });
            is_whole &= keys.is_some();
            read.rows = keys.unwrap_or_default();
        }
        if let Some(field) = written("sheet") {
            let sheet = match field.node {
                Node::Number(_) => field.at_least_one("sheets are counted from 1", log).map(Sheet::Number),
                _ => field.text(log).map(|name| Sheet::Name(name.to_owned())),
            };
            is_whole &= sheet.is_some();
            read.sheet = sheet;
        }
        is_whole.then_some(read)
    }

    /// The keys that are written, with their places.
    pub(super) fn written(table: &Table<'_>) -> Vec<(&'static str, Place)> {
        let written = |key: &&'static str| table.get(key).is_some_and(|field| !field.is_null());
        ["delimiter", "quote", "columns", "rows", "sheet"]
            .into_iter()
            .filter(written)
            .map(|key| (key, table.place.key(key)))
            .collect()
    }

    /// Tells of keys that say nothing of files in these formats.
    pub(super) fn check(written: &[(&'static str, Place)], formats: &[Format], log: &Log) {
        for (key, place) in written {
            let (of, fits): (_, fn(&Format) -> bool) = match *key {
                "columns" => ("csv, tsv and xlsx", |format| matches!(format, Format::Delimited(_) | Format::Workbook)),
                "rows" => ("json and yaml", |format| matches!(format, Format::Json | Format::Yaml)),
                "sheet" => ("xlsx", |format| matches!(format, Format::Workbook)),
                _ => ("csv and tsv", |format| matches!(format, Format::Delimited(_))),
            };
            if let Some(first) = formats.first().filter(|_| !formats.iter().any(fits)) {
                log.error(place, format!("`{key}` is for {of}, and this is read as {}", first.name()));
            }
        }
    }
}

/// One character of ASCII, or a word for one.
fn character(field: &Field<'_>, words: &[(&str, Option<u8>)], or: &str, log: &Log) -> Option<Option<u8>> {
    let text = field.text(log)?;
    if let Some((_, byte)) = words.iter().find(|(word, _)| text.eq_ignore_ascii_case(word)) {
        return Some(*byte);
    }
    match text.as_bytes() {
        [byte] if byte.is_ascii() && !matches!(byte, b'\r' | b'\n' | 0) => Some(Some(*byte)),
        _ => {
            log.error(&field.place, format!("expected one character {or}, found `{}`", text.escape_default()));
            None
        }
    }
}

/// Names of columns, none twice.
fn columns(field: &Field<'_>, log: &Log) -> Option<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    for entry in field.list("names of columns", log)? {
        let name = entry.name(log)?;
        if names.iter().any(|known| known == name) {
            log.error(&entry.place, format!("two columns are named `{name}`"));
            return None;
        }
        names.push(name.to_owned());
    }
    if names.is_empty() {
        log.error(&field.place, "no names of columns");
        return None;
    }
    Some(names)
}
