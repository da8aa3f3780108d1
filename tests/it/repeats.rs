//! Cases asked several times, and what each grader said: columns of their own.

use serde_json::Value;

use crate::context::Context;
use crate::server::{Answer, Call, Server};
use crate::suite::Suite;
use crate::table::{SUMMARY_COLUMNS, Table};

/// Two graders besides `exact`, one of a case alone.
const GRADERS: &str = "graders: [{ type: exact, name: right }, { type: contains, value: w, name: has-w }]";
const REPEATS: &str = "pass_at_k,pass_hat_k,majority_accuracy,flip_rate";

/// Right for w1, right at two of three times for w2, at one of three for w3.
fn wavering(server: Server) -> Server {
    let asked = std::sync::Mutex::new(std::collections::HashMap::<String, u32>::new());
    server.on("wavering", move |call: &Call| {
        let mut asked = asked.lock().unwrap();
        let times = asked.entry(call.word().to_owned()).or_default();
        *times += 1;
        let right = match call.word() {
            "w1" => true,
            "w2" => *times != 2,
            _ => *times == 1,
        };
        if right { call.echo() } else { Answer::new("now wrong").reply(call) }
    })
}

fn suite(server: &Server) -> Suite {
    // One at a time, so that each case has its answers in their order.
    Suite::at(server).model("steady").model_with("wavering", "concurrency: 1").repeat(3)
}

fn yaml(suite: &Suite) -> String {
    suite.yaml().replace("graders: [exact]", GRADERS)
}

#[track_caller]
fn near(found: f64, wanted: f64) {
    assert!((found - wanted).abs() < 1e-5, "{found}, not {wanted}");
}

#[test]
fn repeats_and_named_scores_have_columns_of_their_own() {
    let (cx, server) = (Context::new(), wavering(Server::start()));
    let suite = suite(&server);
    cx.write("suite.yaml", yaml(&suite));
    let args = ["run", "suite.yaml", "--out", "run", "--scores", "--json", "out.json", "--summary-csv", "out.csv"];
    let outcome = cx.bench(&args).run();
    outcome.code(0);
    let summary = cx.summary();
    assert_eq!(summary.header.join(","), format!("{SUMMARY_COLUMNS},{REPEATS},score.right,score.has-w"));
    assert_eq!(cx.read("out.csv"), cx.read("run/summary.csv"));
    for (column, wanted) in [
        ("pass_at_k", 1.0),
        ("pass_hat_k", 1.0 / 3.0),
        ("majority_accuracy", 2.0 / 3.0),
        ("flip_rate", 2.0 / 3.0),
        ("score.right", 6.0 / 9.0),
        ("score.has-w", 1.0),
    ] {
        near(summary.one("wavering").number(column), wanted);
    }
    for column in ["pass_at_k", "pass_hat_k", "majority_accuracy", "score.right"] {
        near(summary.one("steady").number(column), 1.0);
    }
    near(summary.one("steady").number("flip_rate"), 0.0);
    for shown in ["score.right", "score.has-w", "pass@3", "pass^3", "majority", "flips", "33.3%"] {
        outcome.prints(shown);
    }

    let document: Value = serde_json::from_str(&cx.read("out.json")).unwrap();
    let figures = &document["runs"][0]["models"][1]["summary"];
    assert_eq!(figures["scores"]["right"]["n"], 9);
    assert_eq!((&figures["scores"]["right"]["pass"], &figures["scores"]["right"]["fail"]), (&6.into(), &3.into()));
    near(figures["scores"]["has-w"]["mean"].as_f64().unwrap(), 1.0);
    assert_eq!((&figures["repeats"]["k"], &figures["repeats"]["whole_cases"]), (&3.into(), &3.into()));
    near(figures["repeats"]["pass_hat_k"].as_f64().unwrap(), 1.0 / 3.0);
    near(figures["repeats"]["pass_at_1"].as_f64().unwrap(), 2.0 / 3.0);
}

#[test]
fn without_asking_the_columns_are_those_of_every_run() {
    let (cx, server) = (Context::new(), Server::start());
    let suite = Suite::at(&server).model("m");
    cx.write("suite.yaml", yaml(&suite));
    let plain = cx.bench(&["run", "suite.yaml", "--out", "run", "--json", "-"]).run();
    plain.code(0);
    assert_eq!(cx.summary().header.join(","), SUMMARY_COLUMNS);
    assert!(!plain.stderr_text().contains("pass^") && !plain.stderr_text().contains("score.right"), "{plain}");
    let document: Value = serde_json::from_slice(&plain.stdout).unwrap();
    let figures = &document["runs"][0]["models"][0]["summary"];
    assert_eq!(figures["scores"]["has-w"]["n"], 3, "scores are in JSON in any case");
    assert!(figures.get("repeats").is_none());

    let written = cx.read("run/summary.csv");
    let report =
        |args: &[&str]| Table::parse(&cx.bench(&["report", "run", "--summary-csv", "-"]).args(args).run().stdout);
    assert_eq!(report(&["--scores"]).header.join(","), format!("{SUMMARY_COLUMNS},score.right,score.has-w"));
    assert_eq!(report(&[]).header.join(","), SUMMARY_COLUMNS);
    assert_eq!(cx.read("run/summary.csv"), written, "the same journal gives the same bytes");
}

#[test]
fn graders_of_a_case_stand_where_the_case_does_whoever_ends_first() {
    let cx = Context::new();
    let suite = "\
name: order
models: [openai/gpt-4o-mini, anthropic/claude-sonnet-4.5]
repeat: 3
prompt: \"Say {{ word }}\"
graders: [{ type: contains, value: o, name: zebra }]
cases:
  - { id: one, vars: { word: one }, graders: [{ type: contains, value: n, name: '=second' }] }
  - { id: two, vars: { word: two }, graders: [{ type: contains, value: t, name: first }] }
";
    cx.write("suite.yaml", suite);
    let args = ["run", "suite.yaml", "--simulate", "--out", "run", "--scores"];
    cx.bench(&args).without_env("OPENROUTER_API_KEY").run().code_in(&[0, 3]);
    let wanted = format!("{SUMMARY_COLUMNS},{REPEATS},score.zebra,score.=second,score.first");
    assert_eq!(cx.summary().header.join(","), wanted);
    for row in &cx.summary().rows {
        assert!((0.0..=1.0).contains(&row.number("score.zebra")) && (0.0..=1.0).contains(&row.number("flip_rate")));
    }
}
