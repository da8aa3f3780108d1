//! The command line, as it was typed.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use serde_json::Value;

use crate::ui::Mode;
use crate::units::{Usd, parse_duration};

/// Which language model should I use? Runs a benchmark suite against many models at once.
#[derive(Debug, Parser)]
#[command(
    name = "bench",
    version,
    about,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 ran, every gate passed · 1 a gate failed · 2 the command line or the suite is wrong \
                  (nothing was sent) · 3 inconclusive · 4 could not run or write · 130 interrupted"
)]
pub struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
    #[command(flatten)]
    pub(super) talk: Talk,
}

/// How much is said, and how.
#[derive(Debug, Args)]
#[command(next_help_heading = "How much is said")]
pub(super) struct Talk {
    /// Say nothing but errors (the table is still printed)
    #[arg(short, long, global = true)]
    pub(super) quiet: bool,
    /// Say more: every failed attempt and every cell; twice for even more
    #[arg(short, long, action = clap::ArgAction::Count, global = true, conflicts_with = "quiet")]
    pub(super) verbose: u8,
    /// When to use colours
    #[arg(long, value_enum, default_value_t = Color::Auto, global = true, value_name = "WHEN")]
    pub(super) color: Color,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Also through a pipe.
    Always,
    /// Nowhere.
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Ask every model every question, grade the answers, write table and CSV
    Run(Box<RunArgs>),
    /// Validate suites and print the plan; asks no model
    Check(CheckArgs),
    /// Write a run's outputs again from its journal
    Report(ReportArgs),
    /// Grade a run's recorded answers again with changed graders
    ///
    /// No model under test is asked; only judges and embeddings are. Old grades are kept in the journal, the verdicts
    /// that changed are named, and the run is reported anew. A suite that asks something else is refused.
    Grade(GradeArgs),
    /// Turn a config of promptfoo, OpenAI evals or lm-eval into a suite
    ///
    /// What has no equivalent stands as a comment at its place and is listed with its line. Nothing is executed, and no
    /// file is read but those that the config names.
    Import(super::import::Args),
    /// Serve the OpenRouter simulator on loopback for other clients
    ///
    /// Twelve models of different accuracy, speed and price answer under /api/v1 and /v1, with or without a key. Every
    /// response carries `x-bench-simulated: 1`. Any other model id works too; one that contains `does-not-exist` is
    /// answered with 404. The key `sk-or-v1-invalid` is refused with 401, `sk-or-v1-broke` with 402.
    Simulate(super::simulate::Args),
    /// Take on limits and become another program
    #[command(hide = true)]
    Sandboxed(super::sandboxed::Args),
    /// Write a starter suite, or propose one for a file of cases
    ///
    /// Writes `suite.yaml`, and `.bench/suite.schema.json` beside it, with which editors complete and check it. With
    /// --from the columns are looked at: which are asked, which is expected, and how answers can be graded; most
    /// published benchmarks are told by them.
    Init(InitArgs),
    /// Print the JSON Schema of a suite, for editors
    ///
    /// `bench init` writes it beside a suite, as `.bench/suite.schema.json`; printed there again it is of this version.
    Schema,
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

/// Which part of a suite is meant.
#[derive(Debug, Args)]
#[command(next_help_heading = "What is asked")]
pub(super) struct SelectArgs {
    /// Only models whose name or id matches, such as `sonnet` or `openai/*` (repeatable)
    #[arg(short, long = "model", value_name = "NAME")]
    pub(super) models: Vec<String>,
    /// Only cases whose id matches (repeatable)
    #[arg(long = "case", value_name = "GLOB")]
    pub(super) cases: Vec<String>,
    /// Only cases with this tag (repeatable: any of them)
    #[arg(long = "tag", value_name = "TAG")]
    pub(super) tags: Vec<String>,
    /// Only the first N cases of what is left
    #[arg(long, value_name = "N")]
    pub(super) limit: Option<usize>,
}

/// What the command line says over the suite.
#[derive(Debug, Args)]
#[command(next_help_heading = "Instead of what the suite says")]
pub(super) struct OverrideArgs {
    /// Ask each case N times
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) repeat: Option<u32>,
    /// Time limit of one attempt, for every model: `60s`, `1m 30s`
    #[arg(long, value_name = "D", value_parser = parse_duration)]
    pub(super) timeout: Option<Duration>,
    /// Time limit of each model's whole run
    #[arg(long, value_name = "D", value_parser = parse_duration)]
    pub(super) deadline: Option<Duration>,
    /// Stop launching once this many US dollars are spent
    #[arg(long, value_name = "USD")]
    pub(super) budget: Option<Usd>,
    /// A request field for every model, such as `temperature=0`; the value is JSON, else text (repeatable)
    #[arg(long = "param", value_name = "K=V", value_parser = parse_param)]
    pub(super) params: Vec<(String, Value)>,
    /// The endpoint of every model and judge
    #[arg(long, value_name = "URL", env = "BENCH_BASE_URL")]
    pub(super) base_url: Option<String>,
    /// A gate besides the suite's, such as `accuracy >= 90%` (repeatable)
    #[arg(long = "gate", value_name = "EXPR")]
    pub(super) gates: Vec<String>,
    /// Accuracy gates need their whole interval on the right side: `95%`
    #[arg(long, value_name = "P", value_parser = parse_confidence)]
    pub(super) confidence: Option<f64>,
}

