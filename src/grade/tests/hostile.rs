//! What holds for every grader on every text: no panic, linear time.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{grade, grade_with, graded, set, text};
use crate::grade::{Answer, GraderSet};

/// Each family with an expectation it can work with.
fn every_family() -> Vec<(GraderSet, Value)> {
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
    ]
    .into_iter()
    .map(|(grader, expected)| (set(&[grader]), expected))
    .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_grader_panics_on_any_text(
        answer in prop_oneof![
            "\\PC{0,200}",
            "[-0-9.,/%$#e×^{}\\\\ \n\"\\[\\]()*A-Da-d:`½\u{ff10}-\u{ff19}é漢\u{301}]{0,400}",
            ("(answer|Answer:|\\*\\*|\\{\"a\":|```|####|\\\\boxed\\{|\\\\frac| [A-D]\\) |1,2|[0-9]{3} |\n){1,40}", 1_usize..400)
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
    fn every_text_is_exactly_itself(answer in "\\PC{1,100}", ignored in 0_u8..16) {
        let grader = json!({
            "type": "exact", "value": answer, "trim": ignored & 1 == 0, "ignore_case": ignored & 2 == 0,
            "ignore_whitespace": ignored & 4 == 0, "ignore_punctuation": ignored & 8 == 0,
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
fn assert_linear(unit: &str, size: usize) {
    let of_size = |size: usize| text(&unit.repeat(size / unit.len()));
    let (small, large) = (of_size(size / 10), of_size(size));
    for (set, expected) in every_family() {
        // Below it, times are noise.
        let floor = Duration::from_millis(5);
        // The machine is shared: one good run of several is enough, and where all is well the first one is.
        let linear = (0..4).any(|_| time(&set, &expected, &large) < 40 * time(&set, &expected, &small).max(floor));
        assert!(linear, "{set:?} on {unit:?}");
    }
}

#[test]
fn a_megabyte_of_prose_takes_linear_time() {
    assert_linear("The team of 3.5 found {x} in [1]; \"so\" the Answer was B (or not).\n", 1_000_000);
}

#[test]
fn hostile_repetitions_take_linear_time() {
    for unit in [
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
        "\n",
        "漢",
    ] {
        assert_linear(unit, 40_000);
    }
}
