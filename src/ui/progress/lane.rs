//! One model's counters.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::engine::{LaneInfo, StopReason, Wait};
use crate::journal::Verdict;
use crate::ui::line::tame;
use crate::units::Usd;

use super::meter::{Latencies, Rate};

/// What a model is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Asking.
    Running,
    /// Sending nothing until a point in time.
    Waiting(Wait, Duration),
    /// Sending nothing until some of so many answers have been graded.
    Held(u32),
    /// Done with all its cells.
    Finished,
    /// Cut off.
    Cut(StopReason),
}

/// One model's counters.
#[derive(Debug, Clone)]
pub struct Lane {
    /// As the suite has it.
    pub(super) id: Arc<str>,
    /// Fit for a line.
    pub(super) name: Arc<str>,
    /// All its cells, those of earlier runs too.
    pub(super) cells: u64,
    /// By verdict, in the order of [`Verdict::ALL`].
    pub(super) counts: [u64; 5],
    /// Cells that were done before this run.
    pub(super) before: u64,
    pub(super) rate: Rate,
    pub(super) latencies: Latencies,
    pub(super) cost: Option<Usd>,
    pub(super) cost_unknown: bool,
    /// Requests in flight at most: as configured, and now.
    pub(super) limit: (u32, u32),
    pub(super) wait: Option<(Wait, Instant)>,
    /// So many answers wait for their graders that it sends nothing.
    pub(super) held: Option<u32>,
    pub(super) cut: Option<(StopReason, Arc<str>)>,
    /// Since the start of the run.
    pub(super) ended: Option<Duration>,
}

impl Lane {
    pub(super) fn new(info: &LaneInfo) -> Self {
        let counts = info.done.map(u64::from);
        Self {
            id: info.model.as_str().into(),
            name: tame(&info.model).into(),
            cells: u64::from(info.cells) + counts.iter().sum::<u64>(),
            before: counts.iter().sum(),
            counts,
            rate: Rate::default(),
            latencies: Latencies::default(),
            cost: None,
            cost_unknown: false,
            limit: (info.concurrency, info.concurrency),
            wait: None,
            held: None,
            cut: None,
            ended: None,
        }
    }

    /// How many cells ended with this verdict.
    pub fn count(&self, verdict: Verdict) -> u64 {
        self.counts[verdict as usize]
    }

    /// Cells that have a result: everything but the skipped ones.
    pub fn done(&self) -> u64 {
        self.counts.iter().sum::<u64>() - self.count(Verdict::Skipped)
    }

    /// Cells that nothing has become of yet.
    pub fn remaining(&self) -> u64 {
        self.cells.saturating_sub(self.counts.iter().sum())
    }

    /// Whether nothing more will come.
    pub fn is_over(&self) -> bool {
        self.ended.is_some() || self.cut.is_some()
    }

    /// Fewer requests in flight than configured: now, and configured.
    pub fn slowed(&self) -> Option<(u32, u32)> {
        let (most, now) = self.limit;
        (now < most && !self.is_over()).then_some((now, most))
    }

    /// What it is doing.
    pub fn phase(&self, now: Instant) -> Phase {
        if let Some((reason, _)) = self.cut {
            return Phase::Cut(reason);
        }
        if self.ended.is_some() {
            return Phase::Finished;
        }
        match self.wait {
            Some((wait, until)) if until > now => Phase::Waiting(wait, until - now),
            _ => self.held.map_or(Phase::Running, Phase::Held),
        }
    }

    /// How long until it is done, as it goes now. `None`: nothing to go by.
    pub fn eta(&self, elapsed: Duration, now: Instant) -> Option<Duration> {
        if self.is_over() || self.remaining() == 0 {
            return Some(Duration::ZERO);
        }
        let seconds = self.remaining() as f64 / self.rate.per_second(elapsed)?;
        let work = Duration::try_from_secs_f64(seconds).ok()?;
        match self.phase(now) {
            Phase::Waiting(_, left) => Some(work + left),
            _ => Some(work),
        }
    }
}
