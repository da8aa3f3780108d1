//! Simulated runs say so wherever they leave something.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::context::{Context, contains_bytes};
use crate::server::Server;
use crate::suite::Suite;
use crate::table::Row;

fn says_simulated(bytes: &[u8]) -> bool {
    contains_bytes(&bytes.to_ascii_uppercase(), b"SIMULATED")
}

#[test]
fn the_quickstart_says_simulated_in_every_output() {
    let cx = Context::new();
    let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("suites/quickstart.yaml");
    let args = ["run", suite.to_str().unwrap(), "--simulate", "--out", "run", "--json", "out.json", "--csv", "out.csv"];
    let outcome = cx.bench(&args).without_env("OPENROUTER_API_KEY").run();
    outcome.code_in(&[0, 1, 3]).prints("SIMULATED");
    assert!(says_simulated(&outcome.stderr), "{outcome}");
    for file in ["run/run.json", "run/journal.jsonl", "run/results.csv", "run/summary.csv", "out.json", "out.csv"] {
        assert!(says_simulated(cx.read(file).as_bytes()), "{file} does not say SIMULATED");
    }
    let results = cx.results();
    for row in &results.rows {
        let line = format!("{row:?}");
        let sent = row.get("attempts") != "0";
        assert!(!sent || says_simulated(line.as_bytes()), "a row passes for a real one: {line}");
    }
    cx.bench(&["report", "run"]).run().prints("SIMULATED");
    let models: BTreeSet<_> = cx.summary().rows.iter().map(|row| row.get("model").to_owned()).collect();
    assert_eq!(models.len(), 12);
}

#[test]
fn a_simulated_run_asks_nobody_else() {
    let (cx, server) = (Context::new(), Server::start());
    let suite = Suite::at(&server).models(&["a", "b"]);
    cx.run_command(&suite, &["--simulate"]).without_env("OPENROUTER_API_KEY").run().code_in(&[0, 3]);
    assert!(server.calls().is_empty() && server.others().is_empty());
    cx.results().holds_the_plan_of(&suite);
}

#[test]
fn the_same_seed_gives_the_same_answers() {
    let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("suites/quickstart.yaml");
    let answers = |seed: &str| -> BTreeMap<(String, String), String> {
        let cx = Context::new();
        let args = ["run", suite.to_str().unwrap(), "--simulate", "--out", "run", "--limit", "8", "--seed", seed];
        cx.bench(&args).run().code_in(&[0, 1, 3]);
        let field = |row: &Row, column: &str| row.get(column).to_owned();
        let results = cx.results();
        let graded = results.rows.iter().filter(|row| !row.get("score").is_empty());
        graded.map(|row| ((field(row, "model"), field(row, "case")), field(row, "output"))).collect()
    };
    let (first, second, other) = (answers("7"), answers("7"), answers("8"));
    // A fault that is timed may strike differently; an answer may not be different.
    let both: Vec<_> = first.keys().filter(|cell| second.contains_key(*cell)).collect();
    assert!(both.len() * 10 >= first.len() * 8 && !both.is_empty(), "{} of {} cells", both.len(), first.len());
    assert!(both.iter().all(|cell| first[*cell] == second[*cell]), "{first:#?}\n{second:#?}");
    assert_ne!(first, other);
}

