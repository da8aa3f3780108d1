//! Scripted runs for the tests of this folder.

use std::time::{Duration, Instant};

use crate::engine::{Event, LaneInfo};
use crate::journal::Verdict;

use super::{Facts, State};

/// A state whose clock starts at an instant that tests count from.
pub(super) fn state(suite: &str, simulated: bool, models: &[(&str, u32)]) -> (State, Instant) {
    let started = Instant::now();
    let cells = models.iter().map(|(_, cells)| u64::from(*cells)).sum();
    let facts = Facts { suite: suite.to_owned(), models: models.len(), cells, simulated, started };
    let mut state = State::new(&facts);
    state.apply(&run_started(models, started));
    (state, started)
}

pub(super) fn run_started(models: &[(&str, u32)], at: Instant) -> Event {
    let lane = |(model, cells): &(&str, u32)| LaneInfo {
        model: (*model).to_owned(),
        cells: *cells,
        done: [0; 5],
        concurrency: 8,
    };
    Event::RunStarted { lanes: models.iter().map(lane).collect(), judges: Vec::new(), at }
}

pub(super) fn after(started: Instant, ms: u64) -> Instant {
    started + Duration::from_millis(ms)
}

/// A cell that ended, answered in 1.2 s for $0.001 where it was answered.
pub(super) fn cell(lane: usize, verdict: Verdict, at: Instant) -> Event {
    let answered = matches!(verdict, Verdict::Pass | Verdict::Fail);
    Event::CellFinished {
        lane,
        case: "refund-1".to_owned(),
        verdict,
        kind: None,
        reason: (verdict != Verdict::Pass).then(|| "expected `billing`, got `sales`".to_owned()),
        latency: answered.then_some(Duration::from_millis(1200)),
        ttft: None,
        cost: answered.then(|| "0.001".parse().unwrap()),
        cost_unknown: !answered,
        attempts: 1,
        at,
    }
}

/// So many cells of each verdict, spread evenly over the time up to `ms`.
pub(super) fn cells(state: &mut State, lane: usize, counts: [u32; 4], started: Instant, ms: u64) {
    let total = u64::from(counts.iter().sum::<u32>());
    let verdicts = Verdict::ALL.iter().zip(counts).flat_map(|(verdict, count)| (0..count).map(move |_| *verdict));
    for (i, verdict) in verdicts.enumerate() {
        state.apply(&cell(lane, verdict, after(started, ms * (i as u64 + 1) / total)));
    }
}
