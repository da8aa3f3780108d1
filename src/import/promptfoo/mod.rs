//! A promptfoo config → a suite.
//!
//! `config` walks the keys of the config in the order of a suite; `providers` makes models of providers, with `ids` for
//! their names and `params` for their settings; `prompts` reads prompts from wherever they stand; `tests` makes cases and
//! datasets, each with `case`; `asserts` makes graders of assertions, with `judged` for those that ask a model and
//! `script` for the few forms of JavaScript and Python that say what a grader says.

mod asserts;
mod case;
mod config;
mod ids;
mod judged;
mod params;
mod prompts;
mod providers;
mod script;
mod tests;

pub(super) use config::import;
