//! The tables and files a run leaves.

use serde_json::{Value, json};

use crate::context::Context;
use crate::server::{Answer, Call, Server};
use crate::suite::Suite;
use crate::table::{RESULT_COLUMNS, SUMMARY_COLUMNS, Table};

fn full_usage() -> Value {
    json!({
        "prompt_tokens": 20, "completion_tokens": 8, "total_tokens": 28, "cost": 0.00025,
        "prompt_tokens_details": { "cached_tokens": 5 }, "completion_tokens_details": { "reasoning_tokens": 3 },
    })
}

#[test]
fn the_columns_are_those_of_the_contract() {
    let (cx, server) = (Context::new(), Server::start());
    cx.run(&Suite::at(&server).model("m"), &[]).code(0);
    assert_eq!(cx.results().header.join(","), RESULT_COLUMNS);
    assert_eq!(cx.summary().header.join(","), SUMMARY_COLUMNS);
    for file in ["run.json", "journal.jsonl", "results.csv", "summary.csv"] {
        assert!(cx.run_dir().join(file).is_file(), "{file}");
    }
}

#[test]
fn a_row_tells_all_that_was_reported() {
    let answer = |call: &Call| call.answer().usage(full_usage()).reasoning("let me think").reply(call);
    let (cx, server) = (Context::new(), Server::with("vendor/model", answer));
    let suite = Suite::at(&server).model_with("vendor/model", "name: short").repeat(2);
    cx.run(&suite, &[]).code(0);
    let results = cx.results();
    assert_eq!(results.rows.len(), 6);
    let row = results.of("short")[1];
    let wanted = [
        ("suite", "outside"),
        ("model", "short"),
        ("model_id", "vendor/model"),
        ("case", "c1"),
        ("repeat", "2"),
        ("verdict", "pass"),
        ("expected", "w1"),
        ("output", "w1"),
        ("reasoning", "let me think"),
        ("error_kind", ""),
        ("error", ""),
        ("attempts", "1"),
        ("prompt_tokens", "20"),
        ("completion_tokens", "8"),
        ("reasoning_tokens", "3"),
        ("cached_tokens", "5"),
        ("cost_source", "reported"),
        ("served_model", "served/by-tests"),
        ("finish_reason", "stop"),
        ("generation_id", "gen-1700000000-outside"),
        ("tags", "odd"),
    ];
    for (column, value) in wanted {
        assert_eq!(row.get(column), value, "{column} of {row:?}");
    }
    assert!((row.number("score") - 1.0).abs() < 1e-9 && (row.number("cost_usd") - 0.00025).abs() < 1e-12, "{row:?}");
    let grades: Value = serde_json::from_str(row.get("grades")).unwrap();
    assert_eq!(grades[0]["pass"], true, "{grades}");
    assert!(row.get("started_at").ends_with('Z') && row.get("started_at").contains('T'), "{row:?}");
    assert!(row.number("latency_ms") >= row.number("ttft_ms"));

    let summary = cx.summary();
    let sum = summary.one("short");
    let figures = [
        ("cells", 6.0),
        ("pass", 6.0),
        ("fail", 0.0),
        ("timeout", 0.0),
        ("error", 0.0),
        ("skipped", 0.0),
        ("accuracy", 1.0),
        ("accuracy_high", 1.0),
        ("score_mean", 1.0),
        ("prompt_tokens", 120.0),
        ("completion_tokens", 48.0),
        ("cost_usd", 0.0015),
        ("cost_per_pass_usd", 0.00025),
        ("attempts", 6.0),
        ("retries", 0.0),
    ];
    for (column, value) in figures {
        assert!((sum.number(column) - value).abs() < 1e-9, "{column} of {sum:?}");
    }
    // Wilson's interval for 6 of 6.
    assert!((sum.number("accuracy_low") - 0.6096).abs() < 0.001, "{sum:?}");
}

#[test]
fn what_nobody_reported_is_empty() {
    let (cx, server) = (Context::new(), Server::start());
    cx.run(&Suite::at(&server).model("m").default("stream", "false"), &[]).code(0);
    for row in &cx.results().rows {
        for column in ["prompt_tokens", "completion_tokens", "reasoning_tokens", "cached_tokens", "tokens_per_s"] {
            assert_eq!(row.get(column), "", "{column}");
        }
        for column in ["cost_usd", "cost_source", "provider", "ttft_ms"] {
            assert_eq!(row.get(column), "", "{column}");
        }
    }
    let summary = cx.summary();
    for column in ["prompt_tokens", "cost_usd", "cost_per_pass_usd", "ttft_p50_ms", "tokens_per_s_p50"] {
        assert_eq!(summary.one("m").get(column), "", "{column}");
    }
}

#[test]
fn cells_that_were_not_answered_have_no_latency_and_no_score() {
    let (cx, server) = (Context::new(), Server::with("m", |_| crate::server::Reply::hang()));
    cx.run(&Suite::at(&server).model("m").default("timeout", "1s"), &[]);
    for row in &cx.results().rows {
        for column in ["latency_ms", "ttft_ms", "score", "output", "cost_usd", "completion_tokens"] {
            assert_eq!(row.get(column), "", "{column} of {row:?}");
        }
    }
    let summary = cx.summary();
    assert_eq!(summary.one("m").get("latency_p50_ms"), "");
    assert!(summary.one("m").number("accuracy").abs() < 1e-9, "a timeout counts against a model");
}

