//! Wrong instructions are found before anything is asked, and found where they stand.

use serde_json::{Value, json};

use crate::grade::tests::build;
use crate::grade::{CaseFacts, OptionError};

fn refused(instructions: &Value) -> Vec<OptionError> {
    build(&json!({"type": "instructions", "instructions": instructions})).expect_err(&instructions.to_string()).0
}

#[test]
fn a_wrong_instruction_is_traced() {
    let words = |kwargs: &Value| {
        let mut all = json!({"id": "length_constraints:number_words", "num_words": 5, "relation": "at least"});
        for (key, value) in kwargs.as_object().unwrap() {
            all[key] = value.clone();
        }
        all
    };
    for (instructions, path, message, hint) in [
        (json!(["punctuation:no_coma"]), "instructions[0]", "unknown instruction", "`punctuation:no_comma`"),
        (json!("no_comma"), "instructions", "unknown instruction", "`punctuation:no_comma`"),
        (json!([{"id": "title"}]), "instructions[0].id", "unknown instruction", "`detectable_format:title`"),
        (json!(["zebra"]), "instructions[0]", "unknown instruction", "`keywords:existence`, "),
        (json!([]), "instructions", "the list is empty", ""),
        (json!(null), "instructions", "not null", "`punctuation:no_comma`"),
        (json!([5]), "instructions[0]", "not a number", "`punctuation:no_comma`"),
        (json!([{"no_comma": true}]), "instructions[0]", "needs an `id`", "{ id: "),
        (json!([{"id": 5}]), "instructions[0].id", "not a number", ""),
        (json!([{"id": "punctuation:no_comma", "n": 1}]), "instructions[0].n", "no argument `n`", "it takes none"),
        (json!([words(&json!({"num_wrods": 1}))]), "instructions[0].num_wrods", "no argument", "`num_words`?"),
        (json!([words(&json!({"num_words": "many"}))]), "instructions[0].num_words", "got a text", ""),
        (json!([words(&json!({"num_words": 1.5}))]), "instructions[0].num_words", "got 1.5", ""),
        (json!([words(&json!({"num_words": -1}))]), "instructions[0].num_words", "got -1", ""),
        (json!([words(&json!({"num_words": null}))]), "instructions[0].num_words", "got null", ""),
        (json!([words(&json!({"relation": "at_least"}))]), "instructions[0].relation", "neither", "`at least`?"),
        (json!([words(&json!({"relation": "at most"}))]), "instructions[0].relation", "neither", ""),
        (
            json!([words(&json!({"relation": "less than", "num_words": 0}))]),
            "instructions[0].num_words",
            "less than 0",
            "",
        ),
        (json!("combination:repeat_prompt"), "instructions", "`prompt_to_repeat` is missing", ""),
        (json!({"id": "startend:end_checker", "end_phrase": " "}), "instructions.end_phrase", "empty", ""),
        (json!({"id": "keywords:existence", "keywords": []}), "instructions.keywords", "empty", ""),
        (json!({"id": "keywords:existence", "keywords": ["a", null]}), "instructions.keywords[1]", "got null", ""),
        (
            json!({"id": "keywords:existence", "keywords": ["a", "(b"]}),
            "instructions.keywords[1]",
            "unclosed group",
            "C\\+\\+",
        ),
        (json!({"id": "keywords:existence", "keywords": "x*"}), "instructions.keywords", "matches the empty text", ""),
        (
            json!({"id": "keywords:letter_frequency", "letter": "ab", "let_frequency": 1, "let_relation": "at least"}),
            "instructions.letter",
            "one letter",
            "",
        ),
        (
            json!({"id": "language:response_language", "language": "Finnish"}),
            "instructions.language",
            "unknown",
            "`fi`?",
        ),
        (json!({"id": "language:response_language", "language": "tlh"}), "instructions.language", "unknown", "en, es"),
        (
            json!({"id": "length_constraints:nth_paragraph_first_word", "num_paragraphs": 2, "nth_paragraph": 3, "first_word": "a"}),
            "instructions.nth_paragraph",
            "no paragraph 3 of 2",
            "",
        ),
    ] {
        let error = refused(&instructions).remove(0);
        assert_eq!(error.path, path, "{instructions}: {error:?}");
        let hinted = error.hint.unwrap_or_default();
        assert!(error.message.contains(message) && hinted.contains(hint), "{instructions}: {} {hinted}", error.message);
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let errors = refused(&json!([
        "punctuation:no_coma",
        {"id": "length_constraints:number_words", "num_wrods": 5, "relation": "most"},
        {"id": "detectable_format:multiple_sections"},
    ]));
    let paths: Vec<&str> = errors.iter().map(|error| error.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "instructions[0]",
            "instructions[1]",
            "instructions[1].relation",
            "instructions[1].num_wrods",
            "instructions[2]",
            "instructions[2]",
        ]
    );
}

