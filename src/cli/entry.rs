//! From the command line to the exit code.

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::grade::{Host, end_all_programs, install_programs};
use crate::ui::{Mode, Printer};

use super::args::{Cli, Command};
use super::exit::ExitStatus;
use super::facts::Facts;
use super::failure::Failure;
use super::interrupt::Interrupt;
use super::outputs::Stdout;
use super::simulate::SimulateError;
use super::{check, failure, grade, hub, import, init, report, run, sandboxed, schema, simulate};

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way too; a closed pipe while printing them is nobody's error.
            let _ = error.print();
            suggest_command(&error);
            return if error.use_stderr() { ExitStatus::Usage.into() } else { ExitStatus::Success.into() };
        }
    };
    if let Command::Sandboxed(args) = &cli.command {
        return sandboxed::sandboxed(args).into();
    }
    if let Ok(launcher) = std::env::current_exe() {
        install_programs(Host { launcher, variable: |name| std::env::var_os(name) });
    }
    let facts = Facts::gather(&cli.talk);
    let json = matches!(&cli.command, Command::Run(run) if run.progress == Mode::Json);
    let printer = facts.printer(&cli.talk, json);
    let status = dispatch(cli, facts, &printer);
    // Whatever was left in a hurry.
    end_all_programs();
    status.into()
}

/// Names the command that was probably meant where clap does not: it takes `rnu` for too far from `run`.
#[expect(clippy::print_stderr, reason = "clap's own message went there without the printer, which is not made yet")]
fn suggest_command(error: &clap::Error) {
    use clap::error::{ContextKind, ContextValue};
    let (Some(ContextValue::String(typed)), None) =
        (error.get(ContextKind::InvalidSubcommand), error.get(ContextKind::SuggestedSubcommand))
    else {
        return;
    };
    let command = Cli::command();
    let distance = |name: &str| strsim::damerau_levenshtein(typed, name);
    let nearest = command.get_subcommands().map(clap::Command::get_name).min_by_key(|name| distance(name));
    if let Some(name) = nearest.filter(|name| distance(name) <= 2) {
        eprintln!("hint: did you mean `bench {name}`?");
    }
}

fn dispatch(cli: Cli, facts: Facts, printer: &Printer) -> ExitStatus {
    match cli.command {
        Command::Check(args) => check::check(&args, facts, printer),
        Command::Report(args) => report::report(&args, facts, printer),
        Command::Import(args) => import::import(&args, printer),
        Command::Completions { shell } => completions(shell, printer),
        Command::Init(args) => init::init(&args, facts, printer),
        Command::Schema => schema::schema(printer),
        Command::Run(args) => {
            let printer_of_run = printer.clone();
            // A task of its own: its loop is woken on a worker and not across threads, and signals are heard whatever
            // it is doing.
            on_runtime(printer, async move {
                let interrupt = Interrupt::default();
                let of_run = interrupt.clone();
                let run = tokio::spawn(async move { run::run(*args, facts, &printer_of_run, of_run).await });
                tokio::select! {
                    status = run => status.unwrap_or(ExitStatus::CannotRun),
                    // What is on disk is whole: the journal is written line by line. `--resume` goes on from there.
                    () = interrupt.leave_at_once() => ExitStatus::Interrupted,
                }
            })
        }
        Command::Grade(args) => {
            let printer_of_grade = printer.clone();
            on_runtime(printer, async move {
                let interrupt = Interrupt::default();
                let of_grade = interrupt.clone();
                let work = tokio::spawn(async move { grade::grade(args, facts, &printer_of_grade, of_grade).await });
                tokio::select! {
                    status = work => status.unwrap_or(ExitStatus::CannotRun),
                    () = interrupt.leave_at_once() => ExitStatus::Interrupted,
                }
            })
        }
        // Done before anything else was gathered.
        Command::Sandboxed(args) => sandboxed::sandboxed(&args),
        Command::Simulate(args) => on_runtime(printer, serve(args, facts, printer)),
    }
}

fn completions(shell: clap_complete::Shell, printer: &Printer) -> ExitStatus {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "bench", &mut script);
    failure::delivered(printer.out_bytes(&script), printer)
}

/// `bench simulate`, until Ctrl-C or SIGTERM.
async fn serve(args: simulate::Args, facts: Facts, printer: &Printer) -> ExitStatus {
    let interrupt = Interrupt::default();
    let shutdown = interrupt.asked.clone().cancelled_owned();
    let mut out = Stdout(printer);
    let outside = check::outside(hub::of(args.data, Mode::Auto, facts, printer));
    interrupt.begun.cancel();
    let served = tokio::select! {
        // Reading suites comes first, and before that nobody listens for signals: they end the program.
        biased;
        served = simulate::run(args, outside, &mut out, shutdown) => served,
        () = interrupt.leave_at_once() => Ok(()),
    };
    match served {
        Ok(()) => ExitStatus::Success,
        Err(SimulateError::Suite(mistakes)) => {
            printer.error_block(&mistakes.render(facts.color_stderr, facts.width_stderr));
            ExitStatus::Usage
        }
        Err(error @ SimulateError::Fault(_)) => Failure::usage(error).tell(printer),
        Err(error) => Failure::cannot(error).tell(printer),
    }
}

/// Runs a command that waits for the network. Whatever is still going on when it returns is dropped, not waited for.
fn on_runtime(printer: &Printer, command: impl Future<Output = ExitStatus>) -> ExitStatus {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            printer.error(&format!("cannot start: {error}"), &[]);
            return ExitStatus::CannotRun;
        }
    };
    let status = runtime.block_on(command);
    runtime.shutdown_background();
    status
}
