//! `bench grade`: grade a run's recorded answers again with changed graders.
//!
//! The suite is read and matched with the run before anything is written; then answers are graded, the manifest gets the
//! new graders, what changed is told, and the run is reported as `bench report` does.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::grade::withhold_from_programs;
use crate::journal::{Index, Locked, Manifest, ModelHead, Regrading, RunFolder, Verdict, Writer};
use crate::plan::{Axes, CellIndex, Plan};
use crate::regrade::{CaseHead, Change, Changes, Matching, Mismatch, Regrade, regrade};
use crate::report::grouped;
use crate::suite::{self, LoadOptions, Loaded, Outside, Suite};
use crate::text;
use crate::ui::{Mode, Printer};
use crate::units::human_duration;

use super::args::GradeArgs;
use super::asking::Judges;
use super::check::outside;
use super::compare::compare_answers;
use super::exit::{ExitStatus, Facts as ExitFacts};
use super::facts::Facts;
use super::failure::Failure;
use super::folders;
use super::hub;
use super::interrupt::Interrupt;
use super::outputs::{Outputs, report_runs};
use super::programs;

/// How many changed cells are named; with `-v` ten times as many.
const NAMED: usize = 20;

pub(super) async fn grade(args: GradeArgs, facts: Facts, printer: &Printer, interrupt: Interrupt) -> ExitStatus {
    execute(args, facts, printer, interrupt).await.unwrap_or_else(|failure| failure.tell(printer))
}

async fn execute(
    args: GradeArgs,
    facts: Facts,
    printer: &Printer,
    interrupt: Interrupt,
) -> Result<ExitStatus, Failure> {
    let folder = folders::find(&args.run)?;
    let mut manifest: Manifest<Vec<CaseHead>> = folder.read_manifest().map_err(Failure::cannot)?;
    let path = args.suite.clone().unwrap_or_else(|| PathBuf::from(&manifest.suite_path));
    let outside = outside(hub::of(args.data, Mode::Auto, facts, printer));
    // It may download for long, and signals are to be heard meanwhile.
    let suite = tokio::task::block_in_place(|| load(&path, outside, facts, printer));
    let Some(suite) = suite else { return Ok(ExitStatus::Usage) };
    interrupt.begun.cancel();
    let matching = Matching::new(&manifest, &suite).map_err(|mismatch| refused(&mismatch, &path))?;
    programs::permit(&suite, args.services.allow_commands)?;
    for variable in suite.models.iter().chain(&suite.judges).filter_map(|model| model.endpoint.api_key_env.as_deref()) {
        withhold_from_programs(variable);
    }
    let allowed = args.services.allow_commands;
    let judges = Judges::of(&suite, manifest.simulated, allowed, interrupt.asked.clone(), manifest.seed)?;
    let outputs = Outputs::open(&args.outputs)?;
    outputs.spare(&[path, folder.journal(), folder.manifest()])?;
    let locked = RunFolder::reopen(folder.path()).map_err(|error| folders::refused(&error))?;

    let plan = plan_of(&manifest)?;
    let index = Index::read(&folder.journal(), &plan).map_err(Failure::cannot)?;
    let at = update(&mut manifest, &matching, &suite)?;
    // What is graded from now on belongs to it, however this ends.
    locked.write_manifest(&manifest).map_err(Failure::cannot)?;
    let unmatched = matching.unmatched();
    let (plan, suite) = (Arc::new(plan), Arc::new(suite));
    let work = Arc::new(Regrade { index, plan, suite, matching, asker: judges.asker.clone(), at });
    let start = Instant::now();
    let changes = grade_all(&work, &locked, &interrupt).await?;
    let took = start.elapsed();
    let work = &*work;
    if changes.unfinished > 0 {
        let hint = "what was graded is kept; the same command grades all of them";
        printer.note(&format!("interrupted: {} of the answers are not graded: {hint}", changes.unfinished));
        interrupt.winding_up.cancel();
        report_runs(&[folder], &outputs, facts, printer, &mut ExitFacts::default())?;
        return Ok(ExitStatus::Interrupted);
    }
    if let Some(regrading) = manifest.regraded.last_mut() {
        regrading.unfinished = false;
    }
    locked.write_manifest(&manifest).map_err(Failure::cannot)?;
    let (suite, plan, asker) = (&work.suite, &work.plan, judges.asker.clone());
    let whole = compare_answers(&locked, suite, plan, asker, manifest.seed, &interrupt.asked, printer).await?;
    judges.shut_down().await;
    interrupt.winding_up.cancel();
    if unmatched > 0 {
        let (are, keep) =
            if unmatched == 1 { ("is", "it keeps its grades") } else { ("are", "they keep their grades") };
        printer.warn(&format!("{unmatched} of the run's cases {are} not in the suite: {keep}"));
    }
    let limit = if printer.config().verbose > 0 { 10 * NAMED } else { NAMED };
    printer.talk_block(&describe(&changes, took, &work.plan, limit));
    let mut exit = ExitFacts::default();
    report_runs(&[folder], &outputs, facts, printer, &mut exit)?;
    Ok(if whole { exit.status() } else { ExitStatus::Interrupted })
}

/// Reads the suite; every mistake has been told where this is `None`.
fn load(path: &std::path::Path, outside: Outside, facts: Facts, printer: &Printer) -> Option<Suite> {
    let (suite, findings) = match suite::load(path, &LoadOptions { outside, ..LoadOptions::default() }) {
        Ok(Loaded { suite, warnings }) => (Some(suite), warnings),
        Err(mistakes) => (None, mistakes),
    };
    if !findings.items.is_empty() {
        printer.error_block(&findings.render(facts.color_stderr, facts.width_stderr));
    }
    suite
}

