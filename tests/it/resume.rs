//! Runs that were killed, runs taken up again, and folders that belong to somebody else.

use std::collections::HashSet;

use serde_json::Value;

use crate::context::Context;
use crate::server::{Reply, Server, ms};
use crate::suite::Suite;

/// Model and case of every whole line of the journal.
fn journalled(cx: &Context) -> HashSet<(String, String)> {
    let journal = std::fs::read(cx.run_dir().join("journal.jsonl")).unwrap_or_default();
    let journal = String::from_utf8_lossy(&journal).into_owned();
    let lines = journal.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    let cells = lines.filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let text = |cell: &Value, key: &str| cell[key].as_str().map(str::to_owned);
    cells.filter_map(|cell| Some((text(&cell, "model")?, text(&cell, "case")?))).collect()
}

#[test]
fn a_killed_run_is_taken_up_where_it_was() {
    let slow = |call: &crate::server::Call| call.answer().delay(ms(40)).reply(call);
    let (cx, server) = (Context::new(), Server::with("a", slow).on("b", slow));
    let suite = Suite::at(&server).models(&["a", "b"]).cases(80).default("concurrency", "2");
    let mut running = cx.run_command(&suite, &[]).spawn();
    let started = std::time::Instant::now();
    while journalled(&cx).len() < 30 {
        assert!(!running.has_ended() && started.elapsed().as_secs() < 30, "nothing to kill: {}", running.wait());
        std::thread::sleep(ms(5));
    }
    running.signal(rustix::process::Signal::KILL);
    drop(running);

    let done = journalled(&cx);
    assert!(done.len() < 160, "killed too late to show anything");
    // What was on its way when it was killed arrives after it.
    server
        .wait_for("the killed program's connections to be gone", |calls| calls.iter().all(|call| call.ended.is_some()));
    std::thread::sleep(ms(300));
    let before = server.calls().len();
    cx.resume(&suite).code(0);
    let results = cx.results();
    results.holds_the_plan_of(&suite);
    assert_eq!((results.verdicts("a"), results.verdicts("b")), ("pass 80".to_owned(), "pass 80".to_owned()));

    for call in &server.calls()[before..] {
        let cell = (call.model.clone(), format!("c{}", call.word().trim_start_matches('w')));
        assert!(!done.contains(&cell), "{cell:?} was finished and asked again");
        assert!(call.attempt <= 2);
    }
    assert_eq!(server.calls().len() - before, 160 - done.len());
}

#[test]
fn a_killed_run_can_be_reported_as_it_is() {
    let (cx, server) =
        (Context::new(), Server::with("m", |call| if call.number > 5 { Reply::hang() } else { call.echo() }));
    let suite = Suite::at(&server).model("m").cases(12);
    let mut running = cx.run_command(&suite, &[]).spawn();
    let started = std::time::Instant::now();
    while journalled(&cx).len() < 5 {
        assert!(started.elapsed().as_secs() < 30, "the first five cells never reached the journal");
        std::thread::sleep(ms(5));
    }
    running.signal(rustix::process::Signal::KILL);
    drop(running);
    cx.bench(&["report", "run", "--csv", "report.csv"]).run().code(0);
    let table = crate::table::Table::parse(cx.read("report.csv").as_bytes());
    assert_eq!(table.holds_the_plan_of(&suite).verdicts("m"), "pass 5, skipped 7");
}

#[test]
fn a_torn_last_line_is_cut_off() {
    let (cx, server) = (Context::new(), Server::start());
    let suite = Suite::at(&server).model("m").cases(6);
    cx.run(&suite, &[]).code(0);
    let whole = cx.read("run/journal.jsonl");
    let last = whole.trim_end().rfind('\n').unwrap();
    cx.write("run/journal.jsonl", &whole.as_bytes()[..last + 20]);
    cx.resume(&suite).code(0);
    assert_eq!(cx.results().holds_the_plan_of(&suite).verdicts("m"), "pass 6");
    assert_eq!(server.calls().len(), 7, "six, and the one whose line was torn");
}

