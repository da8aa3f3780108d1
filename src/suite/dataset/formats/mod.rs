//! Published benchmarks as their files lie on the disk: rows → items with known columns, expectation and graders.
//!
//! A format brings a prompt and graders. What the suite or the entry writes wins over what the format brings.

use serde_json::{Map, Value};

use crate::suite::read::closest;

use super::item::Item;
use super::rows::Format;

/// How the files of a published benchmark are read.
#[derive(Debug)]
pub(super) struct Published {
    /// What stands under `format`.
    pub(super) name: &'static str,
    /// One line for docs and the schema.
    pub(super) about: &'static str,
    /// How a file is read whose name does not tell.
    pub(super) file: Format,
    /// The names of columns, where delimited files have no header.
    pub(super) columns: &'static [&'static str],
    /// The keys that lead to the rows of a JSON document; none: it is the list itself.
    pub(super) rows: &'static [&'static str],
    /// The prompt, as YAML under `prompt`.
    pub(super) prompt: &'static str,
    /// The graders, as YAML under `graders`.
    pub(super) graders: &'static str,
    /// What a row says. A row may hold many items.
    pub(super) items: fn(&Map<String, Value>, &mut dyn FnMut(Item)) -> Result<(), Odd>,
}

/// That a row is not as its format has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Odd {
    /// What is wrong.
    pub(super) message: String,
    /// What to do about it.
    pub(super) hint: Option<String>,
}

/// Every published format, in the order of the documentation.
pub(super) const PUBLISHED: &[Published] = &[];

/// The format of this name.
///
/// # Errors
/// The name that was probably meant.
pub(super) fn find(name: &str) -> Result<&'static Published, Option<&'static str>> {
    let known = |published: &&Published| published.name == name;
    PUBLISHED.iter().find(known).ok_or_else(|| closest(name, PUBLISHED.iter().map(|published| published.name)))
}
