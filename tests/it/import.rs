//! `bench import`: configs of other tools become suites that load and run, and what has no equivalent is told.

use std::fs;
use std::path::Path;

use crate::context::Context;
use crate::server::{Answer, Server};
use crate::suite::Suite;
use crate::table::Table;

/// A context with the fixtures in its folder.
fn fixtures() -> Context {
    let cx = Context::new();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/import"), &cx.work());
    cx
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &target) } else { _ = fs::copy(&path, &target).unwrap() }
    }
}

/// Every config among the fixtures that is a whole one.
const CONFIGS: [&str; 6] = [
    "promptfoo/promptfooconfig.yaml",
    "promptfoo/table.yaml",
    "promptfoo/graded_table.yaml",
    "openai_evals/registry/evals/capitals.yaml",
    "lm_eval/sums.yaml",
    "lm_eval/colours.yaml",
];

#[test]
fn what_is_imported_loads_from_wherever_it_is_written() {
    let cx = fixtures();
    for config in CONFIGS {
        for out in ["suite.yaml", "deep/er/suite.yaml"] {
            fs::create_dir_all(cx.work().join("deep/er")).unwrap();
            cx.bench(&["import", config, "-o", out, "--force"]).run().code(0).says("bench check");
            cx.bench(&["check", out]).run().code(0).prints("cells");
        }
    }
}

#[test]
fn an_imported_suite_is_run() {
    let cx = fixtures();
    for (config, cases) in [("promptfoo/table.yaml", 2), ("promptfoo/graded_table.yaml", 4), ("lm_eval/sums.yaml", 2)] {
        cx.bench(&["import", config, "-o", "suite.yaml", "--force"]).run().code(0);
        let outcome = cx.bench(&["run", "suite.yaml", "--simulate", "--csv", "-"]).run();
        outcome.code(0);
        let rows = Table::parse(&outcome.stdout).rows;
        assert_eq!(rows.len(), cases, "{config}");
        assert!(rows.iter().all(|row| ["pass", "fail"].contains(&row.get("verdict"))), "{config}: {rows:?}");
    }
}

#[test]
fn assertions_keep_their_meaning() {
    let (cx, server) = (
        Context::new(),
        Server::with("m", |call| {
            Answer::new(call.body["messages"][0]["content"].as_str().unwrap_or_default()).reply(call)
        }),
    );
    let address = server.base_url();
    cx.write(
        "promptfooconfig.yaml",
        format!(
            "prompts: ['{{{{ answer }}}}']
providers: [{{ id: openai:m, config: {{ apiBaseUrl: '{address}', apiKeyEnvar: OPENROUTER_API_KEY }} }}]
defaultTest: {{ assert: [{{ type: not-contains, value: never }}] }}
tests:
  - {{ description: p1, vars: {{ answer: '<p>Paris</p>', want: paris }}, assert: [{{ type: icontains, value: '{{{{ want }}}}' }}] }}
  - {{ description: f1, vars: {{ answer: Paris never }}, assert: [{{ type: contains, value: Paris }}] }}
  - {{ description: p2, threshold: 0.7, vars: {{ answer: '7' }}, assert: [{{ type: equals, value: 7, weight: 3 }}, {{ type: contains, value: x }}] }}
  - {{ description: f2, threshold: 0.9, vars: {{ answer: '7' }}, assert: [{{ type: equals, value: 7, weight: 3 }}, {{ type: contains, value: x }}] }}
  - {{ description: p3, vars: {{ answer: ['a b', 'b a'] }}, assert: [{{ type: contains-all, value: 'a, b' }}, {{ type: javascript, value: 'output.length === 3' }}] }}
  - {{ description: f3, vars: {{ answer: 'x{{{{ 1 + 1 }}}}' }}, assert: [{{ type: equals, value: x1 }}] }}
  - {{ description: p4, vars: {{ answer: 'kitten' }}, assert: [{{ type: levenshtein, value: sitting, threshold: 3 }}, {{ type: assert-set, threshold: 0.5, assert: [{{ type: starts-with, value: k }}, {{ type: regex, value: '^z' }}] }}] }}
"
        ),
    );
    cx.bench(&["import", "promptfooconfig.yaml", "-o", "suite.yaml"]).run().code(0).says("12 of 12 assertions");
    let outcome = cx.bench(&["run", "suite.yaml", "--csv", "-"]).run();
    outcome.code(0);
    for row in &Table::parse(&outcome.stdout).rows {
        let wanted = if row.get("case").starts_with('p') { "pass" } else { "fail" };
        assert_eq!(row.get("verdict"), wanted, "{row:?}");
    }
    assert_eq!(Table::parse(&outcome.stdout).rows.len(), 8);
}