#[test]
fn csv_on_standard_output_is_clean() {
    let (cx, server) = (Context::new(), Server::start());
    let suite = Suite::at(&server).models(&["a", "b"]);
    let outcome = cx.run(&suite, &["--csv", "-"]);
    outcome.code(0);
    let table = Table::parse(&outcome.stdout);
    assert_eq!(table.header.join(","), RESULT_COLUMNS);
    table.holds_the_plan_of(&suite);
    assert_eq!(table.rows, cx.results().rows);
    let outcome = cx.bench(&["report", "run", "--summary-csv", "-"]).run();
    assert_eq!(outcome.stdout_text(), cx.read("run/summary.csv"));
}

#[test]
fn the_table_names_every_model_and_its_accuracy() {
    let wrong = |call: &Call| Answer::new("no").reply(call);
    let (cx, server) = (Context::new(), Server::with("worst", wrong));
    let outcome = cx.run(&Suite::at(&server).models(&["best", "worst"]), &[]);
    outcome.code(0);
    let text = outcome.stdout_text();
    let words = |model: &str| -> Vec<String> {
        let line =
            text.lines().find(|line| line.starts_with(model)).unwrap_or_else(|| panic!("no row of {model}\n{outcome}"));
        line.split_whitespace().map(str::to_owned).collect()
    };
    // Wilson's intervals for 3 and 0 of 3; the best of a column is marked.
    assert_eq!(words("best")[1..3], ["100.0%*", "43.9–100.0"], "{outcome}");
    assert_eq!(words("worst")[1..3], ["0.0%", "0.0–56.1"], "{outcome}");
    let widest = outcome.stdout_text().lines().map(|line| line.chars().count()).max().unwrap();
    assert!(widest <= 200, "a line of {widest} characters\n{outcome}");
}

#[test]
fn every_output_can_be_asked_for_at_once_and_again() {
    let (cx, server) = (Context::new(), Server::start());
    let suite = Suite::at(&server).model("m");
    cx.run(&suite, &["--csv", "a.csv", "--summary-csv", "b.csv", "--json", "c.json"]).code(0);
    assert_eq!(cx.read("a.csv"), cx.read("run/results.csv"));
    assert_eq!(cx.read("b.csv"), cx.read("run/summary.csv"));
    serde_json::from_str::<Value>(&cx.read("c.json")).unwrap();
    let calls = server.calls().len();
    let again = ["report", "run", "--csv", "a2.csv", "--summary-csv", "b2.csv", "--json", "c2.json"];
    cx.bench(&again).run().code(0);
    for (first, second) in [("a.csv", "a2.csv"), ("b.csv", "b2.csv"), ("c.json", "c2.json")] {
        assert_eq!(cx.read(first), cx.read(second), "{first}");
    }
    assert_eq!(server.calls().len(), calls, "a report asked a model");
    cx.bench(&["report", "nowhere"]).run().code_in(&[2, 4]).says("nowhere");
}

#[test]
fn the_order_in_which_cells_ended_changes_no_byte() {
    let (cx, server) = (Context::new(), Server::with("m", |call| call.answer().usage(full_usage()).reply(call)));
    let suite = Suite::at(&server).models(&["m", "n"]).cases(20);
    cx.run(&suite, &["--json", "first.json"]).code(0);
    let first = cx.bench(&["report", "run"]).run();
    first.code(0).prints("m");
    let journal = cx.read("run/journal.jsonl");
    assert_eq!(journal.lines().count(), 40);
    let mut lines: Vec<&str> = journal.lines().collect();
    lines.reverse();
    lines.rotate_left(7);
    cx.write("run/journal.jsonl", lines.join("\n") + "\n");
    let args = ["report", "run", "--csv", "second.csv", "--summary-csv", "sums.csv", "--json", "second.json"];
    let report = cx.bench(&args).run();
    report.code(0);
    assert_eq!(cx.read("second.csv"), cx.read("run/results.csv"));
    assert_eq!(cx.read("sums.csv"), cx.read("run/summary.csv"));
    assert_eq!(cx.read("second.json"), cx.read("first.json"));
    assert_eq!(report.stdout_text(), first.stdout_text());
}

#[test]
fn reasoning_is_kept_out_of_the_answer() {
    let server = Server::with("field", |call| call.answer().reasoning("not w1").reply(call)).on("tags", |call| {
        Answer::new(&format!("<think>\nperhaps w9?\n</think>\n\n{}", call.word()))
            .pieces(7, crate::server::ms(1))
            .reply(call)
    });
    let cx = Context::new();
    let suite = Suite::at(&server).models(&["field", "tags"]);
    cx.run(&suite, &[]).code(0);
    let results = cx.results();
    assert!(results.rows.iter().all(|row| row.get("verdict") == "pass"), "{results:?}");
    assert_eq!(results.of("field")[0].get("reasoning"), "not w1");
    let tags = results.of("tags")[0];
    assert_eq!((tags.get("output"), tags.get("reasoning").trim()), ("w1", "perhaps w9?"));
}

#[test]
fn two_prompts_are_compared() {
    let (cx, server) = (Context::new(), Server::start());
    let suite = Suite::at(&server).model("m").cases(2);
    let prompts = "prompts:\n  - { id: plain, user: \"say {{ word }}\" }\n  - { id: polite, system: be kind, user: \"say {{ word }}\" }";
    cx.write("suite.yaml", suite.yaml().replace("prompt: \"say {{ word }}\"", prompts));
    cx.bench(&["run", "suite.yaml", "--out", "run"]).run().code(0);
    let prompts: Vec<_> = cx.results().rows.iter().map(|row| row.get("prompt").to_owned()).collect();
    assert_eq!(prompts, ["plain", "plain", "polite", "polite"]);
    assert_eq!(cx.summary().rows.len(), 2);
}
