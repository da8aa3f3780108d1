use std::fmt::Write;

use serde_json::{Value, json};

use super::read::read;
use crate::grade::CaseFacts;
use crate::grade::tests::{build, grade, grade_with};

#[test]
fn values_are_read_by_the_core_schema() {
    for (text, want) in [
        (
            "a: 1\nb: [x, 'y', \"z\", 1.5, -2, +3, 0x10, 0o17, 1e3]",
            json!({"a": 1, "b": ["x", "y", "z", 1.5, -2, 3, 16, 15, 1000.0]}),
        ),
        ("- true\n- False\n- yes\n- ~\n-\n- null\n- 'null'", json!([true, false, "yes", null, null, null, "null"])),
        ("a: !!str 5\nb: !!int \"5\"\nc: !mine 5", json!({"a": "5", "b": 5, "c": "5"})),
        ("a: .inf\nb: nan\nc: 1.2.3\nd: 2024-01-01", json!({"a": ".inf", "b": "nan", "c": "1.2.3", "d": "2024-01-01"})),
        ("a: &x {k: 1}\nb: *x", json!({"a": {"k": 1}, "b": {"k": 1}})),
        ("a: |\n  two\n  lines\n", json!({"a": "two\nlines\n"})),
        ("1: a\ntrue: b\n[1, 2]: c", json!({"1": "a", "true": "b", "[1,2]": "c"})),
        ("--- \na: 1\n...\n", json!({"a": 1})),
        ("{\"json\": [1, {}]}", json!({"json": [1, {}]})),
    ] {
        assert_eq!(read(text), Ok(want), "{text}");
    }
}

#[test]
fn what_is_not_read_is_told_with_its_line() {
    for (text, line, part) in [
        ("a: 1\na: 2", 2, "the key `a` stands twice"),
        ("a: 1\n---\nb: 2", 2, "second document"),
        ("a: [1, 2", 1, ""),
        ("a: 1\n b: 2", 2, ""),
        ("a: *x", 1, ""),
        ("a: &x [*x]", 1, "not closed yet"),
        ("", 1, "nothing"),
        (&"[".repeat(200), 1, "nests deeper"),
    ] {
        let mistake = read(text).unwrap_err();
        assert!(mistake.message.contains(part), "{text}: {mistake:?}");
        assert!(mistake.line.abs_diff(line) <= 1, "{text}: {mistake:?}");
    }
}

#[test]
fn an_alias_bomb_is_refused() {
    let mut text = "a: &a [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for (name, last) in ('b'..='j').zip('a'..) {
        let aliases = vec![format!("*{last}"); 10].join(",");
        writeln!(text, "{name}: &{name} [{aliases}]").unwrap();
    }
    assert!(read(&text).unwrap_err().message.contains("too many values"));
    let mut deep = "- &a0 [x]\n".to_owned();
    for index in 1..200 {
        writeln!(deep, "- &a{index} [*a{}]", index - 1).unwrap();
    }
    assert!(read(&deep).unwrap_err().message.contains("nests deeper"));
}

#[test]
fn yaml_is_found_compared_and_asked_for_keys() {
    let compare = |mode: &str| json!({"type": "yaml", "mode": mode});
    let expected = json!({"team": "billing"});
    for (grader, answer, want) in [
        (json!("yaml"), "team: billing", true),
        (json!("yaml"), "Here:\n```yaml\nteam: billing\n```\nas asked: ok", true),
        (json!("yaml"), "just a sentence", false),
        (json!("yaml"), "- a\n- b", true),
        (json!("yaml"), "a: b: c", false),
        (json!({"type": "yaml", "strict": true}), "```yaml\na: 1\n```", false),
        (json!({"type": "yaml", "keys": ["team"]}), "team: 1\nx: 2", true),
        (json!({"type": "yaml", "keys": ["team", "id"]}), "team: 1", false),
        (json!({"type": "yaml", "keys": "team"}), "- team", false),
        (compare("equal"), "team: billing", true),
        (compare("equal"), "team: billing\nid: 1", false),
        (compare("subset"), "team: billing\nid: 1", true),
        (json!({"type": "yaml", "mode": "equal", "ignore_case": true}), "team: BILLING", true),
    ] {
        let grade = grade_with(&grader, answer, &expected);
        assert_eq!(grade.pass, Some(want), "{grader} {answer}: {:?}", grade.reason);
    }
    assert_eq!(grade_with(&compare("equal"), "a: 1", &json!("a: 1")).pass, Some(true));
    assert_eq!(grade_with(&compare("equal"), "5", &json!(5)).pass, Some(true));
    let failed = grade(&json!({"type": "yaml", "keys": ["id"]}), "a: 1").reason;
    assert_eq!(failed.as_deref(), Some("expected the key `id`, got {\"a\":1}"));
    let failed = grade(&json!("yaml"), "word").reason;
    assert_eq!(failed.as_deref(), Some("expected YAML, but there is neither a list nor a map: \"word\""));
}

#[test]
fn wrong_options_are_told_where_they_stand() {
    for (options, path) in [
        (json!({"type": "yaml", "value": 1}), "value"),
        (json!({"type": "yaml", "mode": "equal", "value": "a: b: c"}), "value"),
        (json!({"type": "yaml", "ignore_keys": "$.a"}), "ignore_keys"),
        (json!({"type": "yaml", "tolerance": -1}), "tolerance"),
        (json!({"type": "yaml", "mode": "same"}), "mode"),
    ] {
        assert_eq!(build(&options).unwrap_err().0.remove(0).path, path, "{options}");
    }
    let check = |expect: Option<&str>| {
        build(&json!({"type": "yaml", "mode": "equal"})).unwrap().grader.check(&CaseFacts::new(expect, "{}"))
    };
    assert!(check(None).unwrap_err().contains("needs a value"));
    assert!(check(Some("\"a: b: c\"")).unwrap_err().contains("is not YAML"));
    assert_eq!(check(Some(&Value::from(5).to_string())), Ok(()));
}
