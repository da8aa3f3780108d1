use super::*;
use crate::engine::Wait;
use crate::ui::progress::scripts::{after, cell, cells, state};

#[test]
fn every_cell_is_counted_once() {
    let (mut state, started) = state("s", false, &[("a", 10), ("b", 10)]);
    cells(&mut state, 0, [4, 3, 2, 1], started, 5000);
    cells(&mut state, 1, [1, 0, 0, 0], started, 5000);
    let totals = state.totals(after(started, 5000));
    assert_eq!(totals.counts, [5, 3, 2, 1, 0]);
    assert_eq!((totals.done, totals.cells), (11, 20));
    assert_eq!(totals.cost, "0.008".parse().ok());
    assert!(totals.cost_unknown);
    assert_eq!(state.lanes()[0].remaining(), 0);
}

#[test]
fn skipped_cells_count_once_however_they_are_reported() {
    for one_by_one in [true, false] {
        let (mut state, started) = state("s", false, &[("a", 10)]);
        cells(&mut state, 0, [3, 0, 0, 0], started, 1000);
        if one_by_one {
            for _ in 0..7 {
                state.apply(&cell(0, Verdict::Skipped, after(started, 1000)));
            }
        }
        let message = "deadline".to_owned();
        state.apply(&Event::LaneStopped { lane: 0, reason: StopReason::Deadline, message, skipped: 7 });
        let lane = &state.lanes()[0];
        assert_eq!((lane.done(), lane.remaining(), lane.count(Verdict::Skipped)), (3, 0, 7));
        assert_eq!(lane.phase(after(started, 2000)), Phase::Cut(StopReason::Deadline));
    }
}

#[test]
fn a_stronger_reason_to_stop_replaces_a_weaker_one() {
    let (mut state, started) = state("s", false, &[("a", 10)]);
    for reason in [StopReason::GiveUp, StopReason::Interrupted, StopReason::Budget] {
        state.apply(&Event::LaneStopped { lane: 0, reason, message: String::new(), skipped: 10 });
        state.apply(&Event::StopRequested { reason, message: String::new() });
    }
    assert_eq!(state.lanes()[0].phase(started), Phase::Cut(StopReason::Interrupted));
    assert_eq!(state.stopping, Some(StopReason::Interrupted));
}

#[test]
fn the_run_ends_with_its_slowest_model() {
    let (mut state, started) = state("s", false, &[("fast", 100), ("slow", 100)]);
    cells(&mut state, 0, [50, 0, 0, 0], started, 10_000);
    cells(&mut state, 1, [10, 0, 0, 0], started, 10_000);
    let now = after(started, 10_000);
    let eta = state.totals(now).eta.unwrap().as_secs();
    assert!((85..=95).contains(&eta), "{eta}");
    assert_eq!(&*state.slowest().unwrap().name, "slow");
}

#[test]
fn the_time_left_of_a_waiting_model_holds_the_wait() {
    let (mut state, started) = state("s", false, &[("a", 20)]);
    cells(&mut state, 0, [10, 0, 0, 0], started, 10_000);
    let now = after(started, 10_000);
    let until = after(started, 40_000);
    state.apply(&Event::LaneWaiting { lane: 0, wait: Wait::RetryAfter, until });
    let eta = state.totals(now).eta.unwrap().as_secs();
    assert!((38..=42).contains(&eta), "{eta}");
    assert_eq!(state.lanes()[0].phase(after(started, 40_001)), Phase::Running, "a wait that is over is no wait");
}

#[test]
fn what_nobody_can_know_is_unknown() {
    let (mut state, started) = state("s", false, &[("a", 10), ("hangs", 10)]);
    cells(&mut state, 0, [5, 0, 0, 0], started, 1000);
    let totals = state.totals(after(started, 1000));
    assert_eq!(totals.eta, None);
    assert!(totals.rate.is_some());
}

#[test]
fn cells_of_an_earlier_run_count_but_do_not_make_it_look_fast() {
    let started = Instant::now();
    let facts = Facts { suite: "s".into(), models: 1, cells: 100, simulated: false, started };
    let mut state = State::new(&facts);
    let lane = crate::engine::LaneInfo { model: "a".into(), cells: 40, done: [50, 6, 4, 0, 0], concurrency: 1 };
    state.apply(&Event::RunStarted { lanes: vec![lane], judges: Vec::new(), at: started });
    let totals = state.totals(after(started, 5000));
    assert_eq!((totals.done, totals.cells, totals.rate), (60, 100, None));
    assert_eq!(state.lanes()[0].remaining(), 40);
}

#[test]
fn an_event_of_an_unknown_model_is_harmless() {
    let (mut state, started) = state("s", false, &[("a", 1)]);
    state.apply(&cell(7, Verdict::Pass, started));
    state.apply(&Event::LaneFinished { lane: 7, at: started });
    assert_eq!(state.totals(started).done, 0);
}
