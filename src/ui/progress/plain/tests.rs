use insta::assert_snapshot;

use super::*;
use crate::engine::StopReason;
use crate::ui::progress::scripts::{after, cell, run_started, state};

const PLAIN: Palette = Palette::new(false);

/// What a log of these events holds, milestones only.
fn log(detail: Detail, models: &[(&str, u32)], events: impl FnOnce(Instant) -> Vec<(u64, Event)>) -> String {
    let (mut state, started) = state("support-triage", true, models);
    let events = events(started);
    let mut milestones = Milestones::new(detail, PLAIN);
    let mut log = vec![first(&state, PLAIN)];
    for (ms, event) in &events {
        state.apply(event);
        log.extend(milestones.on(event, &state, after(started, *ms)));
    }
    log.join("\n")
}

fn failed(lane: usize, kind: &str, message: &str) -> Event {
    Event::AttemptFailed {
        lane,
        attempt: 1,
        kind: kind.into(),
        message: message.into(),
        retry_in: Duration::from_secs(1),
    }
}

fn waiting(lane: usize, wait: Wait, until: Instant) -> Event {
    Event::LaneWaiting { lane, wait, until }
}

#[test]
fn a_log_tells_what_happened_once() {
    let models = [("sonnet", 4), ("opus", 100)];
    let slow = |now, before| Event::ConcurrencyChanged { lane: 1, now, before };
    let stopped = Event::LaneStopped {
        lane: 1,
        reason: StopReason::GiveUp,
        message: "10 cells in a row ended in error: connection refused".into(),
        skipped: 88,
    };
    let events = |now: Instant| {
        let mut events = vec![
            (1000, cell(0, Verdict::Pass, after(now, 1000))),
            (1200, failed(1, "rate_limited", "429: slow down\u{1b}[2J\nplease")),
            (1300, failed(1, "rate_limited", "429: slow down again")),
            (1400, slow(4, 8)),
            (1500, slow(5, 4)),
            (1600, slow(4, 5)),
            (1700, slow(2, 4)),
            (2000, waiting(1, Wait::RetryAfter, now + Duration::from_mins(10))),
            (2500, waiting(1, Wait::RetryAfter, now + Duration::from_mins(10))),
            (2600, waiting(0, Wait::RequestRate, now + Duration::from_secs(3))),
            (3000, slow(8, 2)),
            (3100, failed(1, "connect", "connection refused (port 4711)")),
        ];
        for (i, verdict) in [Verdict::Pass, Verdict::Fail, Verdict::Error].into_iter().enumerate() {
            events.push((4000 + i as u64 * 100, cell(0, verdict, after(now, 4000))));
        }
        events.push((4300, Event::LaneFinished { lane: 0, at: after(now, 4300) }));
        events.push((5000, stopped));
        events.push((5001, Event::LaneFinished { lane: 1, at: after(now, 5001) }));
        events
    };
    assert_snapshot!(log(Detail::MilestonesAndErrors, &models, events), @"
    support-triage: 2 models, 104 cells (SIMULATED)
    [   1s] opus first rate_limited error: 429: slow down�[2J please
    [   1s] opus slowed: 4 of 8 requests in flight
    [   1s] opus slowed: 2 of 8 requests in flight
    [   2s] opus waiting 9m58s (server asked: Retry-After)
    [   3s] opus back to 8 requests in flight
    [   3s] opus first connect error: connection refused (port 4711)
    [   4s] sonnet error in refund-1: expected `billing`, got `sales`
    [   4s] sonnet finished: 4/4 cells · 2 pass · 1 fail · 1 error · p50 1.2s · ≥$0.003
    [   5s] opus cut off: 10 cells in a row ended in error: connection refused (88 of 100 cells skipped)
    ");
}

#[test]
fn above_bars_only_losses_are_told() {
    let stopped = |lane, reason| Event::LaneStopped { lane, reason, message: String::new(), skipped: 3 };
    let events = [
        (0, cell(0, Verdict::Error, Instant::now())),
        (1000, Event::LaneFinished { lane: 0, at: Instant::now() }),
        (1000, stopped(1, StopReason::ModelGone)),
        (2000, Event::StopRequested { reason: StopReason::Interrupted, message: "interrupted by Ctrl-C".into() }),
        (2000, stopped(2, StopReason::Interrupted)),
    ];
    let models = [("a", 1), ("b", 3), ("c", 3)];
    assert_snapshot!(log(Detail::Losses, &models, |_| events.into()), @"
support-triage: 3 models, 7 cells (SIMULATED)
[   1s] b cut off: model not available (3 of 3 cells skipped)
[   2s] stopping: interrupted by Ctrl-C
");
}

#[test]
fn a_storm_of_errors_is_a_few_lines() {
    let errors = |i: u64| Event::CellFinished {
        lane: 0,
        case: format!("case-{i}"),
        verdict: Verdict::Error,
        kind: Some("connect".into()),
        reason: Some(format!("connect to port {i} refused{}", "!".repeat(usize::try_from(i % 50).unwrap()))),
        latency: None,
        ttft: None,
        cost: None,
        cost_unknown: false,
        attempts: 4,
        at: Instant::now(),
    };
    let log = log(Detail::MilestonesAndErrors, &[("a", 1000)], |_| (0..1000).map(|i| (i, errors(i))).collect());
    assert_eq!(log.lines().count(), 1 + ERRORS_TOLD);
}

#[test]
fn totals_on_a_line() {
    let mut events = Vec::new();
    let (mut state, started) = state("support-triage", true, &[("opus", 100), ("sonnet", 100)]);
    for i in 0..30_u64 {
        events.push(cell(
            usize::from(i % 3 > 0),
            Verdict::ALL[usize::try_from(i % 8 / 5).unwrap()],
            after(started, i * 400),
        ));
    }
    events.push(cell(0, Verdict::Timeout, after(started, 12_000)));
    for event in &events {
        state.apply(event);
    }
    assert_snapshot!(tick(&state, after(started, 12_400), PLAIN), @"[  12s] 31/200 cells · 20 pass · 10 fail · 1 timeout · 2.5/s · ≥$0.03 · ETA 1m41s · slowest: opus 11/100");
    state.apply(&Event::RunFinished { reason: None, at: after(started, 12_500) });
    assert_snapshot!(last(&state, after(started, 99_000), PLAIN), @"[  12s] finished · 31/200 cells · 20 pass · 10 fail · 1 timeout · 2.5/s · ≥$0.03");
    state.apply(&Event::StopRequested { reason: StopReason::Budget, message: String::new() });
    assert!(last(&state, after(started, 99_000), PLAIN).contains("stopped: budget spent"));
}

#[test]
fn a_resumed_run_says_what_was_done_before() {
    let (mut state, started) = state("s", false, &[("a", 5)]);
    let Event::RunStarted { mut lanes, .. } = run_started(&[("a", 5)], started) else { return };
    lanes[0].done = [3, 1, 0, 0, 0];
    state.apply(&Event::RunStarted { lanes, judges: Vec::new(), at: started });
    state.apply(&cell(0, Verdict::Pass, started));
    assert_eq!(first(&state, PLAIN), "s: 1 model, 9 cells, 4 of them done before");
}

#[test]
fn plain_lines_hold_no_control_characters() {
    let events = [
        (0, failed(0, "provider", "\u{1b}[31m\r\n\u{9b}2J\u{202e}")),
        (0, Event::StopRequested { reason: StopReason::Account, message: "no\u{1b}c credit".into() }),
    ];
    let log = log(Detail::MilestonesAndErrors, &[("\u{1b}[2Jevil", 1)], |_| events.into());
    assert!(!log.replace('\n', "").chars().any(char::is_control), "{log:?}");
    assert_eq!(log.lines().count(), 3);
}
