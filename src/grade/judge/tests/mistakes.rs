//! Wrong options, and cases that a judge cannot work with: found before anything is asked.

use std::path::Path;

use serde_json::{Value, json};

use crate::grade::{BuildContext, OptionError, build};

use super::check;

fn refused(options: &Value) -> Vec<OptionError> {
    let mut entry = json!({"type": "judge", "model": "m", "rubric": "It is right."});
    for (key, value) in options.as_object().unwrap() {
        entry[key] = value.clone();
    }
    let built = build(&entry, &BuildContext { folder: Path::new("") });
    built.expect_err(&entry.to_string()).0
}

#[test]
fn a_wrong_option_is_told_with_its_place_and_a_way_out() {
    for (options, path, message, hint) in [
        (json!({"models": ["a"]}), "models", "beside `model`", "a panel"),
        (json!({"model": ""}), "model", "not empty", ""),
        (json!({"modle": "x"}), "modle", "unknown option `modle`", "`model`"),
        (json!({"criteria": "x"}), "criteria", "unknown option", "`rubric`"),
        (json!({"rubric": " "}), "rubric", "not empty", "compare with `expect`"),
        (json!({"rubric": ["a", ""]}), "rubric[1]", "not empty", ""),
        (json!({"rubric": "{{ x"}), "rubric", "template syntax", ""),
        (json!({"reference": 5}), "reference", "expected `true` or a text, got a number", "`expect`"),
        (json!({"reference": "{% if %}"}), "reference", "template syntax", ""),
        (json!({"prompt": "Judge it: {{ rubric }}"}), "prompt", "never shows the judge the answer", "{{ answer }}"),
        (json!({"prompt": "Judge it: {{ answer }}"}), "prompt", "never shows the judge the `rubric`", "{{ rubric }}"),
        (json!({"prompt": "{{ answer }"}), "prompt", "template syntax", ""),
        (json!({"scale": "good"}), "scale", "\"good\" is no scale", "`1-5`"),
        (json!({"scale": "5-1"}), "scale", "is no scale", "`1-5`"),
        (json!({"scale": 5}), "scale", "got a number", "`1-5`"),
        (json!({"scale": [1, 2, 3]}), "scale", "two numbers", "`1-5`"),
        (json!({"scale": [5, 1]}), "scale", "goes up", ""),
        (json!({"scale": {"good": 1}}), "scale", "at least two grades", ""),
        (json!({"scale": {"a": 1, "b": 1}}), "scale", "different scores", ""),
        (json!({"scale": {"a": 1, "A ": 0}}), "scale.A ", "cannot be told from the grade `a`", ""),
        (json!({"scale": {"a": 5, "b": 0}}), "scale.a", "from 0 to 1, got 5", "the best grade has 1"),
        (json!({"scale": {"!": 1, "b": 0}}), "scale.!", "letters or digits", ""),
        (json!({"threshold": 0.5}), "threshold", "pass or fail", "panel: mean"),
        (json!({"scale": "1-5", "threshold": 0.7}), "threshold", "not a threshold on the scale 1-5", "`3.8`, or `70%`"),
        (json!({"scale": "0-10", "threshold": 0.7}), "threshold", "not a threshold", "`7`, or `70%`"),
        (json!({"scale": "1-5", "threshold": 6}), "threshold", "6 is not a threshold", "at most 5"),
        (json!({"scale": "1-5", "threshold": 1}), "threshold", "every answer reaches 1", ""),
        (json!({"scale": "1-5", "threshold": "0%"}), "threshold", "no share", ""),
        (json!({"scale": "1-5", "threshold": "high"}), "threshold", "expected a threshold", "70%"),
        (json!({"scale": {"good": 1, "poor": 0}, "threshold": "god"}), "threshold", "none of the grades", "`good`"),
        (json!({"scale": {"good": 1, "poor": 0}, "threshold": "poor"}), "threshold", "every answer reaches", ""),
        (json!({"scale": {"good": 1, "poor": 0}, "threshold": 2}), "threshold", "expected a threshold", ""),
        (json!({"panel": "median"}), "panel", "none of `majority`, `mean`", ""),
        (json!({"samples": 0}), "samples", "expected 1 to 20", ""),
        (
            json!({"samples": 3, "temperature": 0}),
            "temperature",
            "every sample says the same",
            "leave `temperature` out",
        ),
        (json!({"temperature": 3}), "temperature", "0 to 2", ""),
        (json!({"max_tokens": 5}), "max_tokens", "too few", "200"),
        (json!({"max_chars": 5}), "max_chars", "at least 100", ""),
    ] {
        let error = refused(&options).remove(0);
        assert_eq!(error.path, path, "{options}: {error:?}");
        let said = format!("{} {}", error.message, error.hint.unwrap_or_default());
        assert!(said.contains(message) && said.contains(hint), "{options}: {said}");
    }
    let entry = json!({"type": "judge", "models": ["a", "b", "a"], "rubric": "x"});
    let error = build(&entry, &BuildContext { folder: Path::new("") }).unwrap_err().0.remove(0);
    assert_eq!(error.path, "models[2]");
    assert!(error.message.contains("twice") && error.hint.unwrap().contains("`samples`"));
    let entry = json!({"type": "judge", "model": "a", "reference": false});
    let error = build(&entry, &BuildContext { folder: Path::new("") }).unwrap_err().0.remove(0);
    assert_eq!((error.path.as_str(), error.message.as_str()), ("reference", "leaves nothing to judge by"));
}

