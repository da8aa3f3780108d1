//! A YAML file → [`Suite`].
//!
//! In: the path of a suite file and what the command line overrides. Out: a [`Suite`] in which every default has been
//! merged, every dataset row read, every template rendered once for every case, every grader built: it cannot hold an
//! invalid value. Or [`Diagnostics`]: all mistakes that could be found at once, each with file, line, column, dotted
//! path, the line shown and underlined.
//!
//! The way of a file: `decode` makes a tree of values (`node`), `read` has typed readers that tell the `log` of
//! mistakes and go on, `endpoint`, `models`, `prompts`, `graders`, `judges`, `cases` and `dataset` each make one section of the
//! domain types (`model`) with them, and `load` calls them in order. `inline` reads the cases of a suite and of the files
//! that `include` adds (each with a `scope`), `env` what is declared of the environment. `spans` finds the places of mistakes again, only
//! where there are some; `render` shows them. `template` and `shape` fill variables into texts and values, `attach`
//! turns local images and PDFs into data URLs, `select` picks the part that a run asks.

mod attach;
mod brought;
mod canonical;
mod cases;
mod conversation;
pub(crate) mod dataset;
mod decode;
mod endpoint;
mod env;
mod graders;
mod include;
mod inline;
mod judges;
mod load;
mod log;
mod model;
mod models;
mod node;
mod pairwise;
mod prompts;
mod read;
mod render;
mod schema;
mod scope;
mod select;
mod shape;
mod shuffle;
mod spans;
mod template;
mod whole;

#[cfg(test)]
mod tests;

pub mod diagnostic;

pub use conversation::Conversation;
pub use dataset::schema::published_formats;
pub use diagnostic::{Diagnostic, Diagnostics, Severity};
pub use load::load;
pub use model::{
    Case, DatasetFile, Endpoint, Limits, LoadOptions, Loaded, Message, MessageContent, Messages, Model, Outside,
    Overrides, Prompt, Suite,
};
pub(crate) use models::merged_params;
pub use pairwise::{Pairwise, fingerprint_of};
pub use prompts::render;
pub use schema::{schema, schema_text};
pub use select::{SelectError, Selection};
