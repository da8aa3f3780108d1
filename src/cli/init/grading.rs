//! How answers can be compared with what a file expects.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::grade::{BuildContext, CaseFacts, build};

use super::columns::Options;
use super::table::text;

/// So many different expectations are labels to choose from.
const MOST_LABELS: usize = 20;

/// An expectation of up to so many characters is one that a model can hit exactly.
const SHORT: usize = 60;

/// What is proposed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Grading {
    /// The grader's name, for the report.
    pub(super) name: &'static str,
    /// The lines under `graders`, comments among them.
    pub(super) lines: Vec<String>,
    /// What the prompt has to say so that answers have this form.
    pub(super) instruction: String,
    /// Why this one.
    pub(super) why: &'static str,
}

impl Grading {
    fn new(name: &'static str, line: &str, instruction: &str, why: &'static str) -> Self {
        Self { name, lines: vec![line.to_owned()], instruction: instruction.to_owned(), why }
    }

    fn or(mut self, lines: &[&str]) -> Self {
        self.lines.extend(lines.iter().map(|line| format!("# {line}")));
        self
    }
}

const JUDGE: &str =
    "- { type: judge, model: anthropic/claude-sonnet-4.5, rubric: \"The answer is correct and complete.\" }";

/// Looks at the expectations of rows that have one, as the suite will have them.
pub(super) fn propose(expected: &[Value], options: &Options, is_multiline: bool) -> Option<Grading> {
    if expected.is_empty() {
        return None;
    }
    let all = |is: &dyn Fn(&Value) -> bool| expected.iter().all(is);
    let fits = |grader: Value| fits(&grader, expected);
    let from = match options {
        Options::List(list) if is_name(list) => Some(list.as_str()),
        _ => None,
    };
    if let Some(found) = choice(expected, options, from) {
        return Some(found);
    }
    let labels = labels(expected);
    if all(&is_number) && fits(json!("number")) {
        let instruction = "Work it out, then give the number alone on the last line.";
        return Some(
            Grading::new("number", "- number", instruction, "what is expected is a number")
                .or(&["- { type: number, relative_tolerance: 1% }   # where nearly right is right"]),
        );
    }
    if all(&is_structure) && fits(json!("json")) {
        return Some(
            Grading::new(
                "json",
                "- { type: json, partial: true }",
                "Answer with JSON alone.",
                "what is expected is JSON",
            )
            .or(&["- { type: json, mode: subset }   # where the answer may hold more"]),
        );
    }
    if let Some(labels) = labels {
        let line = "- { type: exact, ignore_case: true, ignore_punctuation: true }";
        let list: Vec<String> = labels.iter().map(|label| format!("- {label}")).collect();
        let instruction = format!("Answer with one of these and nothing else:\n{}", list.join("\n"));
        return fits(json!("exact"))
            .then(|| Grading::new("exact", line, &instruction, "what is expected is one of a few labels"));
    }
    if all(&is_short) && !is_multiline && fits(json!("exact")) {
        let line = "- { type: exact, ignore_case: true, ignore_punctuation: true, ignore_articles: true }";
        let instruction = "Answer with the answer only: no explanation, no full sentence.";
        return Some(Grading::new("exact", line, instruction, "what is expected is short").or(&[
            "- { type: contains, ignore_case: true, words: true }   # where the answer may stand in a sentence",
            "- f1                                                   # where some of the words are enough",
        ]));
    }
    fits(json!("rouge")).then(|| {
        let line = "- { type: rouge, variant: rougeL, threshold: 0.3 }   # how many words are shared, in their order";
        Grading::new("rouge", line, "", "what is expected is a text of some length")
            .or(&["A model that compares sees what is meant, not which words are used:", JUDGE])
    })
}

/// The lines for a file that expects nothing.
pub(super) fn without_expectation() -> Vec<String> {
    vec![
        "# The file expects nothing, so every answer counts as a pass. A model can judge answers by a rubric:"
            .to_owned(),
        "# graders:".to_owned(),
        format!("#   {JUDGE}"),
    ]
}

/// Letters, or positions in a list of options.
fn choice(expected: &[Value], options: &Options, from: Option<&str>) -> Option<Grading> {
    let is_letter = |value: &Value| {
        let text = text(value);
        let text = text.trim();
        text.len() == 1 && text.starts_with(|c: char| matches!(c.to_ascii_uppercase(), 'A'..='J'))
    };
    let instruction = "Answer with the letter of the right option.";
    let why = "what is expected is the letter of an option";
    if expected.iter().all(is_letter) {
        let graders = match from {
            Some(name) => format!("- {{ type: choice, options_from: {name} }}"),
            None => "- choice".to_owned(),
        };
        // Two letters that many rows share may be grades as well as options.
        let has_options = *options != Options::None || expected.iter().any(|value| text(value).trim() != "A");
        return has_options.then(|| Grading::new("choice", &graders, instruction, why));
    }
    let name = from?;
    if expected.iter().all(Value::is_u64) {
        let first = i32::from(!expected.iter().any(|value| value.as_u64() == Some(0)));
        let line = format!("- {{ type: choice, options_from: {name}, index: {first} }}");
        return Some(Grading::new("choice", &line, instruction, "what is expected is the number of an option"));
    }
    None
}

