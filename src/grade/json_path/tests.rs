use serde_json::{Value, json};

use crate::grade::tests::{build, grade, grade_with};

const ANSWER: &str =
    r#"Here: {"items": [{"price": 3.5, "name": "Tea"}, {"price": 5, "name": "Coffee"}], "n": null, "ok": true}"#;

fn with(path: &str, options: Value) -> Value {
    let mut grader = json!({"type": "json_path", "path": path});
    let (Value::Object(map), Value::Object(more)) = (&mut grader, options) else { panic!("maps") };
    map.extend(more);
    grader
}

#[test]
fn every_comparison_holds_and_fails() {
    for (path, options, want) in [
        ("$.items[0].price", json!({"equals": 3.5}), true),
        ("$.items[0].price", json!({"equals": "3.5"}), false),
        ("$.items[0].price", json!({"equals": 3.4, "tolerance": 0.2}), true),
        ("$.items[0].name", json!({"equals": "tea"}), false),
        ("$.items[0].name", json!({"equals": "tea", "ignore_case": true}), true),
        ("$.items[0].name", json!({"in": ["Milk", "Tea"]}), true),
        ("$.items[0].name", json!({"in": ["Milk"]}), false),
        ("$.items[0].name", json!({"contains": "ea"}), true),
        ("$.items[0].name", json!({"contains": "EA", "ignore_case": true}), true),
        ("$.items[0]", json!({"contains": "price"}), true),
        ("$.items[0]", json!({"contains": "cost"}), false),
        ("$.items", json!({"contains": {"price": 5, "name": "Coffee"}}), true),
        ("$.items[0].name", json!({"matches": "^T.a$"}), true),
        ("$.items[0].price", json!({"matches": r"^\d\.5$"}), true),
        ("$.items[0].name", json!({"matches": "^t"}), false),
        ("$.items[*].price", json!({"less_than": 4}), true),
        ("$.items[*].price", json!({"less_than": 4, "match": "all"}), false),
        ("$.items[*].price", json!({"at_most": 5, "match": "all"}), true),
        ("$.items[*].price", json!({"at_least": 5}), true),
        ("$.items[*].price", json!({"greater_than": 5}), false),
        ("$.items[*].price", json!({"at_least": 3, "at_most": 4, "match": "all"}), false),
        ("$.items[0].name", json!({"less_than": 4}), false),
        ("$.n", json!({"exists": true}), true),
        ("$.n", json!({"exists": false}), false),
        ("$.x", json!({"exists": false}), true),
        ("$.x", json!({"exists": true}), false),
        ("$.n", json!({"equals": null}), true),
        ("$.x", json!({"equals": null}), false),
        ("$.items[*]", json!({"count": 2}), true),
        ("$.items[*]", json!({"count": {"min": 3}}), false),
        ("$.x[*]", json!({"count": 0}), true),
        ("$.items[*].price", json!({"kind": "integer"}), true),
        ("$.items[*].price", json!({"kind": "integer", "match": "all"}), false),
        ("$.ok", json!({"kind": "boolean"}), true),
        ("$.ok", json!({"kind": "number"}), false),
        ("$..price", json!({"count": 2, "kind": "number", "match": "all"}), true),
    ] {
        let grade = grade(&with(path, options.clone()), ANSWER);
        assert_eq!(grade.pass, Some(want), "{path} {options}: {:?}", grade.reason);
    }
}

#[test]
fn without_a_comparison_the_expectation_of_the_case_is_compared() {
    for (expected, want) in
        [(json!(3.5), true), (json!("3.5"), true), (json!(" 3.50"), true), (json!("3.6"), false), (json!([3.5]), false)]
    {
        let grade = grade_with(&with("$.items[0].price", json!({})), ANSWER, &expected);
        assert_eq!(grade.pass, Some(want), "{expected}: {:?}", grade.reason);
    }
    assert_eq!(grade_with(&with("$.items[0].name", json!({})), ANSWER, &json!("Tea")).pass, Some(true));
    assert_eq!(grade(&with("$.items", json!({})), ANSWER).pass, None);
}

