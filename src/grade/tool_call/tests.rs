use serde_json::{Value, json};

use super::super::tests::{build, grade_answer};
use crate::grade::{Answer, CaseFacts, Grade};

/// Calls as they are recorded.
fn answer(calls: &[(&str, Value)]) -> Answer {
    let recorded = |(name, arguments): &(&str, Value)| {
        let arguments = match arguments {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        json!({"id": "call_0", "name": name, "arguments": arguments})
    };
    Answer { tool_calls: calls.iter().map(recorded).collect(), ..Answer::default() }
}

fn grader(options: Value) -> Value {
    let mut grader = json!({"type": "tool_call"});
    let (Value::Object(map), Value::Object(more)) = (&mut grader, options) else { panic!("maps") };
    map.extend(more);
    grader
}

fn graded(options: Value, calls: &[(&str, Value)]) -> Grade {
    grade_answer(&grader(options), &answer(calls), None)
}

#[test]
fn a_call_is_compared_by_name_and_arguments() {
    let paris = ("get_weather", json!({"city": "Paris", "days": 3}));
    for (options, want) in [
        (json!({"tool": "get_weather"}), true),
        (json!({"tool": "get_time"}), false),
        (json!({"tool": "get_weather", "arguments": {"city": "Paris", "days": 3.0}}), true),
        (json!({"tool": "get_weather", "arguments": {"city": "Paris"}}), false),
        (json!({"tool": "get_weather", "arguments": {"city": "Paris"}, "mode": "subset"}), true),
        (json!({"tool": "get_weather", "arguments": {"city": "paris"}, "mode": "subset"}), false),
        (json!({"tool": "get_weather", "arguments": {"city": "paris"}, "mode": "subset", "ignore_case": true}), true),
        (json!({"tool": "get_weather", "arguments": {"city": "Paris"}, "ignore_keys": "days"}), true),
        (json!({"tool": "get_weather", "arguments": {"city": "Paris", "days": 2.5}, "tolerance": 0.5}), true),
        (json!({"tool": "get_weather", "arguments": {"city": {"any_of": ["Lyon", "Paris"]}, "days": 3}}), true),
        (json!({"tool": "get_weather", "arguments": {"city": {"any_of": ["Lyon"]}, "days": 3}}), false),
        (
            json!({"tool": "get_weather", "mode": "alternatives", "arguments": {"city": ["Paris", "Paris, FR"], "days": [3], "unit": ["", "C"]}}),
            true,
        ),
        (
            json!({"tool": "get_weather", "mode": "alternatives", "arguments": {"city": ["Paris"], "days": [3], "unit": ["C"]}}),
            false,
        ),
        (
            json!({"tool": "get_weather", "mode": "schema", "arguments": {"properties": {"days": {"type": "integer"}}, "required": ["city"]}}),
            true,
        ),
        (
            json!({"tool": "get_weather", "mode": "schema", "arguments": {"properties": {"days": {"maximum": 2}}}}),
            false,
        ),
        (json!({"calls": ["get_weather"]}), true),
        (json!({"calls": [{"name": "get_weather", "arguments": "{\"city\": \"Paris\", \"days\": 3}"}]}), true),
        (json!({"calls": [{"get_weather": {"city": "Paris", "days": 3}}]}), true),
        (json!({"none": true}), false),
        (json!({"count": 1}), true),
        (json!({"count": {"min": 2}}), false),
    ] {
        let grade = graded(options.clone(), std::slice::from_ref(&paris));
        assert_eq!(grade.pass, Some(want), "{options}: {:?}", grade.reason);
    }
}

#[test]
fn calls_are_taken_in_every_form() {
    for call in [
        json!({"name": "f", "arguments": "{\"a\": 1}"}),
        json!({"id": "x", "type": "function", "function": {"name": "f", "arguments": "{\"a\": 1}"}}),
        json!({"function": {"name": "f", "arguments": {"a": 1}}}),
    ] {
        let answer = Answer { tool_calls: vec![call.clone()], ..Answer::default() };
        let wanted = grader(json!({"tool": "f", "arguments": {"a": 1}}));
        assert_eq!(grade_answer(&wanted, &answer, None).pass, Some(true), "{call}");
        // What was recorded is also what may be expected.
        assert_eq!(grade_answer(&json!("tool_call"), &answer, Some(&call)).pass, Some(true), "{call}");
    }
    for empty in [json!(""), json!("{}"), json!(null)] {
        let answer = Answer { tool_calls: vec![json!({"name": "f", "arguments": empty})], ..Answer::default() };
        assert_eq!(grade_answer(&grader(json!({"tool": "f", "arguments": {}})), &answer, None).pass, Some(true));
    }
}

#[test]
fn several_calls_have_an_order_only_when_asked() {
    let calls = [("a", json!({"x": 1})), ("b", json!({})), ("a", json!({"x": 2}))];
    let two_then_one = json!([{"name": "a", "arguments": {"x": 2}}, {"name": "a", "arguments": {"x": 1}}, "b"]);
    for (options, pass, score) in [
        (json!({"calls": two_then_one}), true, 1.0),
        (json!({"calls": two_then_one, "order": true}), false, 1.0 / 3.0),
        (json!({"calls": ["a", "b", "a"], "order": true}), true, 1.0),
        (json!({"calls": ["a", "a"], "order": true}), false, 2.0 / 3.0),
        (json!({"calls": ["a", "a"], "order": true, "extra": "allow"}), true, 1.0),
        (json!({"calls": ["a", "b"]}), false, 2.0 / 3.0),
        (json!({"calls": ["a", "b"], "extra": "allow"}), true, 1.0),
        (json!({"calls": ["a", "c"], "extra": "allow"}), false, 0.5),
        (json!({"calls": ["a", {"name": "a", "arguments": {"x": 1}}, "b"]}), true, 1.0),
        (json!({"calls": ["a", "b"], "count": {"max": 3}}), true, 1.0),
        (json!({"calls": ["a", "b"], "count": 2}), false, 0.0),
    ] {
        let grade = graded(options.clone(), &calls);
        assert_eq!(grade.pass, Some(pass), "{options}: {:?}", grade.reason);
        assert!((grade.score.unwrap() - score).abs() < 1e-12, "{options}: {:?}", grade.score);
    }
}

#[test]
fn the_expectation_of_a_case_takes_the_same_forms() {
    let calls = [("a", json!({"x": 1}))];
    for (expected, want) in [
        (json!("a"), true),
        (json!("b"), false),
        (json!({"name": "a", "arguments": {"x": 1}}), true),
        (json!({"name": "a", "arguments": {}, "mode": "subset"}), true),
        (json!([{"name": "a", "arguments": {"x": 1}}]), true),
        (json!("[{\"name\": \"a\", \"arguments\": {\"x\": 1}}]"), true),
        (json!(["a", "a"]), false),
        (json!([]), false),
    ] {
        let grade = grade_answer(&json!("tool_call"), &answer(&calls), Some(&expected));
        assert_eq!(grade.pass, Some(want), "{expected}: {:?}", grade.reason);
    }
    assert_eq!(grade_answer(&json!("tool_call"), &answer(&[]), Some(&json!([]))).pass, Some(true));
    assert_eq!(graded(json!({"none": true}), &[]).pass, Some(true));
}

#[test]
fn a_fail_tells_the_nearest_call_and_how_it_differs() {
    let paris = json!({"tool": "w", "arguments": {"city": {"name": "Paris"}}});
    let any = json!({"tool": "w", "arguments": {"city": {"any_of": ["A", "B"]}}});
    for (options, calls, want) in [
        (
            paris.clone(),
            vec![("w", json!({"city": {"name": "London"}}))],
            "in w({\"city\":{\"name\":\"London\"}}): at `city.name`: expected \"Paris\", got \"London\"",
        ),
        (
            paris.clone(),
            vec![("w", json!({}))],
            "in w(): the argument `city` is missing, expected {\"name\":\"Paris\"}",
        ),
        (
            paris.clone(),
            vec![("w", json!("{city"))],
            "in w({city): the arguments are not JSON (key must be a string at line 1 column 2)",
        ),
        (paris.clone(), vec![("x", json!({}))], "expected a call of `w`, got x()"),
        (paris, vec![], "expected a call of `w`, got no tool call but an empty answer"),
        (
            any,
            vec![("w", json!({"city": "C"}))],
            "in w({\"city\":\"C\"}): at `city`: expected \"A\" or \"B\", got \"C\"",
        ),
        (
            json!({"tool": "w", "arguments": {}}),
            vec![("w", json!({"k": 1}))],
            "in w({\"k\":1}): unexpected argument `k` with the value 1",
        ),
        (json!({"none": true}), vec![("w", json!({}))], "expected no tool call, got w()"),
        (
            json!({"tool": "w"}),
            vec![("w", json!({})), ("x", json!({}))],
            "unexpected call x() besides those expected (allowed with `extra: allow`)",
        ),
        (
            json!({"calls": ["a", "b"], "order": true}),
            vec![("b", json!({})), ("a", json!({}))],
            "expected the calls in the order a, b, got b(), a()",
        ),
        (json!({"count": 2}), vec![("w", json!({}))], "expected 2 tool calls, got 1: w()"),
        (
            json!({"tool": "w", "mode": "schema", "arguments": {"required": ["k"]}}),
            vec![("w", json!({}))],
            "in w(): the key `k` is missing (schema: `#/required`)",
        ),
    ] {
        let grade = graded(options.clone(), &calls);
        assert_eq!((grade.pass, grade.reason.as_deref()), (Some(false), Some(want)), "{options}");
    }
}

#[test]
fn wrong_options_are_told_where_they_stand() {
    for (options, path, part) in [
        (json!({"arguments": {}}), "arguments", "of which tool"),
        (json!({"tool": "a", "calls": ["b"]}), "calls", "both"),
        (json!({"tool": "a", "arguments": 5}), "arguments", "not a number"),
        (json!({"tool": "a", "arguments": {"x": 1}, "mode": "alternatives"}), "arguments.x", "a list of right values"),
        (json!({"tool": "a", "arguments": {"x": {"any_of": []}}}), "arguments.x", "is empty"),
        (
            json!({"tool": "a", "arguments": {"items": {"type": "strng"}}, "mode": "schema"}),
            "arguments.items.type",
            "no type",
        ),
        (json!({"tool": ""}), "tool", "has a name"),
        (json!({"calls": []}), "calls", "empty"),
        (json!({"calls": "a"}), "calls", "expected a list"),
        (json!({"calls": ["a", 5]}), "calls[1]", "not a number"),
        (json!({"calls": ["a", {"nme": "b", "arguments": {}}]}), "calls[1]", "needs a `name`"),
        (json!({"calls": [{"name": "b", "argument": {}}]}), "calls[0].argument", "unknown key"),
        (json!({"calls": [{"name": "b", "mode": "same"}]}), "calls[0].mode", "none of `equal`"),
        (json!({"calls": [{"name": "b", "arguments": "{"}]}), "calls[0].arguments", "not JSON"),
        (json!({"none": true, "tool": "a"}), "none", "contradict"),
        (json!({"none": true, "extra": "allow"}), "extra", "no call"),
        (json!({"tool": "a", "mode": "some"}), "mode", "none of"),
        (json!({"tool": "a", "extra": "yes"}), "extra", "none of"),
        (json!({"tool": "a", "ignore_keys": ["$.a"]}), "ignore_keys", "names of keys"),
        (json!({"tool": "a", "tolerance": -1}), "tolerance", "not negative"),
    ] {
        let error = build(&grader(options.clone())).expect_err(&options.to_string()).0.remove(0);
        assert_eq!(error.path, path, "{options}: {error:?}");
        assert!(error.message.contains(part), "{options}: {}", error.message);
    }
    for (expected, part) in [
        (None, "`tool: get_weather`"),
        (Some(json!(null)), "`expect: []`"),
        (Some(json!(5)), "not a number"),
        (Some(json!("[1")), "not JSON"),
        (Some(json!([{"arguments": {"a": 1}, "id": 1}])), "at `[0]`: a call needs a `name`"),
    ] {
        let expect = expected.as_ref().map(Value::to_string);
        let error =
            build(&json!("tool_call")).unwrap().grader.check(&CaseFacts::new(expect.as_deref(), "{}")).unwrap_err();
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn many_hostile_calls_are_judged_in_linear_time() {
    let calls: Vec<(&str, Value)> = (0..20_000).map(|index| ("a", json!({"x": index, "y": "[".repeat(20)}))).collect();
    let options = json!({"calls": [{"name": "a", "arguments": {"x": -1}}, {"name": "a", "arguments": {"x": 5}}, "b"], "extra": "allow"});
    let grade = graded(options, &calls);
    assert_eq!(grade.pass, Some(false));
    assert!(grade.reason.unwrap().len() < 1000 && grade.extracted.unwrap().len() < 1000);
}