#[test]
fn a_damaged_line_is_asked_again() {
    let (cx, server) = (Context::new(), Server::start());
    let suite = Suite::at(&server).model("m").cases(6);
    cx.run(&suite, &[]).code(0);
    let damaged = cx.read("run/journal.jsonl").replacen("\"pass\"", "\"fail\"", 1);
    cx.write("run/journal.jsonl", damaged);
    cx.resume(&suite).code(0);
    assert_eq!(cx.results().holds_the_plan_of(&suite).verdicts("m"), "pass 6");
    assert_eq!(server.calls().len(), 7);
}

#[test]
fn a_changed_suite_is_refused_with_what_changed() {
    let (cx, server) =
        (Context::new(), Server::with("m", |call| if call.number > 3 { Reply::hang() } else { call.echo() }));
    let suite = Suite::at(&server).model("m").cases(5).default("timeout", "1s");
    cx.run(&suite, &[]);
    let asked = server.calls().len();
    let yaml = suite.yaml().replace("say {{ word }}", "please say {{ word }}");
    cx.write("changed.yaml", yaml);
    cx.bench(&["run", "changed.yaml", "--resume", "run"]).run().code_in(&[2, 4]).says("prompt");
    let more = suite.clone().cases(6);
    cx.write("changed.yaml", more.yaml());
    cx.bench(&["run", "changed.yaml", "--resume", "run"]).run().code_in(&[2, 4]).says("case");
    assert_eq!(server.calls().len(), asked, "a changed suite was asked into an old run");
}

#[test]
fn a_folder_that_holds_a_run_is_not_overwritten() {
    let (cx, server) = (Context::new(), Server::start());
    let suite = Suite::at(&server).model("m");
    cx.run(&suite, &[]).code(0);
    let journal = cx.read("run/journal.jsonl");
    cx.run(&suite, &[]).code_in(&[2, 4]).says("--resume");
    assert_eq!(cx.read("run/journal.jsonl"), journal);
    assert_eq!(server.calls().len(), 3);
}

#[test]
fn two_runs_cannot_share_a_folder() {
    let (cx, server) = (Context::new(), Server::with("m", |_| Reply::hang()));
    let suite = Suite::at(&server).model("m");
    let mut first = cx.run_command(&suite, &[]).spawn();
    server.wait_for("the first run", |calls| calls.len() == 3);
    cx.resume(&suite).code(4).says("run is in use by another bench");
    cx.run(&suite, &[]).code(4).says("run is in use by another bench");
    assert_eq!(server.calls().len(), 3, "the second run asked something");
    assert!(!first.has_ended());
    first.signal(rustix::process::Signal::INT);
    first.wait().code(130);
}

#[test]
fn resume_without_a_name_takes_the_last_run() {
    let (cx, server) =
        (Context::new(), Server::with("m", |call| if call.number > 2 { Reply::hang() } else { call.echo() }));
    let suite = Suite::at(&server).model("m").default("concurrency", "1");
    cx.write("suite.yaml", suite.yaml());
    let mut running = cx.bench(&["run", "suite.yaml"]).spawn();
    server.wait_for("two answers", |calls| calls.len() == 3);
    running.signal(rustix::process::Signal::INT);
    running.wait().code(130);
    let server = server.on("m", crate::server::Call::echo);
    cx.bench(&["run", "suite.yaml", "--resume"]).run().code(0);
    assert_eq!(server.calls().len(), 4);
    let runs: Vec<_> =
        std::fs::read_dir(cx.work().join("bench-runs")).unwrap().map(|run| run.unwrap().path()).collect();
    let runs: Vec<_> = runs.into_iter().filter(|run| run.join("run.json").exists() && !run.is_symlink()).collect();
    assert_eq!(runs.len(), 1, "{runs:?}");
    assert!(runs[0].file_name().unwrap().to_string_lossy().starts_with("outside-"), "{runs:?}");
}

#[test]
fn resuming_what_is_no_run_is_refused() {
    let (cx, server) = (Context::new(), Server::start());
    let suite = Suite::at(&server).model("m");
    cx.write("suite.yaml", suite.yaml());
    cx.bench(&["run", "suite.yaml", "--resume", "nowhere"]).run().code_in(&[2, 4]).says("nowhere");
    assert!(server.calls().is_empty());
}
