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
        (json!("zebra"), "", "unknown grader `zebra`", "the graders are `exact`, `contains`, "),
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
        (json!({"type": "exact", "name": " "}), "name", "an empty text", ""),
        (json!({"type": "exact", "name": "a\nb"}), "name", "control character (U+000A)", ""),
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
        (json!("not-icontains"), "", "unknown grader", "`contains` with `ignore_case: true`, with `not: true`?"),
        (json!("not-starts-with"), "", "unknown grader", "`starts_with`, with `not: true`?"),
        (json!("starts-with"), "", "unknown grader", "did you mean `starts_with`?"),
        (json!("word-count"), "", "unknown grader", "did you mean `length` with `unit: words`?"),
        (json!("is-refusal"), "", "unknown grader", "did you mean `refusal`?"),
        (json!({"type": "assert-set"}), "type", "unknown grader", "did you mean `all`?"),
        (json!("perplexity"), "", "unknown grader", "log probabilities"),
        (json!({"type": "exact", "weight": -1}), "weight", "a number from 0", "-1"),
        (json!({"type": "exact", "weight": "high"}), "weight", "a number from 0", "`high`"),
        (json!({"type": "exact", "unicode": "nfkd"}), "unicode", "none of `none`, `nfc`, `nfkc`", "`nfkc`"),
        (json!({"type": "exact", "ignore_artcles": true}), "ignore_artcles", "unknown option", "`ignore_articles`"),
        (json!({"type": "exact", "ignore_articles": 1}), "ignore_articles", "`true` or `false`", ""),
        (json!({"type": "starts_with", "value": ["a", ""]}), "value[1]", "empty text", ""),
        (json!({"type": "ends_with", "valeu": "a"}), "valeu", "unknown option", "`value`"),
        (json!("length"), "", "nothing says how long", "`max: 100`"),
        (json!({"type": "length", "unit": "wrods", "max": 1}), "unit", "none of", "`words`"),
        (json!({"type": "length", "max": -1}), "max", "a whole number from 0 up, got -1", ""),
        (json!({"type": "length", "max": 2.5}), "max", "a whole number from 0 up, got 2.5", ""),
        (json!({"type": "length", "min": 5, "max": 2}), "max", "below `min: 5`", ""),
        (json!({"type": "length", "exactly": 5, "max": 2}), "exactly", "leaves nothing", ""),
        (json!({"type": "length", "min": 0}), "min", "every answer", ""),
        (json!("latency"), "", "`max` is missing", ""),
        (json!({"type": "latency", "max": 5}), "max", "has no unit", ""),
        (json!({"type": "ttft", "max": "soon"}), "max", "not a duration", ""),
        (json!({"type": "cost", "max": "5 EUR"}), "max", "not an amount of US dollars", ""),
        (
            json!({"type": "latency", "max": "5s", "extract": "json"}),
            "extract",
            "does not look at the answer's text",
            "",
        ),
        (json!({"type": "tokens", "of": "all", "max": 1}), "of", "none of", ""),
        (json!("tokens"), "", "nothing says how many tokens", "`max: 500`"),
        (json!({"type": "finish_reason", "is": []}), "is", "the list is empty", ""),
        (json!({"type": "refusal", "phrases": ["no", ".."]}), "phrases[1]", "empty text", ""),
        (json!("all"), "", "`of` is missing", "`of: [exact"),
        (json!({"type": "all", "of": []}), "of", "the list is empty", ""),
        (json!({"type": "all", "of": 5}), "of", "a grader is a name or a map", ""),
        (json!({"type": "any", "of": ["exact", {"type": "latency", "max": 3}]}), "of[1].max", "has no unit", ""),
        (
            json!({"type": "any", "of": {"type": "all", "of": ["exact", {"type": "regex", "pattern": "("}]}}),
            "of.of[1].pattern",
            "unclosed group",
            "",
        ),
        (json!({"type": "any", "of": ["exat"]}), "of[0]", "unknown grader", "`exact`"),
        (json!({"type": "all", "of": ["exact"], "threshold": 2}), "threshold", "a share from 0 to 1", "2"),
        (json!({"type": "all", "of": ["exact"], "threshold": "80"}), "threshold", "a share from 0 to 1", "`80%`"),
        (json!({"type": "all", "of": ["exact"], "threshold": 0}), "threshold", "at least 0", "`0.8`"),
        (json!({"type": "any", "of": ["exact"], "at_least": 2}), "at_least", "of 1 graders that count", ""),
        (json!({"type": "any", "of": ["exact"], "at_least": 0}), "at_least", "every answer", ""),
        (json!({"type": "any", "of": ["exact"], "at_least": 1, "threshold": 0.5}), "at_least", "two ways", ""),
        (json!({"type": "all", "of": [{"type": "exact", "weight": 0}]}), "of", "none of these counts", ""),
        (json!({"type": "not", "of": ["exact", "json"]}), "of", "takes one grader", "type: any"),
        (
            json!({"type": "all", "of": [{"type": "cost", "max": 1}], "extract": "json"}),
            "extract",
            "does not look at the answer's text",
            "",
        ),
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
        (json!("levenshtein"), None, "`levenshtein` needs a text to compare with"),
        (json!("rouge"), Some(json!("Привет")), "`chrf` is for every language"),
        (json!("bleu"), Some(json!("")), "`bleu` can never pass: \"\" has no words"),
        (json!("f1"), Some(json!(null)), "cannot compare with null"),
        (json!("squad_em"), Some(json!([])), "empty list"),
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
        (json!("rouge"), Some(json!(["Привет", "hello"]))),
        (json!("f1"), Some(json!(""))),
        (json!("levenshtein"), Some(json!(1234))),
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

