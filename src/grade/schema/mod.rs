//! JSON Schema: a schema → what a value does not keep to, in words.
//!
//! In: a schema (2020-12, draft 7, also 2019-09, 6 and 4) as a JSON value. Out: a [`Schema`], or the mistake in it with
//! its JSON Pointer; of an instance, nothing or a misfit. The validator is the crate `jsonschema`, which appears in
//! this module only, so that it can be exchanged. Nothing is ever fetched: a `$ref` leads into the schema itself or to
//! one of the meta-schemas.
//!
//! `compile` finds the mistakes in a schema, `explain` the first place where an instance leaves it, `words` says it.

mod compile;
mod explain;
mod locate;
#[cfg(test)]
mod tests;
mod words;

pub(super) use compile::{DRAFTS, Schema, SchemaMistake, SchemaOptions, draft_named};