/// The labels, where there are few that many rows share.
fn labels(expected: &[Value]) -> Option<BTreeSet<String>> {
    let mut labels = BTreeSet::new();
    for value in expected {
        let label = text(value);
        let label = label.trim();
        if label.chars().count() > 40 || label.contains(['\n', '\r', '{', '}']) || value.is_array() || value.is_object()
        {
            return None;
        }
        labels.insert(label.to_owned());
        if labels.len() > MOST_LABELS {
            return None;
        }
    }
    (labels.len() > 1 && labels.len() * 2 <= expected.len()).then_some(labels)
}

fn is_number(value: &Value) -> bool {
    match value {
        Value::Number(_) => true,
        Value::String(text) => {
            let text = text.trim();
            let marked = text.rsplit_once("####").map_or(text, |(_, last)| last.trim());
            let bare = marked.trim_start_matches(['$', '€', '£', '-', '+', '−']).trim_end_matches('%').trim();
            !bare.is_empty()
                && bare.starts_with(|c: char| c.is_ascii_digit() || c == '.')
                && bare.chars().all(|c| c.is_ascii_digit() || ".,/ ".contains(c))
        }
        _ => false,
    }
}

fn is_structure(value: &Value) -> bool {
    match value {
        Value::Array(_) | Value::Object(_) => true,
        Value::String(text) => {
            text.trim().starts_with(['{', '['])
                && serde_json::from_str::<Value>(text).is_ok_and(|value| value.is_array() || value.is_object())
        }
        _ => false,
    }
}

fn is_short(value: &Value) -> bool {
    !value.is_array() && !value.is_object() && {
        let text = text(value);
        text.chars().count() <= SHORT && !text.trim().contains('\n')
    }
}

/// Whether a template names a column by its name alone, and so keeps a list a list.
pub(super) fn is_name(column: &str) -> bool {
    let reserved = [
        "true",
        "false",
        "none",
        "not",
        "and",
        "or",
        "in",
        "is",
        "if",
        "else",
        "for",
        "loop",
        "self",
        "super",
        "row",
        "range",
        "dict",
        "namespace",
        "debug",
        "joiner",
        "env",
    ];
    column.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && column.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !reserved.contains(&column.to_ascii_lowercase().as_str())
}

/// Whether a grader works with every expectation.
fn fits(grader: &Value, expected: &[Value]) -> bool {
    let Ok(built) = build(grader, &BuildContext { folder: std::path::Path::new("") }) else { return false };
    let vars = Value::Object(Map::new()).to_string();
    expected.iter().all(|value| built.grader.check(&CaseFacts::new(Some(&value.to_string()), &vars)).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn proposed(expected: Value) -> &'static str {
        propose(expected.as_array().unwrap(), &Options::None, false).map_or("nothing", |found| found.name)
    }

    #[test]
    fn expectations_tell_how_answers_are_compared() {
        for (expected, want) in [
            (json!([]), "nothing"),
            (json!(["12", "1,234.5", "$3", "50%"]), "number"),
            (json!([1, 2.5]), "number"),
            (json!(["2+2\n#### 4", "#### 5"]), "number"),
            (json!(["A", "C", "B"]), "choice"),
            (json!(["{\"a\": 1}", "[1]"]), "json"),
            (json!([{"a": 1}, ["x", {"b": 2}]]), "json"),
            (json!(["spam", "ham", "spam", "ham"]), "exact"),
            (json!([true, false, true, false]), "exact"),
            (json!(["Paris", "Rome", "Oslo"]), "exact"),
            (json!(["1/2/2024 or so", "12"]), "exact"),
            (json!(["A long answer of several words that nobody would say in just this way twice", "b"]), "rouge"),
            (json!(["line\nline", "b"]), "rouge"),
        ] {
            assert_eq!(proposed(expected.clone()), want, "{expected}");
        }
    }

    #[test]
    fn positions_in_a_list_of_options_are_counted_from_where_they_begin() {
        let from = Options::List("choices".to_owned());
        let line = |expected: Value| propose(expected.as_array().unwrap(), &from, false).unwrap().lines.remove(0);
        assert!(line(json!([0, 3])).ends_with("options_from: choices, index: 0 }"));
        assert!(line(json!([1, 4])).ends_with("options_from: choices, index: 1 }"));
        assert!(line(json!(["A", "B"])).ends_with("options_from: choices }"));
    }
}