#[test]
fn a_wrong_extract_is_traced_to_its_place() {
    for (extract, path, message, hint) in [
        (json!("last_numbr"), "extract", "called `last_numbr`", "did you mean `last_number`?"),
        (json!("after"), "extract", "called `after`", "`{ after: \"Answer:\" }`"),
        (json!("aftr"), "extract", "called `aftr`", "did you mean `{ after: \"Answer:\" }`?"),
        (json!("code-block"), "extract", "called `code-block`", "did you mean `fenced`?"),
        (json!("zebra"), "extract", "called `zebra`", "`last_number`, `first_number`"),
        (json!(5), "extract", "got a number", "`last_line`"),
        (json!(null), "extract", "got null", ""),
        (json!([]), "extract", "the list is empty", ""),
        (json!({}), "extract", "the map is empty", ""),
        (json!({"boxed": true}), "extract.boxed", "called `boxed`", "the name alone"),
        (json!({"rgex": "a"}), "extract.rgex", "called `rgex`", "{ regex:"),
        (json!(["boxed", {"regex": "("}]), "extract[1].regex", "unclosed group at character 1", ""),
        (json!(["boxed", {"regex": "a", "group": 1}]), "extract[1].group", "has no groups", "whole match"),
        (json!({"regex": "(a)", "group": "x"}), "extract.group", "no group called `x`", "(?<name>"),
        (json!({"regex": "(a)", "group": -1}), "extract.group", "no group -1", ""),
        (json!({"regex": "(a)", "group": true}), "extract.group", "a group's number or name", ""),
        (json!({"regex": "a", "match": "all"}), "extract.match", "none of `first`, `last`", ""),
        (json!({"regex": "a", "goup": 1}), "extract.goup", "unknown option `goup`", "`group`"),
        (
            json!({"regex": "a", "zebra": 1}),
            "extract.zebra",
            "unknown option",
            "are `regex`, `group`, `match`, `ignore_case`, `multi_line`, `dot_all`",
        ),
        (json!({"regex": "a", "json": "$"}), "extract.json", "one way", "a list"),
        (json!({"after": " "}), "extract.after", "an empty text", "`Answer:`"),
        (json!({"after": "a", "to": "ends"}), "extract.to", "none of", "`end`"),
        (json!({"fenced": "second"}), "extract.fenced", "none of `first`, `last`", ""),
        (json!({"fenced": "last", "language": []}), "extract.language", "the list is empty", ""),
        (json!({"json": "answer["}), "extract.json", "not a JSONPath", "`$.answer`"),
        (json!({"letter": "A"}), "extract.letter", "at least two", "`ABCD`"),
        (json!({"tag": "a b"}), "extract.tag", "a tag's name", "`answer`"),
        (json!({"number": "last", "decimal": ";"}), "extract.decimal", "none of", ""),
        (json!(["whole", "boxed"]), "extract[1]", "never tried", "at the end"),
    ] {
        let error = refused(&json!({"type": "exact", "extract": extract}));
        assert_eq!(error.path, path, "{extract}: {error:?}");
        let said = format!("{} {}", error.message, error.hint.unwrap_or_default());
        assert!(said.contains(message) && said.contains(hint), "{extract}: {said}");
    }
    let errors = all_refused(&json!({
        "type": "any",
        "of": [{"type": "exact", "trm": 1, "extract": ["boxd", {"regex": "(a", "goup": 1, "match": 2}]}, "exat"],
        "weight": -1,
        "at_least": "one",
    }));
    let mut paths: Vec<&str> = errors.iter().map(|error| error.path.as_str()).collect();
    paths.sort_unstable();
    assert_eq!(
        paths,
        [
            "at_least",
            "of[0].extract[0]",
            "of[0].extract[1].goup",
            "of[0].extract[1].match",
            "of[0].extract[1].regex",
            "of[0].trm",
            "of[1]",
            "weight"
        ]
    );
}

#[test]
fn what_is_put_together_too_deeply_is_refused_without_harm() {
    let mut grader = json!("exact");
    for _ in 0..100 {
        grader = json!({"type": "all", "of": [grader]});
    }
    let error = refused(&grader);
    assert!(error.path.starts_with("of") && error.message.contains("levels deep"), "{error:?}");
    let mut grader = json!("exact");
    for _ in 0..10 {
        grader = json!({"type": "any", "of": [grader]});
    }
    assert!(build(&grader).is_ok());
}

#[test]
fn a_combination_checks_its_parts() {
    let error =
        checked(&json!({"type": "any", "of": ["number", {"type": "contains", "name": "c"}]}), None).unwrap_err();
    assert!(error.contains("`number`: `number` needs a number"), "{error}");
    assert!(error.contains("; `c`: `contains` needs a text"), "{error}");
    assert_eq!(checked(&json!({"type": "all", "of": ["number"]}), Some(&json!(4))), Ok(()));
}
