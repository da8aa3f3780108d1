//! The JSON Schema of a suite, for editors: `bench schema`.
//!
//! In: the lists of keys that the loader knows, and the graders' own schemas. Out: one document of draft 2020-12 without
//! a reference to anything outside of it. A section of a suite is built over the loader's own list of its keys, so that
//! neither can know a key that the other does not; what stands under a key is described here, one file a section (those of datasets are in
//! `dataset::schema`, beside their readers).
//!
//! What the schema refuses, the loader refuses, and the other way round, but for what no schema can say: templates,
//! names that refer to each other or have to differ, files, and values over several keys. `tests` holds both to that.

pub(super) mod case;
mod document;
mod endpoint;
mod gate;
mod model;
mod params;
pub(super) mod parts;
mod print;
pub(super) mod prompt;

#[cfg(test)]
pub(super) mod tests;

pub use document::{schema, schema_text};
