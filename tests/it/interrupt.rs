//! Ctrl-C and SIGTERM.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::context::Context;
use crate::process::Running;
use crate::server::{Call, End, Reply, Server};
use crate::suite::Suite;

/// A server that answers the first cases and then hangs, and a suite of twenty cases for it.
fn half_done() -> (Server, Suite) {
    let script = |call: &Call| if call.number <= 6 { call.echo() } else { Reply::hang() };
    let server = Server::with("first", script).on("second", script);
    let suite = Suite::at(&server).models(&["first", "second"]).cases(20).default("concurrency", "2");
    (server, suite)
}

/// Starts the run and waits until six cells of each model are done and two hang.
#[track_caller]
fn until_it_hangs(cx: &Context, server: &Server, suite: &Suite) -> Running {
    let running = cx.run_command(suite, &[]).spawn();
    server.wait_for("both models to hang", |calls| {
        ["first", "second"].iter().all(|model| calls.iter().filter(|call| call.model == *model).count() == 8)
    });
    running
}

#[track_caller]
fn interrupted_by(signal: Signal) {
    let (cx, (server, suite)) = (Context::new(), half_done());
    let mut running = until_it_hangs(&cx, &server, &suite);
    let sent = Instant::now();
    let at = server.now();
    running.signal(signal);
    let outcome = running.wait();
    let took = sent.elapsed();
    outcome.code(130);
    // A second is promised; the bound leaves room for a busy machine.
    assert!(took < Duration::from_secs(6), "it took {took:?} to stop\n{outcome}");

    let results = cx.results();
    results.holds_the_plan_of(&suite);
    for model in ["first", "second"] {
        assert_eq!(results.verdicts(model), "pass 6, skipped 14");
        let skipped: Vec<_> = results.of(model).into_iter().filter(|row| row.get("verdict") == "skipped").collect();
        assert!(skipped.iter().all(|row| row.get("error_kind") == "interrupted"), "{:?}", skipped[0]);
    }
    assert_eq!(cx.summary().rows.len(), 2);
    outcome.prints("first").prints("second");

    // Nothing new was started, and what was in flight was closed.
    server.wait_for("the hanging requests to be closed", |calls| calls.iter().all(|call| call.ended.is_some()));
    let calls = server.calls();
    assert_eq!(calls.len(), 16, "something was started after the signal");
    for call in calls.iter().filter(|call| call.number > 6) {
        let (closed, end) = call.ended.unwrap();
        assert_eq!(end, End::ClosedByClient);
        assert!(closed < at + Duration::from_secs(6), "closed {:?} after the signal", closed.checked_sub(at));
    }
}

#[test]
fn ctrl_c_keeps_what_is_done_and_closes_what_is_in_flight() {
    interrupted_by(Signal::INT);
}

#[test]
fn sigterm_does_the_same() {
    interrupted_by(Signal::TERM);
}

#[test]
fn a_second_ctrl_c_leaves_at_once_with_a_whole_journal() {
    let (cx, (server, suite)) = (Context::new(), half_done());
    let mut running = until_it_hangs(&cx, &server, &suite);
    running.signal(Signal::INT);
    running.signal(Signal::INT);
    running.wait().code(130);
    // Whatever was not written by then is written from the journal.
    cx.bench(&["report", "run", "--csv", "again.csv"]).run();
    crate::table::Table::parse(cx.read("again.csv").as_bytes()).holds_the_plan_of(&suite);
}

#[test]
fn an_interrupted_run_is_taken_up_again() {
    let (cx, (server, suite)) = (Context::new(), half_done());
    let mut running = until_it_hangs(&cx, &server, &suite);
    running.signal(Signal::INT);
    running.wait().code(130);
    let server = server.on("first", Call::echo).on("second", Call::echo);
    let before = server.calls().len();
    cx.resume(&suite).code(0);
    assert_eq!(server.calls().len() - before, 28, "only the 28 unfinished cells are asked");
    assert_eq!(cx.results().holds_the_plan_of(&suite).verdicts("first"), "pass 20");
}

#[test]
fn ctrl_c_during_a_long_wait_is_heard() {
    let server = Server::with("m", |_| {
        let error = serde_json::json!({ "error": { "code": 429, "message": "slow down" } });
        Reply::json(429, &[("retry-after", "50")], &error)
    });
    let cx = Context::new();
    let suite = Suite::at(&server).model("m").cases(20).default("retries", "5");
    let mut running = cx.run_command(&suite, &[]).spawn();
    server.wait_for("the first refusal", |calls| calls.iter().any(|call| call.ended.is_some()));
    std::thread::sleep(Duration::from_millis(100));
    let sent = Instant::now();
    running.signal(Signal::INT);
    let outcome = running.wait();
    outcome.code(130).says("m waiting ").says("(server asked: Retry-After)");
    assert!(sent.elapsed() < Duration::from_secs(6), "the wait was not cut short");
    cx.results().holds_the_plan_of(&suite);
}
