//! What every grader takes: `extract`, `weight`; and the graders of texts and of how an answer came about.

use std::time::Duration;

use futures::FutureExt;
use serde_json::{Map, Value, json};

use super::{grade, grade_with, graded, set, text, verdicts};
use crate::grade::{Answer, Grade, Measured, Subject, distinct_label};
use crate::units::Usd;

#[test]
fn texts_are_compared_without_what_does_not_count() {
    let with = |kind: &str, option: &str| json!({"type": kind, option: true});
    let nfkc = |kind: &str| json!({"type": kind, "unicode": "nfkc"});
    verdicts(&[
        (json!("exact"), "e\u{301}", json!("é"), false),
        (json!({"type": "exact", "unicode": "nfc"}), "e\u{301}", json!("é"), true),
        (json!({"type": "exact", "unicode": "nfc"}), "ﬁn", json!("fin"), false),
        (nfkc("exact"), "ﬁn", json!("fin"), true),
        (nfkc("contains"), "it is ４２", json!("42"), true),
        (json!("contains"), "it is ４２", json!("42"), false),
        (with("exact", "ignore_articles"), "The cat", json!("cat"), true),
        (with("exact", "ignore_articles"), "a cat, the dog", json!("cat, dog"), true),
        (with("exact", "ignore_articles"), "theatre", json!("atre"), false),
        (with("contains", "ignore_articles"), "over the moon", json!("over moon"), true),
        (
            json!({
                "type": "exact", "ignore_case": true, "ignore_punctuation": true, "ignore_articles": true,
                "ignore_whitespace": true, "unicode": "nfkc",
            }),
            "The  Ｅiffel-Tower!",
            json!("eiffeltower"),
            true,
        ),
    ]);
    let near = |answer: &str| grade_with(&json!("exact"), answer, &json!("cat fish")).reason.unwrap();
    assert!(near("the cat fish").ends_with("(equal with `ignore_articles: true`)"), "{}", near("the cat fish"));
    assert!(near("cat ｆish").ends_with("(equal with `unicode: nfkc`)"), "{}", near("cat ｆish"));
}

