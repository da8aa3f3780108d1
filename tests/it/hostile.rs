//! What a model says is data: it cannot run in a spreadsheet or act on a terminal.

use serde_json::json;

use crate::context::Context;
use crate::server::{Answer, Reply, Server};
use crate::suite::Suite;

const FORMULAS: [&str; 6] = [
    "=HYPERLINK(\"http://evil.example\",\"x\")",
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
];

/// The nth formula for the case that asks for wN.
fn formula(word: &str) -> &'static str {
    let n: usize = word.trim_start_matches('w').parse().unwrap();
    FORMULAS[n - 1]
}

#[test]
fn no_field_runs_as_a_formula() {
    let (cx, server) = (Context::new(), Server::with("m", |call| Answer::new(formula(call.word())).reply(call)));
    let suite = Suite::at(&server).model("m").cases(FORMULAS.len());
    cx.run(&suite, &["--csv", "extra.csv"]).code(0);
    let extra = crate::table::Table::parse(cx.read("extra.csv").as_bytes());
    for table in [cx.results(), cx.summary(), extra] {
        for (row, column) in table.rows.iter().flat_map(|row| table.header.iter().map(move |column| (row, column))) {
            let field = row.get(column);
            let acts = field.starts_with(['=', '+', '-', '@', '\t', '\r']) && field.parse::<f64>().is_err();
            assert!(!acts, "{column} would run: {field:?}");
        }
    }
    for (row, formula) in cx.results().rows.iter().zip(FORMULAS) {
        let kept = row.get("output").trim_start_matches(['\'', ' ', '\t', '\r']);
        assert!(formula.trim_start().ends_with(kept.trim()) && kept.len() > 3, "{kept:?} is left of {formula:?}");
    }
}

#[test]
fn raw_csv_is_there_for_who_asks() {
    let (cx, server) = (Context::new(), Server::with("m", |call| Answer::new(formula(call.word())).reply(call)));
    cx.run(&Suite::at(&server).model("m").cases(2), &["--csv-raw"]).code(0);
    assert_eq!(cx.results().rows[0].get("output"), FORMULAS[0]);
}

#[test]
fn a_plain_number_stays_a_number() {
    let numbers = ["-5", "+3.25", "-1e-7"];
    let (cx, server) = (
        Context::new(),
        Server::with("m", move |call| {
            let n: usize = call.word().trim_start_matches('w').parse().unwrap();
            Answer::new(numbers[n - 1]).reply(call)
        }),
    );
    cx.run(&Suite::at(&server).model("m"), &[]).code(0);
    let outputs: Vec<_> = cx.results().rows.iter().map(|row| row.get("output").to_owned()).collect();
    assert_eq!(outputs, numbers);
}

const ESCAPES: &str = "\u{1b}[2J\u{1b}[1;1H\u{1b}]0;owned\u{7}\u{9b}31m\u{1b}]52;c;ZXZpbA==\u{7}\u{202e}evil";

#[test]
fn escape_sequences_never_reach_a_stream() {
    let server = Server::with("answers", |call| Answer::new(ESCAPES).reasoning(ESCAPES).reply(call))
        .on("errors", |_| Reply::json(400, &[], &json!({ "error": { "code": 400, "message": ESCAPES } })))
        .on("stops", |_| Reply::json(404, &[], &json!({ "error": { "code": 404, "message": ESCAPES } })));
    for args in [&["-v"][..], &["--progress", "plain"], &["--progress", "json"]] {
        let cx = Context::new();
        let suite = Suite::at(&server).models(&["answers", "errors", "stops"]);
        let outcome = cx.run(&suite, args);
        cx.results().holds_the_plan_of(&suite);
        for bytes in ["\u{1b}[2J", "\u{1b}]0;", "\u{7}", "\u{9b}", "\u{1b}]52", "\u{202e}"] {
            outcome.never_shows(bytes.as_bytes());
        }
        outcome.never_shows(b"\x1b");
        let report = cx.bench(&["report", "run"]).run();
        report.never_shows(b"\x1b");
    }
}

#[test]
fn a_suite_cannot_act_on_the_terminal_either() {
    let (cx, server) = (Context::new(), Server::start());
    let yaml = Suite::at(&server).model("m").yaml();
    cx.write("suite.yaml", yaml.replace("name: outside", "name: \"out\\e[2Jside\""));
    let outcome = cx.bench(&["run", "suite.yaml", "--out", "run"]).run();
    outcome.never_shows(b"\x1b");
    cx.write("broken.yaml", "name: x\nbogus\u{1b}[2J: 1\n");
    cx.bench(&["check", "broken.yaml"]).run().code(2).never_shows(b"\x1b");
}

#[test]
fn an_answer_cannot_leave_its_field_or_its_line() {
    let nasty = "a,b\"c\"\r\nw1,m,m\n\u{0}\u{2028}z";
    let (cx, server) = (Context::new(), Server::with("m", move |call| Answer::new(nasty).reply(call)));
    let suite = Suite::at(&server).model("m");
    cx.run(&suite, &[]).code(0);
    let results = cx.results();
    assert_eq!(results.holds_the_plan_of(&suite).verdicts("m"), "fail 3");
    assert!(results.rows[0].get("output").starts_with("a,b\"c\""));
    assert_eq!(cx.read("run/journal.jsonl").lines().count(), 3);
}

#[test]
fn a_name_cannot_leave_the_folder() {
    let (cx, server) = (Context::new(), Server::start());
    let yaml = Suite::at(&server).model("m").yaml();
    cx.write("suite.yaml", yaml.replace("name: outside", "name: \"../../../escaped/x\""));
    cx.bench(&["run", "suite.yaml"]).run();
    assert_eq!(server.calls().len(), 3);
    for (path, _) in cx.all_files() {
        assert!(path.starts_with(cx.work()), "{} was written outside the working folder", path.display());
    }
    assert!(!cx.work().join("../escaped").exists());
}
