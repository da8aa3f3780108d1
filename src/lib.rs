//! `bench` tells people which language model to use: it asks many models the same questions at once and writes
//! down what they answered, how long it took and what it cost.
//!
//! Data flows one way, and the modules stand in the order it flows:
//!
//! - [`cli`]: one file per command; turns arguments, environment and terminal into a resolved plan of work. Nothing
//!   below it reads the environment, the command line or the terminal.
//! - [`suite`]: a YAML file → [`suite::Suite`], with all mistakes found at once, each at its place.
//! - [`hub`]: files of the Hugging Face hub that suites name.
//! - [`import`]: a config of another tool → a suite, and what of it has no equivalent.
//! - [`plan`]: a suite → the cells to ask, with their stable ids. The only place that multiplies out.
//! - [`openrouter`]: the wire. Knows HTTP and nothing of suites or verdicts.
//! - [`grade`]: answer and expectation → verdict, score and reason.
//! - [`sandbox`]: what a program may do that a grader starts.
//! - [`engine`]: the concurrent part: a lane per model, limits, retries, stop reasons. Emits events.
//! - [`journal`]: the one source of truth on disk, from which every output is written.
//! - [`pairwise`]: which of two models' answers is better, by a judge.
//! - [`regrade`]: recorded answers graded again with other graders.
//! - [`stats`]: intervals and quantiles as pure functions.
//! - [`report`]: journal → summary → table, CSV, JSON.
//! - [`gate`]: gate expressions and their three outcomes.
//! - [`ui`]: the only code that writes to the terminal.
//! - [`simulator`]: an OpenRouter on loopback, for runs without a key. Shares no type with [`openrouter`].
//! - [`units`] and [`text`]: money, durations, and text from strangers made fit to print.

pub mod cli;
pub mod engine;
pub mod gate;
pub mod grade;
pub mod hub;
pub mod import;
mod jinja;
pub mod journal;
pub mod openrouter;
pub mod pairwise;
pub mod plan;
pub mod regrade;
pub mod report;
pub mod sandbox;
pub mod simulator;
pub mod stats;
pub mod suite;
pub mod text;
pub mod ui;
pub mod units;