#[test]
fn what_no_answer_can_follow_is_refused() {
    let amount =
        |id: &str, name: &str, bound: u64, relation: &str| json!({"id": id, name: bound, "relation": relation});
    let words = |bound, relation| amount("length_constraints:number_words", "num_words", bound, relation);
    let language = |code: &str| json!({"id": "language:response_language", "language": code});
    let end = |phrase: &str| json!({"id": "startend:end_checker", "end_phrase": phrase});
    let frequency = |keyword: &str, bound: u64, relation: &str| json!({"id": "keywords:frequency", "keyword": keyword, "frequency": bound, "relation": relation});
    for (one, other, refuse) in [
        (json!("change_case:english_capital"), json!("change_case:english_lowercase"), true),
        (json!("change_case:english_capital"), language("de"), true),
        (language("en"), json!("change_case:english_capital"), false),
        (language("en"), language("de"), true),
        (words(100, "at least"), words(100, "less than"), true),
        (words(100, "at least"), words(101, "less than"), false),
        (words(10, "less than"), words(20, "at least"), true),
        (frequency("a", 3, "at least"), frequency("a", 3, "less than"), true),
        (frequency("a", 3, "at least"), frequency("b", 3, "less than"), false),
        (end("Bye"), end("bye"), false),
        (end("Bye"), end("Ciao"), true),
        (
            json!({"id": "keywords:existence", "keywords": ["River"]}),
            json!({"id": "keywords:forbidden_words", "forbidden_words": ["sea", "river"]}),
            true,
        ),
        // In the published table, and in the published prompts.
        (json!("combination:two_responses"), words(100, "at least"), false),
    ] {
        let built = build(&json!({"type": "instructions", "instructions": [one, other]}));
        assert_eq!(built.is_err(), refuse, "{one} {other}");
        if let Err(errors) = built {
            assert_eq!(errors.0[0].path, "instructions[1]");
            assert!(errors.0[0].message.starts_with("no answer can follow both"), "{}", errors.0[0].message);
        }
    }
}

#[test]
fn wrong_columns_of_a_case_are_named() {
    let check = |vars: &Value| {
        build(&json!("instructions")).unwrap().grader.check(&CaseFacts::new(None, &vars.to_string())).unwrap_err()
    };
    for (vars, part) in [
        (json!({"instruction_id_list": "a"}), "`instruction_id_list`: expected a list of ids"),
        (json!({"instruction_id_list": ["a"]}), "`instruction_id_list[0]`: unknown instruction `a`"),
        (json!({"instruction_id_list": [1]}), "`instruction_id_list[0]`"),
        (json!({"instruction_id_list": ["punctuation:no_comma"], "kwargs": []}), "a map for each of 1 ids, got 0"),
        (json!({"instruction_id_list": ["punctuation:no_comma"], "kwargs": {}}), "`kwargs`: expected a list of maps"),
        (json!({"instruction_id_list": ["punctuation:no_comma"], "kwargs": [5]}), "`kwargs[0]`: expected a map"),
        (
            json!({"instruction_id_list": ["punctuation:no_comma"], "kwargs": [{"num_words": 5}]}),
            "`kwargs[0].num_words`: `punctuation:no_comma` has no argument",
        ),
        (
            json!({"instruction_id_list": ["combination:repeat_prompt"], "kwargs": [{"prompt_to_repeat": null}]}),
            "`kwargs[0]`: `prompt_to_repeat` is missing",
        ),
    ] {
        let error = check(&vars);
        assert!(error.contains(part), "{vars}: {error}");
    }
    let expected = build(&json!("instructions")).unwrap();
    let error = expected.grader.check(&CaseFacts::new(Some("[\"no_comma\"]"), "{}")).unwrap_err();
    assert!(error.contains("`expect[0]`") && error.contains("did you mean `punctuation:no_comma`?"), "{error}");
}
