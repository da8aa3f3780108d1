//! A CSV file of tests: its columns, and its rows as tests where they cannot stay a dataset.

use crate::import::emit::{Block, Yaml};
use crate::import::source::{Node, Value};
use crate::import::work::Work;

/// Rows that are written out as cases.
const MAX_ROWS: usize = 5_000;

/// Types that may stand in front of the colon in `__expected`; any other text is what equals the answer.
const TYPES: [&str; 44] = [
    "answer-relevance",
    "bleu",
    "classifier",
    "contains",
    "contains-all",
    "contains-any",
    "contains-html",
    "contains-json",
    "contains-sql",
    "contains-xml",
    "context-faithfulness",
    "context-recall",
    "context-relevance",
    "cost",
    "equals",
    "factuality",
    "finish-reason",
    "g-eval",
    "gleu",
    "guardrails",
    "icontains",
    "icontains-all",
    "icontains-any",
    "is-html",
    "is-json",
    "is-refusal",
    "is-sql",
    "is-valid-openai-function-call",
    "is-valid-openai-tools-call",
    "is-xml",
    "latency",
    "levenshtein",
    "llm-rubric",
    "meteor",
    "model-graded-closedqa",
    "model-graded-factuality",
    "moderation",
    "perplexity",
    "regex",
    "rouge-n",
    "similar",
    "starts-with",
    "webhook",
    "word-count",
];

/// Types that datasets of this format know, by the words they begin with.
const OF_DATASETS: [&str; 19] = [
    "equals",
    "contains",
    "contains-all",
    "contains-any",
    "contains-json",
    "icontains",
    "icontains-all",
    "icontains-any",
    "is-json",
    "contains-xml",
    "is-xml",
    "is-refusal",
    "finish-reason",
    "levenshtein",
    "rouge-n",
    "bleu",
    "starts-with",
    "regex",
    "word-count",
];

/// The columns of a table of tests: variables, and whether it brings expectations of its own.
#[derive(Debug, Default)]
pub(super) struct Columns {
    pub(super) variables: Vec<String>,
    pub(super) expects: bool,
}

fn reader(text: &str) -> Option<csv::Reader<&[u8]>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let head = text.lines().next()?;
    let delimiter =
        [b',', b';', b'\t', b'|'].into_iter().rev().max_by_key(|c| head.bytes().filter(|b| b == c).count())?;
    Some(csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes()))
}

/// Reads the head of a table; `None` where it cannot be read here.
pub(super) fn columns(path: &str, work: &Work<'_>) -> Option<Columns> {
    if path.to_ascii_lowercase().ends_with(".xlsx") {
        return None;
    }
    let text = work.files.read(path).ok()?;
    let mut columns = Columns::default();
    for name in reader(&text)?.headers().ok()?.iter().map(str::trim) {
        if name.starts_with("__expected") {
            columns.expects = true;
        } else if !name.starts_with("__") && !name.is_empty() {
            columns.variables.push(name.to_owned());
        }
    }
    Some(columns)
}

/// The rows as tests; `None` where a dataset can hold them: `has_graders` says whether every case has further graders,
/// beside which a dataset brings none of its own.
pub(super) fn tests(path: &str, has_graders: bool, work: &Work<'_>) -> Option<Vec<Node>> {
    if !columns(path, work)?.expects {
        return None;
    }
    let text = work.files.read(path).ok()?;
    let mut reader = reader(&text)?;
    let head = reader.headers().ok()?.clone();
    let mut tests = Vec::new();
    let mut is_known = true;
    for record in reader.records() {
        let record = record.ok()?;
        let line = record.position().map_or(1, |position| usize::try_from(position.line()).unwrap_or(1));
        let test = test(&head, &record, &Node { value: Value::Null, file: path.into(), line });
        is_known &= test.get("assert").map(Node::items).unwrap_or_default().iter().all(|assertion| {
            let kind = super::asserts::kind(assertion).0;
            let is_pattern = kind == "regex"
                && assertion.get("value").and_then(Node::text).is_some_and(|text| regex::Regex::new(text).is_err());
            OF_DATASETS.contains(&kind.as_str()) && !is_pattern
        });
        tests.push(test);
        if tests.len() > MAX_ROWS {
            return None;
        }
    }
    (has_graders || !is_known).then_some(tests)
}

