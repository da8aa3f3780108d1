//! `bench simulate`: serves the simulator to other clients until it is interrupted.

use std::future::Future;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::grade::CaseFacts;
use crate::simulator::{
    Config, Fault, FaultError, Oracle, OracleEntry, Simulator, SimulatorError, fault_list, request_key,
};
use crate::suite::{self, Diagnostics, LoadOptions, Outside, Suite};

use super::args::DataArgs;

/// Serve a simulated OpenRouter on loopback.
///
/// Twelve models of different accuracy, speed and price answer under /api/v1 and /v1, with or without a key. Every
/// response carries `x-bench-simulated: 1`. Any other model id works too; one that contains `does-not-exist` is
/// answered with 404. The key `sk-or-v1-invalid` is refused with 401, `sk-or-v1-broke` with 402.
#[derive(Debug, Clone, clap::Args)]
#[command(after_long_help = faults_help())]
pub(super) struct Args {
    /// Where to listen; port 0 takes any free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8585")]
    pub(super) addr: SocketAddr,

    /// Another seed is another set of answers, times and mishaps
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) seed: u64,

    /// How fast: 1 answers in 50 to 900 ms, 0.2 as slowly as real models, `inf` at once
    #[arg(long, value_name = "X", default_value_t = 1.0)]
    pub(super) speed: f64,

    /// Faults of every chat and embeddings request (repeatable; listed below)
    #[arg(long, value_name = "FAULT", value_delimiter = ',')]
    pub(super) fault: Vec<String>,

    /// A suite whose answers the models are to know; without one they answer with filler text (repeatable)
    #[arg(long, value_name = "FILE")]
    pub(super) suite: Vec<PathBuf>,

    #[command(flatten)]
    pub(super) data: DataArgs,
}

/// The end of `--help`: how faults are asked for, and which there are.
fn faults_help() -> String {
    format!(
        "Faults can be asked for in three ways:\n  \
         by --fault, for every request;\n  \
         by the request header `X-Bench-Fault: NAME[=ARG],…`;\n  \
         by the model id: `openai/gpt-4o-mini+fault-NAME[=ARG]`, several one after another.\n\
         `NAME*N` strikes only the first N times a request comes, `NAME%P` in P percent of requests.\n\n{}",
        fault_list()
    )
}

/// Why the simulator does not serve.
#[derive(Debug, thiserror::Error)]
pub(super) enum SimulateError {
    /// A suite is wrong.
    #[error("the suite has mistakes")]
    Suite(Diagnostics),
    /// A fault is wrong.
    #[error(transparent)]
    Fault(#[from] FaultError),
    /// It does not start.
    #[error(transparent)]
    Simulator(#[from] SimulatorError),
    /// Its address cannot be written.
    #[error("cannot write: {0}")]
    Write(#[from] io::Error),
}

/// Serves until `shutdown` ends; writes its address to `out` as soon as requests are taken.
///
/// # Errors
/// A suite or a fault is wrong, the address cannot be had, or `out` cannot be written.
pub(super) async fn run(
    args: Args,
    outside: Outside,
    out: &mut (dyn Write + Send),
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), SimulateError> {
    let faults = args.fault.iter().map(|fault| fault.parse()).collect::<Result<Vec<Fault>, _>>()?;
    let mut suites = Vec::new();
    let options = LoadOptions { outside, ..LoadOptions::default() };
    for path in &args.suite {
        suites.push(suite::load(path, &options).map_err(SimulateError::Suite)?.suite);
    }
    let oracle = oracle(&suites);
    let known = oracle.len();
    let simulator = Simulator::start(Config { addr: args.addr, seed: args.seed, oracle, speed: args.speed, faults })?;
    writeln!(out, "SIMULATED OpenRouter at {}", simulator.base_url())?;
    if !suites.is_empty() {
        writeln!(out, "knows the answers to {known} requests")?;
    }
    out.flush()?;
    shutdown.await;
    simulator.shutdown().await;
    Ok(())
}

/// The right answers to everything these suites ask.
pub(super) fn oracle<'a>(suites: impl IntoIterator<Item = &'a Suite>) -> Oracle {
    let asked = suites.into_iter().flat_map(|suite| {
        suite.prompts.iter().flat_map(move |prompt| suite.cases.iter().map(move |case| (prompt, case)))
    });
    Oracle::new(asked.filter_map(|(prompt, case)| {
        let facts = CaseFacts::new(case.expect.as_deref(), &case.vars);
        let entry = match case.graders.example(&facts) {
            Some((example, frame)) => OracleEntry::of(example, frame),
            None => OracleEntry::new(facts.expected()?),
        };
        let entry = entry.with_wrong(case.graders.counterexample(&facts));
        // A prompt that cannot be rendered is never asked.
        let messages = suite::render(prompt, case).ok()?;
        Some((request_key(&messages), entry))
    }))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Cli {
        #[command(flatten)]
        args: Args,
    }

    fn args(line: &[&str]) -> Args {
        Cli::try_parse_from(std::iter::once(&"simulate").chain(line)).unwrap().args
    }

    #[tokio::test]
    async fn it_tells_its_address_and_stops_when_told() {
        let mut out = Vec::new();
        run(args(&["--addr", "127.0.0.1:0", "--speed", "inf"]), Outside::default(), &mut out, async {}).await.unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(out.starts_with("SIMULATED OpenRouter at http://127.0.0.1:") && out.ends_with("/api/v1\n"), "{out}");
    }

    #[tokio::test]
    async fn mistakes_are_told_before_anything_is_served() {
        let fails = async |line: &[&str]| {
            run(args(line), Outside::default(), &mut Vec::new(), std::future::pending()).await.unwrap_err()
        };
        assert!(matches!(fails(&["--fault", "no-done,no-such"]).await, SimulateError::Fault(_)));
        assert!(matches!(fails(&["--addr", "127.0.0.1:0", "--speed", "0"]).await, SimulateError::Simulator(_)));
        let missing = Path::new("/no/such/suite.yaml").to_str().unwrap();
        assert!(matches!(fails(&["--suite", missing]).await, SimulateError::Suite(_)));
    }

    #[test]
    fn the_documentation_lists_the_faults_as_they_are() {
        let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/simulator.md")).unwrap();
        let listed = fault_list();
        assert!(page.contains(&listed), "docs/simulator.md should hold:\n{listed}");
    }

    #[test]
    fn help_lists_every_fault() {
        use clap::CommandFactory;
        let help = Cli::command().render_long_help().to_string();
        for name in ["429", "no-done", "reset-mid", "endless-events"] {
            assert!(help.contains(name), "{name}");
        }
    }
}
