//! What the exit code says; 130 is in `interrupt`, 4 for key and credit in `account`.

use crate::context::Context;
use crate::server::{Answer, Reply, Server, ms, refusing_url};
use crate::suite::Suite;
use crate::table::Table;

/// Answers wrongly to one case in ten, and fails without an answer for as many as asked.
fn one_wrong_of_ten(errors: usize) -> Server {
    Server::with("m", move |call| match call.word() {
        "w1" => Answer::new("something else").reply(call),
        word if (2..2 + errors).any(|n| word == format!("w{n}")) => Reply::error(400, "cannot do that"),
        _ => call.echo(),
    })
}

fn gated(server: &Server, gate: &str) -> Suite {
    Suite::at(server).model("m").cases(10).line(&format!("gates: [\"{gate}\"]"))
}

#[test]
fn a_run_without_gates_ends_with_0() {
    let (cx, server) = (Context::new(), one_wrong_of_ten(0));
    let suite = Suite::at(&server).model("m").cases(10);
    cx.run(&suite, &[]).code(0);
    assert_eq!(cx.results().holds_the_plan_of(&suite).verdicts("m"), "fail 1, pass 9");
}

#[test]
fn a_gate_that_holds_ends_with_0() {
    let (cx, server) = (Context::new(), one_wrong_of_ten(0));
    cx.run(&gated(&server, "accuracy >= 90%"), &[]).code(0);
    assert_eq!(cx.results().verdicts("m"), "fail 1, pass 9");
}

#[test]
fn a_gate_that_fails_ends_with_1() {
    let (cx, server) = (Context::new(), one_wrong_of_ten(0));
    cx.run(&gated(&server, "accuracy >= 95%"), &[]).code(1);
}

#[test]
fn a_gate_on_the_command_line_counts_as_one_of_the_suite() {
    let (cx, server) = (Context::new(), one_wrong_of_ten(0));
    let suite = Suite::at(&server).model("m").cases(10);
    cx.run(&suite, &["--gate", "accuracy[m] >= 95%"]).code(1);
}

#[test]
fn errors_that_could_change_a_gate_make_it_inconclusive() {
    let (cx, server) = (Context::new(), one_wrong_of_ten(2));
    cx.run(&gated(&server, "accuracy >= 85%"), &[]).code(3);
    assert_eq!(cx.results().verdicts("m"), "error 2, fail 1, pass 7");
}

#[test]
fn errors_that_could_not_change_a_gate_leave_it_decided() {
    let (cx, server) = (Context::new(), one_wrong_of_ten(2));
    cx.run(&gated(&server, "accuracy >= 60%"), &[]).code(0);
    let (cx, server) = (Context::new(), one_wrong_of_ten(2));
    cx.run(&gated(&server, "accuracy >= 95%"), &[]).code(1);
}

#[test]
fn errors_are_left_out_of_accuracy_and_timeouts_are_not() {
    let server = Server::with("m", |call| match call.word() {
        "w1" => Reply::error(400, "cannot do that"),
        "w2" => Reply::hang(),
        _ => call.echo(),
    });
    let cx = Context::new();
    let suite = Suite::at(&server).model("m").cases(5).default("timeout", "1s");
    cx.run(&suite, &[]).code(0);
    assert_eq!(cx.results().verdicts("m"), "error 1, pass 3, timeout 1");
    let summary = cx.summary();
    assert!((summary.one("m").number("accuracy") - 0.75).abs() < 0.001, "{summary:?}");
}

#[test]
fn a_model_of_which_nothing_could_be_graded_ends_with_3() {
    let (cx, server) = (Context::new(), Server::start());
    let down = format!("base_url: \"{}\"", refusing_url());
    let suite = Suite::at(&server).model("well").model_with("down", &down);
    cx.run(&suite, &[]).code(3);
    let results = cx.results();
    assert_eq!(results.holds_the_plan_of(&suite).verdicts("well"), "pass 3");
    assert_eq!(results.verdicts("down"), "error 3");
    assert_eq!(results.of("down")[0].get("error_kind"), "connect");
}

#[test]
fn a_suite_with_a_mistake_ends_with_2_and_sends_nothing() {
    let (cx, server) = (Context::new(), Server::start());
    cx.run(&Suite::at(&server).model("m").line("gates: [\"acuracy >= 90%\"]"), &[]).code(2).says("acuracy");
    cx.bench(&["run", "no-such-file.yaml"]).run().code(2).says("no-such-file.yaml");
    cx.bench(&["run"]).run().code(2);
    assert!(server.calls().is_empty());
}

#[test]
fn an_output_that_cannot_be_written_is_refused_before_anything_is_sent() {
    let (cx, server) = (Context::new(), Server::start());
    cx.write("a-file", "");
    let suite = Suite::at(&server).model("m");
    for flag in ["--csv", "--summary-csv", "--json"] {
        cx.run(&suite, &[flag, "a-file/out"]).code_in(&[2, 4]).says("a-file/out");
    }
    cx.write("suite.yaml", suite.yaml());
    cx.bench(&["run", "suite.yaml", "--out", "a-file/run"]).run().code_in(&[2, 4]).says("a-file");
    assert!(server.calls().is_empty(), "{:#?}", server.calls());
}

#[test]
fn a_full_disk_at_the_end_ends_with_4() {
    let (cx, server) = (Context::new(), Server::start());
    // A link, so that a program that replaces its target replaces only the link.
    std::os::unix::fs::symlink("/dev/full", cx.work().join("full.csv")).unwrap();
    let suite = Suite::at(&server).model("m");
    cx.run(&suite, &["--csv", "full.csv"]).code(4).says("full.csv");
    cx.results().holds_the_plan_of(&suite);
}

#[test]
fn a_full_disk_in_the_middle_ends_with_4_and_keeps_what_was_done() {
    let long = "a long answer ".repeat(150);
    let server = Server::with("m", move |call| Answer::new(&long).delay(ms(10)).reply(call));
    let cx = Context::new();
    let suite = Suite::at(&server).model("m").cases(300).default("concurrency", "4").default("stream", "false");
    // No file may grow past 100 or 200 KiB, by the shell's unit, and the journal wants to.
    let limited = cx.run_command(&suite, &["--progress", "none"]).through_shell("trap '' XFSZ; ulimit -f 200");
    limited.run().code(4).says("journal");
    assert!(server.calls().len() < 300, "it went on asking what it could not record");

    cx.bench(&["report", "run", "--csv", "after.csv"]).run();
    Table::parse(cx.read("after.csv").as_bytes()).holds_the_plan_of(&suite);
    cx.resume(&suite).code(0);
    assert_eq!(cx.results().holds_the_plan_of(&suite).verdicts("m"), "fail 300");
}
