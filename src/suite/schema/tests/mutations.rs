//! Good suites made wrong in every way: each key misspelt, each value of another type, each key left out.

use std::collections::HashSet;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::agreement::{as_seen, disagreement};
use super::shipped::shipped;
use crate::suite::load::{self, load};
use crate::suite::{Diagnostics, LoadOptions, published_formats};

/// A suite that has every key that can stand in one.
const EVERYTHING: &str = r#"
name: everything
description: Every key at once
base_url: http://127.0.0.1:8600/v1
api_key_env: SOME_KEY
headers: { X-Team: evals, X-Number: 5 }
defaults:
  timeout: 60s
  first_token_timeout: 20s
  idle_timeout: 20s
  deadline: 15m
  concurrency: 8
  requests_per_minute: 300
  tokens_per_minute: 200000
  retries: 0
  give_up_after: 10
  stream: true
  params: { temperature: 0, max_tokens: 512, stop: [a] }
  provider: { order: [x] }
models:
  - openai/gpt-4o-mini
  - id: anthropic/claude-sonnet-4.5
    name: sonnet
    base_url: https://example.com/v1/
    api_key_env: null
    headers: { X-Team: other }
    fallbacks: [a/b]
    timeout: 1m 30s
    first_token_timeout: null
    idle_timeout: null
    deadline: null
    concurrency: 1
    requests_per_minute: null
    tokens_per_minute: null
    retries: 1
    give_up_after: 1
    stream: false
    params: { max_completion_tokens: 5, temperature: null }
    provider: null
judges:
  - id: openai/gpt-5
    name: strict
    concurrency: 4
  - plain/judge
pairwise: { model: strict, rubric: Better., against: sonnet, cases: 5, reference: true, temperature: 0, max_tokens: 100, max_chars: 500 }
prompts:
  - "{{ q }}"
  - { id: terse, system: Be terse., user: "{{ q }}" }
  - id: whole
    messages:
      - { role: system, content: x }
      - { role: user, name: ann, content: [{ type: text, text: "{{ q }}" }, { type: image_url, image_url: { url: "https://a/b.png" } }] }
      - { role: assistant, tool_calls: [{ id: a }] }
      - { role: tool, tool_call_id: a, content: 5 }
cases:
  - { id: a, vars: { q: hi, n: 1.10 }, expect: billing, tags: [x, y], graders: [{ type: contains, any: [a] }] }
  - { vars: { q: ho }, expect: "[1]", tags: z, graders: json }
dataset:
  - { path: rows.jsonl, vars: { q: "{{ q }}" }, expect: "{{ a }}", id: "{{ id }}", tags: ["{{ q }}", t], shuffle: 42, limit: 2 }
  - rows.csv
repeat: 2
graders:
  - { type: exact, name: e, not: true, weight: 0.5, extract: [{ after: "A:" }, last_line], ignore_case: true }
  - { type: any, of: [exact, { type: length, max: 5 }], at_least: 1 }
  - { type: judge, model: strict, rubric: Good., scale: 1-5, threshold: 4 }
budget: $5.00
gates: ["accuracy >= 90%", "accuracy[sonnet] >= 0.5", "latency.p95 <= 5s", "cost.total <= $2", "errors <= 1%"]
confidence: 95%
"#;

/// The keys of datasets in all their forms. Where some reader of them is not in this build, nothing can be compared.
const SHAPED: &str = r#"
name: shaped
models: [m]
env: [{ name: BENCH_TEST_NOWHERE, default: core }]
include: [shared.yaml]
prompt: { messages: "{{ [{'role': 'user', 'content': q}] }}" }
graders: [exact]
cases:
  - { vars: { q: "{{ x }}" }, expect: a, files: { f: note.txt }, matrix: { lang: [en, de], n: [1] } }
dataset:
  - path: rows.csv
    format: csv
    delimiter: ","
    quote: '"'
    columns: [q, a]
    where: "q != 'nothing'"
    sample: { size: 2, seed: 7, by: a }
    shuffle: 1
    limit: 2
    matrix: { lang: [en, de] }
    files: { f: note.txt }
    vars: { q: "{{ q }}" }
    expect: "{{ a }}"
    graders: [{ type: contains, value: x }]
    few_shot: { path: shots.jsonl, count: 1, seed: 7, as: examples, fixed: false, vars: { q: "{{ q }}" }, expect: "{{ a }}", where: "true", limit: 9 }
  - { path: deep.json, rows: data.items, expect: "{{ a }}", sample: 1 }
"#;

/// What is put in the place of every value.
fn odd() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(" "),
        json!("odd"),
        json!("a\u{7}b"),
        json!([]),
        json!(["odd"]),
        json!([[1]]),
        json!({}),
        json!({"odd": 1}),
    ]
}

/// A suite with one thing changed, and what was changed.
type Mutant = (String, Value);

/// Every mutant of a value; `rebuild` puts a changed value back in its place.
fn mutants(value: &Value, place: &str, rebuild: &dyn Fn(Value) -> Value, out: &mut Vec<Mutant>) {
    if !place.is_empty() {
        out.extend(odd().into_iter().map(|odd| (format!("{place} = {odd}"), rebuild(odd))));
    }
    match value {
        // The options of graders have a test of their own, with more values for each.
        _ if place.ends_with(']') && place.contains("graders[") => {}
        Value::Object(map) => {
            for (key, inner) in map {
                let without = || map.iter().filter(|(other, _)| *other != key).map(|(k, v)| (k.clone(), v.clone()));
                out.push((format!("{place} without {key}"), rebuild(without().collect())));
                let mut misspelt: Map<String, Value> = without().collect();
                misspelt.insert(format!("{key}x"), inner.clone());
                out.push((format!("{place}.{key} misspelt"), rebuild(misspelt.into())));
                let inner_rebuild = |changed: Value| {
                    let mut map = map.clone();
                    map.insert(key.clone(), changed);
                    rebuild(map.into())
                };
                mutants(inner, &format!("{place}.{key}"), &inner_rebuild, out);
            }
        }
        Value::Array(items) => {
            for (i, inner) in items.iter().enumerate() {
                let inner_rebuild = |changed: Value| {
                    let mut items = items.clone();
                    items[i] = changed;
                    rebuild(items.into())
                };
                mutants(inner, &format!("{place}[{i}]"), &inner_rebuild, out);
            }
        }
        _ => {}
    }
}

