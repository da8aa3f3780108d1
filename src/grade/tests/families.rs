//! Every family with an expectation it can work with, and texts that are hard to read.

use serde_json::{Value, json};

use super::set;
use crate::grade::GraderSet;

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
    .chain(similar())
    .chain(mathematical())
    .chain(instructed())
    .collect()
}

/// The families that read a structure.
pub(super) fn structured() -> Vec<(GraderSet, Value)> {
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
    ]
    .into_iter()
    .map(|(grader, expected)| (set(&[grader]), expected))
    .collect()
}

/// The families that measure likeness.
fn similar() -> Vec<(GraderSet, Value)> {
    [
        (json!("levenshtein"), json!("The answer is (B), not 漢.")),
        (json!({"type": "levenshtein", "unit": "words", "max_distance": 3, "ignore_case": true}), json!(["a b", "c"])),
        (json!("rouge"), json!("The team of 3 found the Answer.")),
        (
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

/// The families that read mathematics and picks.
fn mathematical() -> Vec<(GraderSet, Value)> {
    [
        (json!({"type": "choice", "options": ["aa", "a a", "yes", "no"], "multiple": true}), json!("A, C")),
        (json!({"type": "number", "unit": ["km", "miles"], "min": 3, "max": 4}), json!(null)),
        (json!("math"), json!("\\frac{1}{2}")),
        (json!({"type": "math", "tolerance": 0.1}), json!("x^2+1, (2, 3]")),
    ]
    .into_iter()
    .map(|(grader, expected)| (set(&[grader]), expected))
    .collect()
}

/// The family that checks instructions.
fn instructed() -> Vec<(GraderSet, Value)> {
    [(json!({"type": "instructions", "mode": "loose", "instructions": instructions()}), json!(null))]
        .into_iter()
        .map(|(grader, expected)| (set(&[grader]), expected))
        .collect()
}

/// Every check, with arguments that do not contradict each other.
fn instructions() -> Value {
    json!([
        {"id": "keywords:existence", "keywords": ["a", "(b|c)+d"]},
        {"id": "keywords:frequency", "keyword": "aa", "frequency": 3, "relation": "at least"},
        {"id": "keywords:forbidden_words", "forbidden_words": ["zz", "漢"]},
        {"id": "keywords:letter_frequency", "letter": "a", "let_frequency": 5, "let_relation": "less than"},
        {"id": "language:response_language", "language": "en"},
        {"id": "length_constraints:number_sentences", "num_sentences": 3, "relation": "at least"},
        {"id": "length_constraints:number_paragraphs", "num_paragraphs": 2},
        {"id": "length_constraints:number_words", "num_words": 9, "relation": "less than"},
        {"id": "length_constraints:nth_paragraph_first_word", "num_paragraphs": 2, "nth_paragraph": 2, "first_word": "a"},
        {"id": "detectable_content:number_placeholders", "num_placeholders": 2},
        {"id": "detectable_content:postscript", "postscript_marker": "P.P.S"},
        {"id": "detectable_format:number_bullet_lists", "num_bullets": 2},
        "detectable_format:constrained_response",
        {"id": "detectable_format:number_highlighted_sections", "num_highlights": 2},
        {"id": "detectable_format:multiple_sections", "section_spliter": "A", "num_sections": 2},
        "detectable_format:json_format",
        "detectable_format:title",
        "combination:two_responses",
        {"id": "combination:repeat_prompt", "prompt_to_repeat": "aa"},
        {"id": "startend:end_checker", "end_phrase": "漢"},
        "startend:quotation",
        {"id": "change_case:capital_word_frequency", "capital_frequency": 2, "capital_relation": "at least"},
        "change_case:english_capital",
        "punctuation:no_comma",
    ])
}

/// Every way of extracting.
pub(super) const EXTRACTS: &[&str] = &[
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

/// Pieces that make hard texts when they are repeated.
pub(super) const UNITS: &[&str] = &[
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
    "\\boxed{1} ",
    "$x$ ",
    "$x",
    "\\(",
    "$1$, ",
    "answer is $",
    "5 million ",
    "$5 million k",
    "A, C, ",
    "A) x B) ",
    "*",
    "* a\n",
    "\n*\n",
    "- ",
    "<<",
    "<<a>>",
    "A. ",
    "A.",
    ". . ",
    "?!",
    "Mr. \"A.\") ",
    "'A",
];
