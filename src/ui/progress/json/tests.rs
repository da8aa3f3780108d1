use super::*;
use crate::engine::Wait;
use crate::ui::progress::scripts::{after, cell, run_started, state};

fn written(event: &Event) -> Value {
    let (mut state, started) = state("s", true, &[("a\u{1b}\u{202e}", 10), ("b", 10)]);
    state.apply(event);
    let line = json_line(&object(event, &state, after(started, 1500)));
    assert!(!line.chars().any(char::is_control), "{line:?}");
    serde_json::from_str(&line).unwrap()
}

#[test]
fn every_event_is_one_line_of_json_with_its_model() {
    let now = Instant::now();
    let message = "no\u{1b}[2J\nway\u{9b}".to_owned();
    let retry_in = Duration::from_millis(250);
    let stop = StopReason::Deadline;
    let events = [
        ("run_started", run_started(&[("a\u{1b}\u{202e}", 10)], now)),
        ("attempt_started", Event::AttemptStarted { lane: 0, attempt: 2 }),
        (
            "attempt_failed",
            Event::AttemptFailed { lane: 0, attempt: 1, kind: "connect".into(), message: message.clone(), retry_in },
        ),
        ("cell_finished", cell(0, Verdict::Fail, now)),
        ("concurrency_changed", Event::ConcurrencyChanged { lane: 0, now: 4, before: 8 }),
        ("model_waiting", Event::LaneWaiting { lane: 0, wait: Wait::TokenRate, until: now }),
        ("model_resumed", Event::LaneResumed { lane: 0 }),
        ("model_stopped", Event::LaneStopped { lane: 0, reason: stop, message: message.clone(), skipped: 3 }),
        ("model_finished", Event::LaneFinished { lane: 0, at: now }),
        ("stop_requested", Event::StopRequested { reason: stop, message }),
        ("run_finished", Event::RunFinished { reason: Some(stop), at: now }),
    ];
    for (word, event) in &events {
        let object = written(event);
        assert_eq!(object["event"], *word);
        assert_eq!(object["elapsed_ms"], 1500.0);
        let of_one_model = !matches!(*word, "run_started" | "stop_requested" | "run_finished");
        assert_eq!(object.get("model").and_then(Value::as_str), of_one_model.then_some("a\u{1b}\u{202e}"), "{word}");
    }
}

#[test]
fn a_finished_cell_carries_what_is_known_and_nothing_else() {
    let object = written(&cell(1, Verdict::Pass, Instant::now()));
    let want = json!({ "event": "cell_finished", "elapsed_ms": 1500.0, "model": "b", "case": "refund-1",
        "verdict": "pass", "latency_ms": 1200.0, "cost_usd": "0.001", "cost_unknown": false, "attempts": 1 });
    assert_eq!(object, want);
}

#[test]
fn the_start_is_told_as_it_was() {
    let (mut state, started) = state("s", false, &[("a", 10)]);
    let event = run_started(&[("a", 10)], started);
    state.apply(&event);
    state.apply(&cell(0, Verdict::Pass, started));
    let object = object(&event, &state, started);
    assert_eq!(object["models"][0]["done_before"]["pass"], 0);
    assert_eq!(object["models"][0]["cells"], 10);
    assert_eq!(object["cells"], 10);
}
