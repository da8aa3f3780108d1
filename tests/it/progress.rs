//! What standard error says while a run goes on.

use serde_json::Value;

use crate::context::Context;
use crate::process::Outcome;
use crate::server::{Reply, Server, ms};
use crate::suite::Suite;

#[track_caller]
fn run(args: &[&str], env: &[(&str, &str)]) -> Outcome {
    let server = Server::with("slow", |call| call.answer().delay(ms(40)).reply(call))
        .on("broken", |_| Reply::error(404, "No such model"));
    let cx = Context::new();
    let suite = Suite::at(&server).models(&["slow", "broken"]).cases(12).default("concurrency", "2");
    let command = env.iter().fold(cx.run_command(&suite, args), |command, (name, value)| command.env(name, value));
    let outcome = command.run();
    outcome.code(3);
    outcome
}

#[test]
fn through_a_pipe_progress_is_plain_lines() {
    let outcome = run(&[], &[]);
    outcome.never_shows(b"\x1b").never_shows(b"\r").says("broken");
    assert!(outcome.stderr_text().lines().count() < 100, "too much for a log\n{outcome}");
}

#[test]
fn no_color_means_no_escapes_even_when_colour_is_wished_for() {
    run(&["--progress", "plain"], &[("NO_COLOR", "1"), ("TERM", "xterm-256color")]).never_shows(b"\x1b");
}

#[test]
fn quiet_leaves_the_table_and_what_went_wrong() {
    let outcome = run(&["-q"], &[]);
    outcome.prints("slow");
    assert!(outcome.stderr.len() <= run(&["-v"], &[]).stderr.len());
    let none = run(&["--progress", "none"], &[]);
    none.prints("slow").says("broken");
}

#[test]
fn progress_for_programs_is_a_json_object_a_line() {
    let outcome = run(&["--progress", "json"], &[]);
    let text = outcome.stderr_text();
    let objects: Vec<Value> =
        text.lines().filter(|line| line.starts_with('{')).map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(objects.len() >= 2 && objects.iter().all(Value::is_object), "{outcome}");
}

#[test]
fn a_table_that_nobody_reads_stops_nothing() {
    let server = Server::start();
    let cx = Context::new();
    let suite = Suite::at(&server).model("m");
    let outcome = cx.run_command(&suite, &[]).unread().run();
    outcome.code_in(&[0, 4]).never_shows(b"panicked");
    cx.results().holds_the_plan_of(&suite);
}