#[test]
fn both_ends_of_an_answer_can_be_compared() {
    verdicts(&[
        (json!("starts_with"), "Yes, sure", json!("Yes"), true),
        (json!("starts_with"), "\n Yes", json!("Yes"), true),
        (json!("starts_with"), "yes", json!("Yes"), false),
        (json!({"type": "starts_with", "ignore_case": true}), "yes", json!("Yes"), true),
        (json!({"type": "starts_with", "trim": false}), " Yes", json!("Yes"), false),
        (json!("starts_with"), "No", json!(["Yes", "No"]), true),
        (json!("starts_with"), "Oh, Yes", json!("Yes"), false),
        (json!({"type": "starts_with", "value": "{"}), "{\"a\": 1}", json!(null), true),
        (json!("ends_with"), "I say yes.\n", json!("yes."), true),
        (json!("ends_with"), "I say yes!", json!(["yes", "yes."]), false),
        (json!({"type": "ends_with", "ignore_punctuation": true}), "I say yes!", json!("yes."), true),
        (json!({"type": "ends_with", "value": "yes", "not": true}), "no", json!(null), true),
    ]);
    let long = format!("{} the end", "word ".repeat(200));
    for (kind, answer, reason) in [
        ("starts_with", "no", r#"expected the answer to begin with "Yes", got "no""#),
        ("ends_with", "no", r#"expected the answer to end with "Yes", got "no""#),
        ("starts_with", "yes", "(so it is with `ignore_case: true`)"),
        ("ends_with", &long, r#"word  the end""#),
    ] {
        let said = grade_with(&json!(kind), answer, &json!("Yes")).reason.unwrap();
        assert!(said.ends_with(reason), "{said}");
    }
}

#[test]
fn length_has_bounds_in_a_unit() {
    let with = |unit: &str, bound: &str, n: u64| json!({"type": "length", "unit": unit, bound: n});
    verdicts(&[
        (json!({"type": "length", "max": 3}), "abc\n", json!(null), true),
        (json!({"type": "length", "max": 3}), "abcd", json!(null), false),
        (with("words", "min", 2), "one", json!(null), false),
        (with("words", "exactly", 2), "one two", json!(null), true),
        (with("words", "exactly", 2), "one two three", json!(null), false),
        (with("sentences", "max", 1), "One. Two.", json!(null), false),
        (with("lines", "exactly", 3), "a\nb\n\nc", json!(null), true),
        (with("paragraphs", "exactly", 2), "a\nb\n\nc", json!(null), true),
        (with("bytes", "exactly", 2), "é", json!(null), true),
        (with("code_points", "exactly", 2), "e\u{301}", json!(null), true),
        (with("characters", "exactly", 1), "e\u{301}", json!(null), true),
        (json!({"type": "length", "min": 1, "max": 2, "unit": "words"}), "", json!(null), false),
    ]);
    for (grader, reason) in [
        (with("words", "max", 1), r#"expected at most 1 word, got 2 words: "one two""#),
        (with("words", "min", 3), r#"expected at least 3 words, got 2 words: "one two""#),
        (with("words", "exactly", 3), r#"expected exactly 3 words, got 2 words: "one two""#),
        (json!({"type": "length", "min": 8, "max": 9}), r#"expected 8 to 9 characters, got 7 characters: "one two""#),
    ] {
        assert_eq!(grade(&grader, "one two").reason.as_deref(), Some(reason));
    }
}

fn measured(grader: &Value, answer: &Answer, measured: Measured) -> Grade {
    let vars = Map::new();
    let subject = Subject { measured, ..Subject::new(answer, None, &vars) };
    set(std::slice::from_ref(grader)).grade(subject).now_or_never().unwrap().grades.remove(0)
}

#[test]
fn measurements_are_held_against_limits_and_unknown_ones_are_errors() {
    let known = Measured {
        latency: Some(Duration::from_millis(5001)),
        ttft: Some(Duration::from_millis(900)),
        cost: Usd::from_json("0.0105"),
        prompt_tokens: Some(100),
        completion_tokens: Some(60),
        reasoning_tokens: Some(0),
    };
    for (grader, pass, reason) in [
        (json!({"type": "latency", "max": "5s"}), false, "expected the answer within 5s, it took 5.001s"),
        (json!({"type": "latency", "max": "5001ms"}), true, ""),
        (json!({"type": "ttft", "max": "1s"}), true, ""),
        (json!({"type": "ttft", "max": "0.5s"}), false, "expected the first token within 500ms, it took 0.900s"),
        (json!({"type": "cost", "max": "$0.01"}), false, "expected a cost of at most $0.01, it was $0.0105"),
        (json!({"type": "cost", "max": 0.0105}), true, ""),
        (json!({"type": "cost", "max": 1e-5}), false, "at most $0.00001,"),
        (
            json!({"type": "tokens", "max": 59}),
            false,
            "expected at most 59 completion tokens, it took 60 completion tokens",
        ),
        (json!({"type": "tokens", "max": 60, "min": 60}), true, ""),
        (json!({"type": "tokens", "of": "prompt", "min": 101}), false, "at least 101 prompt tokens"),
        (json!({"type": "tokens", "of": "total", "max": 160}), true, ""),
        (json!({"type": "tokens", "of": "reasoning", "min": 1}), false, "it took 0 reasoning tokens"),
    ] {
        let grade = measured(&grader, &text("x"), known);
        assert_eq!((grade.pass, grade.score), (Some(pass), Some(f64::from(u8::from(pass)))), "{grader}: {grade:?}");
        assert!(grade.reason.as_deref().unwrap_or_default().contains(reason), "{grade:?}");
        for grader in [grader.clone(), json!({"type": "not", "of": grader})] {
            let unknown = measured(&grader, &text("x"), Measured::default());
            assert_eq!((unknown.pass, unknown.score), (None, None), "{grader}");
            assert!(unknown.reason.unwrap().contains("not known"), "{grader}");
        }
    }
    let half = Measured { prompt_tokens: None, ..known };
    assert_eq!(measured(&json!({"type": "tokens", "of": "total", "max": 160}), &text("x"), half).pass, None);
}

#[test]
fn the_end_of_an_answer_and_refusals_are_told() {
    let ended = |reason: Option<&str>| Answer { finish_reason: reason.map(ToOwned::to_owned), ..text("x") };
    let refused = Answer { refusal: Some("I cannot".to_owned()), ..Answer::default() };
    let no = text("I'm sorry, but I can't help with that.");
    for (grader, answer, pass) in [
        (json!("finish_reason"), ended(Some("stop")), Some(true)),
        (json!("finish_reason"), ended(Some("length")), Some(false)),
        (json!({"type": "finish_reason", "is": ["length", "tool_calls"]}), ended(Some("tool_calls")), Some(true)),
        (json!("finish_reason"), ended(None), None),
        (json!("refusal"), refused.clone(), Some(true)),
        (json!("refusal"), no.clone(), Some(true)),
        (json!("refusal"), ended(Some("content_filter")), Some(true)),
        (json!("refusal"), ended(Some("stop")), Some(false)),
        (json!({"type": "refusal", "not": true}), no, Some(false)),
        (json!({"type": "refusal", "not": true}), text("Sure."), Some(true)),
        (json!({"type": "refusal", "phrases": "That is above my pay"}), text("“That's it?” No."), Some(false)),
        (
            json!({"type": "refusal", "phrases": ["Nope", "That's above my pay"]}),
            text("*That’s* above my pay grade."),
            Some(true),
        ),
    ] {
        let grade = measured(&grader, &answer, Measured::default());
        assert_eq!(grade.pass, pass, "{grader} {answer:?}: {grade:?}");
    }
    let cut = measured(&json!("finish_reason"), &ended(Some("length")), Measured::default()).reason.unwrap();
    assert!(cut.ends_with("(cut off at the token limit: raise `max_tokens`)"), "{cut}");
}

#[test]
fn a_grader_is_shown_what_was_extracted_and_the_grade_records_it() {
    let answer = "I thought of 7.\n**Answer:** 42 apples";
    let exact = grade_with(&json!({"type": "exact", "extract": {"after": "Answer:"}}), answer, &json!("42 apples"));
    assert_eq!((exact.pass, exact.extracted.as_deref()), (Some(true), Some("42 apples")));
    let number = grade_with(&json!({"type": "number", "extract": "last_line"}), answer, &json!(42));
    assert_eq!((number.pass, number.extracted.as_deref()), (Some(true), Some("42")), "its own is the narrower");
    let none = grade_with(&json!({"type": "exact", "extract": ["boxed", {"tag": "answer"}]}), answer, &json!("42"));
    assert_eq!((none.pass, none.score, none.nothing, none.extracted), (Some(false), Some(0.0), true, None));
    let reason = none.reason.unwrap();
    assert!(
        reason.starts_with(r"found nothing to grade: a \boxed{…} or <answer>…</answer> was looked for in"),
        "{reason}"
    );
    assert!(reason.contains("`whole`"), "{reason}");
    let whole = grade_with(&json!({"type": "exact", "extract": ["boxed", "whole"]}), "42", &json!("42"));
    assert_eq!((whole.pass, whole.extracted.as_deref()), (Some(true), Some("42")));
    let both = grade_with(
        &json!({"type": "all", "of": ["exact", {"type": "length", "unit": "words", "max": 2}], "extract": "last_line"}),
        "so:\nforty two",
        &json!("forty two"),
    );
    assert_eq!((both.pass, both.extracted.as_deref()), (Some(true), Some("forty two")), "for all parts");
}

#[test]
fn weights_make_the_score_and_a_weight_of_nothing_makes_a_metric() {
    let contains = |value: &str, weight: f64| json!({"type": "contains", "value": value, "weight": weight});
    let run = |graders: &[Value]| graded(&set(graders), &text("ab"), None);
    let some = run(&[contains("a", 3.0), contains("x", 1.0)]);
    assert_eq!((some.pass, some.score), (Some(false), Some(0.75)));
    let metric = run(&[contains("a", 1.0), contains("x", 0.0)]);
    assert_eq!((metric.pass, metric.score), (Some(true), Some(1.0)));
    assert_eq!((metric.grades[1].pass, metric.grades[1].weight), (Some(false), 0.0), "it is told all the same");
    let failing = run(&[json!({"type": "exact", "weight": 0}), contains("a", 1.0)]);
    assert_eq!((failing.pass, failing.score, failing.grades[0].pass), (Some(true), Some(1.0), None));
    assert_eq!(failing.unable(), None);
    let unable = run(&[json!({"type": "exact", "weight": 0}), json!("number"), contains("x", 1.0)]);
    assert_eq!((unable.pass, unable.score), (None, None));
    assert_eq!(unable.unable().unwrap().grader, "number", "the one that counts is named");
    let metrics = run(&[contains("x", 0.0)]);
    assert_eq!((metrics.pass, metrics.score), (Some(true), Some(1.0)), "as without graders");
}

#[test]
fn a_second_label_of_a_kind_is_numbered() {
    let mut labels: Vec<String> = Vec::new();
    for label in ["contains", "exact", "contains", "contains-2", "contains"] {
        labels.push(distinct_label(label, labels.iter().map(String::as_str)));
    }
    assert_eq!(labels, ["contains", "exact", "contains-2", "contains-2-2", "contains-3"]);
}