#[test]
fn several_mistakes_are_all_told() {
    let errors = refused(&json!({"scale": "x", "samples": 50, "prompt": "x", "max_tokens": 1}));
    let paths: Vec<&str> = errors.iter().map(|error| error.path.as_str()).collect();
    assert_eq!(paths, ["scale", "prompt", "prompt", "samples", "max_tokens"]);
}

#[test]
fn a_case_that_a_judge_cannot_work_with_is_found_before_anything_is_asked() {
    for (options, expect, vars, part) in [
        (json!({"rubric": null}), None, "{}", "give the grader a `rubric` or the case an `expect`"),
        (json!({"rubric": null}), Some("null"), "{}", "cannot compare with null"),
        (json!({"rubric": null}), Some("[]"), "{}", "empty list"),
        (json!({"reference": true}), None, "{}", "shows the judge the case's `expect`, but there is none"),
        (json!({"rubric": "{{ tickt }}"}), None, r#"{"ticket": 1}"#, "`tickt` is undefined (did you mean `ticket`?)"),
        (json!({"rubric": "{{ expected }}"}), None, "{}", "`rubric`: `expected` is undefined"),
        (json!({"rubric": "{{ answer }} is ok"}), None, "{}", "the judge is shown the answer anyway"),
        (json!({"rubric": "{{ x }}"}), None, r#"{"x": " "}"#, "`rubric` is empty for this case"),
        (json!({"reference": "{{ gold }}"}), None, "{}", "`reference`: `gold` is undefined"),
        (
            json!({"prompt": "{{ rubric }} {{ answer }} {{ reference }}"}),
            None,
            "{}",
            "`prompt`: `reference` is undefined",
        ),
        (json!({"prompt": "{{ rubric }} {{ answer | upper }}"}), None, "{}", "without a filter"),
        (json!({"prompt": "{{ rubric }} {% if x %}{{ answer }}{% endif %}"}), None, r#"{"x": false}"#, "and always"),
        (
            json!({"rubric": "{% for i in range(100000) %}{% for j in range(100000) %}x{% endfor %}{% endfor %}"}),
            None,
            "{}",
            "too many steps",
        ),
        (json!({"rubric": "{{ 'x' * 9000000 }}"}), None, "{}", "more than the 4 MB"),
    ] {
        let error = check(&options, expect, vars).expect_err(&options.to_string());
        assert!(error.contains(part), "{options}: {error}");
    }
    for (options, expect, vars) in [
        (json!({}), None, "{}"),
        (json!({"rubric": null}), Some(r#""Norway""#), "{}"),
        (json!({"rubric": null, "reference": "{{ gold }}"}), None, r#"{"gold": 1}"#),
        (json!({"rubric": "Is it {{ answer }}, to {{ question }}?"}), None, r#"{"answer": "the gold"}"#),
        (
            json!({"prompt": "{{ rubric }} {{ question }} {{ answer }} {{ reference }} {{ expected }}", "reference": true}),
            Some("1"),
            "{}",
        ),
    ] {
        assert_eq!(check(&options, expect, vars), Ok(()), "{options}");
    }
}
