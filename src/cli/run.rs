//! `bench run`: ask every model every question, grade the answers, write table and CSV.
//!
//! Everything that can be known to be wrong is found first, in this order: the suites, the keys, the outputs, the
//! folders. Then the suites run one after the other, each in a folder of its own, and are reported together.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use tokio_util::sync::CancellationToken;

use crate::engine::{self, Asker, Outcome, StopReason, Stopped};
use crate::journal::{Ending, LaneEnding, Manifest, RunFolder, Writer};
use crate::suite::Suite;
use crate::ui::{self, Mode, Printer, Progress};

use super::args::RunArgs;
use super::asking::clients;
use super::check::{Planned, outside, plan_all, print_plans};
use super::compare::compare_answers;
use super::exit::{ExitStatus, Facts as ExitFacts};
use super::facts::Facts;
use super::failure::Failure;
use super::folders::{Place, open_folder};
use super::hub;
use super::interrupt::Interrupt;
use super::keys::{self, Keys};
use super::outputs::{Outputs, report_runs};
use super::programs;
use super::simulated::start_simulator;

pub(super) async fn run(args: RunArgs, facts: Facts, printer: &Printer, interrupt: Interrupt) -> ExitStatus {
    execute(args, facts, printer, interrupt).await.unwrap_or_else(|failure| failure.tell(printer))
}

async fn execute(
    mut args: RunArgs,
    facts: Facts,
    printer: &Printer,
    interrupt: Interrupt,
) -> Result<ExitStatus, Failure> {
    untangle_resume(&mut args)?;
    let outside = outside(hub::of(args.data, args.progress, facts, printer));
    // It may download for long, and signals are to be heard meanwhile.
    let planned =
        tokio::task::block_in_place(|| plan_all(&args.suites, &args.overrides, &args.select, outside, facts, printer));
    let Some(planned) = planned else { return Ok(ExitStatus::Usage) };
    interrupt.begun.cancel();
    if args.dry_run {
        return Ok(print_plans(&planned, printer));
    }
    for planned in &planned {
        programs::permit(&planned.suite, args.services.allow_commands)?;
    }
    let keys = planned.iter().map(|planned| resolve_keys(planned, args.simulate)).collect::<Result<Vec<_>, _>>()?;
    let outputs = Outputs::open(&args.outputs)?;
    outputs.spare(&args.suites)?;
    let places = planned.iter().map(|planned| open_folder(&args, planned)).collect::<Result<Vec<_>, _>>()?;

    let own = |place: &Place| [place.locked.folder().journal(), place.locked.folder().manifest()];
    outputs.spare(&places.iter().flat_map(own).collect::<Vec<_>>())?;

    let mut exit = ExitFacts::default();
    let mut folders = Vec::new();
    for ((planned, keys), place) in planned.into_iter().zip(keys).zip(places) {
        folders.push(place.locked.folder().clone());
        let (end, whole) = run_one(&args, planned, keys, place, facts, printer, &interrupt.asked).await?;
        exit.unwritten |= !whole;
        exit.stop = exit.stop.max(end.stop.as_ref().map(|stop| stop.reason));
        exit.account |= end.lanes.iter().any(|(_, stop)| stop.reason == StopReason::Account);
    }
    interrupt.winding_up.cancel();
    report_runs(&folders, &outputs, facts, printer, &mut exit)?;
    for folder in &folders {
        printer.note(&format!("results: {}", folder.path().join("results.csv").display()));
    }
    Ok(exit.status())
}

/// `--resume` takes a run or nothing, so in `--resume suite.yaml` the suite would be taken for a run.
fn untangle_resume(args: &mut RunArgs) -> Result<(), Failure> {
    if args.suites.is_empty() {
        let is_suite = |path: &PathBuf| path.extension().is_some_and(|end| end == "yaml" || end == "yml");
        match args.resume.take_if(|path| is_suite(path)) {
            Some(suite) => {
                args.suites.push(suite);
                args.resume = Some(PathBuf::from("last"));
            }
            None => {
                return Err(Failure::usage("no suite given")
                    .hint("try `bench run suites/quickstart.yaml --simulate`; `bench run --help` lists everything"));
            }
        }
    }
    if args.resume.is_some() && args.suites.len() > 1 {
        return Err(Failure::usage("`--resume` takes up one run, so it goes with one suite"));
    }
    if let (Some(resume), Some(out)) = (&mut args.resume, &args.out) {
        // `--out DIR --resume`: the run in that folder.
        if resume == Path::new("last") {
            resume.clone_from(out);
        } else if resume != out {
            return Err(Failure::usage("`--resume` goes on in the run's own folder, and `--out` names another"));
        }
    }
    Ok(())
}

fn resolve_keys(planned: &Planned, simulate: bool) -> Result<Keys, Failure> {
    if simulate {
        return Ok(Keys::none(&planned.suite));
    }
    keys::resolve(&planned.suite, |name| std::env::var(name).ok())
        .map_err(|error| Failure::cannot(&error).hint(error.hint()))
}