#[test]
fn a_fail_tells_the_path_what_was_expected_and_what_came() {
    for (path, options, want) in [
        ("$.items[0].price", json!({"equals": 4}), "at `$.items[0].price`: expected 4, got 3.5"),
        (
            "$.items[*].price",
            json!({"less_than": 2}),
            "at `$.items[*].price`: expected a number less than 2 among 3.5, 5",
        ),
        (
            "$.items[*].price",
            json!({"less_than": 4, "match": "all"}),
            "at `$.items[*].price`: expected a number less than 4 for all 2 values, got 5",
        ),
        ("$.items[*]", json!({"count": 3}), "expected `$.items[*]` to select 3 values, got 2"),
        ("$.ok", json!({"exists": false}), "expected nothing at `$.ok`, got true"),
    ] {
        assert_eq!(grade(&with(path, options), ANSWER).reason.as_deref(), Some(want));
    }
    let reason = grade(&with("$.price", json!({"exists": true})), "{\"a\": 1}").reason.unwrap();
    assert_eq!(reason, "`$.price` selects nothing in \"{\"a\": 1}\"");
    let extracted = |path| grade(&with(path, json!({"exists": true})), ANSWER).extracted.unwrap();
    assert_eq!(extracted("$.items[0].price"), "3.5");
    assert_eq!(extracted("$..price"), "2 values, first 3.5");
}

#[test]
fn wrong_options_are_told_where_they_stand() {
    for (options, path, part) in [
        (json!({"type": "json_path"}), "", "needs a `path`"),
        (json!({"type": "json_path", "path": "a.b"}), "path", "begins with `$`"),
        (json!({"type": "json_path", "path": "$.a["}), "path", "at character 4"),
        (json!({"type": "json_path", "path": "$.a", "in": []}), "in", "the list is empty"),
        (json!({"type": "json_path", "path": "$.a", "matches": "("}), "matches", "not a regular expression"),
        (json!({"type": "json_path", "path": "$.a", "kind": "text"}), "kind", "none of `string`"),
        (json!({"type": "json_path", "path": "$.a", "exists": false, "equals": 1}), "exists", "nothing to compare"),
        (json!({"type": "json_path", "path": "$.a", "tolerance": -1}), "tolerance", "not negative"),
        (json!({"type": "json_path", "path": "$.a", "count": {"min": 2, "max": 1}}), "count", "more than `max`"),
    ] {
        let error = build(&options).unwrap_err().0.remove(0);
        assert_eq!(error.path, path, "{error:?}");
        assert!(error.message.contains(part), "{}", error.message);
    }
}

/// Paths over documents, as the Python package `jsonpath-rfc9535` follows them: `tests/reference/json_path.py`.
#[test]
fn paths_select_what_the_reference_selects() {
    #[derive(serde::Deserialize)]
    struct Reference {
        cases: Vec<Case>,
        invalid: Vec<String>,
    }
    #[derive(serde::Deserialize)]
    struct Case {
        path: String,
        document: Value,
        values: Vec<Value>,
    }
    let reference: Reference = serde_json::from_str(include_str!("../../../tests/reference/json_path.json")).unwrap();
    assert!(reference.cases.len() >= 80);
    for Case { path, document, values } in &reference.cases {
        let parsed = crate::grade::path::Path::parse(path).unwrap_or_else(|mistake| panic!("{path}: {mistake:?}"));
        let selected: Vec<&Value> = parsed.select(document).unwrap();
        assert_eq!(selected, values.iter().collect::<Vec<_>>(), "{path} in {document}");
    }
    for path in &reference.invalid {
        assert!(crate::grade::path::Path::parse(path).is_err(), "{path}");
    }
}