/// Where a suite's data comes from.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct DataArgs {
    #[arg(
        long,
        help = "Read files of the Hugging Face hub (hf://…) from the cache only; also with HF_HUB_OFFLINE=1",
        help_heading = "Where data comes from"
    )]
    pub(super) offline: bool,
}

/// Where results go, besides the run's folder.
#[derive(Debug, Args)]
#[command(next_help_heading = "Where results go")]
pub(super) struct OutputArgs {
    /// Write one row per cell as CSV (`-`: standard output)
    #[arg(long, value_name = "FILE")]
    pub(super) csv: Option<PathBuf>,
    /// Write one row per model and prompt as CSV (`-`: standard output)
    #[arg(long, value_name = "FILE")]
    pub(super) summary_csv: Option<PathBuf>,
    /// Write everything as JSON (`-`: standard output)
    #[arg(long, value_name = "FILE")]
    pub(super) json: Option<PathBuf>,
    /// Show the mean score of every grader: columns `score.NAME` in the table and in summary.csv
    #[arg(long)]
    pub(super) scores: bool,
    /// Do not defuse text that a spreadsheet would run as a formula
    #[arg(long)]
    pub(super) csv_raw: bool,
}

/// What graders may do besides looking at answers.
#[derive(Debug, Args)]
pub(super) struct ServiceArgs {
    /// Let graders run the programs that the suite names, and the code in answers: read the suite first
    #[arg(long, help_heading = "How it is run")]
    pub(super) allow_commands: bool,
}

/// Where options of `bench run` stand in its help that are neither of the suite nor of its outputs.
const RUNNING: &str = "How it is run";

/// `bench run`.
#[derive(Debug, Args)]
pub(super) struct RunArgs {
    /// Suite files (YAML)
    #[arg(value_name = "SUITE")]
    pub(super) suites: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) select: SelectArgs,
    #[command(flatten)]
    pub(super) overrides: OverrideArgs,
    #[command(flatten)]
    pub(super) data: DataArgs,
    /// Requests in flight over all models together
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), help_heading = RUNNING)]
    pub(super) concurrency: Option<u32>,
    /// Seed of the simulator's answers and of the jitter of retries; samples and shuffles of a suite have their own
    #[arg(long, value_name = "N", default_value_t = 0, help_heading = RUNNING)]
    pub(super) seed: u64,
    /// Ask simulated models inside this process instead of the endpoint; no key needed
    #[arg(long, help_heading = RUNNING)]
    pub(super) simulate: bool,
    #[command(flatten)]
    pub(super) services: ServiceArgs,
    /// Print the plan and ask no model
    #[arg(long, help_heading = RUNNING)]
    pub(super) dry_run: bool,
    /// Take up an interrupted run again: a run's folder, or `last` (the default)
    #[arg(long, value_name = "RUN", num_args = 0..=1, default_missing_value = "last", help_heading = RUNNING)]
    pub(super) resume: Option<PathBuf>,
    /// With --resume: ask cells that ended in error again, too
    #[arg(long, requires = "resume", help_heading = RUNNING)]
    pub(super) retry_errors: bool,
    /// The run's folder [default: bench-runs/SUITE-TIME]
    #[arg(short, long, value_name = "DIR", help_heading = "Where results go")]
    pub(super) out: Option<PathBuf>,
    #[command(flatten)]
    pub(super) outputs: OutputArgs,
    /// How progress is shown on standard error
    #[arg(long, value_enum, default_value_t = Mode::Auto, value_name = "HOW", help_heading = "How much is said")]
    pub(super) progress: Mode,
}

