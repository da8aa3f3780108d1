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
