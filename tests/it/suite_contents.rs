//! That what the shipped suites take for right is right: computed, run, found in the text.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::context::Context;
use crate::server::{Answer, Server};
use crate::suites::suite;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The rows of a `.jsonl` beside the suites.
fn rows(name: &str) -> Vec<Value> {
    let text = fs::read_to_string(root().join("suites").join(name)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_expected_number_is_what_its_working_gives() {
    let mut python = Command::new("python3");
    python.current_dir(root()).args([
        "tests/reference/workings.py",
        "suites/arithmetic.jsonl",
        "suites/reasoning.jsonl",
    ]);
    let output = python.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let lacking: Vec<Value> = ["arithmetic.jsonl", "reasoning.jsonl"].into_iter().flat_map(rows).collect();
    assert!(lacking.len() > 80 && lacking.iter().all(|row| !row["working"].as_str().unwrap().is_empty()));
}

/// The verdict of every case of code-repair for a model that gives back this column.
fn repaired(column: &'static str) -> BTreeMap<String, String> {
    let rows = rows("code-repair.jsonl");
    let server = Server::with("openai/gpt-4o-mini", move |call| {
        let row = rows.iter().find(|row| call.prompt.contains(row["task"].as_str().unwrap())).unwrap();
        Answer::new(&format!("```python\n{}\n```", row[column].as_str().unwrap())).reply(call)
    });
    let cx = Context::new();
    let args = ["-m", "openai/gpt-4o-mini", "--base-url", &server.base_url(), "--allow-commands", "--out", "run"];
    cx.bench(&["run", &suite("code-repair.yaml")]).args(&args).run().code(0);
    let results = cx.results();
    results.rows.iter().map(|row| (row.get("case").to_owned(), row.get("verdict").to_owned())).collect()
}

#[test]
fn every_known_repair_passes_and_every_mistake_fails() {
    for (column, verdict) in [("solution", "pass"), ("buggy", "fail")] {
        let verdicts = repaired(column);
        assert_eq!(verdicts.len(), rows("code-repair.jsonl").len());
        let others: Vec<_> = verdicts.iter().filter(|(_, got)| *got != verdict).collect();
        assert!(others.is_empty(), "with `{column}` not {verdict}: {others:?}");
    }
}

#[test]
fn every_needle_stands_in_its_haystack_of_the_size_that_its_tag_says() {
    let server = Server::start();
    let cx = Context::new();
    let args = ["-m", "openai/gpt-4o-mini", "--base-url", &server.base_url(), "--out", "run"];
    cx.bench(&["run", &suite("long-context.yaml")]).args(&args).run();
    let calls = server.calls();
    let rows = rows("long-context.jsonl");
    assert_eq!(calls.len(), rows.len());
    for row in &rows {
        let (id, question) = (row["id"].as_str().unwrap(), row["question"].as_str().unwrap());
        let needles: Vec<&str> =
            row["needles"].as_array().unwrap().iter().map(|needle| needle["text"].as_str().unwrap()).collect();
        let blocks = row["blocks"].as_u64().unwrap();
        let all = |prompt: &str| needles.iter().all(|needle| prompt.matches(needle).count() == 1);
        let last = format!("Entry {blocks}.");
        let mine = calls
            .iter()
            .find(|call| call.prompt.contains(question) && call.prompt.contains(&last) && all(&call.prompt));
        let prompt = &mine.unwrap_or_else(|| panic!("{id}: not asked, or a needle is missing")).prompt;
        let expected = row["expected"].as_str().unwrap();
        let computed = ["two", "three", "absent"].contains(&row["kind"].as_str().unwrap());
        assert!(computed || needles.iter().any(|needle| needle.contains(expected)), "{id}: {expected}");
        // About four letters a token.
        let size: usize = row["size"].as_str().unwrap().trim_end_matches('k').parse::<usize>().unwrap() * 1000;
        assert!((size * 3..size * 5).contains(&prompt.len()), "{id}: {} bytes", prompt.len());
    }
}

/// The whole numbers in a text.
fn numbers(text: &str) -> Vec<i64> {
    text.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

#[test]
fn what_is_to_be_added_or_compared_in_the_log_book_comes_out_so() {
    for row in rows("long-context.jsonl") {
        let (kind, expected) = (row["kind"].as_str().unwrap(), row["expected"].as_str().unwrap());
        let needles = row["needles"].as_array().unwrap();
        let counts: Vec<i64> = needles
            .iter()
            .map(|needle| numbers(needle["text"].as_str().unwrap())[..].first().copied().unwrap_or(0))
            .collect();
        match kind {
            // The fourth barge turned back.
            "three" => assert_eq!(counts[..3].iter().sum::<i64>().to_string(), expected, "{row}"),
            "two" => {
                let (north, south) = (counts[0], counts[1]);
                let more = if north > south { "north" } else { "south" };
                assert_eq!(format!("{more} {}", (north - south).abs()), expected, "{row}");
            }
            _ => {}
        }
    }
}

#[test]
fn half_of_the_refusals_are_to_be_answered() {
    let text = fs::read_to_string(suite("refusals.yaml")).unwrap();
    let count = |tag: &str| text.matches(&format!("tags: [{tag},")).count();
    assert_eq!(count("should_answer"), count("should_decline"));
    assert!(count("should_answer") >= 20);
}
