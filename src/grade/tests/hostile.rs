//! What holds for every grader on every text: no panic, linear time.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{grade, grade_with, graded, set, text};
use crate::grade::{Answer, GraderSet};

/// Each family with an expectation it can work with.
pub(super) fn every_family() -> Vec<(GraderSet, Value)> {
    [
        (json!("exact"), json!("42")),
        (
            json!({"type": "exact", "ignore_case": true, "ignore_whitespace": true, "ignore_punctuation": true}),
            json!("4 a"),
        ),
        (json!("contains"), json!("zz")),
        (json!({"type": "contains", "words": true, "ignore_case": true}), json!("aa")),
        (json!({"type": "regex", "pattern": "(a|aa)+$"}), json!(null)),
        (json!({"type": "regex", "pattern": r"(?i)\bx.*y\b", "full": true}), json!(null)),
        (json!("number"), json!(123_456)),
        (json!({"type": "number", "take": "only", "percent": "fraction", "decimal": ","}), json!(0.5)),
        (json!("choice"), json!("C")),
        (json!({"type": "choice", "options": ["aa", "a a", "yes", "no"]}), json!("yes")),
        (json!("json"), json!({"a": [1, 2]})),
        (json!({"type": "json", "mode": "subset", "ignore_order": true}), json!([{"a": 1}, 2])),
        (json!({"type": "json", "mode": "valid"}), json!(null)),
        (
            json!({
                "type": "exact", "unicode": "nfkc", "ignore_case": true, "ignore_articles": true,
                "ignore_punctuation": true, "ignore_whitespace": true,
            }),
            json!("zz"),
        ),
        (json!({"type": "starts_with", "ignore_whitespace": true}), json!("zz")),
        (json!({"type": "ends_with", "ignore_case": true}), json!("zz")),
        (json!({"type": "length", "max": 1}), json!(null)),
        (json!({"type": "length", "unit": "words", "max": 1}), json!(null)),
        (json!({"type": "length", "unit": "sentences", "min": 10_000_000}), json!(null)),
        (json!({"type": "length", "unit": "paragraphs", "min": 10_000_000}), json!(null)),
        (json!("refusal"), json!(null)),
        (json!({"type": "all", "of": ["exact", {"type": "contains", "weight": 2}], "threshold": 0.9}), json!("zz")),
        (json!({"type": "any", "of": ["exact", {"type": "not", "of": {"type": "length", "min": 0, "max": 9_000_000}}]}), json!("zz")),
    ]
    .into_iter()
    .chain(EXTRACTS.iter().map(|extract| {
        let extract: Value = serde_json::from_str(extract).unwrap();
        (json!({"type": "exact", "extract": extract}), json!("zz"))
    }))
    .map(|(grader, expected)| (set(&[grader]), expected))
    .chain(structured())
    .collect()
}

