//! What a grader calls a right answer passes with it.

use serde_json::{Value, json};

use super::{graded, set, text};
use crate::grade::{Answer, CaseFacts, Example, Frame};

/// What the graders take for a right answer.
#[track_caller]
fn told(graders: &[Value], expect: &Value, vars: &Value) -> Option<(Example, Frame)> {
    let expect = (!expect.is_null()).then(|| expect.to_string());
    set(graders).example(&CaseFacts::new(expect.as_deref(), &vars.to_string()))
}

/// That answer, given.
fn given((example, frame): (Example, Frame)) -> Answer {
    let framed = |inner: String| text(&format!("{}{inner}{}", frame.before, frame.after));
    match example {
        Example::Text(text) | Example::Whole(text) => framed(text),
        Example::Json(value) => framed(value.to_string()),
        Example::Schema(schema) => panic!("not an answer yet: {schema}"),
        Example::Calls(calls) => {
            let call = |(name, arguments): (String, Value)| json!({ "type": "function", "function": { "name": name, "arguments": arguments.to_string() } });
            let calls = calls.into_iter().map(|call| (call.name, call.arguments.unwrap_or(json!({}))));
            Answer { tool_calls: calls.map(call).collect(), ..Answer::default() }
        }
    }
}

#[test]
fn what_a_grader_calls_right_passes() {
    let nothing = Value::Null;
    for (grader, expect) in [
        (json!({"type": "exact", "value": ["a", "b"]}), nothing.clone()),
        (json!({"type": "exact", "extract": {"after": "Answer:"}}), json!("a")),
        (json!({"type": "exact", "extract": ["boxed", "whole"]}), json!("a")),
        (json!({"type": "exact", "extract": {"tag": "answer"}}), json!("a")),
        (json!({"type": "exact", "extract": {"fenced": "last", "language": "text"}}), json!("a")),
        (json!({"type": "contains", "all": ["a", "b"], "any": ["c", "d"]}), nothing.clone()),
        (json!({"type": "choice", "options": ["Rome", "Oslo"]}), json!("Oslo")),
        (json!({"type": "choice", "options": ["Rome", "Oslo"], "index": 1}), json!(2)),
        (json!({"type": "choice", "multiple": true}), json!(["C", "A"])),
        (json!({"type": "choice", "multiple": true}), json!([])),
        (json!("json"), json!([1, {"a": null}])),
        (json!({"type": "json_path", "path": "$.a.b"}), json!(["x"])),
        (json!({"type": "json_path", "path": "$.a", "less_than": 3}), nothing.clone()),
        (json!({"type": "json_path", "path": "$.a", "greater_than": 3}), nothing.clone()),
        (json!({"type": "json_path", "path": "$.a", "in": [3, 4]}), nothing.clone()),
        (json!({"type": "json_path", "path": "$.a", "exists": true}), nothing.clone()),
        (json!({"type": "tool_call", "tool": "f", "arguments": {"x": {"any_of": [1, 2]}}}), nothing.clone()),
        (json!("tool_call"), json!([{"name": "f", "arguments": {"x": 1}}, "g"])),
        (json!({"type": "tool_call", "mode": "alternatives"}), json!({"f": {"x": [1, 2], "y": ["", 3]}})),
        (json!({"type": "tool_call", "none": true}), nothing.clone()),
        (json!("refusal"), nothing.clone()),
        (json!("instructions"), json!(["punctuation:no_comma"])),
        (
            json!("instructions"),
            json!([{"id": "detectable_format:number_bullet_lists", "num_bullets": 4},
                   {"id": "startend:end_checker", "end_phrase": "drive safely"}, "change_case:english_lowercase"]),
        ),
        (
            json!("instructions"),
            json!([{"id": "length_constraints:nth_paragraph_first_word", "num_paragraphs": 4, "nth_paragraph": 3,
                    "first_word": "Suddenly"},
                   {"id": "length_constraints:number_words", "relation": "at least", "num_words": 90}]),
        ),
        (
            json!("instructions"),
            json!([{"id": "keywords:letter_frequency", "letter": "e", "let_relation": "less than", "let_frequency": 10},
                   {"id": "length_constraints:number_words", "relation": "at least", "num_words": 30}]),
        ),
        (
            json!("instructions"),
            json!(["detectable_format:json_format", {"id": "keywords:existence", "keywords": ["marsh", "C\\+\\+"]},
                   {"id": "keywords:forbidden_words", "forbidden_words": ["garden"]}]),
        ),
        (
            json!("instructions"),
            json!([{"id": "language:response_language", "language": "it"}, "detectable_format:title", "startend:quotation",
                   {"id": "detectable_content:number_placeholders", "num_placeholders": 2}]),
        ),
        (
            json!("instructions"),
            json!(["combination:two_responses", {"id": "keywords:frequency", "keyword": "midnight", "relation": "at least",
                   "frequency": 2}, {"id": "length_constraints:number_words", "relation": "less than", "num_words": 120}]),
        ),
        (
            json!("instructions"),
            json!([{"id": "detectable_format:multiple_sections", "section_spliter": "Day", "num_sections": 3},
                   {"id": "detectable_content:postscript", "postscript_marker": "P.P.S"},
                   {"id": "detectable_format:number_highlighted_sections", "num_highlights": 3}]),
        ),
        (json!({"type": "xml", "root": "a", "elements": ["b", "c"]}), nothing.clone()),
        (json!({"type": "all", "of": [{"type": "exact", "extract": "boxed"}]}), json!("a")),
        (json!({"type": "any", "of": ["refusal", {"type": "contains", "value": "x"}]}), nothing),
    ] {
        let graders = std::slice::from_ref(&grader);
        let example = told(graders, &expect, &json!({})).unwrap_or_else(|| panic!("{grader} tells nothing"));
        let answer = given(example);
        let verdict = graded(&set(graders), &answer, Some(&expect).filter(|expect| !expect.is_null()));
        assert_eq!(verdict.pass, Some(true), "{grader} of its own {answer:?}: {:?}", verdict.grades);
    }
}

