//! Mistakes in a suite: found before anything is sent, all at once, each at its place.

use serde_json::Value;

use crate::context::Context;
use crate::server::Server;
use crate::suite::Suite;

/// What no schema can say: names that differ or refer to each other, templates, patterns, files, a key that stands twice.
const UNSAYABLE: [&str; 8] = [
    "  - beta",
    "id: c1",
    "prompt: \"say {{ wrod }}\"",
    "prompt: \"say {{ word \"",
    "dataset: missing.csv",
    "dataset: cases.parquet",
    "graders: [{ type: regex, pattern: \"a(b\" }]",
    "repeat: 1\nrepeat: 2",
];

/// Checks a suite in which `from` was replaced, and expects the mistake to be told with these words.
#[track_caller]
fn mistake(from: &str, to: &str, words: &[&str]) {
    let (cx, server) = (Context::new(), Server::start());
    let yaml = Suite::at(&server).model("alpha").model_with("beta", "timeout: 5s").cases(3).yaml();
    assert!(yaml.contains(from), "{from:?} is not in\n{yaml}");
    let yaml = yaml.replacen(from, to, 1);
    if !UNSAYABLE.contains(&to)
        && let Ok(suite) = serde_yaml::from_str::<Value>(&yaml)
    {
        let schema: Value = serde_json::from_str(include_str!("../../docs/suite.schema.json")).unwrap();
        assert!(!jsonschema::is_valid(&schema, &suite), "the schema accepts\n{yaml}");
    }
    cx.write("suite.yaml", yaml);
    for command in ["check", "run"] {
        let outcome = cx.bench(&[command, "suite.yaml"]).run();
        outcome.code(2).says("suite.yaml");
        for word in words {
            outcome.says(word);
        }
    }
    assert!(server.calls().is_empty() && server.others().is_empty());
}

#[test]
fn unknown_keys_are_told_with_what_was_meant() {
    mistake("  timeout: 30s", "  timout: 30s", &["timout", "timeout", "defaults"]);
    mistake("graders: [exact]", "gradrs: [exact]", &["gradrs", "graders"]);
    mistake("{ id: beta, timeout: 5s }", "{ id: beta, time_out: 5s }", &["time_out", "timeout", "models[1]"]);
    mistake("graders: [exact]", "graders: [exakt]", &["exakt", "exact"]);
}

#[test]
fn a_mistake_has_its_line_and_column() {
    let (cx, server) = (Context::new(), Server::start());
    let yaml = Suite::at(&server).model("m").yaml().replace("timeout: 30s", "timeout: soon");
    let line = yaml.lines().position(|line| line.contains("soon")).unwrap() + 1;
    cx.write("suite.yaml", &yaml);
    let outcome = cx.bench(&["check", "suite.yaml"]).run();
    outcome.code(2).says(&format!("suite.yaml:{line}:12")).says("timeout: soon").says("defaults.timeout").says("^");
}

#[test]
fn all_mistakes_are_told_at_once() {
    let (cx, server) = (Context::new(), Server::start());
    let yaml = Suite::at(&server).model("m").default("concurrency", "many").default("tiemout", "1s").yaml();
    cx.write("suite.yaml", yaml.replace("graders: [exact]", "graders: [exakt]"));
    cx.bench(&["check", "suite.yaml"]).run().code(2).says("many").says("tiemout").says("exakt");
}

#[test]
fn wrong_values_are_told() {
    mistake("timeout: 5s", "timeout: -5s", &["models[1].timeout"]);
    mistake("timeout: 5s", "timeout: [5]", &["models[1].timeout"]);
    mistake("repeat: 1", "repeat: 0", &["repeat"]);
    mistake("graders: [exact]", "budget: lots", &["budget", "lots"]);
    mistake("  - alpha", "  - beta", &["beta"]);
    mistake("id: c2", "id: c1", &["c1"]);
    mistake("name: outside", "", &["name"]);
    mistake("prompt: \"say {{ word }}\"", "prompt: \"say {{ wrod }}\"", &["wrod", "c1"]);
    mistake("prompt: \"say {{ word }}\"", "prompt: \"say {{ word \"", &["prompt"]);
    mistake("graders: [exact]", "dataset: missing.csv", &["missing.csv"]);
    mistake("graders: [exact]", "dataset: cases.parquet", &["cases.parquet"]);
    mistake("timeout: 5s", "timeout: 5", &["models[1].timeout", "unit"]);
    mistake("prompt: \"say {{ word }}\"", "prompt:", &["prompt"]);
    mistake("graders: [exact]", "graders: [{ type: number, tolerance: wide }]", &["graders[0].tolerance", "wide"]);
    mistake("graders: [exact]", "graders: [{ type: regex, pattern: \"a(b\" }]", &["graders[0].pattern"]);
    mistake("cases:", "cases: []\nunused:", &["cases"]);
}