/// Of twelve cases graded so, whether a strong model passes most and a weak one fails some.
#[track_caller]
fn tells_models_apart(name: &str, prompt: &str, params: Value, graders: Value, case: impl Fn(usize) -> Value) {
    let case = |n: usize| {
        let mut case = case(n);
        case["id"] = format!("c{n}").into();
        case["vars"]["q"] = format!("Question {n}?").into();
        case
    };
    let suite = json!({
        "name": name, "models": ["anthropic/claude-opus-4.5", "mistralai/mistral-small-3.2-24b-instruct"],
        "prompt": prompt, "defaults": { "params": params }, "graders": graders, "cases": (0..12).map(case).collect::<Vec<_>>(),
    });
    let cx = Context::new();
    // JSON is YAML.
    cx.write("suite.yaml", suite.to_string());
    cx.bench(&["run", "suite.yaml", "--simulate", "--out", "run"]).run().code(0);
    let passes = |model: &str| {
        let results = cx.results();
        results.of(model).into_iter().filter(|row| row.get("verdict") == "pass").count()
    };
    let (strong, weak) = (passes("anthropic/claude-opus-4.5"), passes("mistralai/mistral-small-3.2-24b-instruct"));
    assert!(strong > 8 && weak < 12 && weak > 2, "{name}: {strong} and {weak} of 12 pass");
}

#[test]
fn simulated_models_answer_as_graders_ask_for_it() {
    let letters = "{{ q }} {% for c in o %}{{ 'ABC'[loop.index0] }}) {{ c }}\n{% endfor %}";
    let moved = json!([{ "type": "choice", "options_from": "o", "index": 0, "shuffle": 7 }]);
    let options = |n: usize| json!({ "vars": { "o": ["red", "green", "blue"] }, "expect": n % 3 });
    tells_models_apart("choice", letters, json!({}), moved, options);
    let map = |n: usize| json!({ "vars": {}, "expect": { "team": "billing", "priority": n } });
    tells_models_apart("json", "{{ q }}", json!({}), json!(["json"]), map);
    let schema = json!({ "type": "object", "required": ["team", "n"],
        "properties": { "team": { "enum": ["billing", "sales"] }, "n": { "type": "integer", "maximum": 9 } } });
    let by_schema = json!([{ "type": "json_schema", "schema": schema }]);
    tells_models_apart("json_schema", "{{ q }}", json!({}), by_schema, |_| json!({ "vars": {} }));
    let parameters = json!({ "type": "object", "properties": { "n": { "type": "integer" } } });
    let tool = |name: &str| json!({ "type": "function", "function": { "name": name, "parameters": parameters } });
    let tools = json!({ "tools": [tool("look"), tool("book")] });
    let calls = |n: usize| json!({ "vars": {}, "expect": [{ "name": "book", "arguments": { "n": n } }, "look"] });
    tells_models_apart("tool_call", "{{ q }}", tools, json!(["tool_call"]), calls);
    let boxed = json!([{ "type": "math", "extract": "boxed" }]);
    let fraction = |n: usize| json!({ "vars": {}, "expect": format!("\\frac{{{}}}{{7}}", n + 1) });
    tells_models_apart("math", "{{ q }}", json!({}), boxed, fraction);
}

#[test]
fn the_shipped_examples_are_sound() {
    let cx = Context::new();
    let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/local-model/suite.yaml");
    let outcome = cx.bench(&["check", suite.to_str().unwrap()]).without_env("OPENROUTER_API_KEY").run();
    outcome.code(0).prints("3 models");
}

#[test]
fn the_simulator_serves_others_and_what_they_make_says_so() {
    let cx = Context::new();
    let mut simulator = cx.bench(&["simulate", "--addr", "127.0.0.1:0"]).without_env("OPENROUTER_API_KEY").spawn();
    let url = simulator.line_after("SIMULATED OpenRouter at ");
    let suite = Suite::at_url(&url).models(&["openai/gpt-4o-mini", "made/up"]).default("retries", "3");
    cx.run(&suite, &["--json", "out.json"]).code(0).prints("SIMULATED");
    let results = cx.results();
    results.holds_the_plan_of(&suite);
    assert!(results.rows.iter().all(|row| !row.get("output").is_empty()), "{results:?}");
    for file in ["run/journal.jsonl", "run/results.csv", "run/summary.csv", "out.json"] {
        assert!(says_simulated(cx.read(file).to_ascii_uppercase().as_bytes()), "{file} does not say SIMULATED");
    }
    simulator.signal(Signal::TERM);
    simulator.wait().code(0);
}
