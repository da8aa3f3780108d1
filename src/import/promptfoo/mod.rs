//! A promptfoo config → a suite.
//!
//! `config` walks the keys of the config in the order of a suite, with `keys` for those besides
//! tests; `providers` makes models of providers, with `ids` for
//! their names and `params` for their settings; `prompts` reads prompts from wherever they stand; `tests` finds the
//! tests, `case` makes cases of one, and `table` a dataset of a CSV file; `asserts` makes graders of assertions, with `values` for what they compare with, `judged` for those that ask a model and
//! `script` for the few forms of JavaScript and Python that say what a grader says.

mod asserts;
mod case;
mod config;
mod ids;
mod judged;
mod keys;
mod params;
mod prompts;
mod providers;
mod script;
mod table;
mod tests;
mod values;

pub(super) use config::import;
