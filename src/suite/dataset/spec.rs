//! One entry of `dataset` as it is written.

use crate::suite::log::{Finding, Log, Place};
use crate::suite::node::Node;
use crate::suite::read::Field;
use crate::suite::shape::{Leaves, Shape};

use super::rows::Format;

/// A dataset, its templates compiled.
#[derive(Debug)]
pub(super) struct Spec {
    pub(super) path: String,
    pub(super) format: Format,
    /// The place of the path.
    pub(super) place: Place,
    pub(super) vars: Option<Shape>,
    pub(super) expect: Option<Shape>,
    pub(super) id: Option<Shape>,
    pub(super) tags: Vec<Shape>,
    pub(super) limit: Option<usize>,
    pub(super) shuffle: Option<u64>,
    pub(super) leaves: Leaves,
}

impl Spec {
    /// Reads an entry: a path, or a map with `path`. `None` where the file should not be looked at.
    pub(super) fn read(entry: &Field<'_>, log: &Log) -> Option<Self> {
        let mut leaves = Leaves::default();
        if let Node::Text(_) = entry.node {
            let path = entry.name(log)?.to_owned();
            let format = format_of(&path, &entry.place, log)?;
            return Some(Self {
                path,
                format,
                place: entry.place.clone(),
                vars: None,
                expect: None,
                id: None,
                tags: Vec::new(),
                limit: None,
                shuffle: None,
                leaves,
            });
        }
        let known = ["path", "vars", "expect", "id", "tags", "limit", "shuffle"];
        let table = entry.table("a dataset", &known, log)?;
        let mut is_whole = true;
        let mut shape = |field: &Field<'_>| {
            let shape = leaves.shape(field, log);
            is_whole &= shape.is_some();
            shape
        };
        let vars = table.get("vars").filter(|field| !field.is_null()).and_then(|field| {
            field.entries("variables as a map", log)?;
            shape(&field)
        });
        let expect = table.get("expect").filter(|field| !field.is_null()).and_then(|field| shape(&field));
        let id = table.get("id").filter(|field| !field.is_null()).and_then(|field| {
            field.text(log)?;
            shape(&field)
        });
        let mut tags = Vec::new();
        for field in table.get("tags").filter(|field| !field.is_null()).iter().flat_map(Field::one_or_list) {
            if field.text(log).is_some() {
                tags.extend(shape(&field));
            }
        }
        let limit = table
            .get("limit")
            .filter(|field| !field.is_null())
            .and_then(|field| field.at_least_one("leave it out to read every row", log));
        let shuffle = table.get("shuffle").filter(|field| !field.is_null()).and_then(|field| field.seed(log));
        let field = table.require("path", log)?;
        let path = field.name(log)?.to_owned();
        let format = format_of(&path, &field.place, log)?;
        is_whole.then_some(Self {
            path,
            format,
            place: field.place,
            vars,
            expect,
            id,
            tags,
            limit: limit.map(|limit| limit as usize),
            shuffle,
            leaves,
        })
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

/// How a template refers to a column, whatever its name.
pub(super) fn reference(column: &str) -> String {
    let is_name = column.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && column.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_name { format!("{{{{ {column} }}}}") } else { format!("{{{{ row['{column}'] }}}}") }
}
