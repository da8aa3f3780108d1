//! `dataset`: cases from files, row by row.
//!
//! In: the entries of `dataset`. Out: compact cases, in the order of entries, files and rows; a row becomes a case and
//! is dropped. The way of a row:
//!
//! 1. `source` says which files an entry means (a path, a glob, a folder, `-`, `hf://…`; `find` looks for them) and how
//!    they are read (`options`). `open` unpacks (`compression`) and hashes one on the way, and refuses other encodings
//!    (`encoding`). `rows` hands out its rows, with one file for each family of formats: `delimited` (over `detect` and
//!    `records`), `json` (behind a `guard`), `yaml`, `parquet`, `workbook` (behind what `untrusted` allows), and `folder` where the files themselves are cases.
//! 2. `formats` turns the row of a published benchmark into [`item::Item`]s: columns with known names, and what is
//!    expected, tagged and graded. Any other row is an item as it is.
//! 3. `picking` drops items (`where`), and at the end of the entry samples (`reservoir`), shuffles and limits the cases.
//! 4. `matrix` multiplies an item, `case_files` adds columns made of files.
//! 5. `mapping` makes variables, expectation, id and tags of the columns by templates; `bringing` says how the case is
//!    graded and asked, where the suite does not; `making` puts it together, and `shots` gives it examples of other rows,
//!    which `pool` holds.
//!
//! `spec` reads an entry, each of these reading its own keys; `reading` walks the way, `faults` gathers what is
//! wrong, with an `excerpt` of the file.

mod bringing;
mod case_files;
mod compression;
mod delimited;
mod detect;
mod encoding;
mod excerpt;
mod faults;
mod find;
mod folder;
pub(crate) mod formats;
mod guard;
mod item;
mod json;
mod making;
mod mapping;
mod matrix;
mod open;
mod options;
mod parquet;
mod picking;
mod pool;
mod reading;
mod records;
mod reservoir;
mod rows;
pub(super) mod schema;
mod seen;
mod shots;
mod source;
mod spec;
#[cfg(any(feature = "parquet", feature = "xlsx"))]
mod untrusted;
mod workbook;
mod yaml;

#[cfg(test)]
mod tests;

pub(super) use case_files::{CaseFiles, Unread};
pub(super) use matrix::{Combination, Matrix};
pub(super) use reading::read;
