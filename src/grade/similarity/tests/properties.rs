//! What holds for every measure on every text.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{grade, grade_with, score};

fn measures() -> Vec<Value> {
    let mut all = vec![
        json!("levenshtein"),
        json!({"type": "levenshtein", "unit": "words"}),
        json!({"type": "levenshtein", "ignore_case": true, "ignore_punctuation": true, "ignore_whitespace": true}),
        json!("f1"),
        json!({"type": "f1", "unit": "characters"}),
        json!({"type": "f1", "measure": "recall"}),
        json!("squad_em"),
        json!({"type": "chrf", "word_order": 2, "beta": 1}),
        json!("chrf"),
    ];
    for tokenize in ["13a", "intl", "zh", "char", "none"] {
        all.push(json!({"type": "bleu", "tokenize": tokenize}));
    }
    for variant in ["rouge1", "rouge2", "rougeL", "rougeLsum"] {
        all.push(json!({"type": "rouge", "variant": variant, "stemmer": true}));
    }
    all
}

/// Texts with words in common, and texts of any characters.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        "((a|the|cat|Cats|running|ran|3\\.5|漢字|für|👍🏽|e\u{301})[ ,.\n-]{1,2}){0,30}",
        "\\PC{0,60}",
        "[a-e \n]{0,80}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn scores_are_shares(answer in texts(), reference in texts()) {
        for grader in measures() {
            let score = score(&grader, &answer, &json!(reference));
            prop_assert!((0.0..=1.0).contains(&score), "{grader}: {score}");
        }
    }

    #[test]
    fn a_text_is_wholly_like_itself(text in "[a-z]{4,8}( [a-z]{4,8}){3,20}") {
        for grader in measures() {
            let score = score(&grader, &text, &json!(text));
            prop_assert!(score > 1.0 - 1e-9, "{grader}: {score}");
            let mut strict = if grader.is_string() { json!({"type": grader}) } else { grader };
            if strict["type"] != "squad_em" {
                strict["threshold"] = json!(1);
            }
            prop_assert_eq!(grade_with(&strict, &text, &json!(text)).pass, Some(true));
        }
    }

    #[test]
    fn a_further_reference_never_makes_it_worse(answer in texts(), one in texts(), other in texts()) {
        // BLEU takes several at once: a longer one costs brevity.
        for grader in measures().into_iter().filter(|grader| grader["type"] != "bleu") {
            let alone = score(&grader, &answer, &json!(one)).max(score(&grader, &answer, &json!(other)));
            let together = score(&grader, &answer, &json!([one, other]));
            prop_assert!((alone - together).abs() < 1e-12, "{grader}: {alone} {together}");
        }
    }

    #[test]
    fn where_neither_text_comes_first_their_order_does_not_count(a in texts(), b in texts()) {
        for grader in [
            json!("levenshtein"),
            json!("f1"),
            json!("squad_em"),
            json!({"type": "rouge", "variant": "rouge2"}),
            json!("rouge"),
            json!({"type": "chrf", "beta": 1}),
        ] {
            let (one, other) = (score(&grader, &a, &json!(b)), score(&grader, &b, &json!(a)));
            prop_assert!((one - other).abs() < 1e-12, "{grader}: {one} {other}");
        }
        let part = |measure: &str, a: &str, b: &str| score(&json!({"type": "rouge", "measure": measure}), a, &json!(b));
        prop_assert!((part("precision", &a, &b) - part("recall", &b, &a)).abs() < 1e-12);
    }

    #[test]
    fn a_threshold_divides_pass_from_fail(answer in texts(), reference in texts(), threshold in 0.0_f64..=1.0) {
        for kind in ["levenshtein", "rouge", "bleu", "chrf", "f1"] {
            let grade = grade_with(&json!({"type": kind, "threshold": threshold}), &answer, &json!(reference));
            let score = grade.score.unwrap();
            if (score - threshold).abs() > 1e-6 {
                prop_assert_eq!(grade.pass, Some(score > threshold), "{} {}", kind, score);
            }
        }
    }
}

#[test]
fn reasons_tell_the_score_and_what_was_expected() {
    for (grader, answer, expected, reason) in [
        (
            json!("levenshtein"),
            "Pariis in France",
            json!(["Rome", "Paris"]),
            "expected a similarity of at least 0.8 with \"Paris\" or 1 more, got 0.3125 (11 edits): \"Pariis in France\"",
        ),
        (
            json!({"type": "levenshtein", "max_distance": 1}),
            "Pairs",
            json!("Paris"),
            "expected at most 1 edit with \"Paris\", got 0.6 (2 edits): \"Pairs\"",
        ),
        (
            json!({"type": "chrf", "word_order": 2, "threshold": "90%"}),
            "the cat",
            json!("the dog"),
            "expected a chrF2++ of at least 0.9 with \"the dog\", got 0.2062: \"the cat\"",
        ),
        (
            json!({"type": "rouge", "measure": "recall"}),
            "",
            json!("the dog"),
            "expected a ROUGE-L recall of at least 0.5 with \"the dog\", got 0: an empty answer",
        ),
        (
            json!("squad_em"),
            "The Broncos!",
            json!("Denver Broncos"),
            "expected \"Denver Broncos\", got \"The Broncos!\" (compared as \"broncos\"; `f1` gives credit for parts)",
        ),
    ] {
        let grade = grade_with(&grader, answer, &expected);
        assert_eq!((grade.pass, grade.reason.as_deref()), (Some(false), Some(reason)));
    }
    let denied = grade(&json!({"type": "f1", "value": "a b", "not": true}), "b");
    assert_eq!(denied.reason.as_deref(), Some("must not be so, but is: the token F1 with \"a b\" is 1: \"b\""));
}

/// Texts of these lengths without a common beginning or end, and nothing alike in order.
fn unlike(length: usize, reference: usize) -> (String, String) {
    let text =
        |length: usize, step: usize| (0..length).map(|i| ['a', 'b', 'c', 'd', 'e'][(i * step + i / 7) % 5]).collect();
    (text(length, 2), text(reference, 3))
}

#[test]
fn beyond_the_budget_a_bound_fails_and_otherwise_nothing_is_claimed() {
    let (answer, reference) = unlike(300_000, 200_000);
    let cannot = grade_with(&json!({"type": "levenshtein", "threshold": 0.5}), &answer, &json!(reference));
    assert_eq!((cannot.pass, cannot.score), (None, None));
    assert!(cannot.reason.unwrap().contains("too long to be compared"));
    // Their lengths alone show that it is less.
    let grade = grade_with(&json!("levenshtein"), &answer, &json!(reference));
    assert_eq!(grade.pass, Some(false));
    assert!(grade.score.unwrap() < 0.667 && grade.reason.unwrap().contains("got at most 0.6666"));
    // A second reference that is like it decides.
    let grader = json!({"type": "levenshtein", "threshold": 0.5});
    assert_eq!(grade_with(&grader, &answer, &json!([reference, answer])).pass, Some(true));

    let (answer, reference) = (answer.replace('a', " "), reference.replace('a', " "));
    let words = |text: &str| text.replace(['b', 'c', 'd'], " x y ");
    let (answer, reference) = (words(&answer), words(&reference));
    for variant in ["rougeL", "rougeLsum"] {
        let grade = |threshold: f64| {
            grade_with(
                &json!({"type": "rouge", "variant": variant, "threshold": threshold}),
                &answer,
                &json!(reference),
            )
        };
        assert_eq!(grade(0.5).pass, None, "{variant}");
        assert_eq!(grade(0.99).pass, Some(false), "{variant}");
    }
}
