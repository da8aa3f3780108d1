//! Whether a file is a published benchmark, by the columns that only it has.

use serde_json::Value;

use super::table::{Table, text};

/// A format and the columns that it has; all of them, on every row that is looked at.
const FORMATS: &[(&str, &[&str])] = &[
    ("ifeval", &["prompt", "instruction_id_list", "kwargs"]),
    ("humaneval", &["task_id", "prompt", "test", "entry_point"]),
    ("mbpp", &["task_id", "code", "test_list"]),
    ("truthfulqa", &["question", "mc1_targets"]),
    ("gpqa", &["Question", "Correct Answer", "Incorrect Answer 1"]),
    ("squad", &["context", "question", "answers"]),
    ("mmlu_pro", &["question", "options", "answer_index"]),
    ("mmlu", &["question", "choices", "answer", "subject"]),
    ("openai_evals", &["input", "ideal"]),
    ("promptfoo", &["__expected"]),
    ("promptfoo", &["__expected1"]),
    ("gsm8k", &["question", "answer"]),
    ("chat", &["messages"]),
    ("chat", &["conversations"]),
];

/// Rows that are looked at.
const LOOKED_AT: usize = 100;

/// The format, where `known` has it.
pub(super) fn recognise(table: &Table, known: &[&str]) -> Option<&'static str> {
    let has = |columns: &&[&str]| {
        let all = |row: &serde_json::Map<String, Value>| columns.iter().all(|column| row.contains_key(*column));
        !table.rows.is_empty() && table.rows.iter().take(LOOKED_AT).all(all)
    };
    if let Some(nested) = table.nested {
        return known.contains(&nested).then_some(nested);
    }
    let (name, _) = FORMATS.iter().find(|(name, columns)| has(columns) && holds(name, table))?;
    known.contains(name).then_some(*name)
}

/// What a format needs besides columns that others have too.
fn holds(name: &str, table: &Table) -> bool {
    let every = |column: &'static str, is: &dyn Fn(&Value) -> bool| {
        table.values(column).take(LOOKED_AT).all(|value| value.is_some_and(is))
    };
    match name {
        "gsm8k" => every("answer", &|answer| text(answer).contains("\n####") || text(answer).starts_with("####")),
        "openai_evals" => every("input", &Value::is_array),
        "chat" => every("messages", &Value::is_array) || every("conversations", &Value::is_array),
        "squad" => every("answers", &Value::is_object),
        "mmlu" => every("choices", &Value::is_array),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn recognised(row: Value) -> Option<&'static str> {
        let rows = vec![row.as_object().unwrap().clone()];
        let table = Table {
            format: String::new(),
            columns: rows[0].keys().cloned().collect(),
            rows,
            more: false,
            nested: None,
        };
        let all: Vec<&str> = FORMATS.iter().map(|(name, _)| *name).collect();
        assert_eq!(recognise(&table, &[]), None, "a format that is not known is not named");
        recognise(&table, &all)
    }

    #[test]
    fn a_benchmark_is_known_by_its_columns() {
        assert_eq!(recognised(json!({"question": "q", "answer": "2+2=4\n#### 4"})), Some("gsm8k"));
        assert_eq!(recognised(json!({"question": "q", "answer": "4"})), None);
        assert_eq!(recognised(json!({"prompt": "p", "instruction_id_list": [], "kwargs": []})), Some("ifeval"));
        assert_eq!(
            recognised(json!({"input": [{"role": "user", "content": "x"}], "ideal": "y"})),
            Some("openai_evals")
        );
        assert_eq!(recognised(json!({"input": "x", "ideal": "y"})), None);
        assert_eq!(recognised(json!({"messages": [{"role": "user", "content": "x"}]})), Some("chat"));
        assert_eq!(recognised(json!({"topic": "x", "__expected": "contains: y"})), Some("promptfoo"));
        assert_eq!(
            recognised(json!({"topic": "x", "__expected1": "contains: y", "__expected2": ""})),
            Some("promptfoo")
        );
    }
}
