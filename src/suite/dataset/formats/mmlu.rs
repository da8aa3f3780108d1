//! MMLU and MMLU-Pro: four and up to ten options.
//!
//! MMLU comes as CSV without a header, its subject in the file's name (`abstract_algebra_test.csv`), and from the hub as
//! rows `{question, subject, choices, answer}`. MMLU-Pro comes as rows `{question_id, question, options, answer,
//! answer_index, category}`.

use super::super::item::Item;
use super::super::rows::Format;
use super::options;
use super::raw::{Made, Odd, Raw};
use super::registry::Published;

pub(super) const MMLU: Published = Published {
    name: "mmlu",
    about: "MMLU: questions of 57 subjects with four options",
    file: Format::Delimited(b','),
    columns: &["question", "A", "B", "C", "D", "answer"],
    rows: &[],
    prompt: options::PROMPT,
    graders: options::GRADERS,
    items: mmlu,
};

pub(super) const MMLU_PRO: Published = Published {
    name: "mmlu_pro",
    about: "MMLU-Pro: harder questions with up to ten options",
    file: Format::JsonLines,
    columns: &[],
    rows: &[],
    prompt: options::PROMPT,
    graders: options::GRADERS,
    items: mmlu_pro,
};

fn mmlu(raw: &Raw<'_>, give: &mut dyn FnMut(Item)) -> Result<(), Odd> {
    // Copies of the original files with a header of their own: it is read as a row, and is none.
    if ["question", "A", "B", "C", "D", "answer"].iter().all(|name| raw.maybe(name).is_some_and(|text| text == *name)) {
        return Ok(());
    }
    raw.text("question")?;
    let choices = if raw.columns.contains_key("A") && !raw.columns.contains_key("choices") {
        ["A", "B", "C", "D"].iter().map(|name| raw.scalar(name)).collect::<Result<_, _>>()?
    } else {
        raw.texts("choices")?
    };
    let subject = match raw.maybe("subject") {
        Some(subject) => subject,
        None => subject_of(raw.stem()),
    };
    one(raw, choices, "answer", |made| made.with("subject", subject).tag(subject), give)
}

fn mmlu_pro(raw: &Raw<'_>, give: &mut dyn FnMut(Item)) -> Result<(), Odd> {
    raw.text("question")?;
    let mut choices = raw.texts("options")?;
    // Where there are fewer than ten, some copies are filled up.
    while choices.last().is_some_and(|choice| choice == "N/A") {
        choices.pop();
    }
    let answer = if raw.get("answer_index").is_some() { "answer_index" } else { "answer" };
    let id = raw.scalar("question_id").ok();
    let category = raw.maybe("category").unwrap_or_default();
    let more = |made: Made| match &id {
        Some(id) => made.tag(category).id(format!("mmlu_pro/{id}")),
        None => made.tag(category),
    };
    one(raw, choices, answer, more, give)
}

/// Gives the item of a question whose right option is in column `answer`.
fn one(
    raw: &Raw<'_>,
    choices: Vec<String>,
    answer: &str,
    more: impl FnOnce(Made) -> Made,
    give: &mut dyn FnMut(Item),
) -> Result<(), Odd> {
    let said = raw.need(answer)?;
    let place = options::place(said, choices.len());
    let Some(right) = place.and_then(|at| options::right(&choices, at)) else {
        return Err(raw.odd(
            answer,
            said,
            &format!("one of {} options, by its letter or its number from 0", choices.len()),
        ));
    };
    let mut item = raw.item();
    if raw.columns.contains_key("A") {
        item = ["A", "B", "C", "D"].iter().fold(item, |item, name| item.without(name));
    }
    give(more(item.with("choices", choices)).expect(right).done());
    Ok(())
}

/// `abstract_algebra` of `abstract_algebra_test`.
fn subject_of(stem: &str) -> &str {
    ["_test", "_dev", "_val"].iter().find_map(|split| stem.strip_suffix(split)).unwrap_or(stem)
}
