//! A run as it lies on disk: finished, interrupted, killed or still going.

use std::io;
use std::ops::Range;

use super::comparisons::Comparisons;
use super::figures::{ModelSummary, Summary};
use super::gather::{Gather, Measured, Served, total};
use super::judging::Judging;
use super::row::Row;
use super::wall::{Sessions, Wall};
use crate::journal::{CaseTable, Index, IndexError, LaneEnding, Manifest, ManifestError, RunFolder};
use crate::pairwise::StoreError;
use crate::plan::{Axes, Cell, CellIndex, Plan, TooManyCells};

/// Why a report cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// There is no manifest, or it cannot be read.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The journal cannot be read.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The manifest names more cells than there can be.
    #[error(transparent)]
    TooManyCells(#[from] TooManyCells),
    /// Writing failed.
    #[error(transparent)]
    Write(#[from] io::Error),
}

/// A run that can be reported on. Holds no answer: rows are read from the journal one at a time.
#[derive(Debug)]
pub struct Run {
    folder: RunFolder,
    manifest: Manifest,
    plan: Plan,
    index: Index,
    summary: Summary,
    comparisons: Option<Comparisons>,
    /// Why comparisons could not be read.
    unread: Option<StoreError>,
    running: bool,
}

impl Run {
    /// Reads a run's manifest and journal. A run that was killed, or is still going, is reported as far as it came.
    ///
    /// # Errors
    /// Where there is no run, or it cannot be read.
    pub fn open(folder: &RunFolder) -> Result<Self, ReportError> {
        let running = folder.is_running();
        let mut manifest: Manifest<CaseTable> = folder.read_manifest()?;
        let plan = Plan::new(Axes {
            models: manifest.models.iter().map(|model| model.name.clone()).collect(),
            prompts: manifest.prompt_ids().map(ToOwned::to_owned).collect(),
            cases: std::mem::take(&mut manifest.cases.ids),
            repeat: manifest.repeat,
        })?;
        let index = Index::read(&folder.journal(), &plan)?;
        // What stands beside the run's own journal keeps nobody from reporting the run.
        let (comparisons, unread) = match Comparisons::read(folder, &manifest) {
            Ok(comparisons) => (comparisons, None),
            Err(error) => (None, Some(error)),
        };
        let mut run = Self {
            folder: folder.clone(),
            manifest,
            plan,
            index,
            summary: Summary::default(),
            comparisons,
            unread,
            running,
        };
        run.summary = run.summarize()?;
        Ok(run)
    }

    /// Where it lies.
    pub fn folder(&self) -> &RunFolder {
        &self.folder
    }

    /// What was run. The ids of its cases are in the plan.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Its cells.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Its journal.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// Its figures.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// What comparing its answers two at a time says; `None` where the suite does not ask for it.
    pub fn comparisons(&self) -> Option<&Comparisons> {
        self.comparisons.as_ref()
    }

    /// Why its comparisons could not be read, where they could not.
    pub(super) fn unread_comparisons(&self) -> Option<&StoreError> {
        self.unread.as_ref()
    }

    /// Whether a process is still working on it.
    pub fn is_running(&self) -> bool {
        self.running
    }

    /// Whether answers in it were made up by a simulator.
    pub fn simulated(&self) -> bool {
        self.manifest.simulated || self.index.simulated
    }

    /// The suite's name, with `[SIMULATED]` after it where the answers were made up.
    pub fn suite_label(&self) -> String {
        let name = &self.manifest.suite;
        if self.simulated() { format!("{name} [SIMULATED]") } else { name.clone() }
    }

    /// Visits every planned cell exactly once, in plan order.
    ///
    /// # Errors
    /// Where the journal cannot be read any more, and whatever `visit` returns.
    pub fn for_each_row(&self, visit: impl FnMut(&Row<'_>) -> Result<(), ReportError>) -> Result<(), ReportError> {
        self.for_rows(0..self.cells(), visit)
    }

    /// As [`Self::for_each_row`], for some of the cells.
    pub(super) fn for_rows(
        &self,
        rows: Range<u32>,
        mut visit: impl FnMut(&Row<'_>) -> Result<(), ReportError>,
    ) -> Result<(), ReportError> {
        let axes = self.plan.axes();
        let mut buffer = Vec::new();
        for at in rows {
            let Cell { model, prompt, case, repeat } = self.plan.cell(CellIndex(at));
            let model = &self.manifest.models[model];
            visit(&Row {
                model,
                prompt: &axes.prompts[prompt],
                case: &axes.cases[case],
                repeat: repeat + 1,
                expected: self.manifest.cases.expected(case),
                tags: self.manifest.cases.tags(case),
                record: self.index.read_as(CellIndex(at), &mut buffer, |record| record)?,
                skipped: self.why_skipped(self.lane_ending(&model.name)),
            })?;
        }
        Ok(())
    }

    /// How many cells there are.
    pub(super) fn cells(&self) -> u32 {
        u32::try_from(self.plan.len()).unwrap_or(u32::MAX)
    }

    fn lane_ending(&self, model: &str) -> Option<&LaneEnding> {
        self.manifest.ended.as_ref()?.lanes.iter().find(|lane| lane.model == model)
    }

    /// Why a cell without a record never finished: the kind and words for people.
    fn why_skipped<'a>(&'a self, lane: Option<&'a LaneEnding>) -> (&'a str, &'a str) {
        match (lane, &self.manifest.ended) {
            (Some(lane), _) => (&lane.reason, &lane.message),
            (None, Some(ended)) if ended.reason != "finished" => {
                (&ended.reason, ended.message.as_deref().unwrap_or("the run was stopped"))
            }
            (None, Some(_)) => ("lost", "the journal has no whole record of it"),
            (None, None) if self.running => ("interrupted", "the run is still going"),
            (None, None) => ("interrupted", "the run was killed"),
        }
    }

    fn summarize(&self) -> Result<Summary, ReportError> {
        let started = std::iter::once(&self.manifest.started_at).chain(&self.manifest.resumed_at);
        let sessions = Sessions::new(started.map(String::as_str));
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let mut models = Vec::new();
        let (mut wall, mut judging) = (Wall::default(), Judging::default());
        let numbered: Vec<usize> = (0..self.manifest.models.len()).collect();
        for window in numbered.chunks(threads) {
            let summaries: Vec<_> = std::thread::scope(|scope| {
                let (run, sessions) = (self, &sessions);
                let start = |&model: &usize| scope.spawn(move || run.summarize_model(model, sessions));
                let started: Vec<_> = window.iter().map(start).collect();
                started.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
            });
            for summary in summaries {
                let (summary, model_wall, model_judging) =
                    summary.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
                wall.merge(&model_wall);
                judging.merge(model_judging);
                models.push(summary);
            }
        }
        Ok(Summary { models, judges: judging.finish(&self.manifest.judges), wall: wall.total() })
    }

    fn summarize_model(&self, model: usize, sessions: &Sessions) -> Result<(ModelSummary, Wall, Judging), ReportError> {
        let head = &self.manifest.models[model];
        let cells = self.plan.cells_of(model);
        let (prompts, repeat) = (self.plan.axes().prompts.len(), self.plan.axes().repeat);
        let ending = self.lane_ending(&head.name);
        let (kind, message) = self.why_skipped(ending);
        let mut buffer = Vec::new();
        let mut served = Served::new(head);
        let (mut wall, mut judging) = (Wall::default(), Judging::default());
        let mut parts = Vec::with_capacity(prompts);
        // A model's cells are in order of prompt.
        let each = cells.len() / prompts.max(1);
        for prompt in cells.step_by(each.max(1)) {
            let mut gather = Gather::new(each, repeat);
            for (at, cell) in (prompt..).take(each).enumerate() {
                let case = at / repeat.max(1) as usize;
                let known = self.index.read_as(CellIndex(cell), &mut buffer, |measured: Measured<'_>| {
                    gather.add(case, &measured, &mut served, sessions);
                })?;
                if known.is_none() {
                    gather.skip(kind, message);
                }
            }
            wall.merge(&gather.wall);
            judging.merge(std::mem::take(&mut gather.judging));
            parts.push(gather.finish());
        }
        let summary = ModelSummary {
            name: head.name.clone(),
            id: head.id.clone(),
            total: total(&parts, &wall),
            prompts: parts,
            ending: ending.cloned(),
        };
        Ok((summary, wall, judging))
    }
}
