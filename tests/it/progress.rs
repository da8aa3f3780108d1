//! What standard error says while a run goes on.

use serde_json::{Value, json};

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
    outcome.never_shows(b"\x1b").never_shows(b"\r").says("slow finished: 12/12").says("broken cut off");
    assert!(outcome.stderr_text().lines().count() < 100, "too much for a log\n{outcome}");
}

#[test]
fn no_color_means_no_escapes_even_when_colour_is_wished_for() {
    run(&["--progress", "plain"], &[("NO_COLOR", "1"), ("TERM", "xterm-256color")]).never_shows(b"\x1b");
}

#[test]
fn quiet_leaves_the_table_and_what_went_wrong() {
    let quiet = run(&["-q"], &[]);
    quiet.prints("slow").prints("broken: cut off (model_gone): No such model");
    assert!(quiet.stderr.is_empty(), "quiet is not quiet\n{quiet}");
    let none = run(&["--progress", "none"], &[]);
    none.prints("slow").says("broken was cut off");
    assert!(!none.stderr_text().contains("slow"), "progress was not wanted\n{none}");
}

#[test]
fn verbose_tells_of_every_cell() {
    let told = |outcome: &Outcome| {
        let cells = (1..=12).map(|n| format!("slow · c{n} "));
        cells.filter(|cell| outcome.stderr_text().contains(cell)).count()
    };
    let (verbose, usual) = (run(&["-v"], &[]), run(&[], &[]));
    assert_eq!((told(&verbose), told(&usual)), (12, 0), "{verbose}\n{usual}");
}

#[test]
fn progress_for_programs_is_a_json_object_a_line() {
    let outcome = run(&["--progress", "json"], &[]);
    let text = outcome.stderr_text();
    let objects: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}\n{outcome}")))
        .collect();
    let of = |event: &str, model: &str| -> Vec<&Value> {
        objects.iter().filter(|object| object["event"] == event && object["model"] == *model).collect()
    };
    let started = objects.iter().find(|object| object["event"] == "run_started").expect("no start");
    assert_eq!((&started["cells"], &started["models"][1]["model"]), (&json!(24), &json!("broken")), "{outcome}");
    let cells = of("cell_finished", "slow");
    assert_eq!(cells.len(), 12, "{outcome}");
    for cell in &cells {
        assert!(cell["verdict"] == "pass" && cell["latency_ms"].as_f64() >= Some(39.0), "{cell}");
        assert!(cell.get("cost_usd").is_none(), "nobody reported a cost: {cell}");
    }
    assert_eq!((of("model_finished", "slow").len(), of("model_stopped", "broken").len()), (1, 1), "{outcome}");
    assert_eq!(of("model_stopped", "broken")[0]["reason"], "model_gone", "{outcome}");
    assert!(objects.iter().any(|object| object["event"] == "run_finished"), "{outcome}");
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
