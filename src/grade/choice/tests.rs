//! Picks as models really write them.

use futures::FutureExt;
use serde_json::{Value, json};

use crate::grade::tests::{build, grade, grade_with};
use crate::grade::{Answer, CaseFacts, Grade, Subject};

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

/// Every pick that is read, as it is recorded; `-` for none that can be told.
#[track_caller]
fn reads_several(grader: &Value, table: &[(&str, &str)]) {
    let wrong: Vec<String> = table
        .iter()
        .map(|(answer, want)| {
            (answer, want, grade_with(grader, answer, &json!(["A", "C"])).extracted.unwrap_or("-".into()))
        })
        .filter(|(_, want, got)| got != *want)
        .map(|(answer, want, got)| format!("{answer:?}: got {got}, want {want}"))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn several_picks_are_read_where_models_put_them() {
    let grader = json!({"type": "choice", "multiple": true, "options": ["London", "York", "New York", "Rome, Italy"]});
    reads_several(
        &grader,
        &[
            ("A, C", "A, C"),
            ("C and A", "A, C"),
            ("AC", "A, C"),
            ("A C", "A, C"),
            ("[A, C]", "A, C"),
            ("(A) and (C)", "A, C"),
            ("A", "A"),
            ("A, B, C and D", "A, B, C, D"),
            ("Answer: A, C", "A, C"),
            ("**Answer:** A and C", "A, C"),
            ("The correct answers are A and C.", "A, C"),
            ("Answer: A and C because they are cities.", "A, C"),
            ("Answers:\n- A) London\n- C) New York", "A, C"),
            ("\\boxed{A, C}", "A, C"),
            ("\\boxed{AC}", "A, C"),
            ("$\\boxed{A}$ and $\\boxed{C}$", "A, C"),
            ("A) London\nC) New York", "A, C"),
            ("- **A) London**\n- **C) New York**", "A, C"),
            ("London, New York", "A, C"),
            ("London; Rome, Italy", "A, D"),
            ("Let me see.\n\nA, C", "A, C"),
            ("I pick **A** and **C**.", "A, C"),
            ("Both London and New York fit.", "A, C"),
            ("None", ""),
            ("Answer: none of them", ""),
            ("B is wrong, A fits.", "-"),
            ("no idea", "-"),
            ("", "-"),
        ],
    );
}

#[test]
fn several_picks_have_to_be_the_right_ones() {
    let grade = |options: &Value, answer: &str, expected: &Value| {
        let mut grader = json!({"type": "choice", "multiple": true});
        grader.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
        let grade = grade_with(&grader, answer, expected);
        (grade.pass, grade.score)
    };
    let none = json!({});
    for expected in [json!(["A", "C"]), json!("A, C"), json!("AC"), json!("C and A"), json!(["C", "A", "A"])] {
        assert_eq!(grade(&none, "A, C", &expected), (Some(true), Some(1.0)), "{expected}");
        assert_eq!(grade(&none, "A", &expected), (Some(false), Some(0.0)));
        assert_eq!(grade(&none, "A, C, D", &expected), (Some(false), Some(0.0)));
    }
    let partial = json!({"partial": true});
    assert_eq!(grade(&partial, "A", &json!("AC")), (Some(false), Some(0.5)));
    assert_eq!(grade(&partial, "A, B, C", &json!("AC")).1.map(|score| (score * 3.0).round()), Some(2.0));
    assert_eq!(grade(&partial, "B", &json!("AC")), (Some(false), Some(0.0)));
    assert_eq!(grade(&none, "none", &json!([])), (Some(true), Some(1.0)));
    assert_eq!(grade(&none, "A", &json!([])), (Some(false), Some(0.0)));
    let reason = grade_with(&json!({"type": "choice", "multiple": true}), "A, B", &json!("AC")).reason.unwrap();
    assert_eq!(reason, r#"expected A and C, got A and B from "A, B""#);
}

/// The grade of an answer to a case with variables.
fn of_case(grader: &Value, vars: &Value, answer: &str, expected: &Value) -> Grade {
    let built = build(grader).unwrap();
    let answer = Answer { text: answer.to_owned(), ..Answer::default() };
    let subject = Subject::new(&answer, Some(expected), vars.as_object().unwrap());
    built.grade(subject).now_or_never().unwrap()
}

#[test]
fn options_come_from_the_case() {
    let grader = json!({"type": "choice", "options_from": "choices"});
    for choices in [
        json!(["London", "Paris", "Rome"]),
        json!({"A": "London", "B": "Paris", "C": "Rome"}),
        json!({"text": ["London", "Paris", "Rome"], "label": ["A", "B", "C"]}),
    ] {
        let vars = json!({"choices": choices});
        for expected in [json!("B"), json!("Paris")] {
            let grade = of_case(&grader, &vars, "It is Paris.", &expected);
            assert_eq!((grade.pass, grade.extracted.as_deref()), (Some(true), Some("B")), "{vars}");
        }
    }
    let numbered = json!({"choices": {"1": "x", "2": "y"}});
    assert_eq!(of_case(&grader, &numbered, "Answer: 2", &json!(2)).pass, Some(true));
    for (first, expected) in [(0, json!(1)), (1, json!("2"))] {
        let grader = json!({"type": "choice", "options_from": "choices", "index": first});
        let vars = json!({"choices": ["London", "Paris", "Rome"]});
        assert_eq!(of_case(&grader, &vars, "B", &expected).pass, Some(true), "{first}");
        assert_eq!(of_case(&grader, &vars, "C", &expected).pass, Some(false), "{first}");
    }
}

#[test]
fn moved_options_are_mapped_back() {
    let grader = json!({"type": "choice", "options_from": "choices", "shuffle": 42});
    // Written London, Paris, Rome.
    let vars = json!({"choices": ["Rome", "London", "Paris"], "choices_order": [2, 0, 1]});
    for expected in [json!("C"), json!("Rome")] {
        let grade = of_case(&grader, &vars, "A", &expected);
        assert_eq!((grade.pass, grade.extracted.as_deref()), (Some(true), Some("A = original C")));
    }
    let grade = of_case(&grader, &vars, "Answer: C", &json!("C"));
    assert_eq!((grade.pass, grade.extracted.as_deref()), (Some(false), Some("C = original B")));
    assert_eq!(grade.reason.as_deref(), Some(r#"expected A (Rome), got C (Paris) from "Answer: C""#));
    let index = json!({"type": "choice", "options_from": "choices", "shuffle": 42, "index": 0});
    assert_eq!(of_case(&index, &vars, "B", &json!(0)).pass, Some(true));
    let several = json!({"type": "choice", "options_from": "choices", "shuffle": 42, "multiple": true});
    let grade = of_case(&several, &vars, "A and B", &json!(["A", "C"]));
    assert_eq!((grade.pass, grade.extracted.as_deref()), (Some(true), Some("A = original C, B = original A")));
    for order in [json!(null), json!([0, 1]), json!([0, 0, 1])] {
        let vars = json!({"choices": ["Rome", "London", "Paris"], "choices_order": order});
        assert_eq!(of_case(&grader, &vars, "A", &json!("C")).pass, None, "{order}");
    }
}

#[test]
fn wrong_options_are_refused_at_their_place() {
    for (options, path, part) in [
        (json!({"options": ["a", "b"], "options_from": "c"}), "options_from", "already"),
        (json!({"options_from": "{{ c }}"}), "options_from", "a variable's name"),
        (json!({"index": 2}), "index", "from 0 or from 1"),
        (json!({"partial": true}), "partial", "`multiple: true`"),
        (json!({"shuffle": 42}), "shuffle", "`options_from`"),
        (json!({"shuffle": true, "options_from": "c"}), "shuffle", "got `true`"),
        (json!({"options_from": "c", "keep_last": false}), "keep_last", "`shuffle`"),
        (json!({"options": ["a", "b"], "value": 1}), "value", "`index: 0`"),
    ] {
        let mut entry = json!({"type": "choice"});
        entry.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
        let error = build(&entry).expect_err("refused").0.remove(0);
        let said = format!("{} {}", error.message, error.hint.unwrap_or_default());
        assert!(error.path == path && said.contains(part), "{entry}: {}: {said}", error.path);
    }
    let grader = build(&json!({"type": "choice", "options_from": "choices"})).unwrap().grader;
    for (vars, part) in [
        (json!({"q": 1}), "the case's variables are `q`"),
        (json!({"choices": "a"}), "a text instead of a list"),
        (json!({"choices": ["a"]}), "at least two options"),
        (json!({"choices": ["a", ["b"]]}), "an option that is no text"),
        (json!({"choices": {"AB": "a", "C": "b"}}), "not one letter"),
        (json!({"choices": {"text": ["a", "b"], "label": ["A"]}}), "2 texts but 1 labels"),
        (json!({"choices": ["a", "b"]}), "no option \"C\""),
    ] {
        let error = grader.check(&CaseFacts::new(Some("\"C\""), &vars.to_string())).unwrap_err();
        assert!(error.contains(part), "{vars}: {error}");
    }
}
