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
    outcome.code_in(&[0, 1, 3]).prints("SIMULATED");
}

#[test]
fn the_test_command_is_the_one_that_ran_this() {
    assert!(command("test").starts_with("cargo test --locked"));
}
