use serde_json::{Value, json};

use super::Extract;
use super::method::Which;
use super::pattern::Pattern;

fn found(extract: &Value, answer: &str) -> Option<String> {
    let extract = Extract::read(extract).unwrap_or_else(|error| panic!("{extract}: {error:?}"));
    extract.find(answer).map(std::borrow::Cow::into_owned)
}

#[track_caller]
fn table(rows: &[(Value, &str, Option<&str>)]) {
    for (extract, answer, want) in rows {
        assert_eq!(found(extract, answer).as_deref(), *want, "{extract} of {answer:?}");
    }
}

#[test]
fn numbers_and_lines_are_taken_from_either_end() {
    table(&[
        (json!("last_number"), "First 3, then 1,234.50 in all", Some("1,234.50")),
        (json!("first_number"), "First 3, then 4", Some("3")),
        (json!("last_number"), "none", None),
        (json!({"number": "last", "decimal": ","}), "das sind 1.234,5 Euro", Some("1.234,5")),
        (json!({"number": "first"}), "3 4", Some("3")),
        (json!("last_line"), "because\n\n  Paris \n\n", Some("Paris")),
        (json!("last_line"), "because\n**Paris**", Some("Paris")),
        (json!("last_line"), "**a** and **b**", Some("**a** and **b**")),
        (json!("last_line"), "__init__", Some("__init__")),
        (json!("first_line"), "\n*Paris*\nbecause", Some("Paris")),
        (json!({"line": "first"}), "a\nb", Some("a")),
        (json!("last_line"), " \n ", None),
    ]);
}

#[test]
fn the_last_marker_that_has_something_behind_it_wins() {
    let after = json!({"after": "Answer:"});
    table(&[
        (after.clone(), "Answer: 4\nno, wait.\nAnswer: 5\nSure.", Some("5")),
        (after.clone(), "ANSWER:42", Some("42")),
        (json!({"after": "Answer:", "ignore_case": false}), "Answer: 1\nanswer: 2", Some("1")),
        (after.clone(), "**Answer:** 42\n", Some("42")),
        (after.clone(), "**Answer: 42**", Some("42**")),
        (after.clone(), "Answer:\n\n  **42**\nas shown", Some("42")),
        (after.clone(), "Answer: 42\nI wrote it behind Answer:", Some("42")),
        (after.clone(), "no marker", None),
        (after.clone(), "Answer: \n ", None),
        (json!({"after": "Answer:", "to": "end"}), "Answer: a\nAnswer: b\nc\n", Some("b\nc")),
        (json!({"after": "Antwort ist"}), "Die ANTWORT IST blau.", Some("blau.")),
        (json!({"after": "####"}), "6 × 7\n#### 42", Some("42")),
        (json!({"after": "ответ:"}), "ОТВЕТ: да", Some("да")),
    ]);
}

#[test]
fn a_pattern_gives_a_group_of_its_last_match() {
    table(&[
        (json!({"regex": r"\d+"}), "12 345", Some("345")),
        (json!({"regex": r"\d+", "match": "first"}), "12 345", Some("12")),
        (json!({"regex": r"x=(\d+)"}), "x=1 x=2", Some("2")),
        (json!({"regex": r"x=(\d+)", "group": 0}), "x=1 x=2", Some("x=2")),
        (json!({"regex": r"(x)=(?<n>\d+)", "group": "n"}), "x=1 x=2", Some("2")),
        (json!({"regex": r"(x)=(\d+)", "group": 2}), "x=1 x=2", Some("2")),
        (json!({"regex": r"a: (\d)|b: (\d)"}), "a: 1, b: 2", Some("2")),
        (json!({"regex": r"a: (\d)|b: (\d)", "group": 1}), "a: 1, b: 2", None),
        (json!({"regex": "^b.*$", "multi_line": true}), "a\nb1\nc", Some("b1")),
        (json!({"regex": "TOTAL (.*)", "ignore_case": true}), "total 5", Some("5")),
        (json!({"regex": "a(.*)", "dot_all": true}), "a b\nc", Some(" b\nc")),
        (json!({"regex": "x*"}), "axxb", Some("xx")),
        (json!({"regex": "z"}), "abc", None),
        (json!({"regex": "()"}), "abc", None),
        (json!({"regex": "x*", "match": "first"}), "axxb", Some("xx")),
    ]);
}

