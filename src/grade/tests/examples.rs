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
