//! Every format on rows of its shapes: what comes of them, and what is said of rows of other shapes.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::registry::PUBLISHED;
use super::{Raw, find};
use crate::grade::{BuildContext, build};
use crate::suite::dataset::bringing::written;
use crate::suite::dataset::item::Item;
use crate::suite::node::Node;

/// What a format makes of a row.
fn items_of(format: &str, file: &str, row: &Value) -> Result<Vec<Item>, (String, Option<String>)> {
    let published = find(format).unwrap();
    let mut items = Vec::new();
    let raw = Raw { columns: row.as_object().unwrap(), file };
    match (published.items)(&raw, &mut |item| items.push(item)) {
        Ok(()) => Ok(items),
        Err(odd) => Err((odd.message, odd.hint)),
    }
}

fn item(format: &str, row: &Value) -> Item {
    let mut items = items_of(format, "data/some_file.jsonl", row).unwrap();
    assert_eq!(items.len(), 1, "{row}");
    items.remove(0)
}

fn odd(format: &str, row: &Value) -> String {
    let (message, hint) = items_of(format, "f.jsonl", row).unwrap_err();
    format!("{message} | {}", hint.unwrap_or_default())
}

fn columns(item: &Item) -> Value {
    serde_json::from_str(&item.columns).unwrap()
}

fn expected(item: &Item) -> Value {
    item.expect.as_deref().map_or(Value::Null, |json| serde_json::from_str(json).unwrap())
}

fn graders(item: &Item) -> Value {
    item.graders.as_ref().map_or(Value::Null, Node::to_value)
}

#[test]
fn every_format_has_a_name_of_its_own_a_prompt_that_is_yaml_and_graders_that_can_be_built() {
    for (at, published) in PUBLISHED.iter().enumerate() {
        assert!(PUBLISHED[..at].iter().all(|other| other.name != published.name));
        assert!(!published.about.is_empty());
        assert_eq!(find(&published.name.replace('_', "-")).unwrap().name, published.name);
        if !published.prompt.is_empty() {
            assert!(matches!(written(published.prompt), Node::Text(_) | Node::Map(_)), "{}", published.prompt);
        }
        let Value::Array(graders) = written(published.graders).to_value() else { panic!("{}", published.name) };
        for grader in graders {
            build(&grader, &BuildContext { folder: "".as_ref() }).unwrap();
        }
    }
    assert_eq!(find("gsm8").unwrap_err(), Some("gsm8k"));
    assert_eq!(find("HumanEval").unwrap().name, "humaneval");
}

#[test]
fn gsm8k_expects_the_number_behind_the_marks() {
    for (answer, number) in [("a\n#### 42", "42"), ("#### 1,234,567", "1234567"), ("x #### -3.5 ", "-3.5"), ("7", "7")]
    {
        assert_eq!(expected(&item("gsm8k", &json!({ "question": "?", "answer": answer }))), json!(number));
    }
    assert_eq!(
        columns(&item("gsm8k", &json!({ "question": "q", "answer": "#### 1" }))),
        json!({ "question": "q", "answer": "#### 1" })
    );
    assert!(odd("gsm8k", &json!({ "question": "?", "answer": "#### many" })).contains("`many` behind `####`"));
    assert!(odd("gsm8k", &json!({ "question": "?", "answer": "so it is ten" })).contains("ends in `#### 42`"));
}

#[test]
fn mmlu_is_read_as_table_and_as_rows() {
    let table = json!({ "question": "q", "A": "w", "B": "x", "C": "y", "D": "z", "answer": "C" });
    let read = items_of("mmlu", "mmlu/data/test/high_school_physics_test.csv.gz", &table).unwrap().remove(0);
    assert_eq!((expected(&read), read.tags.as_slice()), (json!("C"), ["high_school_physics".to_owned()].as_slice()));
    let wanted =
        json!({ "question": "q", "answer": "C", "choices": ["w", "x", "y", "z"], "subject": "high_school_physics" });
    assert_eq!(columns(&read), wanted);
    let row = json!({ "question": "q", "subject": "law", "choices": ["w", "x", "y", "z"], "answer": 2 });
    assert_eq!((expected(&item("mmlu", &row)), item("mmlu", &row).tags), (json!("C"), vec!["law".to_owned()]));
    let header = json!({ "question": "question", "A": "A", "B": "B", "C": "C", "D": "D", "answer": "answer" });
    assert_eq!(items_of("mmlu", "t.csv", &header).unwrap(), [], "a header of one's own is no question");
    let said = odd("mmlu", &json!({ "question": "q", "choices": ["w", "x"], "answer": 2 }));
    assert!(said.contains("`answer` is 2, expected one of 2 options"), "{said}");
    assert!(odd("mmlu", &json!({ "question": "q", "choices": "w", "answer": 2 })).contains("expected a list of texts"));
}