#[test]
fn the_last_match_is_the_one_that_all_matches_end_with() {
    fn last<'t>(regex: &regex::Regex, text: &'t str) -> Option<&'t str> {
        regex.find_iter(text).filter(|found| !found.is_empty()).last().map(|found| found.as_str())
    }
    for (pattern, text) in [
        (r"\d+", "12 345 6"),
        ("x*", "axxbx"),
        ("x*", "é漢x"),
        ("a|ab", "abab"),
        (r"\b", "a b"),
        (r"\b\w", "a b"),
        ("é?", "é"),
        ("(?m)^.", "a\nb\n"),
    ] {
        let regex = regex::Regex::new(pattern).unwrap();
        let ours = Pattern { regex: regex.clone(), group: None, which: Which::Last };
        assert_eq!(ours.find(text), last(&regex, text), "{pattern} {text}");
        // The rule for long texts gives the same.
        let long = format!("{}\n{text}", "lorem ipsum\n".repeat(5000));
        assert_eq!(ours.find(&long), last(&regex, &long), "{pattern} {text}");
    }
    let early = format!("x=1 x=2{}", " lorem ipsum\n".repeat(5000));
    assert_eq!(found(&json!({"regex": r"x=(\d)"}), &early).as_deref(), Some("2"));
}

#[test]
fn fenced_blocks_are_told_by_language() {
    let answer =
        "Text\n```python\nx = 1\n```\nand\n~~~json\n{\"a\": \"```\"}\n~~~\n1. item\n   ````Py {.x}\n   ```\n   ````\n";
    table(&[
        (json!("fenced"), answer, Some("   ```")),
        (json!({"fenced": "first"}), answer, Some("x = 1")),
        (json!({"fenced": "last", "language": "json"}), answer, Some("{\"a\": \"```\"}")),
        (json!({"fenced": "last", "language": "python"}), answer, Some("x = 1")),
        (json!({"fenced": "last", "language": ["python", "py"]}), answer, Some("   ```")),
        (json!({"fenced": "last", "language": "rust"}), answer, None),
        (json!("fenced"), "```\r\na\r\nb\r\n```", Some("a\r\nb")),
        (json!("fenced"), "```sql\nselect 1", Some("select 1")),
        (json!("fenced"), "```\n```", None),
        (json!("fenced"), "use ```code``` here", None),
        (json!("fenced"), "```code```\nno", None),
    ]);
}

#[test]
fn json_letters_boxes_and_tags_are_found() {
    table(&[
        (json!("json"), "Sure: {\"a\": [1]} ok", Some("{\"a\": [1]}")),
        (json!("json"), "none", None),
        (json!({"json": "$.a[0]"}), "Sure: {\"a\": [1.50]} ok", Some("1.5")),
        (json!({"json": "$.a"}), "{\"a\": \"text\"}", Some("text")),
        (json!({"json": "$.a"}), "{\"a\": {\"b\": 1}}", Some("{\"b\":1}")),
        (json!({"json": "$.b"}), "{\"a\": 1}", None),
        (json!("letter"), "**C**", Some("C")),
        (json!("letter"), "so (C)", Some("C")),
        (json!("letter"), r"$\boxed{C}$", Some("C")),
        (json!("letter"), "Answer: C.", Some("C")),
        (json!("letter"), "answer: c", Some("C")),
        (json!("letter"), "A or B", None),
        (json!({"letter": "ABCD"}), "Answer: E", None),
        (json!({"letter": "123"}), "(2)", Some("2")),
        (json!("boxed"), r"\boxed{1} so \boxed{\frac{1}{2}}", Some(r"\frac{1}{2}")),
        (json!("boxed"), "no", None),
        (json!({"tag": "answer"}), "<answer>1</answer> <answer>\n2 </answer>", Some("2")),
        (
            json!({"tag": "answer"}),
            "I put it in <answer> tags: <Answer id=\"1\">2</ANSWER>, as an <answer>.",
            Some("2"),
        ),
        (json!({"tag": "answer"}), "<answer>2", Some("2")),
        (json!({"tag": "<answer>"}), "<answer>2</answer>", Some("2")),
        (json!({"tag": "answer"}), "<answers>2</answers>", None),
        (json!({"tag": "answer"}), "</answer>2", None),
        (json!("whole"), " a ", Some(" a ")),
        (json!("whole"), "", Some("")),
    ]);
}

#[test]
fn ways_are_tried_in_order() {
    let extract = json!(["boxed", {"after": "Answer:"}, "last_number", "whole"]);
    for (answer, want) in
        [(r"Answer: 1, \boxed{2}", "2"), ("Answer: one of 3", "one of 3"), ("it is 3", "3"), ("three", "three")]
    {
        assert_eq!(found(&extract, answer).as_deref(), Some(want));
    }
    let extract =
        Extract::read(&json!(["boxed", {"after": "Answer:"}, {"fenced": "last", "language": "sql"}])).unwrap();
    assert_eq!(extract.describe(), "a \\boxed{…}, a text after \"Answer:\" or a fenced block of sql");
}