/// `bench check`.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Suite files (YAML)
    #[arg(value_name = "SUITE", required = true)]
    pub(super) suites: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) select: SelectArgs,
    #[command(flatten)]
    pub(super) overrides: OverrideArgs,
    #[command(flatten)]
    pub(super) data: DataArgs,
}

/// `bench report`.
#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// A run's folder, or `last`
    #[arg(value_name = "RUN", default_value = "last")]
    pub(super) run: PathBuf,
    #[command(flatten)]
    pub(super) outputs: OutputArgs,
}

/// `bench grade`.
#[derive(Debug, Args)]
pub(super) struct GradeArgs {
    /// A run's folder, or `last`
    #[arg(value_name = "RUN", default_value = "last")]
    pub(super) run: PathBuf,
    /// The suite with the changed graders [default: the file that was run]
    #[arg(short, long, value_name = "SUITE")]
    pub(super) suite: Option<PathBuf>,
    #[command(flatten)]
    pub(super) data: DataArgs,
    #[command(flatten)]
    pub(super) services: ServiceArgs,
    #[command(flatten)]
    pub(super) outputs: OutputArgs,
}

/// `bench init`.
#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// Where the suite is written
    #[arg(value_name = "DIR", default_value = ".")]
    pub(super) dir: PathBuf,
    /// Propose a suite for this file of cases: .csv, .tsv, .jsonl, .json or .yaml, also .gz and .zst of them
    #[arg(long, value_name = "FILE")]
    pub(super) from: Option<PathBuf>,
    /// Replace a suite that is there
    #[arg(long)]
    pub(super) force: bool,
}

fn parse_param(text: &str) -> Result<(String, Value), String> {
    let (key, value) = text.split_once('=').ok_or("write it as KEY=VALUE, for example `temperature=0`")?;
    if key.trim().is_empty() {
        return Err("the name before `=` is missing".to_owned());
    }
    let ours = ["model", "models", "messages", "stream", "stream_options", "provider"];
    if ours.contains(&key.trim()) {
        return Err(format!("`{}` is set by the suite and its models, and is no parameter", key.trim()));
    }
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
    Ok((key.trim().to_owned(), value))
}

fn parse_confidence(text: &str) -> Result<f64, String> {
    let number = |text: &str| text.trim().parse::<f64>().ok();
    let value = match text.trim().strip_suffix('%') {
        Some(percent) => number(percent).map(|percent| percent / 100.0),
        None => number(text),
    };
    value
        .filter(|value| (0.0..1.0).contains(value) && *value > 0.0)
        .ok_or_else(|| format!("`{text}` is not a confidence: write `95%` or `0.95`"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn parameters_are_json_or_else_text() {
        assert_eq!(parse_param("temperature=0").unwrap().1, Value::from(0));
        assert_eq!(parse_param("a={\"b\":1}").unwrap().1, serde_json::json!({ "b": 1 }));
        assert_eq!(parse_param("stop=END=").unwrap().1, Value::from("END="));
        assert!(parse_param("temperature").unwrap_err().contains("KEY=VALUE"));
        assert!(parse_param("=1").is_err());
        assert!(parse_param("model=other").unwrap_err().contains("set by the suite"));
    }

    #[test]
    fn a_confidence_is_a_share() {
        assert_eq!(parse_confidence("95%"), Ok(0.95));
        assert_eq!(parse_confidence("0.9"), Ok(0.9));
        for wrong in ["95", "0", "100%", "x", "-1%", "NaN"] {
            assert!(parse_confidence(wrong).is_err(), "{wrong}");
        }
    }
}