#[test]
fn instructions_that_none_of_our_texts_follows_tell_nothing() {
    let japanese = json!([{"id": "language:response_language", "language": "ja"}]);
    assert_eq!(told(&[json!("instructions")], &japanese, &json!({})), None);
}

#[test]
fn where_no_tool_is_to_be_called_the_next_grader_says_what_is_answered() {
    let graders = [json!({"type": "tool_call", "none": true}), json!({"type": "contains", "value": "Saturday"})];
    assert_eq!(told(&graders, &Value::Null, &json!({})).unwrap().0, Example::Text("Saturday".to_owned()));
    assert_eq!(told(&graders[..1], &Value::Null, &json!({})).unwrap().0, Example::Calls(Vec::new()));
}

#[test]
fn a_judge_that_is_shown_a_reference_takes_that_for_right() {
    let judge = json!({"type": "judge", "model": "m", "rubric": "Is right.", "reference": true});
    let (short, long) = ("Norway", "The ferry runs on batteries from spring 2027 on, and fares stay as they are.");
    assert_eq!(told(std::slice::from_ref(&judge), &json!(short), &json!({})).unwrap().0, Example::Text(short.into()));
    assert_eq!(told(&[judge], &json!(long), &json!({})).unwrap().0, Example::Whole(long.into()));
    let blind = json!({"type": "judge", "model": "m", "rubric": "Is right."});
    assert_eq!(told(&[blind], &json!(short), &json!({})), None);
}

#[test]
fn what_a_grader_that_is_turned_around_calls_right_fails() {
    let graders = [json!({"type": "refusal", "not": true}), json!({"type": "contains", "value": "kill"})];
    let vars = json!({}).to_string();
    let wrong = set(&graders).counterexample(&CaseFacts::new(None, &vars)).unwrap();
    assert_eq!(graded(&set(&graders), &text(&wrong), None).pass, Some(false), "{wrong}");
    assert_eq!(set(&graders[1..]).counterexample(&CaseFacts::new(None, &vars)), None);
}

#[test]
fn the_first_that_counts_and_can_tell_is_asked() {
    let vars = json!({"prompt": "def f():\n", "canonical_solution": "    return 1\n", "test": "", "entry_point": "f"});
    let graders = [json!({"type": "latency", "max": "1s"}), json!("code")];
    let (example, _) = told(&graders, &Value::Null, &vars).unwrap();
    assert_eq!(example, Example::Whole("```\ndef f():\n    return 1\n```".to_owned()));
    let contains = |text: &str, more: Value| {
        let mut grader = json!({"type": "contains", "value": text});
        grader.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        grader
    };
    let graders = [contains("a", json!({"not": true})), contains("b", json!({"weight": 0})), contains("c", json!({}))];
    assert_eq!(told(&graders, &Value::Null, &json!({})).unwrap().0, Example::Text("c".to_owned()));
    assert_eq!(told(&[json!({"type": "not", "of": contains("a", json!({}))})], &Value::Null, &json!({})), None);
    let schema = json!({"type": "object", "required": ["a"]});
    let told = told(&[json!({"type": "json_schema", "schema": schema})], &Value::Null, &json!({})).unwrap();
    assert_eq!(told.0, Example::Schema(schema));
}
