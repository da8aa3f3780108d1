//! `tests` and `scenarios` → a list of tests and files of tests, in their order.

use crate::import::source::{self, Node, Value};
use crate::import::work::{Work, left_out_note};

use super::values::is_program;

/// How many files may name each other.
const MAX_DEPTH: usize = 4;

/// What tells a test from a row of variables.
const TEST_KEYS: [&str; 7] = ["vars", "assert", "options", "threshold", "provider", "metadata", "description"];

/// Tests that scenarios may multiply out to.
const MAX_TESTS: usize = 20_000;

/// One entry of `tests`.
#[derive(Debug)]
pub(super) enum Item {
    /// A test.
    Test(Node),
    /// A table of tests.
    Table {
        /// As the config names it.
        path: String,
        at: Node,
    },
    /// Nothing that was understood: the comment for its place.
    Note(String),
}

/// Reads `tests`, and the tests of `scenarios` behind them.
pub(super) fn gather(config: &Node, work: &mut Work<'_>) -> Vec<Item> {
    let mut items = Vec::new();
    if let Some(tests) = config.get("tests") {
        entries(tests, &mut items, work, 0);
    }
    if let Some(scenarios) = config.get("scenarios") {
        for scenario in scenarios.items() {
            read_scenario(scenario, &mut items, work, 0);
        }
    }
    items
}

fn left_out(what: &str, node: &Node, why: &str, items: &mut Vec<Item>, work: &mut Work<'_>) {
    work.list(node, what, why);
    items.push(Item::Note(left_out_note(node, None, why)));
}

fn entries(tests: &Node, items: &mut Vec<Item>, work: &mut Work<'_>, depth: usize) {
    for test in tests.items() {
        if items.len() >= MAX_TESTS {
            left_out("tests", test, "more tests than are read: put them into a dataset", items, work);
            return;
        }
        match &test.value {
            Value::Text(path) => file(path, test, items, work, depth),
            Value::Map(_) => match test.get("path").and_then(Node::text) {
                Some(path) if test.get("vars").is_none() && test.get("assert").is_none() => {
                    file(path, test, items, work, depth);
                }
                // A file may hold rows of variables, as a table does.
                _ if depth > 0 && !TEST_KEYS.iter().any(|key| test.get(key).is_some()) => {
                    let row = test.clone();
                    items.push(Item::Test(test.with(Value::Map(vec![("vars".to_owned(), row)]))));
                }
                _ => items.push(Item::Test(test.clone())),
            },
            _ => left_out("test", test, "a test is a map or a file", items, work),
        }
    }
}

fn file(path: &str, at: &Node, items: &mut Vec<Item>, work: &mut Work<'_>, depth: usize) {
    let path = path.trim();
    if path.starts_with("huggingface://") {
        let why = "name the file on the hub: `dataset: { path: hf://OWNER/NAME/PATH }`";
        return left_out("tests", at, why, items, work);
    }
    let path = path.strip_prefix("file://").unwrap_or(path);
    if path.contains("://") {
        return left_out("tests", at, "tests that a service keeps: save them as a CSV file", items, work);
    }
    if is_program(path) {
        return left_out("tests", at, "a program makes the tests: have it write a file", items, work);
    }
    if depth >= MAX_DEPTH {
        return left_out("tests", at, "files of tests name each other too deeply", items, work);
    }
    if path.contains('*') {
        let found = work.files.matching(path);
        if found.is_empty() {
            left_out("tests", at, "no file matches", items, work);
        }
        for path in found {
            file(&path, at, items, work, depth + 1);
        }
        return;
    }
    let path = path.split_once('#').map_or(path, |(file, _sheet)| file);
    let lower = path.to_ascii_lowercase();
    let ending = lower.rsplit_once('.').map_or("", |(_, ending)| ending);
    if ["csv", "tsv", "xlsx"].contains(&ending) {
        if work.files.exists(path) {
            items.push(Item::Table { path: path.to_owned(), at: at.clone() });
        } else {
            left_out("tests", at, "there is no such file", items, work);
        }
        return;
    }
    let read = if ["jsonl", "ndjson"].contains(&ending) { lines(path, work) } else { work.data(path) };
    match read {
        Ok(node) => {
            // A whole config, or the list under `tests`.
            let tests = node.get("tests").unwrap_or(&node);
            entries(tests, items, work, depth + 1);
        }
        Err(why) => left_out("tests", at, &why, items, work),
    }
}

/// A test a line.
fn lines(path: &str, work: &Work<'_>) -> Result<Node, String> {
    let text = work.files.read(path)?;
    let mut tests = Vec::new();
    for (i, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let json: serde_json::Value =
            serde_json::from_str(line).map_err(|error| format!("{path}:{}: {error}", i + 1))?;
        tests.push(Node::of_json(&json, &path.into(), i + 1));
    }
    Ok(Node { value: Value::List(tests), file: path.into(), line: 1 })
}

