//! The README's first screen does what it says.

use std::fs;
use std::path::Path;

use crate::context::Context;

/// The command in the first code block after `<!-- ci:NAME -->`.
#[track_caller]
fn command(name: &str) -> String {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let marker = format!("<!-- ci:{name} -->");
    let (_, after) = readme.split_once(&marker).unwrap_or_else(|| panic!("README.md lacks {marker}"));
    let block = after.split("```").nth(1).unwrap();
    let lines = block.lines().skip(1).map(|line| line.trim().trim_start_matches("$ "));
    let mut lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let command = lines.next().unwrap().to_owned();
    assert_eq!(lines.next(), None, "more than one command after {marker}");
    command
}

#[test]
fn the_quickstart_command_runs_without_a_key() {
    let command = command("quickstart");
    let (cargo, args) = command.split_once(" -- ").expect("`cargo run … -- run …`");
    assert!(cargo.starts_with("cargo run"), "{cargo}");
    let cx = Context::new();
    let suites = Path::new(env!("CARGO_MANIFEST_DIR")).join("suites");
    for file in fs::read_dir(suites).unwrap().map(|file| file.unwrap().path()).filter(|file| file.is_file()) {
        let name = format!("suites/{}", file.file_name().unwrap().to_string_lossy());
        cx.write(&name, fs::read(file).unwrap());
    }
    let args: Vec<&str> = args.split_whitespace().collect();
    let outcome = cx.bench(&args).without_env("OPENROUTER_API_KEY").run();
    outcome.code(0).prints("SIMULATED");
}

#[test]
fn the_test_command_is_the_one_that_ran_this() {
    assert!(command("test").starts_with("cargo test --locked"));
}

#[test]
fn the_first_screen_has_both_commands_and_the_checks_run_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let checks = fs::read_to_string(root.join(".ci/run")).unwrap();
    for name in ["quickstart", "test"] {
        let marker = format!("<!-- ci:{name} -->");
        assert_eq!(readme.lines().filter(|line| *line == marker).count(), 1, "{marker} stands alone on one line");
        let line = readme.lines().position(|line| line == command(name)).unwrap();
        assert!(line < 30, "`{}` stands in line {line}", command(name));
        assert!(checks.contains(&format!("$(readme_command {name})")), ".ci/run does not read {marker}");
        assert!(checks.contains(&format!("bash -euo pipefail -c \"${name}_command\"")), ".ci/run does not run it");
    }
    // Nothing is asked for in the environment: a key, a service, a network.
    assert!(!command("quickstart").contains('$') && command("quickstart").ends_with("--simulate"));
}

/// The YAML blocks of a page: the line each begins in, and its text.
fn examples(page: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut lines = page.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        if line == "```yaml" {
            let block = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```");
            found.push((at + 1, block.flat_map(|line| [line, "\n"]).collect()));
        }
    }
    found
}

#[test]
fn every_example_of_the_graders_page_is_a_suite_or_a_part_of_one() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/graders.md")).unwrap();
    let examples = examples(&page);
    assert!(examples.len() >= 12, "{examples:?}");
    for (line, example) in examples {
        let cx = Context::new();
        cx.write("mmlu.jsonl", r#"{"question": "?", "choices": ["a", "b", "c", "d"], "answer": 2}"#);
        let ifeval = r#"{"key": 1, "prompt": "?", "instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}]}"#;
        cx.write("input_data.jsonl", ifeval);
        let mut suite = String::from("name: example\nmodels: [openai/gpt-4o-mini]\n");
        if example.starts_with("- ") {
            suite += "graders:\n";
        }
        suite += &example;
        for (key, default) in
            [("prompt:", "prompt: \"?\"\n"), ("cases:", "cases: [{ vars: { policy: x }, expect: '{\"a\": 1}' }]\n")]
        {
            let is_there = |key: &str| suite.lines().any(|line| line.starts_with(key));
            let has_cases = key == "cases:" && is_there("dataset:");
            if !is_there(key) && !has_cases {
                suite += default;
            }
        }
        cx.write("suite.yaml", &suite);
        let outcome = cx.bench(&["check", "suite.yaml"]).run();
        // The case is made up here: that it does not suit one of the graders is no mistake of the example.
        let stderr = String::from_utf8_lossy(&outcome.stderr);
        let mut mistakes = stderr.lines().filter(|line| line.starts_with("error: "));
        let is_of_case = |line: &str| line.starts_with("error: cases[0]");
        assert!(mistakes.all(is_of_case), "the example in line {line}:\n{suite}\n{outcome}");
    }
}
