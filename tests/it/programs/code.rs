//! `code` on honest answers: languages, forms of tests, what reasons say.

use serde_json::json;

use super::Programs;
use crate::context::Context;
use crate::server::{Call, Server};

#[test]
fn tests_tell_right_from_wrong() {
    let programs = Programs::new(json!([{ "type": "code", "tests": "{{ tests }}" }]))
        .case(
            "right",
            "Sure:\n```python\ndef f(x):\n    return x + 1\n```\nThat is it.",
            json!({ "tests": "assert f(1) == 2" }),
        )
        .case("wrong", "```python\ndef f(x):\n    return x\n```", json!({ "tests": "assert f(1) == 2, 'one more'" }))
        .case("raises", "```\ndef f(x):\n    return [][x]\n```", json!({ "tests": "f(1)" }))
        .case("prose", "I cannot write that.", json!({ "tests": "f(1)" }))
        .case("syntax", "```python\ndef f(x)\n    return 1\n```", json!({ "tests": "f(1)" }));
    programs.run();
    programs.is("right", "pass", "");
    programs.is("wrong", "fail", "the code fails: AssertionError: one more at `assert f(1) == 2, 'one more'`");
    programs.is("raises", "fail", "IndexError: list index out of range at `return [][x]`");
    programs.is("prose", "fail", "no fenced block");
    programs.is("syntax", "fail", "SyntaxError: expected ':' at `def f(x)`");
    let row = programs.cx.results();
    assert!(row.rows[0].get("grades").contains(r#""extracted":"def f(x):\n    return x + 1""#), "{:?}", row.rows[0]);
}

#[test]
fn mbpps_form_works_as_published() {
    let vars = json!({
        "text": "Write a function to add one.", "test_list": ["assert f(1) == N", "assert f(2) == 3"],
        "test_setup_code": "N = 2", "challenge_test_list": ["assert f(0.5) == 9"],
    });
    let right = "```python\ndef f(x):\n    return x + 1\n```";
    let programs = Programs::new(json!(["code"])).case("right", right, vars.clone()).case(
        "wrong",
        "def f(x): return 1",
        vars.clone(),
    );
    programs.run();
    programs.is("right", "pass", "");
    programs.is("wrong", "fail", "AssertionError at `assert f(1) == N`");
    let programs = Programs::new(json!([{ "type": "code", "challenge": true }])).case("right", right, vars);
    programs.run();
    programs.is("right", "fail", "assert f(0.5) == 9");
}

#[test]
fn a_program_prints_the_output_for_each_input() {
    let io = json!({ "input_output": { "inputs": ["1 2\n", "3 4\n"], "outputs": ["3\n", "7\n"] } });
    let programs = Programs::new(json!(["code"]))
        .case("right", "```python\nprint(sum(map(int, input().split())), ' ')\n```", io.clone())
        .case("wrong", "```python\nprint(3)\n```", io.clone())
        .case("crashes", "```python\nimport sys\nprint(3)\nsys.exit('no ' + 'more')\n```", io.clone())
        .case("hangs", "```python\nwhile True: pass\n```", io.clone())
        .case("fakes", "```python\nprint('bench: ready')\n```", io);
    let mut programs = programs;
    programs.suite["graders"] = json!([{ "type": "code", "timeout": "2s" }]);
    programs.run();
    programs.is("right", "pass", "");
    programs.is("wrong", "fail", "printed \"3\" where \"7\" was expected (case 2 of 2)");
    programs.is("crashes", "fail", "ended with exit code 1: no more (case 1 of 2)");
    programs.is("hangs", "fail", "was not through within 2s (case 1 of 2)");
    programs.is("fakes", "fail", "printed \"bench: ready\"");
}

#[test]
fn inputs_and_outputs_can_stand_in_the_grader() {
    let grader = json!({ "type": "code", "cases": [{ "input": "{{ n }}", "output": "{{ n }}{{ n }}" }] });
    let programs =
        Programs::new(json!([grader])).case("right", "```python\nprint(input() * 2)\n```", json!({ "n": 7 }));
    programs.run();
    programs.is("right", "pass", "");
}

#[test]
fn javascript_runs_in_node() {
    if !has("node") {
        return;
    }
    let grader = json!({ "type": "code", "language": "javascript", "tests": "{{ tests }}", "timeout": "5s" });
    let tests = json!({ "tests": "const assert = require('assert');\nassert.strictEqual(f(1), 2);" });
    let programs = Programs::new(json!([grader]))
        .case("right", "```js\nfunction f(x) { return x + 1; }\n```", tests.clone())
        .case("wrong", "```js\nfunction f(x) { return x; }\n```", tests.clone())
        .case(
            "later",
            "```js\nfunction f(x) { return 2; }\nawait new Promise((go) => setTimeout(go, 10));\n```",
            tests.clone(),
        )
        .case("leaves", "```js\nfunction f(x) { process.exit(0); }\n```", tests.clone())
        .case("hangs", "```js\nfunction f(x) { for (;;); }\n```", tests.clone())
        .case("never", "```js\nfunction f(x) { return 2; }\nawait new Promise(() => {});\n```", tests.clone())
        .case("network", "```js\nfunction f(x) { return 2; }\nawait fetch('http://127.0.0.1:9/');\n```", tests.clone())
        .case(
            "memory",
            "```js\nfunction f(x) { const a = []; for (;;) a.push(Buffer.alloc(1e7, 1)); }\n```",
            tests.clone(),
        )
        .case(
            "starts",
            "```js\nfunction f(x) { require('child_process').execFileSync('true'); return 2; }\n```",
            tests,
        );
    programs.run();
    programs.is("right", "pass", "");
    programs.is("later", "pass", "");
    programs.is("wrong", "fail", "AssertionError");
    programs.is("leaves", "fail", "before its tests were through");
    programs.is("hangs", "fail", "was not through within 5s");
    programs.is("never", "fail", "before its tests were through");
    programs.is("network", "fail", "");
    programs.is("memory", "fail", "");
    programs.is("starts", "fail", "EPERM");
}

#[test]
fn bash_runs_with_its_programs() {
    let grader = json!({ "type": "code", "language": "bash", "tests": "[ \"$(add 2 3)\" = 5 ]\ntrue" });
    let programs = Programs::new(json!([grader]))
        .case("right", "```bash\nadd() { seq 1 1 >/dev/null; echo $(($1 + $2)); }\n```", json!({}))
        .case("wrong", "```bash\nadd() { echo 6; }\n```", json!({}))
        .case("leaves", "```bash\nadd() { echo 5; }\nexit 0\n```", json!({}));
    programs.run();
    programs.is("right", "pass", "");
    programs.is("wrong", "fail", "before its tests were through");
    programs.is("leaves", "fail", "ended with exit code 0 before its tests were through");
}

#[test]
fn another_language_runs_from_a_file_and_prints_the_last_word() {
    let grader = json!({
        "type": "code", "language": "awk", "run": ["awk", "-f", "{file}"], "file": "main.awk",
        "tests": "BEGIN { if (f(1) != 2) exit 1; print \"{{ done }}\" }",
    });
    let programs = Programs::new(json!([grader]))
        .case("right", "```awk\nfunction f(x) { return x + 1 }\n```", json!({}))
        .case("wrong", "```awk\nfunction f(x) { return x }\n```", json!({}))
        .case("leaves", "```awk\nfunction f(x) { exit 0 }\n```", json!({}));
    programs.run();
    programs.is("right", "pass", "");
    programs.is("wrong", "fail", "exit code 1");
    programs.is("leaves", "fail", "before its tests were through");
}

#[test]
fn an_interpreter_that_is_missing_says_nothing_of_the_model() {
    let programs = Programs::new(json!([{ "type": "code", "tests": "f()", "run": ["no-such-python"] }])).case(
        "any",
        "```python\ndef f(): pass\n```",
        json!({}),
    );
    programs.command().run().code(4).says("runs `no-such-python`, which is not there");
    assert!(programs.server.calls().is_empty());
    let programs = Programs::new(json!([{ "type": "code", "tests": "f()", "memory": "3MB" }])).case(
        "any",
        "```python\ndef f(): pass\n```",
        json!({}),
    );
    programs.run();
    programs.is("any", "error", "`python3` ");
}

#[test]
fn what_a_case_lacks_is_told_before_anything_is_sent() {
    for (grader, part) in [
        (json!("code"), "`code` needs tests"),
        (json!({ "type": "code", "tests": "{{ tets }}" }), "undefined"),
        (json!({ "type": "code", "tests": "{{ x" }), "syntax"),
        (json!({ "type": "code", "tests": "x", "cases": "io" }), "`tests` already"),
        (json!({ "type": "code", "language": "ruby", "tests": "x" }), "run: [ruby"),
        (json!({ "type": "code", "language": "ruby", "run": "ruby", "tests": "x" }), "{{ done }}"),
        (json!({ "type": "code", "tests": "x", "memory": "lots" }), "is not a size"),
        (json!({ "type": "code", "tests": "x", "timeout": "5" }), "has no unit"),
        (json!({ "type": "code", "tests": "x", "cses": [] }), "`cases`"),
        (json!({ "type": "code", "cases": [{ "inptu": "1" }] }), "input: "),
        (json!({ "type": "code", "tests": "x", "files": "closed" }), "`confined`, `open`"),
        (json!({ "type": "code", "tests": "x", "workers": 0 }), "at least one"),
        (json!({ "type": "command" }), "`run` is missing"),
        (json!({ "type": "command", "run": "python3 grade.py | tee log" }), "as a list"),
        (json!({ "type": "command", "run": ["python3", "not-there.py"] }), "there is no file `not-there.py`"),
        (json!({ "type": "command", "run": "cat", "env": ["OPENROUTER_API_KEY"] }), "never given to a program"),
        (json!({ "type": "command", "run": "cat", "threshold": 2 }), "a share from 0 to 1"),
    ] {
        let programs = Programs::new(json!([grader])).case("a", "x", json!({}));
        programs.command().run().code(2).says(part);
        assert!(programs.server.calls().is_empty(), "{grader}");
    }
}

#[test]
fn nothing_runs_without_leave() {
    let cx = Context::new();
    let server = Server::with("m", Call::echo);
    let suite = json!({
        "name": "s", "base_url": server.base_url(), "prompt": "say {{ answer }}", "models": ["m"],
        "cases": [{ "vars": { "answer": "open('ran', 'w')" } }],
        "graders": [{ "type": "code", "tests": "x", "files": "open" }, { "type": "command", "run": ["sh", "-c", "touch ran"] }],
    });
    cx.write("suite.yaml", suite.to_string());
    cx.bench(&["run", "suite.yaml", "--out", "run"]).run().code(2).says("--allow-commands");
    assert!(server.calls().is_empty(), "it is refused before anything is sent");
    assert!(!cx.work().join("ran").exists());
}

pub(super) fn has(program: &str) -> bool {
    std::env::split_paths(&std::env::var_os("PATH").unwrap()).any(|folder| folder.join(program).is_file())
}
