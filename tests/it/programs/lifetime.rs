//! Programs end with the run, however that ends.

use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::json;

use super::Programs;
use crate::process::Running;

/// A grader that starts a child of its own, tells both numbers in a file, and never answers.
const STUCK: &str = r#"
import os, subprocess, sys, time
child = subprocess.Popen(["sleep", "1000"])
with open("pids.new", "w") as file:
    file.write(f"{os.getpid()} {child.pid}")
os.rename("pids.new", "pids")
if "answers" in sys.argv:
    for line in sys.stdin:
        print('{"pass": true}', flush=True)
while True:
    time.sleep(1000)
"#;

fn stuck(arguments: &[&str]) -> Programs {
    let run: Vec<&str> = ["python3", "stuck.py"].iter().chain(arguments).copied().collect();
    Programs::new(json!([{ "type": "command", "run": run, "timeout": "60s" }])).file("stuck.py", STUCK).case(
        "a",
        "x",
        json!({}),
    )
}

/// The numbers that the grader wrote.
#[track_caller]
fn pids(programs: &Programs) -> Vec<String> {
    let path = programs.cx.work().join("pids");
    let start = Instant::now();
    while !path.exists() {
        assert!(start.elapsed() < Duration::from_secs(30), "the grader never started");
        std::thread::sleep(Duration::from_millis(10));
    }
    programs.cx.read("pids").split(' ').map(ToOwned::to_owned).collect()
}

#[track_caller]
fn are_gone(pids: &[String]) {
    let start = Instant::now();
    // A process that has ended and that nobody has waited for yet is gone as well.
    let runs = |pid: &String| {
        let stat = std::fs::read_to_string(Path::new("/proc").join(pid).join("stat")).unwrap_or_default();
        stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
    };
    while pids.iter().any(runs) {
        assert!(start.elapsed() < Duration::from_secs(20), "{pids:?} still run");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn started(programs: &Programs) -> (Running, Vec<String>) {
    let running = programs.command().spawn();
    let pids = pids(programs);
    (running, pids)
}

#[test]
fn programs_end_with_a_run_that_ends() {
    let programs = stuck(&["answers"]);
    programs.run();
    programs.is("a", "pass", "");
    are_gone(&pids(&programs));
}

#[test]
fn programs_end_with_ctrl_c() {
    let programs = stuck(&[]);
    let (mut running, pids) = started(&programs);
    let sent = Instant::now();
    running.signal(Signal::INT);
    running.wait().code(130);
    assert!(sent.elapsed() < Duration::from_secs(10), "a grader that waits does not hold up the end");
    are_gone(&pids);
}

#[test]
fn programs_end_with_a_second_ctrl_c() {
    let programs = stuck(&[]);
    let (mut running, pids) = started(&programs);
    running.signal(Signal::INT);
    running.signal(Signal::INT);
    running.wait().code(130);
    are_gone(&pids);
}

#[test]
#[cfg(target_os = "linux")]
fn a_program_ends_even_where_bench_is_killed() {
    let programs = stuck(&[]);
    let (mut running, pids) = started(&programs);
    running.signal(Signal::KILL);
    let _ = running.wait();
    // What the program has started in turn is not told.
    are_gone(&pids[..1]);
    let child = pids[1].parse().ok().and_then(rustix::process::Pid::from_raw).unwrap();
    let _ = rustix::process::kill_process(child, Signal::KILL);
}

#[test]
fn a_program_that_takes_too_long_is_ended_with_its_children() {
    let mut programs = stuck(&[]);
    programs.suite["graders"][0]["timeout"] = json!("1s");
    programs.suite["graders"][0]["start_timeout"] = json!("1s");
    programs.run();
    programs.is("a", "error", "gave no answer within 2s");
    are_gone(&pids(&programs));
}
