//! What holds for every grader on every text: no panic, linear time.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::families::{EXTRACTS, UNITS, every_family, structured};
use super::{grade, grade_with, graded, text};
use crate::grade::{Answer, GraderSet};

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
            // Only `math` may be unable to tell.
            prop_assert!(graded.grades.iter().all(|grade| grade.pass.is_some() || grade.grader == "math"));
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
