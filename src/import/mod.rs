//! A config of another tool → a suite.
//!
//! In: the text of a promptfoo config, an OpenAI-evals registry entry or an lm-eval task, and a reader of the files it
//! names. Out: a suite as YAML, in which what has no equivalent stands as a comment at its place; a list of that with
//! its lines; and how many assertions were understood. Nothing is executed, nothing is asked, and no file is read but
//! those that the config names.
//!
//! `source` reads a text into a tree with lines, `detect` tells whose config it is and calls one of `promptfoo`,
//! `openai_evals` and `lm_eval`. These build the suite as a tree with comments, which `emit` writes. `template`
//! translates dialects of Jinja, `outcome` holds what is reported, `work` what all three need.

mod detect;
mod emit;
mod lm_eval;
mod openai_evals;
mod outcome;
mod promptfoo;
mod source;
mod template;
mod work;

#[cfg(test)]
mod tests;

pub use detect::import;
pub use outcome::{Files, ImportError, Imported, Kind, LeftOut, Request, Tally};
