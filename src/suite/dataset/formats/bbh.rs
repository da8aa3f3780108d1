//! BIG-Bench Hard: `{"canary": …, "examples": [{input, target}]}`, a file for each task, or rows `{input, target}`.
//!
//! What a target looks like says how it is graded: `(C)` is an option of those listed in the question, `42` a number,
//! brackets are compared character by character, and words without regard to case and punctuation.

use serde_json::{Value, json};

use super::super::item::Item;
use super::super::rows::Format;
use super::options::{self, LETTERS};
use super::raw::{Odd, Raw};
use super::registry::Published;

pub(super) const BBH: Published = Published {
    name: "bbh",
    about: "BIG-Bench Hard: 27 tasks, graded by the form of their answers",
    file: Format::Json,
    columns: &[],
    rows: &["examples"],
    prompt: "|-
  {{ input }}

  Think step by step. End your reply with a line that begins with \"Answer: \" and holds the answer{% if choices %}, \
             the letter of the option{% endif %} and nothing else.",
    graders: "[{ type: exact, extract: [{ after: 'Answer:' }, last_line], ignore_case: true }]",
    items,
};

fn items(raw: &Raw<'_>, give: &mut dyn FnMut(Item)) -> Result<(), Odd> {
    let input = raw.text("input")?;
    let target = raw.scalar("target")?;
    let target = target.trim();
    let task = raw.maybe("task").unwrap_or_else(|| raw.stem());
    // Every row has `choices`, so that one prompt does for all.
    let made = raw.item().with("task", task).with("choices", Value::Array(Vec::new())).tag(task);
    let Some(option) = option(target) else {
        give(made.expect(target).graders(&graders(target)).done());
        return Ok(());
    };
    let choices = listed(input);
    let made = match choices.get(option).and_then(|_| options::right(&choices, option)) {
        Some(right) => made
            .expect(right)
            .graders(&json!([{ "type": "choice", "options_from": "choices" }]))
            .with("choices", choices),
        // Options that are not listed as usual: the letter alone is compared.
        None => made
            .expect(LETTERS.get(option..=option).unwrap_or_default())
            .graders(&json!([{ "type": "choice", "letters": LETTERS }])),
    };
    give(made.done());
    Ok(())
}

/// How an answer that is no option is graded.
fn graders(target: &str) -> Value {
    let extract = json!([{ "after": "Answer:" }, "last_line"]);
    let is_number = target.parse::<f64>().is_ok_and(f64::is_finite);
    if is_number {
        json!([{ "type": "number", "extract": [{ "after": "Answer:" }, "whole"] }])
    } else if target.chars().any(char::is_alphanumeric) {
        let lenient = ["ignore_case", "ignore_punctuation", "ignore_whitespace"];
        let mut grader = json!({ "type": "exact", "extract": extract });
        for option in lenient {
            grader[option] = Value::Bool(true);
        }
        json!([grader])
    } else {
        json!([{ "type": "exact", "extract": extract, "ignore_whitespace": true }])
    }
}

/// Which option `(C)` is.
fn option(target: &str) -> Option<usize> {
    let letter = target.strip_prefix('(')?.strip_suffix(')')?;
    LETTERS.find(letter).filter(|_| letter.len() == 1)
}

/// The options behind `Options:`, each on a line `(A) text`.
fn listed(input: &str) -> Vec<String> {
    let lines = input.lines().map(str::trim);
    let mut listed = Vec::new();
    for line in lines {
        let Some(letter) = options::letter(listed.len()) else { break };
        let text =
            line.strip_prefix('(').and_then(|line| line.strip_prefix(letter)).and_then(|line| line.strip_prefix(')'));
        listed.extend(text.map(|text| text.trim().to_owned()));
    }
    listed
}
