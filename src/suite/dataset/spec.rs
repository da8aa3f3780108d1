//! One entry of `dataset` as it is written.

use crate::suite::log::{Log, Place};
use crate::suite::node::Node;
use crate::suite::read::Field;

use super::mapping::{self, Mapping};
use super::picking::{self, Picking};
use super::source::{self, Source};
use super::{matrix, shots};

/// A dataset, its templates compiled.
#[derive(Debug)]
pub(super) struct Spec {
    pub(super) source: Source,
    pub(super) mapping: Mapping,
    pub(super) picking: Picking,
    /// The place of the entry.
    pub(super) place: Place,
}

impl Spec {
    /// Reads an entry: a path, or a map with `path`. `None` where the files should not be looked at.
    pub(super) fn read(entry: &Field<'_>, log: &Log) -> Option<Self> {
        let place = entry.place.clone();
        if let Node::Text(_) = entry.node {
            let source = Source::of_path(entry, log)?;
            return Some(Self { source, mapping: Mapping::default(), picking: Picking::default(), place });
        }
        let own = ["graders", "prompt"];
        let known = [&source::KEYS[..], &mapping::KEYS, &picking::KEYS, &matrix::KEYS, &shots::KEYS, &own].concat();
        let table = entry.table("a dataset", &known, log)?;
        let mapping = Mapping::read(&table, log);
        let picking = Picking::read(&table, log);
        let source = Source::read(&table, log);
        Some(Self { source: source?, mapping: mapping?, picking: picking?, place })
    }
}

/// How a template refers to a column, whatever its name.
pub(super) fn reference(column: &str) -> String {
    let is_name = column.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && column.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_name { format!("{{{{ {column} }}}}") } else { format!("{{{{ row['{column}'] }}}}") }
}
