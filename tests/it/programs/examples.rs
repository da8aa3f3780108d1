//! The examples that run programs do what they say.

use std::path::Path;

use serde_json::json;

use super::Programs;
use crate::context::Context;

#[test]
fn the_example_grader_judges_expressions() {
    let graders = json!([{ "type": "command", "run": ["python3", "grader.py"] }]);
    let vars = json!({ "numbers": [3, 3, 8, 8], "target": 24 });
    let mut programs = Programs::new(graders).file("grader.py", include_str!("../../../examples/grader.py"));
    for (id, answer) in [
        ("right", "Let me see.\n`8 / (3 - 8 / 3) = 24`"),
        ("value", "8 + 8 + 3 + 3"),
        ("numbers", "4 * 6"),
        ("calls", "__import__('os').getpid()"),
        ("prose", "I do not know"),
        ("zero", "8 / (3 - 3) + 8"),
    ] {
        programs = programs.case(id, answer, vars.clone());
    }
    programs.run();
    programs.is("right", "pass", "");
    programs.is("value", "fail", "comes to 22");
    programs.is("numbers", "fail", "uses [4, 6], not [3, 3, 8, 8]");
    programs.is("calls", "fail", "only + - * /");
    programs.is("prose", "fail", "not an expression");
    programs.is("zero", "fail", "not an expression: division by zero");
}

#[test]
fn the_example_suite_is_played_to_its_end() {
    let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/programs.yaml");
    let cx = Context::new();
    let suite = suite.to_str().unwrap();
    cx.bench(&["check", suite]).run().code(0);
    let outcome = cx.bench(&["run", suite, "--simulate", "--allow-commands", "--out", "run"]).run();
    outcome.code(0).prints("SIMULATED");
    for row in cx.results().rows {
        assert!(["pass", "fail"].contains(&row.get("verdict")), "{row:?}");
    }
}