/// Runs one suite in its folder. The outcome, and whether all of it could be written down.
async fn run_one(
    args: &RunArgs,
    planned: Planned,
    keys: Keys,
    place: Place,
    facts: Facts,
    printer: &Printer,
    interrupted: &CancellationToken,
) -> Result<(Outcome, bool), Failure> {
    let (suite, plan) = (Arc::new(planned.suite), Arc::new(planned.plan));
    let Place { locked, started_at, resumed_at, done, spent, prior, answered } = place;
    let mut manifest = Manifest::of(&suite, args.seed, args.simulate, started_at);
    manifest.resumed_at = resumed_at;
    locked.write_manifest(&manifest).map_err(Failure::cannot)?;

    let simulator = if args.simulate { Some(start_simulator(&suite, args.seed)?) } else { None };
    let judges = clients("judge", &suite.judges, keys.judges.clone(), simulator.as_ref())?;
    let models = clients("model", &suite.models, keys.models, simulator.as_ref())?;
    let journal = Writer::open(&locked).map_err(Failure::cannot)?;
    let progress = args.progress.resolve(facts.stderr_is_terminal, facts.plain_only, printer.config().quiet);
    let display = Progress::start(
        progress,
        printer,
        &ui::Facts {
            suite: suite.name.clone(),
            models: suite.models.len(),
            cells: plan.len() as u64,
            simulated: args.simulate,
            started: Instant::now(),
        },
    );
    let setup = engine::Setup {
        suite: Arc::clone(&suite),
        plan: Arc::clone(&plan),
        clients: models,
        judges,
        programs_allowed: args.services.allow_commands,
        done,
        spent,
        prior,
        answered,
        concurrency: args.concurrency,
        seed: args.seed,
    };
    let mut outcome = engine::run(setup, &journal, interrupted.clone(), &mut |event| display.on(event)).await;
    display.finish();
    if progress == Mode::None {
        tell_lost_models(&outcome, &suite, printer);
    }
    tell_lost_judges(&outcome, &suite, printer);
    let closed = journal.close().await;
    let mut compared = true;
    if outcome.stop.is_none() && suite.pairwise.is_some() && closed.is_ok() {
        let judges = clients("judge", &suite.judges, keys.judges, simulator.as_ref())?;
        let judges = suite.judges.iter().cloned().zip(judges).collect();
        let asker = Asker::new(judges, false, interrupted.clone(), args.seed, None);
        match compare_answers(&locked, &suite, &plan, asker, args.seed, interrupted, printer).await {
            Ok(true) => {}
            Ok(false) => {
                let message = "interrupted while answers were compared".to_owned();
                outcome.stop = Some(Stopped { reason: StopReason::Interrupted, message });
            }
            // The run itself is over and whole: it is reported all the same.
            Err(failure) => {
                failure.tell(printer);
                compared = false;
            }
        }
    }
    manifest.ended = Some(ending(&outcome, &suite));
    let written = locked.write_manifest(&manifest);
    tell_stop(&outcome, locked.folder(), printer);
    if let Some(simulator) = simulator {
        simulator.shutdown().await;
    }
    // What was written is whole, and other places may take the outputs: they are made of it all the same.
    let told = outcome.stop.as_ref().is_some_and(|stop| stop.reason == StopReason::Sink);
    if let Err(error) = closed.as_ref()
        && !told
    {
        printer.error(error, &[]);
    }
    if let Err(error) = &written {
        printer.error(error, &[]);
    }
    Ok((outcome, closed.is_ok() && written.is_ok() && compared))
}

/// How the run ended, for the manifest.
fn ending(outcome: &Outcome, suite: &Suite) -> Ending {
    let reason = outcome.stop.as_ref().map_or("finished", |stop| stop.reason.as_str());
    let lane = |(model, stop): &(usize, Stopped)| LaneEnding {
        model: suite.models[*model].name.clone(),
        reason: stop.reason.as_str().to_owned(),
        message: stop.message.clone(),
    };
    Ending {
        reason: reason.to_owned(),
        message: outcome.stop.as_ref().map(|stop| stop.message.clone()),
        at: format!("{:.3}", jiff::Timestamp::now()),
        lanes: outcome.lanes.iter().map(lane).collect(),
    }
}

/// Without a progress display: says which models were cut off on their own.
fn tell_lost_models(outcome: &Outcome, suite: &Suite, printer: &Printer) {
    for (model, stop) in outcome.lanes.iter().filter(|(_, stop)| stop.reason < StopReason::Account) {
        if stop.reason != StopReason::Budget {
            printer.warn(&format!(
                "{} was cut off ({}): {}",
                suite.models[*model].name,
                stop.reason.as_str(),
                stop.message
            ));
        }
    }
}

/// Says which models that graders ask were cut off: what they should have graded is an error.
fn tell_lost_judges(outcome: &Outcome, suite: &Suite, printer: &Printer) {
    for (judge, stop) in &outcome.judges {
        let (name, reason) = (&suite.judges[*judge].name, stop.reason.as_str());
        printer.warn(&format!(
            "{name}, which grades, was cut off ({reason}): {}; `--resume --retry-errors` grades again what it left",
            stop.message
        ));
    }
}

/// Says in one message why the run stopped early, where that was not the user's own wish.
fn tell_stop(outcome: &Outcome, folder: &RunFolder, printer: &Printer) {
    let account = || outcome.lanes.iter().map(|(_, stop)| stop).find(|stop| stop.reason == StopReason::Account);
    let Some(stop) = outcome.stop.as_ref().or_else(account) else { return };
    let resume = format!("`bench run … --resume {}` asks only what is missing", folder.path().display());
    match stop.reason {
        StopReason::Account => {
            let check = "check the key and its credit (https://openrouter.ai/settings/keys)";
            printer.error(&stop.message, &[&format!("{check}; then {resume}")]);
        }
        StopReason::Sink => printer.error(&stop.message, &[&format!("what was written is whole: {resume}")]),
        StopReason::Interrupted => printer.note(&format!("interrupted: {resume}")),
        StopReason::Budget => printer.warn(&format!("{}: the rest was skipped", stop.message)),
        StopReason::Deadline | StopReason::GiveUp | StopReason::ModelGone => {}
    }
}
