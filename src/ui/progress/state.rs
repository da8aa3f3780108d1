//! What the progress display knows of a run: counters, updated event by event.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::engine::{Event, StopReason};
use crate::journal::Verdict;
use crate::text;
use crate::ui::line::tame;
use crate::units::Usd;

use super::judge::Judge;
use super::lane::{Lane, Phase};
use super::meter::Rate;

/// Bytes kept of a stranger's message.
pub(super) const MESSAGE: usize = 400;

/// What is known of a run before it starts.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The suite's name.
    pub suite: String,
    /// How many models are asked.
    pub models: usize,
    /// How many cells the plan has.
    pub cells: u64,
    /// A simulator answers.
    pub simulated: bool,
    /// When the clock of the display started.
    pub started: Instant,
}

/// Sums over all models.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Totals {
    /// All cells.
    pub cells: u64,
    /// Cells with a result.
    pub done: u64,
    /// By verdict, in the order of [`Verdict::ALL`].
    pub counts: [u64; 5],
    /// What is known of the cost.
    pub cost: Option<Usd>,
    /// Some cost is not known.
    pub cost_unknown: bool,
    /// Cells a second, recently.
    pub rate: Option<f64>,
    /// How long until the last model is done; `None`: some model gives nothing to go by.
    pub eta: Option<Duration>,
}

/// The counters of a run.
#[derive(Debug, Clone)]
pub struct State {
    pub(super) suite: Arc<str>,
    pub(super) simulated: bool,
    pub(super) models: usize,
    pub(super) cells: u64,
    pub(super) started: Instant,
    pub(super) lanes: Vec<Lane>,
    pub(super) judges: Vec<Judge>,
    pub(super) rate: Rate,
    pub(super) stopping: Option<StopReason>,
    pub(super) finished: Option<Duration>,
}

impl State {
    /// Before the first event.
    pub fn new(facts: &Facts) -> Self {
        Self {
            suite: tame(&facts.suite).into(),
            simulated: facts.simulated,
            models: facts.models,
            cells: facts.cells,
            started: facts.started,
            lanes: Vec::new(),
            judges: Vec::new(),
            rate: Rate::default(),
            stopping: None,
            finished: None,
        }
    }

    /// Takes one event in. Cheap: it counts and draws nothing.
    pub fn apply(&mut self, event: &Event) {
        let started = self.started;
        let since = |at: &Instant| at.saturating_duration_since(started);
        match event {
            Event::RunStarted { lanes, judges, .. } => {
                self.judges = judges.iter().map(|judge| Judge::new(judge)).collect();
                self.lanes = lanes.iter().map(Lane::new).collect();
                self.models = self.lanes.len();
                self.cells = self.lanes.iter().map(|lane| lane.cells).sum();
            }
            Event::AttemptStarted { .. } | Event::AttemptFailed { .. } | Event::CellAnswered { .. } => {}
            Event::Judge { judge, event } => {
                if let Some(judge) = self.judges.get_mut(*judge) {
                    judge.apply(event);
                }
            }
            Event::CellFinished { lane, verdict, latency, cost, cost_unknown, at, .. } => {
                let at = since(at);
                let skipped = *verdict == Verdict::Skipped;
                if !skipped {
                    self.rate.count(at);
                }
                let Some(lane) = self.lanes.get_mut(*lane) else { return };
                lane.counts[*verdict as usize] += 1;
                if !skipped {
                    lane.rate.count(at);
                }
                if let Some(latency) = latency {
                    lane.latencies.count(*latency);
                }
                if let Some(cost) = cost {
                    *lane.cost.get_or_insert(Usd::ZERO) += *cost;
                }
                lane.cost_unknown |= cost_unknown;
            }
            Event::ConcurrencyChanged { lane, now, .. } => self.with(*lane, |lane| lane.limit.1 = *now),
            Event::LaneWaiting { lane, wait, until } => self.with(*lane, |lane| lane.wait = Some((*wait, *until))),
            Event::LaneHeld { lane, waiting } => self.with(*lane, |lane| lane.held = Some(*waiting)),
            Event::LaneResumed { lane } => self.with(*lane, |lane| (lane.wait, lane.held) = (None, None)),
            Event::LaneStopped { lane, reason, message, skipped } => self.with(*lane, |lane| {
                // Skipped cells may have been reported one by one, or not at all.
                let known = &mut lane.counts[Verdict::Skipped as usize];
                *known = (*known).max(u64::from(*skipped));
                if lane.cut.as_ref().is_none_or(|(old, _)| old < reason) {
                    lane.cut = Some((*reason, tame(&text::excerpt(message, MESSAGE)).into()));
                }
            }),
            Event::LaneFinished { lane, at } => {
                let at = since(at);
                self.with(*lane, |lane| lane.ended = Some(at));
            }
            Event::StopRequested { reason, .. } => self.stopping = self.stopping.max(Some(*reason)),
            Event::RunFinished { reason, at } => {
                self.stopping = self.stopping.max(*reason);
                self.finished = Some(since(at));
            }
        }
    }

    fn with(&mut self, lane: usize, change: impl FnOnce(&mut Lane)) {
        if let Some(lane) = self.lanes.get_mut(lane) {
            change(lane);
        }
    }

    /// The models in plan order.
    pub fn lanes(&self) -> &[Lane] {
        &self.lanes
    }

    /// How long the run has been going on, or went on.
    pub fn elapsed(&self, now: Instant) -> Duration {
        self.finished.unwrap_or_else(|| now.saturating_duration_since(self.started))
    }

    /// Sums over all models.
    pub fn totals(&self, now: Instant) -> Totals {
        let elapsed = self.elapsed(now);
        let mut totals = Totals { cells: self.cells, rate: self.rate.per_second(elapsed), ..Totals::default() };
        // Models run side by side: the run ends with the last of them.
        let mut eta = Some(Duration::ZERO);
        for lane in &self.lanes {
            totals.done += lane.done();
            for (sum, count) in totals.counts.iter_mut().zip(lane.counts) {
                *sum += count;
            }
            if let Some(cost) = lane.cost {
                *totals.cost.get_or_insert(Usd::ZERO) += cost;
            }
            totals.cost_unknown |= lane.cost_unknown;
            eta = eta.zip(lane.eta(elapsed, now)).map(|(most, this)| most.max(this));
        }
        totals.eta = if self.lanes.is_empty() { None } else { eta };
        totals
    }

    /// The model that is the furthest from its end, where there is more than one still going.
    pub(super) fn slowest(&self) -> Option<&Lane> {
        let going = || self.lanes.iter().filter(|lane| !lane.is_over());
        going().nth(1)?;
        going().min_by_key(|lane| progress_per_mille(lane))
    }

    /// How many models are running, waiting, and over.
    pub(super) fn census<'a>(lanes: impl IntoIterator<Item = &'a Lane>, now: Instant) -> (usize, usize, usize) {
        lanes.into_iter().fold((0, 0, 0), |(running, waiting, over), lane| match lane.phase(now) {
            Phase::Running => (running + 1, waiting, over),
            Phase::Waiting(..) | Phase::Held(_) => (running, waiting + 1, over),
            Phase::Finished | Phase::Cut(_) => (running, waiting, over + 1),
        })
    }
}

/// How far a model has come.
pub(super) fn progress_per_mille(lane: &Lane) -> u64 {
    ((lane.cells - lane.remaining()) * 1000).checked_div(lane.cells).unwrap_or(1000)
}

#[cfg(test)]
mod tests;
