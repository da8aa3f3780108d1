use serde_json::{Value, json};

use super::assertion::Assertion;
use super::grader::{EMBEDDINGS, JUDGE};
use super::row::PROMPTFOO;
use crate::grade::{BuildContext, build};
use crate::suite::dataset::formats::raw::{Odd, Raw};
use crate::suite::dataset::item::Item;

fn grader(text: &str) -> Value {
    let grader = Assertion::parse(text).grader().unwrap_or_else(|error| panic!("{text}: {}", error.message));
    build(&grader, &BuildContext { folder: "".as_ref() }).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    grader
}

fn refused(text: &str) -> String {
    let error = Assertion::parse(text).grader().unwrap_err();
    format!("{} | {}", error.message, error.hint.unwrap_or_default())
}

fn item(row: &Value) -> Result<Item, Odd> {
    let mut items = Vec::new();
    (PROMPTFOO.items)(&Raw { columns: row.as_object().unwrap(), file: "t.csv" }, &mut |item| items.push(item))?;
    Ok(items.remove(0))
}

fn graders(item: &Item) -> Value {
    item.graders.as_ref().unwrap().to_value()
}

#[test]
fn texts_become_graders_that_can_be_built() {
    for (text, wanted) in [
        ("Paris", json!({ "type": "exact", "value": "Paris" })),
        ("equals: 30", json!({ "type": "exact", "value": "30" })),
        ("note: a colon is no type", json!({ "type": "exact", "value": "note: a colon is no type" })),
        ("contains: Hello", json!({ "type": "contains", "value": "Hello" })),
        ("icontains:Hello", json!({ "type": "contains", "value": "Hello", "ignore_case": true })),
        ("contains-any: <b>,</span>", json!({ "type": "contains", "any": ["<b>", "</span>"] })),
        (r#"contains-all: "a, b",c"#, json!({ "type": "contains", "all": ["a, b", "c"] })),
        ("icontains-all: a, b", json!({ "type": "contains", "all": ["a", "b"], "ignore_case": true })),
        ("not-contains: x", json!({ "type": "contains", "value": "x", "not": true })),
        ("starts-with: Dear", json!({ "type": "starts_with", "value": "Dear" })),
        (r"regex: \d{4}", json!({ "type": "regex", "pattern": r"\d{4}" })),
        ("is-json", json!({ "type": "json", "mode": "valid", "strict": true })),
        ("contains-json", json!({ "type": "json", "mode": "valid" })),
        (
            r#"is-json: {"type": "object"}"#,
            json!({ "type": "json_schema", "schema": { "type": "object" }, "strict": true }),
        ),
        ("contains-xml: a.b,c", json!({ "type": "xml", "elements": ["b", "c"] })),
        ("similar(0.8): Hi", json!({ "type": "embedding", "model": EMBEDDINGS, "value": ["Hi"], "threshold": 0.8 })),
        ("llm-rubric: is polite", json!({ "type": "judge", "model": JUDGE, "rubric": "is polite" })),
        ("grade: is polite", json!({ "type": "judge", "model": JUDGE, "rubric": "is polite" })),
        ("factuality: It is Lima", json!({ "type": "judge", "model": JUDGE, "reference": "It is Lima" })),
        (
            "g-eval: is short",
            json!({ "type": "judge", "model": JUDGE, "rubric": ["is short"], "scale": "0-10", "threshold": "70%" }),
        ),
        (
            "llm-rubric(0.5): is short",
            json!({ "type": "judge", "model": JUDGE, "rubric": ["is short"], "scale": "0-10", "threshold": "50%" }),
        ),
        ("levenshtein(2): colour", json!({ "type": "levenshtein", "value": "colour", "max_distance": 2 })),
        ("levenshtein: colour", json!({ "type": "levenshtein", "value": "colour", "max_distance": 5 })),
        ("rouge-n(0.6): a b", json!({ "type": "rouge", "variant": "rouge1", "value": "a b", "threshold": 0.6 })),
        ("bleu: a b c d", json!({ "type": "bleu", "value": ["a b c d"], "threshold": 0.5 })),
        ("latency(1500)", json!({ "type": "latency", "max": "1500ms" })),
        ("cost(0.002)", json!({ "type": "cost", "max": "$0.002" })),
        ("not-is-refusal", json!({ "type": "refusal", "not": true })),
        ("finish-reason: stop", json!({ "type": "finish_reason", "is": "stop" })),
        ("word-count: 5", json!({ "type": "length", "unit": "words", "exactly": 5 })),
    ] {
        assert_eq!(grader(text), wanted, "{text}");
    }
}

#[test]
fn what_cannot_be_graded_says_why_and_how_to_leave_it_out() {
    for (text, part) in [
        ("javascript: output.length < 10", "there is no grader for `javascript`"),
        ("fn: output", "`javascript`"),
        ("eval: output", "`javascript`"),
        ("python: len(output)", "the grader `command`"),
        ("file://check.py", "`python`"),
        ("file://check.js:run", "`javascript`"),
        ("contains: file://answer.txt", "from a file"),
        ("contains", "nothing to compare with"),
        ("latency", "write for example `latency(5000)`"),
        ("cost(0)", "needs a limit"),
        ("is-json: {", "no JSON"),
        ("is-json: file://schema.json", "takes a JSON Schema"),
        ("moderation: hate", "leave the assertion out"),
        ("not-perplexity(5)", "`not-perplexity`"),
        ("word-count: many", "needs a number"),
    ] {
        let said = refused(text);
        assert!(said.contains(part), "{text}: {said}");
    }
}

#[test]
fn entries_of_configurations_are_read_too() {
    let of = |entry: Value| Assertion::of(&entry).unwrap().grader().unwrap();
    assert_eq!(
        of(json!({ "type": "not-contains", "value": "x", "weight": 2, "metric": "calm" })),
        json!({ "type": "contains", "value": "x", "not": true, "weight": 2, "name": "calm" })
    );
    assert_eq!(of(json!({ "type": "equals", "value": { "a": 1 } })), json!({ "type": "json", "value": { "a": 1 } }));
    assert_eq!(of(json!({ "type": "latency", "threshold": 5000 })), json!({ "type": "latency", "max": "5000ms" }));
    assert_eq!(
        of(json!({ "type": "contains-any", "value": "a, b" })),
        json!({ "type": "contains", "any": ["a", "b"] })
    );
    assert_eq!(
        of(json!({ "type": "word-count", "value": { "min": 2, "max": 5 } })),
        json!({ "type": "length", "unit": "words", "min": 2, "max": 5 })
    );
    assert!(Assertion::of(&json!({ "value": "x" })).unwrap_err().contains("without `type`"));
    assert!(Assertion::of(&json!({ "type": "cost", "threshold": "x" })).unwrap_err().contains("`threshold`"));
    let meant = Assertion::of(&json!({ "type": "contians", "value": "x" })).unwrap().grader().unwrap_err();
    assert_eq!(meant.hint.as_deref(), Some("did you mean `contains`?"));
}

#[test]
fn columns_are_variables_but_for_those_with_two_underscores() {
    let row = json!({ "q": "2+2?", "who": "me", "__expected1": "contains: {{ who }}", "__expected2": "", "__expected3": "4",
                      "__description": "a sum", "__metadata:tags[]": "easy,with\\, comma", "__metadata:level": "1",
                      "__prefix": "", "__metric": "right", "__providerOutput": "x" });
    let read = item(&row).unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&read.columns).unwrap(),
        json!({ "q": "2+2?", "who": "me", "__prefix": "" })
    );
    assert_eq!(read.id.as_deref(), Some("a sum"));
    assert_eq!(read.tags, ["tags=easy", "tags=with, comma", "level=1"]);
    assert_eq!(
        graders(&read),
        json!([{ "type": "contains", "value": "me", "name": "right" }, { "type": "exact", "value": "4", "name": "right" }])
    );
    assert_eq!(read.expect.as_deref(), Some("\"me\""), "the first that names an answer");
}

