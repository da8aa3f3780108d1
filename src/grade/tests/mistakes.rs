//! Wrong entries, and expectations that do not fit: each is found, and found where it stands.

use serde_json::{Value, json};

use super::build;
use crate::grade::{CaseFacts, OptionError};

#[track_caller]
fn refused(entry: &Value) -> OptionError {
    all_refused(entry).remove(0)
}

#[track_caller]
fn all_refused(entry: &Value) -> Vec<OptionError> {
    build(entry).expect_err(&entry.to_string()).0
}

fn checked(grader: &Value, expected: Option<&Value>) -> Result<(), String> {
    let expected = expected.map(Value::to_string);
    build(grader).unwrap().grader.check(&CaseFacts::new(expected.as_deref(), "{}"))
}

#[test]
fn a_grader_is_a_name_or_a_map_and_a_wrong_one_is_traced() {
    for (entry, path, message, hint) in [
        (json!("contians"), "", "unknown grader `contians`", "`contains`"),
        (json!({"type": "exat"}), "type", "unknown grader `exat`", "`exact`"),
        (json!("icontains"), "", "unknown grader", "`ignore_case: true`"),
        (json!("is-json"), "", "unknown grader", "`mode: valid`"),
        (json!("zebra"), "", "unknown grader `zebra`", "`exact`, `contains`, `regex`, `number`, `choice`, `json`"),
        (json!({"value": 1}), "", "needs a `type`", "`exact`"),
        (json!({"contains": "x"}), "", "needs a `type`", "{ type: contains"),
        (json!({"type": 5}), "type", "is a name, not a number", "`exact`"),
        (json!(["exact"]), "", "not a list", "{ type: contains"),
        (json!(null), "", "not null", "`exact`"),
        (json!({"type": "exact", "ignore_cse": true}), "ignore_cse", "unknown option `ignore_cse`", "`ignore_case`"),
        (json!({"type": "exact", "nto": true}), "nto", "unknown option `nto`", "`not`"),
        (json!({"type": "exact", "zebra": true}), "zebra", "unknown option `zebra`", "`value`, `trim`"),
        (json!({"type": "exact", "not": "yes"}), "not", "expected `true` or `false`, got the text `yes`", ""),
        (json!({"type": "exact", "name": null}), "name", "got null", "in quotes"),
        (json!({"type": "exact", "value": null}), "value", "got null", "leave the key out"),
        (json!({"type": "exact", "value": {"a": 1}}), "value", "expected a text or a list of texts, got a map", ""),
        (json!({"type": "exact", "trim": 1}), "trim", "expected `true` or `false`, got the number 1", ""),
        (json!({"type": "contains", "any": ["a", null]}), "any[1]", "expected a text, got null", "in quotes"),
        (json!({"type": "contains", "any": ["a", ["b"]]}), "any[1]", "expected a text, got a list", ""),
        (json!({"type": "contains", "any": []}), "any", "the list is empty", ""),
        (json!({"type": "contains", "any": ["a", ""]}), "any[1]", "contains an empty text", ""),
        (json!({"type": "contains", "value": "..", "ignore_punctuation": true}), "value", "an empty text", ""),
        (json!({"type": "contains", "match": "some"}), "match", "`some` is none of `any`, `all`", ""),
        (json!({"type": "number", "take": "lsat"}), "take", "`lsat` is none of", "`last`"),
        (json!({"type": "number", "take": 1}), "take", "expected one of `last`, `first`, `only`, got a number", ""),
        (json!({"type": "number", "value": "many"}), "value", "no number", ""),
        (json!({"type": "number", "value": [1, "2 or 3"]}), "value", "more than one number", "####"),
        (json!({"type": "number", "tolerance": -1}), "tolerance", "not a tolerance", "0.01"),
        (json!({"type": "number", "tolerance": "1%"}), "tolerance", "not a tolerance", "0.01"),
        (json!({"type": "number", "decimal": ";"}), "decimal", "none of `.`, `,`", ""),
        (json!({"type": "choice", "options": ["a"]}), "options", "at least two", ""),
        (json!({"type": "choice", "options": ["a", "A "]}), "options", "the same text", ""),
        (json!({"type": "choice", "options": {"AB": "x"}}), "options", "not one letter", ""),
        (json!({"type": "choice", "options": ["a", null]}), "options[1]", "expected a text, got null", ""),
        (json!({"type": "choice", "letters": "A"}), "letters", "at least two", "ABCD"),
        (json!({"type": "choice", "letters": "ABa"}), "letters", "two options", ""),
        (json!({"type": "choice", "letters": "AB", "value": "C"}), "value", "no option \"C\"", ""),
        (json!({"type": "json", "value": "{"}), "value", "is not JSON", ""),
        (json!({"type": "json", "mode": "subst"}), "mode", "none of", "`subset`"),
        (json!({"type": "json", "mode": "valid", "value": 1}), "value", "compares with nothing", ""),
        (json!({"type": "json", "tolerance": -1}), "tolerance", "not negative", ""),
        (json!({"type": "json", "tolerance": "a"}), "tolerance", "got the text `a`", ""),
    ] {
        let error = refused(&entry);
        assert_eq!(error.path, path, "{entry}: {error:?}");
        let said = format!("{} {}", error.message, error.hint.unwrap_or_default());
        assert!(said.contains(message) && said.contains(hint), "{entry}: {said}");
    }
}

