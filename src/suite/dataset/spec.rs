//! One entry of `dataset` as it is written.

use crate::suite::log::{Log, Place};
use crate::suite::node::Node;
use crate::suite::read::{Field, Table};
use crate::suite::shape::Leaves;

use super::bringing::{self, Bringing};
use super::case_files::{self, CaseFiles};
use super::mapping::{self, Mapping};
use super::matrix::{self, Matrix};
use super::picking::{self, Picking};
use super::shots::{self, Shots};
use super::source::{self, Source};

/// A dataset, its templates compiled.
#[derive(Debug)]
pub(super) struct Spec {
    pub(super) source: Source,
    pub(super) mapping: Mapping,
    pub(super) picking: Picking,
    pub(super) files: CaseFiles,
    pub(super) matrix: Matrix,
    pub(super) shots: Option<Shots>,
    pub(super) bringing: Bringing,
    /// The place of the entry.
    pub(super) place: Place,
}

impl Spec {
    /// Reads an entry: a path, or a map with `path`. `None` where the files should not be looked at.
    pub(super) fn read(entry: &Field<'_>, log: &Log) -> Option<Self> {
        let place = entry.place.clone();
        if let Node::Text(_) = entry.node {
            let source = Source::of_path(entry, log)?;
            return Some(Self {
                source,
                mapping: Mapping::default(),
                picking: Picking::default(),
                files: CaseFiles::default(),
                matrix: Matrix::default(),
                bringing: Bringing::default(),
                shots: None,
                place,
            });
        }
        let table = entry.table("a dataset", &keys(), log)?;
        let spec = Self::of_table(&table, log);
        let shots = Shots::read(&table, log);
        Some(Self { shots: shots?, ..spec? })
    }

    /// Reads all keys but `few_shot`, which itself has them.
    pub(super) fn of_table(table: &Table<'_>, log: &Log) -> Option<Self> {
        let mut mapping = Mapping::read(table, log);
        let mut scratch = Leaves::default();
        let leaves = mapping.as_mut().map_or(&mut scratch, |mapping| &mut mapping.leaves);
        let files = CaseFiles::read(table, leaves, log);
        let picking = Picking::read(table, leaves, log);
        let matrix = Matrix::read(table, log);
        let source = Source::read(table, log);
        Some(Self {
            source: source?,
            mapping: mapping?,
            picking: picking?,
            files: files?,
            matrix: matrix?,
            bringing: Bringing::read(table),
            shots: None,
            place: table.place.clone(),
        })
    }

    /// The variables that are added to those of a row, each with the key it stands under: of `matrix`, `files` and
    /// `few_shot`.
    pub(super) fn added(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let matrix = self.matrix.names.iter().map(|name| ("matrix", &**name));
        let files = self.files.names().map(|name| ("files", name));
        matrix.chain(files).chain(self.shots.iter().map(|shots| ("few_shot", &*shots.name)))
    }
}

/// All keys of an entry.
pub(super) fn keys() -> Vec<&'static str> {
    let keys = [
        &source::KEYS[..],
        &mapping::KEYS,
        &case_files::KEYS,
        &picking::KEYS,
        &matrix::KEYS,
        &shots::KEYS,
        &bringing::KEYS,
    ];
    keys.concat()
}

/// How a template refers to a column, whatever its name.
pub(super) fn reference(column: &str) -> String {
    let is_name = column.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && column.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_name { format!("{{{{ {column} }}}}") } else { format!("{{{{ row['{column}'] }}}}") }
}
