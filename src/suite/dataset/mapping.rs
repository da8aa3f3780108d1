//! `vars`, `expect`, `id`, `tags`: a case's parts by templates over the columns.

use crate::suite::log::Log;
use crate::suite::read::{Field, Table};
use crate::suite::shape::{Leaves, Shape};

/// The keys read here.
pub(super) const KEYS: [&str; 4] = ["vars", "expect", "id", "tags"];

/// Which parts are mapped; the others are what the item says.
#[derive(Debug, Default)]
pub(super) struct Mapping {
    pub(super) vars: Option<Shape>,
    pub(super) expect: Option<Shape>,
    pub(super) id: Option<Shape>,
    pub(super) tags: Vec<Shape>,
    pub(super) leaves: Leaves,
}

impl Mapping {
    /// Reads an entry's keys. `None` where one cannot be compiled.
    pub(super) fn read(table: &Table<'_>, log: &Log) -> Option<Self> {
        let mut leaves = Leaves::default();
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
        is_whole.then_some(Self { vars, expect, id, tags, leaves })
    }
}