fn test(head: &csv::StringRecord, record: &csv::StringRecord, at: &Node) -> Node {
    let text = |text: &str| at.with(Value::Text(text.to_owned()));
    let (mut vars, mut asserts, mut metadata, mut options, mut keys) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut metric = None;
    for (name, cell) in head.iter().map(str::trim).zip(record) {
        let given = !cell.trim().is_empty();
        match name {
            "" => {}
            "__description" if given => keys.push(("description".to_owned(), text(cell))),
            "__threshold" if given => keys.push(("threshold".to_owned(), text(cell))),
            "__metric" if given => metric = Some(cell.to_owned()),
            "__prefix" | "__suffix" if given => options.push((name.trim_start_matches('_').to_owned(), text(cell))),
            _ if name.starts_with("__expected") => {
                asserts.extend(given.then(|| (name.to_owned(), assertion(cell.trim(), at))));
            }
            _ => match name.strip_prefix("__metadata:") {
                Some(key) if given => metadata.push((key.trim_end_matches("[]").to_owned(), text(cell))),
                _ if name.starts_with("__") => {}
                _ => vars.push((name.to_owned(), text(cell))),
            },
        }
    }
    // `__config:__expected2:threshold`
    for (name, cell) in head.iter().map(str::trim).zip(record).filter(|(_, cell)| !cell.trim().is_empty()) {
        let Some((column, key)) = name.strip_prefix("__config:").and_then(|rest| rest.split_once(':')) else {
            continue;
        };
        for (_, entries) in asserts.iter_mut().filter(|(known, _)| known == column || column == "__expected") {
            entries.push((key.to_owned(), text(cell)));
        }
    }
    let asserts = asserts.into_iter().map(|(_, mut entries)| {
        entries.extend(metric.as_deref().map(|metric| ("metric".to_owned(), text(metric))));
        at.with(Value::Map(entries))
    });
    keys.push(("vars".to_owned(), at.with(Value::Map(vars))));
    keys.push(("assert".to_owned(), at.with(Value::List(asserts.collect()))));
    for (key, entries) in [("metadata", metadata), ("options", options)] {
        if !entries.is_empty() {
            keys.push((key.to_owned(), at.with(Value::Map(entries))));
        }
    }
    at.with(Value::Map(keys))
}

/// `contains: x`, `similar(0.8): x`, `fn: …`, or the text that equals the answer.
fn assertion(cell: &str, at: &Node) -> Vec<(String, Node)> {
    let text = |text: &str| at.with(Value::Text(text.trim().to_owned()));
    let made = |kind: &str, value: &str| vec![("type".to_owned(), text(kind)), ("value".to_owned(), text(value))];
    for (prefix, kind) in [
        ("javascript:", "javascript"),
        ("fn:", "javascript"),
        ("eval:", "javascript"),
        ("python:", "python"),
        ("grade:", "llm-rubric"),
    ] {
        if let Some(value) = cell.strip_prefix(prefix) {
            return made(kind, value);
        }
    }
    if cell.starts_with("file://") {
        return made(if cell.contains(".py") { "python" } else { "javascript" }, cell);
    }
    let (head, value) = match cell.split_once(':') {
        Some((head, value)) => (head, Some(value)),
        None => (cell, None),
    };
    let (kind, limit) = match head.split_once('(') {
        Some((kind, limit)) => (kind, limit.strip_suffix(')')),
        None => (head, None),
    };
    let bare = kind.strip_prefix("not-").unwrap_or(kind);
    if !TYPES.contains(&bare)
        || (value.is_none() && !bare.starts_with("is-") && !bare.starts_with("contains-") && limit.is_none())
    {
        return made("equals", cell);
    }
    let mut entries = vec![("type".to_owned(), text(kind))];
    entries.extend(value.filter(|value| !value.trim().is_empty()).map(|value| ("value".to_owned(), text(value))));
    entries.extend(limit.map(|limit| ("threshold".to_owned(), text(limit))));
    entries
}

/// The entry of `dataset` for a table, without its variables and graders.
pub(super) fn dataset(path: &str, work: &Work<'_>) -> Block {
    let mut entry = Block::default();
    entry.put("path", Yaml::Text(work.path(path)));
    entry.put("format", "promptfoo");
    entry
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_expected_names_its_type_or_equals_the_answer() {
        let at = Node { value: Value::Null, file: "".into(), line: 1 };
        let read = |cell| {
            let entries = assertion(cell, &at);
            entries.iter().map(|(key, node)| format!("{key}={}", node.text().unwrap())).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(read("Paris"), "type=equals value=Paris");
        assert_eq!(read("time: 12:30"), "type=equals value=time: 12:30");
        assert_eq!(read("contains: a: b"), "type=contains value=a: b");
        assert_eq!(read("not-similar(0.8):x"), "type=not-similar value=x threshold=0.8");
        assert_eq!(read("is-json"), "type=is-json");
        assert_eq!(read("latency(500)"), "type=latency threshold=500");
        assert_eq!(read("fn:output.includes('a')"), "type=javascript value=output.includes('a')");
        assert_eq!(read("file://check.py"), "type=python value=file://check.py");
        assert_eq!(read("grade: is kind"), "type=llm-rubric value=is kind");
        assert_eq!(read("contains"), "type=equals value=contains");
    }
}