fn loaded(folder: &Path, suite: &Value) -> Option<Diagnostics> {
    let path = folder.join("suite.yaml");
    std::fs::write(&path, suite.to_string()).unwrap();
    load(&path, &LoadOptions::default()).err()
}

/// Judges every mutant by both.
fn compare(folder: &Path, suite: &Value) -> (usize, usize, Vec<String>) {
    compare_new(folder, suite, &mut HashSet::new())
}

/// Judges every mutant by both, but for kinds of them that are known.
fn compare_new(folder: &Path, suite: &Value, known: &mut HashSet<String>) -> (usize, usize, Vec<String>) {
    let mut all = Vec::new();
    mutants(suite, "", &|changed| changed, &mut all);
    all.retain(|(what, _)| known.insert(what.clone()));
    let mut refused = 0;
    let mut apart = Vec::new();
    let count = all.len();
    for (what, mutant) in all {
        let diagnostics = loaded(folder, &mutant);
        refused += usize::from(diagnostics.is_some());
        apart.extend(disagreement(&mutant, diagnostics.as_ref()).map(|how| format!("{what}: {how}")));
    }
    (count, refused, apart)
}

#[track_caller]
fn assert_agreed(what: &str, (count, refused, apart): (usize, usize, Vec<String>)) {
    assert!(apart.is_empty(), "{what}: {} of {count} ({refused} refused):\n{}", apart.len(), apart.join("\n"));
}

#[test]
fn a_suite_with_every_key_made_wrong_in_every_way_is_judged_alike() {
    let folder = tempfile::tempdir().unwrap();
    let rows = "{\"q\": \"one\", \"a\": \"1\", \"id\": \"r1\"}\n{\"q\": \"two\", \"a\": \"2\", \"id\": \"r2\"}\n";
    std::fs::write(folder.path().join("rows.jsonl"), rows).unwrap();
    std::fs::write(folder.path().join("rows.csv"), "q,a\nx,1\n").unwrap();
    let suite = as_seen(EVERYTHING).unwrap();
    // The rows of a file without `expect` cannot be graded by `exact`.
    let suite = {
        let mut suite = suite;
        suite["dataset"][1] = json!({"path": "rows.csv", "expect": "{{ a }}"});
        suite
    };
    if let Some(mistakes) = loaded(folder.path(), &suite) {
        panic!("{}", mistakes.render(false, 100));
    }
    let compared = compare(folder.path(), &suite);
    assert!(compared.0 > 1_800 && compared.1 > 1_200, "{} {}", compared.0, compared.1);
    assert_agreed("everything", compared);
}

#[test]
fn datasets_in_every_form_made_wrong_in_every_way_are_judged_alike() {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in [
        ("rows.csv", "one,1\ntwo,2\nthree,1\n"),
        ("shots.jsonl", "{\"q\": \"s1\", \"a\": \"1\"}\n{\"q\": \"s2\", \"a\": \"2\"}\n"),
        ("deep.json", "{\"data\": {\"items\": [{\"q\": \"d\", \"a\": \"1\"}]}}"),
        ("note.txt", "a note"),
        ("shared.yaml", "- { vars: { q: shared }, expect: s }\n"),
    ] {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    let suite = as_seen(SHAPED).unwrap();
    let mistakes = loaded(folder.path(), &suite);
    let is_whole = load::KEYS.contains(&"include") && published_formats().next().is_some();
    match mistakes {
        None => assert_agreed("shaped", compare(folder.path(), &suite)),
        Some(mistakes) if is_whole => panic!("{}", mistakes.render(false, 100)),
        Some(_) => {}
    }
}

#[test]
fn shipped_suites_made_wrong_in_every_way_are_judged_alike() {
    let mut known = HashSet::new();
    for path in shipped() {
        let mut suite = as_seen(&std::fs::read_to_string(&path).unwrap()).unwrap();
        // One of each is as good as all.
        for key in ["cases", "models", "prompts"] {
            if let Some(items) = suite.get_mut(key).and_then(Value::as_array_mut) {
                items.truncate(1);
            }
        }
        let folder = tempfile::tempdir().unwrap();
        for entry in std::fs::read_dir(path.parent().unwrap()).unwrap() {
            let from = entry.unwrap().path();
            // Of data the first rows are as good as all.
            if from.is_file() {
                let bytes = std::fs::read(&from).unwrap();
                let is_lines = from.extension().is_some_and(|end| end == "jsonl" || end == "csv");
                let lines: Vec<&[u8]> = bytes.split_inclusive(|&byte| byte == b'\n').collect();
                let kept = if is_lines { lines[..lines.len().min(3)].concat() } else { bytes.clone() };
                std::fs::write(folder.path().join(from.file_name().unwrap()), kept).unwrap();
            }
        }
        assert_agreed(&path.display().to_string(), compare_new(folder.path(), &suite, &mut known));
    }
}