/// The families that read a structure.
fn structured() -> Vec<(GraderSet, Value)> {
    [
        (json!({"type": "json", "partial": true, "ignore_keys": ["b", "$..c"]}), json!({"a": [1, 2]})),
        (
            json!("json_schema"),
            json!({"$ref": "#/$defs/x", "$defs": {"x": {"anyOf": [
                {"type": "string", "pattern": "^(a|aa)+$"},
                {"type": "array", "uniqueItems": true, "contains": {"const": 1}, "items": {"$ref": "#/$defs/x"}},
                {"type": "array", "items": {"$ref": "#/$defs/x"}, "maxItems": 1},
                {"type": "object", "properties": {"a": {"$ref": "#/$defs/x"}}, "unevaluatedProperties": false},
            ]}}}),
        ),
        (json!({"type": "json_path", "path": "$..a[?@.b || @[0]]", "equals": 1}), json!(null)),
        (json!({"type": "json_path", "path": "$[*]", "contains": "a", "match": "all"}), json!(null)),
        (json!({"type": "tool_call", "tool": "a"}), json!(null)),
        (json!({"type": "xml", "root": "a", "elements": ["b"]}), json!(null)),
        (json!({"type": "yaml", "mode": "subset", "ignore_order": true}), json!([{"a": 1}, 2])),
        (json!({"type": "csv", "columns": ["a", "b"]}), json!(null)),
        (json!("levenshtein"), json!("The answer is (B), not 漢.")),
        (json!({"type": "levenshtein", "unit": "words", "max_distance": 3, "ignore_case": true}), json!(["a b", "c"])),
        (json!("rouge"), json!("The team of 3 found the Answer.")),
            json!({"type": "rouge", "variant": "rouge2", "measure": "recall", "stemmer": true}),
            json!("the answered 1 a"),
        ),
        (json!({"type": "rouge", "variant": "rougeLsum", "stemmer": true}), json!("The team\nof 1 found\nit. 漢")),
        (json!({"type": "bleu", "tokenize": "intl"}), json!(["The team of 3.5 found it.", "漢"])),
        (json!({"type": "bleu", "tokenize": "13a", "ignore_case": true, "smooth": "floor"}), json!("A 1, B 2. 漢")),
        (json!({"type": "bleu", "tokenize": "zh", "smooth": "add-k"}), json!("漢 is 1, not \"2\".")),
        (json!({"type": "bleu", "tokenize": "char"}), json!("a1b2")),
        (json!({"type": "chrf", "word_order": 2}), json!("The team of 3.5 found (it).")),
        (json!({"type": "chrf", "whitespace": true, "ignore_case": true}), json!("\na 漢 ")),
        (json!("f1"), json!("the team of 3.5")),
        (json!({"type": "f1", "unit": "characters", "measure": "recall"}), json!("漢a")),
        (json!("squad_em"), json!("the Answer")),
    ]
    .into_iter()
    .map(|(grader, expected)| (set(&[grader]), expected))
    .collect()
}

/// Every way of extracting.
const EXTRACTS: &[&str] = &[
    r#""last_number""#,
    r#"{"number": "first", "decimal": ","}"#,
    r#""last_line""#,
    r#""first_line""#,
    r#"{"after": "answer:"}"#,
    r#"{"after": "a", "to": "end"}"#,
    r#"{"regex": "[a-z]+ ?(?<last>\\d+)?"}"#,
    r#"{"regex": "(a|aa)+$", "match": "first"}"#,
    r#"{"regex": "x*"}"#,
    r#"{"fenced": "last", "language": ["json", "python"]}"#,
    r#"{"fenced": "first"}"#,
    r#""json""#,
    r#"{"json": "$..a"}"#,
    r#""letter""#,
    r#""boxed""#,
    r#"{"tag": "a"}"#,
    r#"["boxed", {"tag": "answer"}, "json", "fenced", "whole"]"#,
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_grader_panics_on_any_text(
        answer in prop_oneof![
            "\\PC{0,200}",
            "[-0-9.,/%$#e×^{}\\\\ \n\"\\[\\]()*A-Da-d:`½\u{ff10}-\u{ff19}é漢\u{301}]{0,400}",
            ("(answer|Answer:|<answer>|</answer>|the |~~~|```json\n|\\*\\*|\\{\"a\":|```|####|\\\\boxed\\{|\\\\frac| [A-D]\\) |1,2|[0-9]{3} |\n){1,40}", 1_usize..400)
                .prop_map(|(part, times)| {
                    let times = times.min(65_536 / part.len().max(1));
                    part.repeat(times)
                }),
        ]
    ) {
        for (set, expected) in every_family() {
            let graded = graded(&set, &text(&answer), Some(&expected));
            prop_assert!(graded.pass.is_some());
        }
    }

    #[test]
    fn what_is_extracted_is_a_part_of_the_answer(
        answer in prop_oneof![
            "\\PC{0,200}",
            "(answer: |Answer:|<a>|</a>|```\n|```json\n|\\\\boxed\\{|\\}|\\*\\*|[A-D]|[0-9]{1,4}|x|\\{\"a\": 1|\n| ){0,40}",
        ]
    ) {
        for extract in EXTRACTS {
            let extract: Value = serde_json::from_str(extract).unwrap();
            let grade = grade(&json!({"type": "length", "max": 0, "extract": extract}), &answer);
            match grade.extracted {
                None => prop_assert!(grade.nothing && grade.pass == Some(false)),
                // Letters come in upper case, and a path gives the value of its JSON.
                Some(part) if extract == "letter" => prop_assert!(answer.to_uppercase().contains(&part)),
                Some(part) if extract.get("json").is_some() => prop_assert!(part.parse::<u32>().is_ok() || serde_json::from_str::<Value>(&part).is_ok()),
                Some(part) => prop_assert!(answer.contains(&part), "{extract}: {part:?} of {answer:?}"),
            }
        }
    }

    #[test]
    fn every_text_is_exactly_itself(answer in "\\PC{1,100}", ignored in 0_u8..128) {
        let grader = json!({
            "type": "exact", "value": answer, "trim": ignored & 1 == 0, "ignore_case": ignored & 2 == 0,
            "ignore_whitespace": ignored & 4 == 0, "ignore_punctuation": ignored & 8 == 0,
            "ignore_articles": ignored & 16 == 0,
            "unicode": if ignored & 32 == 0 { "nfkc" } else if ignored & 64 == 0 { "nfc" } else { "none" },
        });
        prop_assert_eq!(grade(&grader, &answer).pass, Some(true));
        prop_assert_eq!(grade(&json!({"type": "exact", "value": answer, "not": true}), &answer).pass, Some(false));
    }

    #[test]
    fn every_json_value_equals_itself(text in "[a-z\" {}\\[\\]:,0-9]{0,40}", number in any::<i64>()) {
        let value = json!({"a": text, "b": [number, {"c": null}], "d": {"e": text}});
        prop_assert_eq!(grade_with(&json!("json"), &value.to_string(), &value).pass, Some(true));
        let fenced = format!("Here:\n```json\n{value:#}\n```\nas you see.");
        prop_assert_eq!(grade_with(&json!("json"), &fenced, &value).pass, Some(true));
    }
}

