//! Agreement with the published checks, on vectors that `tests/reference/ifeval.py` writes.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::super::language::{self, Language};
use super::super::read::IDS;
use super::super::text::{capital_words, count_words, sentences};
use crate::grade::tests::{graded, set, text};

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

/// A response, and `0` or `1` for each instruction.
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

/// Disagreements kept on purpose: the check, its arguments, how the response begins, and our verdicts, strict and loose.
///
/// The languages are those of scraps: `langdetect` takes names in JSON for Danish, `JSON` alone for Somali and `Here it
/// is:` for Dutch. Ours takes Latin letters that are hard to tell for English as well as for what they are guessed to be.
const KEPT: &[(&str, &str, &str, [bool; 2])] = &[
    ("language:response_language", "en", "```json\n{\"name", [true, true]),
    ("language:response_language", "en", "```JSON\n[1, 2", [true, true]),
    ("language:response_language", "en", "  {\"a\": \"", [true, true]),
    ("language:response_language", "en", "Visit www.river.org.", [true, true]),
    ("change_case:english_capital", "", "```JSON\n[1, 2", [true, true]),
    ("change_case:english_capital", "", "WRITE A POEM", [false, true]),
    ("change_case:english_lowercase", "", "```json\n{\"name", [true, true]),
    ("change_case:english_lowercase", "", "  {\"a\": \"", [true, true]),
    ("change_case:english_lowercase", "", "Here it is:\n- one", [false, true]),
    ("change_case:english_lowercase", "", "See you soon.", [false, true]),
    // Python reads `NaN` as JSON; it is none.
    ("detectable_format:json_format", "", "{\"not a number\": NaN}", [false, false]),
];

#[test]
fn verdicts_agree_with_the_published_checks() {
    let reference = reference();
    let mut kept = Vec::new();
    for (column, Instruction { id, kwargs }) in reference.instructions.iter().enumerate() {
        let mut instruction = kwargs.clone();
        instruction.insert("id".to_owned(), json!(id));
        let [strict, loose] = ["strict", "loose"]
            .map(|mode| set(&[json!({"type": "instructions", "mode": mode, "instructions": instruction})]));
        for (row, Response { response, strict: by_strict, loose: by_loose }) in reference.responses.iter().enumerate() {
            let theirs = [by_strict, by_loose].map(|row| row.as_bytes()[column] == b'1');
            let ours = [&strict, &loose].map(|set| graded(set, &text(response), None).pass == Some(true));
            let is_kept = |(kept, language, start, verdicts): &(&str, &str, &str, [bool; 2])| {
                kept == id
                    && kwargs.get("language").is_none_or(|given| given == language)
                    && response.starts_with(start)
                    && *verdicts == ours
            };
            if ours != theirs {
                let known = KEPT.iter().position(is_kept);
                assert!(known.is_some(), "{id} {kwargs:?} of {response:?}: {ours:?}, not {theirs:?}");
                kept.push((column, row));
            }
        }
    }
    assert_eq!(kept.len(), KEPT.len(), "some disagreement is over: {kept:?}");
    assert_eq!((reference.instructions.len(), reference.responses.len()), (42, 50));
}

#[test]
fn the_vectors_hold_every_check() {
    let reference = reference();
    for id in IDS {
        assert!(reference.instructions.iter().any(|instruction| instruction.id == id), "{id}");
    }
}

/// Texts that are cut into other sentences on purpose, and ours.
///
/// NLTK's model holds abbreviations of its newspapers; `e.f` is an investment bank's. Ours are common English.
const CUT: &[(&str, &[&str])] = &[("A.B. C.D. e.f. G", &["A.B.", "C.D.", "e.f.", "G"])];

#[test]
fn sentences_and_words_are_those_of_nltk() {
    for text in reference().texts {
        match CUT.iter().find(|(cut, _)| *cut == text.text) {
            Some((_, ours)) => {
                assert_eq!(sentences(&text.text), *ours);
                assert_ne!(text.sentences, *ours, "the disagreement is over");
            }
            None => assert_eq!(sentences(&text.text), text.sentences),
        }
        assert_eq!(count_words(&text.text), text.words, "{}", text.text);
        assert_eq!(capital_words(&text.text), text.capitals, "{}", text.text);
    }
}

#[test]
fn every_published_language_is_told() {
    let languages = reference().languages;
    assert_eq!(languages.len(), 30);
    for Spoken { text, language } in languages {
        let language = Language::of_code(&language).unwrap();
        assert_eq!(language::follow(&text, language), Ok(()));
    }
}
