//! The checks against their published definition, and against everything a case may hold.

mod mistakes;
mod reference;

use serde_json::{Value, json};

use crate::grade::tests::{build, grade, grade_with};
use crate::grade::{Answer, CaseFacts, Grading, Judgement, Subject};

/// A judgement about a case with variables.
fn judge(grader: &Value, answer: &str, vars: &Value) -> Judgement {
    let built = build(grader).unwrap();
    let answer = Answer { text: answer.to_owned(), ..Answer::default() };
    match built.grader.grade(Subject::new(&answer, None, vars.as_object().unwrap())) {
        Grading::Ready(judgement) => judgement,
        Grading::Pending(_) => panic!("it waits for nobody"),
    }
}

#[test]
fn every_instruction_has_its_part_and_the_score_is_the_share_that_is_followed() {
    let grader = json!({"type": "instructions", "instructions": [
        "punctuation:no_comma",
        {"id": "length_constraints:number_words", "num_words": 5, "relation": "at least"},
        {"id": "keywords:existence", "keywords": "river"},
        {"id": "startend:end_checker", "end_phrase": "Bye!"},
    ]});
    let half = grade(&grader, "The river, bye!");
    assert_eq!((half.pass, half.score), (Some(false), Some(0.5)));
    let reason = "follows 2 of 4 instructions; `punctuation:no_comma`: expected 0 commas, got 1; not `length_constraints:number_words`";
    assert_eq!(half.reason.as_deref(), Some(reason));
    let parts: Vec<_> =
        half.parts.iter().map(|part| (part.grader.as_str(), part.pass, part.reason.as_deref())).collect();
    assert_eq!(
        parts,
        [
            ("punctuation:no_comma", Some(false), Some("expected 0 commas, got 1")),
            ("length_constraints:number_words", Some(false), Some("expected at least 5 words, got 3")),
            ("keywords:existence", Some(true), None),
            ("startend:end_checker", Some(true), None),
        ]
    );
    let all = grade(&grader, "The river is very long. Bye!");
    assert_eq!((all.pass, all.score, all.reason, all.parts.len()), (Some(true), Some(1.0), None, 4));
}

#[test]
fn the_case_may_hold_the_instructions_in_two_forms() {
    let grader = json!("instructions");
    let expected = json!(["punctuation:no_comma", {"id": "detectable_format:number_bullet_lists", "num_bullets": 1}]);
    assert_eq!(grade_with(&grader, "- one", &expected).pass, Some(true));
    assert_eq!(grade_with(&grader, "- one, two", &expected).score, Some(0.5));
    assert_eq!(grade_with(&grader, "one", &json!("punctuation:no_comma")).pass, Some(true));
    let published = json!({
        "prompt": "…",
        "instruction_id_list": ["punctuation:no_comma", "length_constraints:number_words"],
        "kwargs": [{"num_words": null, "relation": null}, {"num_words": 2.0, "relation": "less than", "keywords": null}],
    });
    assert_eq!(judge(&grader, "one", &published).pass, Some(true));
    assert_eq!(judge(&grader, "one two", &published).score, Some(0.5));
    let without = json!({"instruction_id_list": ["punctuation:no_comma"]});
    assert_eq!(judge(&grader, "one", &without).pass, Some(true));
}

#[test]
fn loose_looks_past_the_frame_of_an_answer_and_its_asterisks() {
    let json = json!(["detectable_format:json_format"]);
    let quoted = json!(["startend:quotation"]);
    for (instructions, answer, strict, loose) in [
        (&json, "Sure:\n{\"a\": 1}", false, true),
        (&json, "{\"a\": 1}\nAnything else?", false, true),
        (&json, "Sure:\n{\"a\":\n1}\nAnything else?", false, true),
        (&json, "Sure:\n\n{\"a\": 1}\n\nAnything\nelse?", false, false),
        (&quoted, "**\"yes\"**", false, true),
        (&quoted, "Sure:\n*\"yes\"*\n", false, true),
        (&quoted, "\"yes\"", true, true),
        (&quoted, "*\n*", false, false),
    ] {
        for (mode, want) in [("strict", strict), ("loose", loose)] {
            let grader = json!({"type": "instructions", "mode": mode, "instructions": instructions});
            assert_eq!(grade(&grader, answer).pass, Some(want), "{mode} {answer:?}");
        }
    }
}

#[test]
fn an_answer_without_text_follows_nothing() {
    for answer in ["", " \n\t"] {
        let grade = grade(&json!({"type": "instructions", "instructions": "punctuation:no_comma"}), answer);
        assert_eq!((grade.pass, grade.score), (Some(false), Some(0.0)));
        assert_eq!(grade.parts[0].reason.as_deref(), Some("got an empty answer"));
    }
}

#[test]
fn where_the_published_checks_are_random_or_blind_ours_are_not() {
    // A letter that is none is replaced by a random one there.
    let hash =
        json!({"id": "keywords:letter_frequency", "letter": "#", "let_frequency": 2, "let_relation": "at least"});
    // `langdetect` never says `zh`.
    let chinese = json!({"id": "language:response_language", "language": "zh"});
    // Python's `\b` takes a vowel sign for the end of a word.
    let word = json!({"id": "keywords:forbidden_words", "forbidden_words": ["नद"]});
    // A count of zero is replaced by a random one there.
    let none = json!({"id": "detectable_format:number_bullet_lists", "num_bullets": 0});
    for (instruction, answer, want) in [
        (&hash, "#one #two", true),
        (&hash, "#one two", false),
        (&chinese, "河流经过一座古老的桥，在山后流入大海。", true),
        (&word, "नदी बहती है", true),
        (&word, "नद बहती है", false),
        (&none, "no bullet", true),
        (&none, "- one", false),
    ] {
        let grade = grade(&json!({"type": "instructions", "instructions": instruction}), answer);
        assert_eq!(grade.pass, Some(want), "{instruction} {answer}");
    }
}

#[test]
fn a_case_without_instructions_is_told_where_they_can_stand() {
    let error = build(&json!("instructions")).unwrap().grader.check(&CaseFacts::new(None, "{}")).unwrap_err();
    assert!(error.contains("`expect`") && error.contains("`instruction_id_list`"), "{error}");
}