#[test]
fn letters_that_are_options_themselves_are_told_apart() {
    let row = json!({ "question": "blood?", "choices": ["B", "A", "AB", "O"], "answer": 0 });
    assert_eq!(expected(&item("mmlu", &row)), json!("B"));
}

#[test]
fn mmlu_pro_has_up_to_ten_options() {
    let row = json!({ "question_id": 70, "question": "q", "options": ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"],
                      "answer": "I", "answer_index": 8, "category": "math" });
    let read = item("mmlu_pro", &row);
    assert_eq!((expected(&read), read.id.as_deref()), (json!("I"), Some("mmlu_pro/70")));
    assert_eq!(read.tags, ["math"]);
    let filled = json!({ "question": "q", "options": ["a", "b", "N/A", "N/A"], "answer": "B" });
    assert_eq!(columns(&item("mmlu_pro", &filled))["choices"], json!(["a", "b"]));
    assert_eq!(item("mmlu_pro", &filled).id, None);
}

#[test]
fn gpqa_moves_the_right_answer_and_always_to_the_same_place() {
    let row = |n: usize| {
        json!({ "Question": " q\n", "Correct Answer": "right\n", "Incorrect Answer 1": "a", "Incorrect Answer 2": "b",
                "Incorrect Answer 3": "c", "Subdomain": "Genetics", "High-level domain": "Biology",
                "Record ID": format!("rec{n}"), "Canary String": "x" })
    };
    let mut letters = std::collections::BTreeSet::new();
    for n in 0..60 {
        let read = item("gpqa", &row(n));
        assert_eq!(read, item("gpqa", &row(n)));
        let letter = expected(&read).as_str().unwrap().to_owned();
        let at = usize::from(letter.as_bytes()[0] - b'A');
        assert_eq!(columns(&read)["choices"][at], "right");
        letters.insert(letter);
    }
    assert_eq!(letters.len(), 4);
    let read = item("gpqa", &row(1));
    assert_eq!((read.id.as_deref(), read.tags), (Some("rec1"), vec!["Biology".to_owned(), "Genetics".to_owned()]));
    assert!(columns(&item("gpqa", &row(1))).get("Canary String").is_none());
}

#[test]
fn humaneval_and_mbpp_keep_what_the_grader_wants() {
    let row = json!({ "task_id": "HumanEval/0", "prompt": "def f():\n", "test": "def check(c): pass", "entry_point": "f",
                      "canonical_solution": "    pass" });
    let read = item("humaneval", &row);
    assert_eq!((columns(&read), read.id.as_deref()), (row, Some("HumanEval/0")));
    for (row, text) in [
        (
            json!({ "task_id": 11, "text": "Write f.", "code": "…", "test_list": ["assert f()"], "test_setup_code": "" }),
            "Write f.",
        ),
        (
            json!({ "task_id": 11, "prompt": "Write g.", "test_list": "[\"assert f()\"]", "test_imports": ["import re"] }),
            "Write g.",
        ),
    ] {
        let read = item("mbpp", &row);
        assert_eq!((read.id.as_deref(), &columns(&read)["text"]), (Some("mbpp/11"), &json!(text)));
        assert_eq!(columns(&read)["test_list"], json!(["assert f()"]));
        assert!(columns(&read).get("prompt").is_none());
    }
    assert!(odd("mbpp", &json!({ "task_id": 1, "text": "x", "test_list": [] })).contains("`test_list` is empty"));
}

#[test]
fn ifeval_keeps_its_instructions_and_tags_by_them() {
    let row = json!({ "key": 1000, "prompt": "p", "instruction_id_list": ["punctuation:no_comma"], "kwargs": [{ "num_words": null }] });
    let read = item("ifeval", &row);
    assert_eq!(
        (read.id.as_deref(), read.tags.as_slice()),
        (Some("ifeval/1000"), ["punctuation:no_comma".to_owned()].as_slice())
    );
    assert_eq!(columns(&read)["kwargs"], json!([{ "num_words": null }]));
    assert!(odd("ifeval", &json!({ "prompt": "p", "instruction_id_list": ["x"] })).contains("`kwargs` is missing"));
}

