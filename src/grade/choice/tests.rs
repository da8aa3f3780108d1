//! Picks as models really write them.

use serde_json::{Value, json};

use crate::grade::tests::{grade, grade_with};

/// The letter that is read from an answer, `?` for an ambiguous one, `-` for none.
fn picked(grader: &Value, answer: &str) -> String {
    let grade = grade_with(grader, answer, &json!("A"));
    let reason = grade.reason.unwrap_or_default();
    match grade.extracted {
        Some(letter) => letter,
        None if reason.contains("ambiguous") => "?".to_owned(),
        None => "-".to_owned(),
    }
}

#[track_caller]
fn reads(grader: &Value, table: &[(&str, &str)]) {
    let wrong: Vec<String> = table
        .iter()
        .map(|(answer, want)| (answer, want, picked(grader, answer)))
        .filter(|(_, want, got)| got != *want)
        .map(|(answer, want, got)| format!("{answer:?}: got {got}, want {want}"))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn letters_are_read_where_models_put_them() {
    reads(
        &json!("choice"),
        &[
            ("C", "C"),
            ("c", "C"),
            ("C.", "C"),
            ("C)", "C"),
            ("(C)", "C"),
            ("**C**", "C"),
            ("**C.**", "C"),
            ("`C`", "C"),
            ("\"C\"", "C"),
            (" C\n", "C"),
            ("[C]", "C"),
            ("Option C", "C"),
            ("C. Paris", "C"),
            ("C) Paris is the capital", "C"),
            ("(C) Paris", "C"),
            ("**C) Paris**", "C"),
            ("**C**: Paris", "C"),
            ("C: Paris", "C"),
            ("Answer: C", "C"),
            ("Answer: C.", "C"),
            ("ANSWER: C", "C"),
            ("Answer: (C)", "C"),
            ("Answer: **C**", "C"),
            ("**Answer:** C", "C"),
            ("**Answer: C**", "C"),
            ("**Answer**: (C) Paris", "C"),
            ("Answer: c", "C"),
            ("Answer - C", "C"),
            ("Answer:\nC", "C"),
            ("Final answer: C", "C"),
            ("The answer is C", "C"),
            ("The answer is C.", "C"),
            ("The answer is (C).", "C"),
            ("The answer is **C**.", "C"),
            ("The correct answer is C because B is wrong.", "C"),
            ("The correct answer is: C) Paris", "C"),
            ("The best answer is option C.", "C"),
            ("So the answer would be C, not B.", "C"),
            ("Therefore, the answer is $\\boxed{C}$.", "C"),
            ("\\boxed{C}", "C"),
            ("\\boxed{\\text{C}}", "C"),
            ("\\boxed{(C)}", "C"),
            ("A is wrong, B too.\n\\boxed{D}", "D"),
            ("Answer: A\nOn reflection that is wrong.\nAnswer: D", "D"),
            ("Let me think about A, B and D.\n\nC", "C"),
            ("Both B and D look right at first.\n\n**C**", "C"),
            ("C\n\nBecause A and B are wrong.", "C"),
            ("I would go with C", "C"),
            ("It must be C.", "C"),
            ("After weighing it, option C fits best.", "C"),
            ("After weighing it, option A fits best.", "A"),
            ("Clearly (C) holds.", "C"),
            ("The answer is A", "A"),
            ("The answer is A.", "A"),
            ("The answer is A because it is.", "A"),
            ("答案：C", "C"),
            ("答案是C。", "C"),
            ("正确答案是 **C**", "C"),
            ("Antwort: C", "C"),
            ("La respuesta es C.", "C"),
            ("Réponse : C", "C"),
            ("Ответ: C", "C"),
            ("I think the answer is J", "J"),
            ("C) Paris\n\nA) is in England and B) is not a capital.", "C"),
            ("**C) Paris**\n\nExplanation: the others are no capitals.", "C"),
            ("B) is tempting but wrong.\n\nAnswer: C", "C"),
            ("Answer choice B is wrong. The answer choice is C.", "C"),
            ("Answer (one letter): C", "C"),
            ("Answer choice: C", "C"),
        ],
    );
}

#[test]
fn what_names_several_or_none_is_no_pick() {
    reads(
        &json!("choice"),
        &[
            ("", "-"),
            ("I do not know.", "-"),
            ("A cat sat on a mat.", "-"),
            ("I think so.", "-"),
            ("The answer is a matter of taste.", "-"),
            ("The answer is not simple.", "-"),
            ("Cats are nice", "-"),
            ("Z", "-"),
            ("Answer: B or C", "?"),
            ("Answer: A, B", "?"),
            ("Answer: A and C", "?"),
            ("The answer is either B or C", "?"),
            ("It could be B. It could also be D.", "?"),
            ("(A) or (B)", "?"),
            ("B-12 is a vitamin", "-"),
            ("I'm not sure", "-"),
            ("D'accord", "-"),
            ("B) is tempting but wrong.\nTherefore I choose C.", "?"),
            ("Answer choice B is wrong, and so is D.", "?"),
        ],
    );
}

#[test]
fn texts_of_options_are_picks_too() {
    let cities = json!({"type": "choice", "options": ["London", "York", "New York", "Vitamin C"]});
    reads(
        &cities,
        &[
            ("London", "A"),
            ("london.", "A"),
            ("**London**", "A"),
            ("A) London", "A"),
            ("C. New York", "C"),
            ("New York", "C"),
            ("The answer is New York.", "C"),
            ("Answer: York", "B"),
            ("I would say it is New York, of course.", "C"),
            ("I would say it is York.", "B"),
            ("It is vitamin c for sure", "D"),
            ("The capital is London, so A.", "A"),
            ("Between London and York, B is right.", "B"),
            ("Both London and York.", "?"),
            ("B) London", "?"),
            ("London or New York?", "?"),
            ("Both York and London; still, A.", "A"),
            ("I take vitamin C.", "D"),
            ("It is York, so C.", "?"),
            ("Londoners say no", "-"),
            ("A) London\nB) York\nC) New York\nD) Vitamin C\n\nAnswer: B", "B"),
            ("A) London is in England.\nB) York is too.\nC) New York is not.\nD) Vitamin C is no city.\n\nC", "C"),
            ("A) London\nB) York", "?"),
        ],
    );
}

#[test]
fn letters_can_be_chosen_and_named() {
    reads(&json!({"type": "choice", "letters": "AB"}), &[("B", "B"), ("C", "-"), ("Answer: A", "A")]);
    reads(
        &json!({"type": "choice", "letters": "12345", "value": 1}),
        &[("3", "3"), ("Answer: 4.", "4"), ("6", "-"), ("42", "-")],
    );
    let named = json!({"type": "choice", "options": {"Y": "yes, it is", "N": "no"}, "value": "N"});
    reads(&named, &[("Y", "Y"), ("no", "N"), ("No.", "N"), ("Yes, it is!", "Y"), ("(N) no", "N"), ("nothing", "-")]);
    reads(
        &json!({"type": "choice", "options": [12, 15, 18], "value": 15}),
        &[("15", "B"), ("Answer: 18", "C"), ("B", "B")],
    );
}

#[test]
fn the_right_option_is_named_by_letter_or_text() {
    let cities = json!({"type": "choice", "options": ["London", "Paris"]});
    for expected in [json!("B"), json!("b"), json!("(B)"), json!("Paris"), json!("paris"), json!(["A", "Paris"])] {
        assert_eq!(grade_with(&cities, "B", &expected).pass, Some(true), "{expected}");
    }
    assert_eq!(grade_with(&cities, "A", &json!(["B"])).pass, Some(false));
    let grade = grade(&json!({"type": "choice", "options": ["London", "Paris"], "value": "Paris"}), "A");
    assert_eq!(grade.reason.as_deref(), Some("expected B (Paris), got A (London) from \"A\""));
}
