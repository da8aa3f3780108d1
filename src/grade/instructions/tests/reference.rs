//! Agreement with the published checks, on vectors that `tests/reference/ifeval.py` writes.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::grade::tests::grade;

use super::super::language;
use super::super::text::{capital_words, count_words, sentences};

/// What the script writes.
#[derive(Debug, Deserialize)]
struct Reference {
    instructions: Vec<Instruction>,
    responses: Vec<Response>,
    languages: Vec<Spoken>,
    texts: Vec<Text>,
}

#[derive(Debug, Deserialize)]
struct Instruction {
    id: String,
    kwargs: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
struct Response {
    response: String,
    strict: String,
    loose: String,
}

#[derive(Debug, Deserialize)]
struct Spoken {
    text: String,
    language: String,
}

#[derive(Debug, Deserialize)]
struct Text {
    text: String,
    sentences: Vec<String>,
    words: u64,
    capitals: u64,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("../../../../tests/reference/ifeval.json")).unwrap()
}

#[test]
fn verdicts_agree_with_the_published_checks() {
    let reference = reference();
    let mut wrong = Vec::new();
    for Instruction { id, kwargs } in &reference.instructions {
        let mut instruction = kwargs.clone();
        instruction.insert("id".to_owned(), json!(id));
        for (index, response) in reference.responses.iter().enumerate() {
            let _ = index;
            for (mode, _) in [("strict", &response.strict), ("loose", &response.loose)] {
                let grade = grade(&json!({"type": "instructions", "mode": mode, "instructions": instruction}), &response.response);
                let column = reference.instructions.iter().position(|other| std::ptr::eq(&other.kwargs, kwargs)).unwrap();
                let want = if mode == "strict" { &response.strict } else { &response.loose };
                let want = want.as_bytes()[column] == b'1';
                if grade.pass != Some(want) {
                    wrong.push(format!("{mode} {id} {kwargs:?} {:?}: want {want}, {:?}", response.response, grade.reason));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn texts() {
    let mut wrong = Vec::new();
    for text in reference().texts {
        if sentences(&text.text) != text.sentences {
            wrong.push(format!("{:?}\n   {:?}", text.sentences, sentences(&text.text)));
        }
        if count_words(&text.text) != text.words { wrong.push(format!("words {} {} {}", text.text, text.words, count_words(&text.text))) }
        if capital_words(&text.text) != text.capitals { wrong.push(format!("caps {} {} {}", text.text, text.capitals, capital_words(&text.text))) }
    }
    for s in reference().languages {
        let l = language::Language::of_code(&s.language).unwrap();
        if let Err(e) = language::follow(&s.text, l) { wrong.push(format!("{} {e}", s.language)) }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}