#[test]
fn bbh_is_graded_by_the_form_of_the_target() {
    let grader = |target: &str| {
        let row = json!({ "input": "q\nOptions:\n(A) one\n(B) two\n- no option", "target": target });
        let read = item("bbh", &row);
        let grader = graders(&read)[0].clone();
        build(&grader, &BuildContext { folder: "".as_ref() }).unwrap();
        (grader["type"].as_str().unwrap().to_owned(), grader["ignore_punctuation"].is_boolean(), expected(&read))
    };
    assert_eq!(grader("(B)"), ("choice".to_owned(), false, json!("B")));
    assert_eq!(grader("(R)"), ("choice".to_owned(), false, json!("R")), "an option that is not listed");
    assert_eq!(grader("-42"), ("number".to_owned(), false, json!("-42")));
    assert_eq!(grader("apple bat"), ("exact".to_owned(), true, json!("apple bat")));
    assert_eq!(grader("] ) }"), ("exact".to_owned(), false, json!("] ) }")));
    let read = items_of("bbh", "bbh/dyck_languages.json", &json!({ "input": "q", "target": ")" })).unwrap().remove(0);
    assert_eq!(read.tags, ["dyck_languages"]);
}

#[test]
fn truthfulqa_is_read_in_three_shapes_alike() {
    let shapes = [
        json!({ "question": "q", "mc1_targets": { "yes": 1, "no": 0, "maybe": 0 } }),
        json!({ "question": "q", "mc1_targets": { "choices": ["yes", "no", "maybe"], "labels": [1, 0, 0] } }),
        json!({ "Question": "q", "Best Answer": "yes", "Correct Answers": "yes; of course", "Incorrect Answers": "no; maybe; no",
                "Category": "Law", "Type": "Adversarial" }),
    ];
    let read: Vec<Item> = shapes.iter().map(|row| item("truthfulqa", row)).collect();
    for one in &read {
        assert_eq!((&columns(one)["choices"], expected(one)), (&columns(&read[0])["choices"], expected(&read[0])));
        let at = usize::from(expected(one).as_str().unwrap().as_bytes()[0] - b'A');
        assert_eq!(columns(one)["choices"][at], "yes");
    }
    assert_eq!(read[2].tags, ["Law"]);
    for (targets, part) in [
        (json!({ "a": 0, "b": 0 }), "no true answer"),
        (json!({ "a": 1, "b": 1 }), "several true answers"),
        (json!({ "a": 1 }), "nothing to choose from"),
        (json!({ "choices": ["a"], "labels": [1, 0] }), "1 choices and 2 labels"),
        (json!("x"), "expected a map"),
    ] {
        let said = odd("truthfulqa", &json!({ "question": "q", "mc1_targets": targets }));
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn squad_is_read_nested_and_flat() {
    let nested = json!({ "title": "T", "paragraphs": [{ "context": "c", "qas": [
        { "id": "1", "question": "q1", "answers": [{ "text": "a", "answer_start": 0 }, { "text": "a", "answer_start": 0 }] },
        { "id": "2", "question": "q2", "answers": [{ "text": "a" }, { "text": "b" }], "is_impossible": false },
        { "id": "3", "question": "q3", "answers": [], "is_impossible": true, "plausible_answers": [{ "text": "x" }] },
    ] }] });
    let read = items_of("squad", "train-v2.0.json", &nested).unwrap();
    let seen: Vec<_> = read.iter().map(|item| (item.id.clone().unwrap(), expected(item))).collect();
    let wanted = [("1", json!("a")), ("2", json!(["a", "b"])), ("3", json!("unanswerable"))];
    assert_eq!(seen, wanted.map(|(id, expect)| (id.to_owned(), expect)));
    assert_eq!(read[2].tags, ["T", "unanswerable"]);
    let flat = json!({ "id": "1", "title": "T", "context": "c", "question": "q1", "answers": { "text": ["a"], "answer_start": [0] } });
    assert_eq!(expected(&item("squad", &flat)), json!("a"));
    let broken = json!({ "title": "T", "paragraphs": [{ "context": "c", "qas": [{ "id": "1", "question": "q" }] }] });
    assert!(odd("squad", &broken).contains("paragraphs[0]: qas[0]: `answers` is missing"));
}

#[test]
fn openai_evals_takes_texts_and_messages() {
    let read = item("openai_evals", &json!({ "input": "2+2?", "ideal": 4 }));
    assert_eq!(columns(&read)["messages"], json!([{ "role": "user", "content": "2+2?" }]));
    assert_eq!(expected(&read), json!("4"));
    let messages =
        json!([{ "role": "system", "content": "s", "name": "example_user" }, { "role": "user", "content": "u" }]);
    let read = item("openai_evals", &json!({ "input": messages, "ideal": ["a", "b"] }));
    assert_eq!((&columns(&read)["messages"], expected(&read)), (&messages, json!(["a", "b"])));
    assert!(
        odd("openai_evals", &json!({ "input": [{ "role": "user" }], "ideal": "a" }))
            .contains("`input[0]` has no `content`")
    );
    assert!(odd("openai_evals", &json!({ "input": "a", "ideal": [] })).contains("`ideal` is"));
}

#[test]
fn chats_of_both_forms_expect_their_last_answer() {
    let share = json!({ "id": "x", "system": "be kind", "conversations": [
        { "from": "human", "value": "hi" }, { "from": "gpt", "value": "hello" }] });
    let read = item("chat", &share);
    let wanted = json!([{ "role": "system", "content": "be kind" }, { "role": "user", "content": "hi" }]);
    assert_eq!(
        (&columns(&read)["messages"], expected(&read), read.id.as_deref()),
        (&wanted, json!("hello"), Some("x"))
    );

    let tuning = json!({ "messages": [
        { "role": "user", "content": "weather?" },
        { "role": "assistant", "tool_calls": [{ "id": "1", "type": "function", "function": { "name": "get", "arguments": "{}" } }] },
        { "role": "tool", "tool_call_id": "1", "content": "sun" },
        { "role": "assistant", "content": "sunny", "weight": 1 }] });
    let read = item("chat", &tuning);
    assert_eq!(expected(&read), json!("sunny"));
    assert_eq!(columns(&read)["messages"].as_array().unwrap().len(), 3);
    assert_eq!(columns(&read)["messages"][1], tuning["messages"][1], "calls of tools are kept");

    let calls = json!({ "messages": [tuning["messages"][0], tuning["messages"][1]] });
    let read = item("chat", &calls);
    assert_eq!(
        (expected(&read), graders(&read)),
        (json!([{ "name": "get", "arguments": "{}" }]), json!(["tool_call"]))
    );

    let open = json!({ "messages": [{ "role": "user", "content": "hi" }] });
    assert_eq!((item("chat", &open).expect, graders(&item("chat", &open))), (None, json!([])));
    for (row, part) in [
        (json!({ "conversations": [{ "from": "observation", "value": "x" }] }), "nobody known"),
        (json!({ "conversations": [{ "value": "x" }] }), "`conversations[0]` has no `from`"),
        (json!({ "messages": [{ "role": "assistant", "content": "x" }] }), "nothing is asked"),
        (json!({ "messages": [] }), "`messages` is empty"),
        (json!({ "text": "x" }), "`messages` is missing: the only field is `text`"),
    ] {
        let said = odd("chat", &row);
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn a_row_of_another_format_is_recognised() {
    let rows = [
        ("gsm8k", json!({ "question": "q", "answer": "a #### 1" })),
        ("mmlu", json!({ "question": "q", "subject": "s", "choices": ["a", "b"], "answer": 0 })),
        (
            "mmlu_pro",
            json!({ "question_id": 1, "question": "q", "options": ["a", "b"], "answer": "A", "answer_index": 0 }),
        ),
        (
            "gpqa",
            json!({ "Question": "q", "Correct Answer": "a", "Incorrect Answer 1": "b", "Incorrect Answer 2": "c", "Incorrect Answer 3": "d" }),
        ),
        ("humaneval", json!({ "task_id": "t/1", "prompt": "p", "test": "t", "entry_point": "f" })),
        ("mbpp", json!({ "task_id": 1, "text": "t", "code": "c", "test_list": ["assert 1"] })),
        ("ifeval", json!({ "key": 1, "prompt": "p", "instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}] })),
        ("bbh", json!({ "input": "i", "target": "t" })),
        ("truthfulqa", json!({ "question": "q", "mc1_targets": { "a": 1, "b": 0 } })),
        ("squad", json!({ "context": "c", "question": "q", "answers": { "text": ["a"] } })),
        ("openai_evals", json!({ "input": "i", "ideal": "a" })),
        ("chat", json!({ "messages": [{ "role": "user", "content": "u" }] })),
        ("promptfoo", json!({ "q": "q", "__expected": "a" })),
    ];
    assert_eq!(rows.len(), PUBLISHED.len());
    for (of, row) in &rows {
        assert!(items_of(of, "f", row).is_ok_and(|items| items.len() == 1), "{of}: {row}");
        for other in PUBLISHED.iter().filter(|other| other.name != *of && other.name != "promptfoo") {
            let Err((message, hint)) = items_of(other.name, "f", row) else {
                panic!("{} took a row of {of}", other.name);
            };
            assert!(message.contains('`'), "{message}");
            assert!(
                hint.is_some_and(|hint| hint.contains(&format!("`format: {of}`"))),
                "{} of {of}: {message}",
                other.name
            );
        }
    }
}

/// Values such as hostile files hold them.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[\\PC\\n]{0,12}".prop_map(Value::from),
        prop::sample::select(vec![
            "#### 4",
            "A",
            "(B)",
            "[\"a\"]",
            "{}",
            "[]",
            "é",
            "(é)",
            "contains: a",
            "similar(0.8): x",
            "not-",
            "is-json:",
            "{{ q }}",
            "regex: (",
            "word-count: x",
            "latency(5)",
            "{{ q",
            "x\u{0}y",
            "user",
            "assistant",
            "tool",
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name(), inner), 0..4).prop_map(|entries| Value::Object(Map::from_iter(entries))),
        ]
    })
}

/// Names of fields that some format knows.
fn name() -> impl Strategy<Value = String> {
    let known = [
        "question",
        "answer",
        "choices",
        "options",
        "answer_index",
        "A",
        "B",
        "C",
        "D",
        "subject",
        "Question",
        "Correct Answer",
        "Incorrect Answer 1",
        "Incorrect Answer 2",
        "Incorrect Answer 3",
        "Record ID",
        "prompt",
        "test",
        "entry_point",
        "task_id",
        "text",
        "test_list",
        "code",
        "test_setup_code",
        "key",
        "instruction_id_list",
        "kwargs",
        "input",
        "target",
        "mc1_targets",
        "labels",
        "Best Answer",
        "Incorrect Answers",
        "context",
        "answers",
        "paragraphs",
        "qas",
        "ideal",
        "conversations",
        "messages",
        "from",
        "value",
        "role",
        "content",
        "tool_calls",
        "function",
        "vars",
        "assert",
        "type",
        "__expected",
        "__expected2",
        "__threshold",
        "__metadata:x[]",
        "__config:__expected:threshold",
        "__description",
        "_expected",
        "threshold",
    ];
    prop_oneof![9 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => "\\PC{0,6}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_row_makes_a_format_panic_and_what_comes_of_it_is_sound(
        entries in prop::collection::vec((name(), value()), 0..9),
        file in "\\PC{0,20}",
    ) {
        let row = Value::Object(Map::from_iter(entries));
        for published in PUBLISHED {
            if let Ok(items) = items_of(published.name, &file, &row) {
                for item in items {
                    prop_assert!(serde_json::from_str::<Map<String, Value>>(&item.columns).is_ok());
                    prop_assert!(item.expect.is_none_or(|json| serde_json::from_str::<Value>(&json).is_ok()));
                    prop_assert!(item.id.is_none_or(|id| !id.trim().is_empty()));
                    prop_assert!(item.graders.is_none_or(|graders| matches!(graders, Node::List(_))));
                }
            }
        }
    }

    #[test]
    fn no_row_of_the_right_fields_makes_a_format_panic(values in prop::collection::vec(value(), 12)) {
        let shapes: [(&str, &[&str]); 8] = [
            ("mmlu", &["question", "choices", "answer"]),
            ("mmlu_pro", &["question", "options", "answer_index"]),
            ("truthfulqa", &["question", "mc1_targets"]),
            ("squad", &["context", "question", "answers", "is_impossible"]),
            ("chat", &["messages"]),
            ("chat", &["conversations"]),
            ("bbh", &["input", "target"]),
            ("promptfoo", &["q", "__expected", "__expected1", "__config:__expected1:threshold"]),
        ];
        for (format, names) in shapes {
            let entries = names.iter().zip(&values).map(|(name, value)| ((*name).to_owned(), value.clone()));
            let _ = items_of(format, "f", &Value::Object(entries.collect()));
        }
    }
}
