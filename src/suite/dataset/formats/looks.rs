//! Which published format a row looks like, for hints.

use serde_json::{Map, Value};

/// What a row of a format has that others have not: every one of these fields, and of each group one.
const SIGNS: &[(&str, &[&[&str]])] = &[
    ("ifeval", &[&["instruction_id_list"]]),
    ("humaneval", &[&["entry_point"], &["test"], &["prompt"]]),
    ("mbpp", &[&["test_list"], &["code"]]),
    ("gpqa", &[&["Correct Answer"], &["Incorrect Answer 1"]]),
    ("truthfulqa", &[&["mc1_targets", "Best Answer"]]),
    ("mmlu_pro", &[&["options"], &["answer_index", "answer"], &["question"]]),
    ("mmlu", &[&["choices"], &["answer"], &["question"]]),
    ("squad", &[&["context"], &["question"], &["answers"]]),
    ("squad", &[&["paragraphs"]]),
    ("openai_evals", &[&["ideal"], &["input"]]),
    ("chat", &[&["conversations", "messages"]]),
    ("promptfoo", &[&["__expected", "__expected1", "__description"]]),
    ("bbh", &[&["input"], &["target"]]),
];

/// The format whose fields the row has.
pub(super) fn looks_like(columns: &Map<String, Value>) -> Option<&'static str> {
    let has = |group: &&[&str]| group.iter().any(|name| columns.contains_key(*name));
    let known = SIGNS.iter().find(|(_, groups)| groups.iter().all(has)).map(|(name, _)| *name);
    known.or_else(|| {
        let solved = columns.get("answer")?.as_str()?.contains("####");
        (solved && columns.contains_key("question")).then_some("gsm8k")
    })
}
