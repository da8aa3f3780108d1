//! `TruthfulQA`'s multiple choice with one true answer (MC1): `mc_task.json`, the hub's rows, or `TruthfulQA.csv`.
//!
//! In all of them the true answer stands first, so the options are put into another order for each question.

use serde_json::Value;

use super::super::item::Item;
use super::super::rows::Format;
use super::options;
use super::raw::{Odd, Raw, texts_of};
use super::registry::Published;

pub(super) const TRUTHFULQA: Published = Published {
    name: "truthfulqa",
    about: "TruthfulQA MC1: the one true answer among common misconceptions",
    file: Format::Json,
    columns: &[],
    rows: &[],
    prompt: options::PROMPT,
    graders: options::GRADERS,
    items,
};

fn items(raw: &Raw<'_>, give: &mut dyn FnMut(Item)) -> Result<(), Odd> {
    let is_table = raw.columns.contains_key("Best Answer") || raw.columns.contains_key("Incorrect Answers");
    let question = raw.text(if is_table { "Question" } else { "question" })?;
    let (answers, right) = if is_table { of_table(raw)? } else { of_targets(raw)? };
    let (choices, at) = options::mixed(answers, right, question);
    let Some(right) = options::right(&choices, at) else {
        return Err(Odd::new(format!("{} options, more than there are letters", choices.len())));
    };
    let made = raw.item();
    let made = if is_table {
        let tables = ["Question", "Best Answer", "Best Incorrect Answer", "Correct Answers", "Incorrect Answers"];
        tables.iter().fold(made, |made, name| made.without(name)).with("question", question)
    } else {
        made.without("mc1_targets")
    };
    let category = raw.maybe("Category").or_else(|| raw.maybe("category")).unwrap_or_default();
    give(made.tag(category).with("choices", choices).expect(right).done());
    Ok(())
}

/// The best answer and the wrong ones, which a semicolon divides.
fn of_table(raw: &Raw<'_>) -> Result<(Vec<String>, usize), Odd> {
    let best = raw.text("Best Answer")?.trim().to_owned();
    let wrong = raw.text("Incorrect Answers")?.split(';').map(str::trim).filter(|text| !text.is_empty());
    let mut answers = vec![best];
    for text in wrong {
        if !answers.iter().any(|known| known == text) {
            answers.push(text.to_owned());
        }
    }
    if answers.len() < 2 {
        return Err(Odd::new("`Incorrect Answers` names no other answer than `Best Answer`"));
    }
    Ok((answers, 0))
}

/// `{choices: […], labels: [1, 0 …]}`, or `{text: 1, text: 0 …}`.
fn of_targets(raw: &Raw<'_>) -> Result<(Vec<String>, usize), Odd> {
    let targets = raw.need("mc1_targets")?;
    let parsed;
    let targets = match targets {
        Value::String(json) => {
            parsed = serde_json::from_str::<Value>(json).unwrap_or_default();
            &parsed
        }
        other => other,
    };
    let Value::Object(map) = targets else {
        return Err(raw.odd("mc1_targets", targets, "a map of answers, each 0 or 1"));
    };
    let is_true = |label: &Value| matches!(label, Value::Bool(true)) || label.as_f64() == Some(1.0);
    let pairs: Vec<(String, bool)> = match (map.get("choices"), map.get("labels").and_then(Value::as_array)) {
        (Some(choices), Some(labels)) => {
            let choices =
                texts_of(choices).ok_or_else(|| raw.odd("mc1_targets.choices", choices, "a list of texts"))?;
            if choices.len() != labels.len() {
                let message = format!("`mc1_targets` has {} choices and {} labels", choices.len(), labels.len());
                return Err(Odd::new(message));
            }
            choices.into_iter().zip(labels.iter().map(is_true)).collect()
        }
        _ => map.iter().map(|(text, label)| (text.clone(), is_true(label))).collect(),
    };
    let mut right = pairs.iter().enumerate().filter(|(_, (_, is_true))| *is_true).map(|(at, _)| at);
    match (right.next(), right.next()) {
        (Some(at), None) if pairs.len() > 1 => Ok((pairs.into_iter().map(|(text, _)| text).collect(), at)),
        (Some(_), None) => Err(Odd::new("`mc1_targets` has one answer, and nothing to choose from")),
        (None, _) => Err(Odd::new("`mc1_targets` has no true answer")),
        (Some(_), Some(_)) => Err(Odd::new("`mc1_targets` has several true answers")),
    }
}