fn refused(mismatch: &Mismatch, suite: &std::path::Path) -> Failure {
    let hint = match mismatch {
        Mismatch::NothingInCommon => "name the suite of this run with `--suite`",
        Mismatch::Env { .. } => "the recorded answers are to the old question: set it as it was, or ask again",
        Mismatch::Case { .. } | Mismatch::Prompt { .. } => {
            "the recorded answers are to the old question: undo the change, or ask again with `bench run`"
        }
    };
    Failure::usage(format!("{}: {mismatch}", suite.display())).hint(hint)
}

fn plan_of(manifest: &Manifest<Vec<CaseHead>>) -> Result<Plan, Failure> {
    Plan::new(Axes {
        models: manifest.models.iter().map(|model| model.name.clone()).collect(),
        prompts: manifest.prompt_ids().map(ToOwned::to_owned).collect(),
        cases: manifest.cases.iter().map(|case| case.id.clone()).collect(),
        repeat: manifest.repeat,
    })
    .map_err(Failure::cannot)
}

/// The manifest as it is once all is graded: graders, expectations and gates are the suite's. When that is: now, or
/// where the same was begun and not finished, then.
fn update(manifest: &mut Manifest<Vec<CaseHead>>, matching: &Matching, suite: &Suite) -> Result<String, Failure> {
    let begun = manifest.regraded.last().filter(|last| last.unfinished && last.suite_sha256 == suite.sha256);
    let begun = match begun {
        Some(begun) => Some((begun.at.clone(), serde_json::to_string(&manifest.cases).map_err(Failure::cannot)?)),
        None => None,
    };
    matching.update(&mut manifest.cases, suite).map_err(Failure::cannot)?;
    if let Some((at, cases)) = begun
        && serde_json::to_string(&manifest.cases).map_err(Failure::cannot)? == cases
    {
        return Ok(at);
    }
    let at = format!("{:.3}", jiff::Timestamp::now());
    let in_run = |gate: &&crate::gate::Gate| manifest.models.iter().any(|model| gate.holds_for(&model.name));
    manifest.pairwise = suite.pairwise.as_ref().map(|pairwise| pairwise.written.clone()).unwrap_or_default();
    manifest.judges = suite.judges.iter().map(ModelHead::of).collect();
    manifest.gates = suite.gates.iter().filter(in_run).map(|gate| gate.text.clone()).collect();
    manifest.confidence = suite.confidence;
    manifest.regraded.push(Regrading {
        at: at.clone(),
        suite_path: suite.path.display().to_string(),
        suite_sha256: suite.sha256.clone(),
        graders_before: std::mem::replace(&mut manifest.graders, suite.graders.clone()),
        unfinished: true,
    });
    Ok(at)
}

async fn grade_all(work: &Arc<Regrade>, locked: &Locked, interrupt: &Interrupt) -> Result<Changes, Failure> {
    let journal = Writer::open(locked).map_err(Failure::cannot)?;
    let changes = regrade(work, &journal.appender(), &interrupt.asked).await;
    let closed = journal.close().await;
    let changes = changes.map_err(Failure::cannot)?;
    closed.map_err(Failure::cannot)?;
    Ok(changes)
}

/// What changed, in lines.
fn describe(changes: &Changes, took: Duration, plan: &Plan, limit: usize) -> String {
    let count = |n: u64, what: &str| format!("{} {what}{}", grouped(n), if n == 1 { "" } else { "s" });
    let mut lines = vec![format!(
        "graded {} again in {}: {}",
        count(changes.graded, "answer"),
        human_duration(took),
        match changes.changed() {
            0 => "no verdict changed".to_owned(),
            n => format!("{} changed", count(n, "verdict")),
        }
    )];
    let mut by_model: Vec<(usize, Vec<String>)> = Vec::new();
    for (&(model, before, after), &n) in &changes.verdicts {
        let words = format!("{} {}", grouped(n), arrow(before, after));
        match by_model.last_mut() {
            Some((last, list)) if *last == model => list.push(words),
            _ => by_model.push((model, vec![words])),
        }
    }
    let axes = plan.axes();
    lines.extend(
        by_model.iter().map(|(model, list)| format!("  {}: {}", text::fit(&axes.models[*model], 48), list.join(", "))),
    );
    let named = changes.cells.len().min(limit);
    for Change { cell, before, after, reason } in &changes.cells[..named] {
        let at = plan.cell(CellIndex(*cell));
        let mut name = vec![text::fit(&axes.models[at.model], 32)];
        if axes.prompts.len() > 1 {
            name.push(text::fit(&axes.prompts[at.prompt], 24));
        }
        name.push(text::fit(&axes.cases[at.case], 32));
        if axes.repeat > 1 {
            name.push(format!("#{}", at.repeat + 1));
        }
        let because = if reason.is_empty() { String::new() } else { format!(" ({})", text::fit(reason, 120)) };
        lines.push(format!("    {}: {}{because}", name.join(" · "), arrow(*before, *after)));
    }
    if changes.changed() > named as u64 {
        lines.push(format!("    … and {} more", changes.changed() - named as u64));
    }
    lines.join("\n") + "\n"
}

fn arrow(before: Verdict, after: Verdict) -> String {
    format!("{} → {}", before.as_str(), after.as_str())
}