/// Each of a scenario's tests with each of its sets of variables.
fn read_scenario(scenario: &Node, items: &mut Vec<Item>, work: &mut Work<'_>, depth: usize) {
    if let Some(path) = scenario.text() {
        let path = path.strip_prefix("file://").unwrap_or(path);
        if depth >= MAX_DEPTH || is_program(path) {
            return left_out("scenario", scenario, "a program makes it", items, work);
        }
        let paths = if path.contains('*') { work.files.matching(path) } else { vec![path.to_owned()] };
        for path in paths {
            match work.data(&path) {
                Ok(node) => node.items().iter().for_each(|inner| read_scenario(inner, items, work, depth + 1)),
                Err(why) => left_out("scenario", scenario, &why, items, work),
            }
        }
        return;
    }
    let mut tests = Vec::new();
    match scenario.get("tests") {
        Some(node) => entries(node, &mut tests, work, depth),
        // The variables alone are tests.
        None => tests.push(Item::Test(scenario.with(Value::Map(Vec::new())))),
    }
    let empty = scenario.with(Value::Map(Vec::new()));
    let mut sets = Vec::new();
    match scenario.get("config") {
        None => sets.push(empty),
        Some(config) => {
            let mut read = Vec::new();
            entries(config, &mut read, work, depth);
            for item in read {
                match item {
                    Item::Test(node) => sets.push(node),
                    Item::Table { at, .. } => {
                        left_out("scenario", &at, "variables of a scenario from a table", items, work);
                    }
                    Item::Note(note) => items.push(Item::Note(note)),
                }
            }
        }
    }
    for set in &sets {
        for test in &tests {
            match test {
                Item::Test(test) if items.len() < MAX_TESTS => items.push(Item::Test(combined(set, test))),
                Item::Test(test) => return left_out("scenario", test, "more tests than are read", items, work),
                Item::Table { at, .. } => left_out("scenario", at, "tests of a scenario from a table", items, work),
                Item::Note(note) => items.push(Item::Note(note.clone())),
            }
        }
    }
}

/// A test over a set of variables, as promptfoo puts them together.
fn combined(set: &Node, test: &Node) -> Node {
    let mut entries: Vec<(String, Node)> = Vec::new();
    for (key, value) in set.entries().iter().chain(test.entries()) {
        let known = entries.iter_mut().find(|(known, _)| known == key);
        match (known, key.as_str()) {
            (Some((_, known)), "vars" | "metadata" | "options") => {
                let mut vars = known.entries().to_vec();
                vars.retain(|(name, _)| value.get(name).is_none());
                vars.extend(value.entries().iter().cloned());
                *known = value.with(Value::Map(vars));
            }
            (Some((_, known)), "assert") => {
                let asserts = known.items().iter().chain(value.items()).cloned().collect();
                *known = value.with(Value::List(asserts));
            }
            (Some((_, known)), _) => *known = value.clone(),
            (None, _) => entries.push((key.clone(), value.clone())),
        }
    }
    test.with(Value::Map(entries))
}

/// The value that `$ref: "#/a/b"` stands for, everywhere in a value.
pub(super) fn dereferenced(node: &Node, root: &Node, depth: usize) -> Node {
    if depth > 16 {
        return node.clone();
    }
    match &node.value {
        Value::Map(entries) => {
            let target = node
                .get("$ref")
                .and_then(Node::text)
                .and_then(|path| path.strip_prefix("#/"))
                .and_then(|path| path.split('/').try_fold(root, |node, key| node.get(key)));
            if let Some(target) = target {
                return dereferenced(target, root, depth + 1);
            }
            let entry = |(key, value): &(String, Node)| (key.clone(), dereferenced(value, root, depth + 1));
            node.with(Value::Map(entries.iter().map(entry).collect()))
        }
        Value::List(items) => {
            node.with(Value::List(items.iter().map(|item| dereferenced(item, root, depth + 1)).collect()))
        }
        _ => node.clone(),
    }
}

/// Reads a text that names a YAML or JSON file, else the value itself.
pub(super) fn loaded(node: &Node, work: &Work<'_>) -> Result<Node, String> {
    match node.text() {
        Some(path) => {
            let path = path.strip_prefix("file://").unwrap_or(path);
            if is_program(path) {
                return Err("it is made by a program".to_owned());
            }
            let text = work.files.read(path)?;
            source::parse(&text, path).map_err(|error| format!("{path}:{}: {}", error.line, error.message))
        }
        None => Ok(node.clone()),
    }
}