fn time(set: &GraderSet, expected: &Value, answer: &Answer) -> Duration {
    let start = Instant::now();
    let _ = graded(set, answer, Some(expected));
    start.elapsed()
}

/// Fails where ten times a text takes more than forty times as long; a quadratic grader takes a hundred times.
#[track_caller]
fn assert_linear(families: &[(GraderSet, Value)], unit: &str, size: usize) {
    let of_size = |size: usize| text(&unit.repeat(size / unit.len()));
    let (small, large) = (of_size(size / 10), of_size(size));
    for (set, expected) in families {
        // Below it, times are noise.
        let floor = Duration::from_millis(5);
        // The machine is shared: one good run of several is enough, and where all is well the first one is.
        let linear = (0..4).any(|_| time(set, expected, &large) < 40 * time(set, expected, &small).max(floor));
        assert!(linear, "{set:?} on {unit:?}");
    }
}

#[test]
fn a_megabyte_of_prose_takes_linear_time() {
    assert_linear(&every_family(), "The team of 3.5 found {x} in [1]; \"so\" the Answer was B (or not).\n", 1_000_000);
}

#[test]
fn hostile_repetitions_take_linear_time() {
    let families = every_family();
    for unit in UNITS {
        assert_linear(&families, unit, 40_000);
    }
}

const UNITS: &[&str] = &[
    "[",
    "{\"a\":",
    "[\"",
    "1,",
    "1,22,",
    "1,222,",
    "1 234 ",
    "1/",
    "1.",
    "\\frac{1}",
    "\\boxed{",
    "#### 1. a\n",
    "answer: ",
    "answer A or B, ",
    "**A** (B) ",
    "aa ",
    "A) x\n",
    "```",
    "```json\n",
    "~~~\n",
    "<answer>",
    "<a ",
    "</a>",
    "<a>x</a>",
    "\n",
    "**",
    "e\u{301}\u{323}",
    "\u{301}",
    "\u{1f468}\u{200d}",
    "a.",
    "the ",
    "漢",
];

#[test]
fn hostile_structures_take_linear_time() {
    let families = structured();
    for unit in [
        "[1,",
        "[[1],",
        "<a>",
        "<a",
        "<a b='1'>",
        "<a/>",
        "<!--",
        "<![CDATA[",
        "&a;",
        "- ",
        "- - a\n",
        "? ",
        "a: ",
        "a: &a b\n",
        "*a ",
        "&a ",
        "!a ",
        "{a, ",
        "a: |\n ",
        "\"a\",",
        "\"\"",
        "a,\"",
        "---\n",
        "# a\n",
        "%YAML 1.2\n",
    ] {
        assert_linear(&families, unit, 40_000);
    }
}
