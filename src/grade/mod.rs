//! Answer and expectation → verdict, score and reason.
//!
//! In: what the model answered, what was expected, and what was measured. Out: a [`Grade`] a grader. One file per
//! family; a family is a name, an options struct and a grader, registered in [`FAMILIES`]. Graders are pure but for
//! those that ask a model or a program: those return [`Grading::Pending`].
//!
//! In a suite a grader is a string (`exact`) or a map (`{ type: contains, any: [a, b], not: true }`). [`build`] turns
//! that into a [`BuiltGrader`]; a mistake comes back with its path inside the map, so the suite can underline it.
//!
//! What every grader takes (`name`, `not`, `weight`, `extract`) is read in `family` and done in `set`; `extract` holds the
//! ways of extracting. Graders put together of others are `combine`.
//!
//! Shared by the families: `options` (reading their maps), `expectation` (what a case expects, as texts), `normal`
//! (what of a text does not count), `words` (wording of reasons), `quantity` (numbers in prose), `pattern` (regular
//! expressions), `range` (how many of something), `fence` (fenced blocks), `latex` (`\boxed{…}`), `path` (JSONPath),
//! `schema` (JSON Schema), `shuffle` (options in another order). What a grader asks of models and programs goes through
//! `services`. `docs/graders.md` is the reference.

mod case;
mod choice;
mod combine;
mod contains;
mod csv;
mod embedding;
mod ends;
mod exact;
mod example;
mod expectation;
mod extract;
mod family;
mod fence;
mod instructions;
mod json;
mod json_path;
mod json_schema;
mod judge;
mod latex;
mod length;
mod math;
mod normal;
mod number;
mod operational;
mod options;
mod path;
mod pattern;
mod program;
mod quantity;
mod range;
mod regex;
mod schema;
mod schemas;
mod services;
mod set;
mod shuffle;
mod similarity;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod tool_call;
mod types;
mod words;
mod xml;
mod yaml;

pub use case::{BuildContext, CaseFacts};
pub use example::{Example, ExampleCall, Frame};
pub use family::{Build, FAMILIES, Family, build};
pub use judge::{Contest, PairJudge, Place};
pub(crate) use options::NAME_PATTERN;
pub use options::{OptionError, OptionErrors};
pub use program::{Host, end_all as end_all_programs, install as install_programs, withhold as withhold_from_programs};
pub(crate) use schemas::definitions as schema_definitions;
pub use services::{Ask, Asked, ModelKind, ModelNeed, Needs, Reply, ServiceError, Services};
pub(crate) use set::distinct_label;
pub use set::{BuiltGrader, Graded, GraderSet};
pub use shuffle::{Shuffle, order_variable, speaks_of_letters, speaks_of_those_above};
pub use types::{Answer, Grade, Grader, Grading, Judgement, Measured, Subject};
