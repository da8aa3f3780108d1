//! A run's folder: made for a new run, taken up again with `--resume`.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use crate::engine::{Answered, Prior};
use crate::journal::{CasePrints, FolderError, Index, Locked, Manifest, RunFolder, Verdict, cells_left, what_changed};
use crate::plan::CellIndex;
use crate::units::Usd;

use super::args::RunArgs;
use super::check::Planned;
use super::failure::Failure;

/// Where runs go and are looked for, relative to the current folder.
const RUNS: &str = "bench-runs";

/// Where a run writes, and what is there already.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) locked: Locked,
    /// When the run was started first, RFC 3339.
    pub(super) started_at: String,
    /// When it was taken up again, each time.
    pub(super) resumed_at: Vec<String>,
    /// Verdicts of cells that need not be asked.
    pub(super) done: Arc<[Option<Verdict>]>,
    /// What it has cost so far.
    pub(super) spent: Usd,
    /// What was done earlier for cells that are asked again.
    pub(super) prior: HashMap<u32, Prior>,
    /// Cells whose answers are there and only have to be graded.
    pub(super) answered: Answered,
}

/// A run's folder by what a user calls it: a path, or `last`.
pub(super) fn find(run: &Path) -> Result<RunFolder, Failure> {
    if run != Path::new("last") {
        let folder = RunFolder::at(run);
        return if folder.manifest().exists() {
            Ok(folder)
        } else {
            Err(refused(&FolderError::NotARun(run.to_owned())))
        };
    }
    RunFolder::last(Path::new(RUNS))
        .ok_or_else(|| Failure::usage(format!("there is no run in `{RUNS}`")).hint("name the run's folder"))
}

/// Makes or opens the folder of a suite's run.
pub(super) fn open_folder(args: &RunArgs, planned: &Planned) -> Result<Place, Failure> {
    match &args.resume {
        Some(run) if run == Path::new("last") => {
            let name = &planned.suite.name;
            let last = RunFolder::last_of(Path::new(RUNS), name).ok_or_else(|| {
                Failure::usage(format!("there is no run of `{}` in `{RUNS}`", crate::text::one_line(name)))
                    .hint("name the run's folder: `--resume DIR`")
            })?;
            resume(args, planned, &last)
        }
        Some(run) => resume(args, planned, &find(run)?),
        None => create(args, planned),
    }
}

fn create(args: &RunArgs, planned: &Planned) -> Result<Place, Failure> {
    let now = jiff::Timestamp::now();
    let locked = match &args.out {
        // Several suites in one command: a folder for each, below the one that was named.
        Some(out) if args.suites.len() > 1 => RunFolder::create_fresh(out, &planned.suite.name, now),
        Some(out) => RunFolder::create(out),
        None => RunFolder::create_fresh(Path::new(RUNS), &planned.suite.name, now),
    };
    Ok(Place {
        locked: locked.map_err(|error| refused(&error))?,
        started_at: format!("{now:.3}"),
        resumed_at: Vec::new(),
        done: vec![None; planned.plan.len()].into(),
        spent: Usd::ZERO,
        prior: HashMap::new(),
        answered: Answered::default(),
    })
}

fn resume(args: &RunArgs, planned: &Planned, folder: &RunFolder) -> Result<Place, Failure> {
    let Planned { suite, plan } = planned;
    let locked = RunFolder::reopen(folder.path()).map_err(|error| refused(&error))?;
    let old: Manifest<CasePrints> = folder.read_manifest().map_err(Failure::cannot)?;
    let changes = what_changed(&old, &Manifest::of(suite, args.seed, args.simulate, String::new()));
    if !changes.is_empty() {
        let path = folder.path().display();
        return Err(Failure::usage(format!("{path} was made with another suite: {}", changes.join("; ")))
            .hint("undo the change, or start a new run without `--resume`"));
    }
    let index = Index::read(&folder.journal(), plan).map_err(Failure::cannot)?;
    let mut done: Vec<Option<Verdict>> = cells(plan.len()).map(|cell| index.verdict(cell)).collect();
    let (mut prior, mut answered) = (HashMap::new(), Vec::new());
    for cell in cells_left(&index, args.retry_errors) {
        if done[cell.0 as usize].take().is_none() {
            continue;
        }
        let Some(record) = index.get(cell).map_err(Failure::cannot)? else { continue };
        // What was answered is not asked again where only the grading is missing, or a judge had failed.
        if record.awaits_grading() || record.judge_failed() {
            answered.push(cell.0);
        } else if !record.attempts.is_empty() {
            prior.insert(cell.0, Prior { attempts: record.attempts, asks: record.asks });
        }
    }
    let spent = index.spent;
    let answered = Answered { cells: answered.into(), index: Some(Arc::new(index)) };
    let mut resumed_at = old.resumed_at;
    resumed_at.push(format!("{:.3}", jiff::Timestamp::now()));
    Ok(Place { locked, started_at: old.started_at, resumed_at, done: done.into(), spent, prior, answered })
}

fn cells(len: usize) -> impl Iterator<Item = CellIndex> {
    (0..u32::try_from(len).unwrap_or(u32::MAX)).map(CellIndex)
}

pub(super) fn refused(error: &FolderError) -> Failure {
    match error {
        FolderError::Exists(path) => {
            Failure::usage(error).hint(format!("`--resume {}` goes on with it; or name another folder", path.display()))
        }
        FolderError::Locked(_) => {
            Failure::cannot(error).hint("wait for it to end, or name another folder with `--out`")
        }
        FolderError::NotARun(_) => Failure::usage(error).hint(format!("runs are in `{RUNS}`, as a rule")),
        FolderError::Io { .. } => Failure::cannot(error),
    }
}