#[test]
fn broken_yaml_is_told() {
    mistake("  timeout: 30s", "\ttimeout: 30s", &["tab"]);
    mistake("repeat: 1", "repeat: 1\nrepeat: 2", &["repeat", "duplicate"]);
    mistake("name: outside", "name: \"outside", &[]);
    mistake("name: outside", "name: a: b", &[]);
    mistake("graders: [exact]", "graders: [exact]\n---\nname: second", &["document"]);
}

#[test]
fn files_that_are_no_suite_are_told() {
    let cx = Context::new();
    cx.write("empty.yaml", "");
    cx.write("latin.yaml", b"name: caf\xe9\n");
    cx.write("deep.yaml", "[".repeat(20_000));
    // Nine levels of ten aliases each: a thousand million words, once expanded.
    let mut bomb = "a0: &a0 lol\n".to_owned();
    for n in 1..10 {
        let tenfold = vec![format!("*a{}", n - 1); 10].join(",");
        bomb.push_str(&["a", &n.to_string(), ": &a", &n.to_string(), " [", &tenfold, "]\n"].concat());
    }
    cx.write("bomb.yaml", bomb);
    for file in ["empty.yaml", "latin.yaml", "deep.yaml", "bomb.yaml"] {
        let outcome = cx.bench(&["check", file]).run();
        outcome.code(2).says(file);
        assert!(outcome.stderr.len() < 100_000, "{} bytes about {file}", outcome.stderr.len());
        assert!(outcome.elapsed.as_secs() < 20, "{file} took {:?}", outcome.elapsed);
    }
}

#[test]
fn gates_are_checked_before_anything_is_sent() {
    let (cx, server) = (Context::new(), Server::start());
    let suite = Suite::at(&server).model("alpha");
    cx.run(&suite, &["--gate", "accuracy[alhpa] >= 90%"]).code(2).says("alhpa").says("alpha");
    cx.run(&suite, &["--gate", "accuracy => 90%"]).code(2);
    cx.run(&suite, &["--gate", "latency.p95 <= soon"]).code(2).says("soon");
    assert!(server.calls().is_empty());
}

#[test]
fn an_option_that_names_what_cases_have_not_is_underlined_itself_and_once() {
    let cx = Context::new();
    let yaml = "\
name: t
base_url: http://127.0.0.1:1/v1
models: [m]
prompt: \"{{ q }}\"
graders:
  - { type: judge, model: j, rubric: \"keeps {{ polcy }}\" }
  - { type: all, of: [{ type: code, tests: \"{{ tset }}\" }] }
  - number
cases:
  - { id: one, vars: { q: a }, expect: 1, graders: [{ type: choice, options_from: opts }] }
  - { id: two, vars: { q: b }, expect: x }
  - { id: three, vars: { q: c }, expect: [] }
dataset: { path: rows.csv, vars: { q: \"{{ q }}\" }, expect: \"2\" }
";
    cx.write("suite.yaml", yaml);
    cx.write("rows.csv", "q\nx\ny\n");
    let outcome = cx.bench(&["check", "suite.yaml"]).run();
    outcome.code(2);
    let told = outcome.stderr_text();
    let at = |place: &str| told.matches(&format!("error: {place}: ")).count();
    // Of the cases, and of the rows of the data set.
    assert_eq!((at("graders[0].rubric"), at("graders[1].of[0].tests")), (2, 2), "{told}");
    assert_eq!(at("cases[0].graders[0].options_from"), 1, "{told}");
    assert_eq!((at("cases[1].expect"), at("cases[2].expect")), (1, 1), "{told}");
    assert_eq!(told.matches("give the case an `expect` this grader can work with").count(), 2, "{told}");
    assert!(told.contains("row 1 of rows.csv and 1 more row: grader `judge`"), "{told}");
}