#[test]
fn what_has_no_equivalent_stands_at_its_place_and_is_listed_with_its_line() {
    let cx = fixtures();
    let outcome = cx.bench(&["import", "promptfoo/promptfooconfig.yaml"]).run();
    outcome
        .code(0)
        .says("read as a promptfoo config: 11 of 12 assertions understood")
        .says("line 49: assertion `moderation`")
        .says("line 20: provider `file://own_provider.py`")
        .prints("      # not imported: it asks a service that bench does not\n      #   { type: moderation }\n")
        .prints("  # mapped from anthropic:messages:claude-3-5-sonnet-20241022\n")
        .prints("{ id: anthropic/claude-3.5-sonnet, name: sonnet, params: { temperature: 0.20, max_tokens: 300 } }");
    // Secrets and what only programs know stay where they are.
    outcome.never_shows(b"not-copied").never_shows(b"never run");

    let outcome = cx.bench(&["import", "lm_eval/sums.yaml"]).run();
    outcome.code(0).says("metric `!function utils.own`").says("line 26: `process_results`").prints("name: strict");
    let outcome = cx.bench(&["import", "openai_evals/registry/evals/capitals.yaml", "-v"]).run();
    outcome.code(0).says("Program: 0 of 1").says("eval `capitals-own.dev.v0`").prints("Partly: 0.5");
}

#[test]
fn the_tool_is_told_by_keys_or_by_name() {
    let cx = Context::new();
    cx.write("odd.yaml", "questions: [a]\n");
    cx.bench(&["import", "odd.yaml"]).run().code(2).says("no config that can be imported").says("--from promptfoo");
    cx.bench(&["import", "odd.yaml", "--from", "lm-eval"]).run().code(2).says("doc_to_text");
    cx.write("suite.yaml", Suite::at(&Server::start()).model("m").cases(1).yaml());
    cx.bench(&["import", "suite.yaml"]).run().code(2).says("suite.yaml is a suite already");
}

#[test]
fn nothing_usable_is_no_suite() {
    let cx = Context::new();
    for (name, text, why) in [
        ("red.yaml", "targets: [openai:gpt-4o]\nredteam: { purpose: x }\n", "red teaming"),
        ("program.yaml", "task: x\nclass: !function task.Own\n", "program in Python"),
        ("group.yaml", "group: x\ntask: [a, b]\n", "import each of them"),
        ("evals.yaml", "x.v0:\n  class: evals.elsuite.own:Own\n", "in Python"),
        ("broken.yaml", "prompts: [a\ntests: b\n", "broken.yaml:2"),
    ] {
        cx.write(name, text);
        cx.bench(&["import", name, "-o", "out.yaml"]).run().code(2).says(name).says(why);
    }
    cx.bench(&["import", "missing.yaml"]).run().code(2).says("there is no file `missing.yaml`");
    assert!(!cx.work().join("out.yaml").exists());
}

#[test]
fn a_file_that_is_there_is_kept_unless_force_says_otherwise() {
    let cx = fixtures();
    cx.write("mine.yaml", "name: mine\n");
    cx.bench(&["import", "promptfoo/table.yaml", "-o", "mine.yaml"]).run().code(2).says("--force");
    assert_eq!(cx.read("mine.yaml"), "name: mine\n");
    cx.bench(&["import", "promptfoo/table.yaml", "-o", "mine.yaml", "--force"]).run().code(0);
    assert!(cx.read("mine.yaml").contains("path: promptfoo/words.csv"));
    cx.bench(&["import", "promptfoo/table.yaml", "-o", "no/such/folder/x.yaml"]).run().code(4);
}

#[test]
fn hostile_configs_are_told_and_harm_nothing() {
    let cx = Context::new();
    cx.write("bomb.yaml", {
        let mut bomb = "prompts: [x]\na0: &a0 lol\n".to_owned();
        for n in 1..10 {
            let tenfold = vec![format!("*a{}", n - 1); 10].join(",");
            bomb = format!("{bomb}a{n}: &a{n} [{tenfold}]\n");
        }
        bomb
    });
    cx.write("deep.yaml", format!("prompts: {}", "[".repeat(50_000)));
    cx.write(
        "self.yaml",
        "prompts: [x]\nproviders: file://self.yaml\ntests: file://self.yaml\ndefaultTest: file://self.yaml\n",
    );
    cx.write("loop.yaml", "task: x\ninclude: loop.yaml\ndoc_to_text: a\n");
    cx.write("escape.yaml", b"prompts: [\"a\\e[31m\\n# not a comment\\u2028name: x\"]\nodd\\\"key: {\"\\u0007\": \"b\\u2028c: d\"}\ntests: [{vars: {\"a b: c\": \"- x\"}}]\n");
    for (file, code) in [("bomb.yaml", 2), ("deep.yaml", 2), ("self.yaml", 0), ("loop.yaml", 2), ("escape.yaml", 0)] {
        let outcome = cx.bench(&["import", file, "-o", "out.yaml", "--force"]).run();
        outcome.code(code).never_shows(b"\x1b[31m");
        assert!(outcome.elapsed.as_secs() < 20, "{file} took {:?}", outcome.elapsed);
        assert!(outcome.stderr.len() < 100_000, "{} bytes about {file}", outcome.stderr.len());
    }
    let suite: serde_json::Value = serde_yaml::from_str(&cx.read("out.yaml")).unwrap();
    assert_eq!(suite["prompts"][0], "a\u{1b}[31m\n# not a comment\u{2028}name: x");
    assert_eq!(suite["cases"][0]["vars"]["a b: c"], "- x");
}