#[test]
fn a_threshold_makes_one_grader_of_all() {
    let read =
        item(&json!({ "q": "?", "__expected": "a", "__expected1": "not-contains: b", "__threshold": "0.5" })).unwrap();
    let wanted = json!([{ "type": "all", "threshold": 0.5, "of": [
        { "type": "exact", "value": "a" }, { "type": "contains", "value": "b", "not": true }] }]);
    assert_eq!(graders(&read), wanted);
    let row = json!({ "q": "?", "__expected2": "similar: a", "__config:__expected2:threshold": "0.9" });
    assert_eq!(graders(&item(&row).unwrap())[0]["threshold"], 0.9);
}

#[test]
fn rows_of_configurations_are_tests_as_well() {
    let read = item(&json!({ "description": "d", "vars": { "x": 5 }, "metadata": { "area": ["a", "b"] },
                             "assert": [{ "type": "equals", "value": "{{ x }}" }] }))
    .unwrap();
    assert_eq!((read.columns.as_str(), read.expect.as_deref()), (r#"{"x":5}"#, Some("\"5\"")));
    assert_eq!(read.tags, ["area=a", "area=b"]);
}

#[test]
fn mistakes_name_their_column() {
    for (row, part) in [
        (json!({ "q": "?", "__expected": "javascript: 1" }), "`__expected`: there is no grader for `javascript`"),
        (json!({ "q": "?", "_expected": "a" }), "column `_expected` looks like `__expected`"),
        (json!({ "q": "?", "__expectation": "contains: {{ nobody }}" }), "column `__expectation` is not known"),
        (json!({ "q": "?", "__expected": "contains: {{ nobody }}" }), "`nobody` is undefined"),
        (json!({ "q": "?", "__expected": "a", "__threshold": "high" }), "`__threshold` is `high`"),
        (json!({ "q": "?", "__expected": "a", "__threshold": "7" }), "a threshold of 7"),
        (json!({ "q": "?", "__expected": "a", "__config:__expected4:threshold": "1" }), "without an assertion"),
        (json!({ "vars": 5, "assert": [] }), "`vars` is 5, expected a map"),
    ] {
        let said = item(&row).unwrap_err().message;
        assert!(said.contains(part), "{row}: {said}");
    }
}