#[test]
fn an_expectation_that_does_not_fit_is_found_before_anything_is_asked() {
    for (grader, expected, part) in [
        (
            json!("exact"),
            None,
            "`exact` needs a text to compare with: give the case `expect: yes` or the grader `value: yes`",
        ),
        (
            json!("number"),
            None,
            "`number` needs a number to compare with: give the case `expect: 42` or the grader `value: 42`",
        ),
        (json!("json"), None, "`mode: valid`"),
        (json!("exact"), Some(json!(null)), "cannot compare with null"),
        (json!("exact"), Some(json!({"a": 1})), "`expect` holds a map: use the grader `json`"),
        (json!("exact"), Some(json!(["a", ["b"]])), "`expect` holds a list"),
        (json!("contains"), Some(json!([])), "empty list"),
        (json!("contains"), Some(json!("")), "empty text"),
        (json!("regex"), Some(json!("(")), "not a regular expression"),
        (json!("number"), Some(json!("many")), "no number in \"many\""),
        (json!("number"), Some(json!("5 or 6")), "more than one number"),
        (json!("number"), Some(json!(true)), "not with a boolean"),
        (json!("choice"), Some(json!("K")), "no option \"K\""),
        (json!("json"), Some(json!("{")), "is not JSON"),
    ] {
        let error = checked(&grader, expected.as_ref()).unwrap_err();
        assert!(error.contains(part), "{grader} {expected:?}: {error}");
    }
    for (grader, expected) in [
        (json!({"type": "exact", "value": "a"}), None),
        (json!({"type": "contains", "any": ["a"]}), None),
        (json!({"type": "json", "mode": "valid"}), None),
        (json!({"type": "json", "value": null}), None),
        (json!("json"), Some(json!(null))),
        (json!("choice"), Some(json!("b"))),
        (json!("number"), Some(json!("$1,234"))),
    ] {
        assert_eq!(checked(&grader, expected.as_ref()), Ok(()), "{grader} {expected:?}");
    }
}

#[test]
fn a_wrong_pattern_is_told_with_its_position() {
    let error = refused(&json!({"type": "regex", "pattern": "ä(b"}));
    assert_eq!((error.path.as_str(), error.message.as_str()), ("pattern", "unclosed group at character 2"));
    let error = refused(&json!({"type": "regex", "pattern": "a(?=b)"}));
    assert!(error.hint.unwrap().contains("lookahead"));
    let error = refused(&json!({"type": "regex", "pattern": r"(a)\1"}));
    assert!(error.hint.unwrap().contains("backreferences"));
    let error = refused(&json!({"type": "regex", "pattern": r"\w{1000}{1000}"}));
    assert!(error.message.contains("too big"), "{}", error.message);
    let error = refused(&json!({"type": "regex", "pattern": "a)(b", "full": true}));
    assert!(error.message.contains("unopened group"), "{}", error.message);
    let error = checked(&json!("regex"), Some(&json!("(x"))).unwrap_err();
    assert!(error.contains("unclosed group at character 1"), "{error}");
}

#[test]
fn several_wrong_options_are_all_told() {
    let errors = all_refused(&json!({"type": "contains", "any": [1, null], "ignore_cse": true, "words": 5, "nto": 1}));
    let mut paths: Vec<&str> = errors.iter().map(|error| error.path.as_str()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["any[1]", "ignore_cse", "nto", "words"]);
    let errors = all_refused(&json!({"type": "exact", "name": [], "trim": 1}));
    assert_eq!(errors.len(), 2);
}
