//! `SQuAD` 1.1 and 2.0: `data[].paragraphs[].qas[]`, or the hub's flat rows.
//!
//! A question without an answer (2.0: `is_impossible`, or no text in `answers`) expects the word `unanswerable`, which
//! the prompt asks for.

use serde_json::{Map, Value, json};

use super::super::item::Item;
use super::super::rows::Format;
use super::raw::{Made, Odd, Raw, text_of};
use super::registry::Published;

pub(super) const SQUAD: Published = Published {
    name: "squad",
    about: "SQuAD 1.1 and 2.0: answers found in a passage, or that there is none",
    file: Format::Json,
    columns: &[],
    rows: &["data"],
    prompt: "|-
  Read the passage and answer the question with the shortest span of the passage that answers it, and nothing else.
  If the passage does not answer it, reply with the word: unanswerable

  {{ context }}

  Question: {{ question }}",
    graders: "[{ type: f1, threshold: 0.5 }, { type: squad_em, weight: 0 }]",
    items,
};

/// What is expected where the passage has no answer.
const NONE: &str = "unanswerable";

fn items(raw: &Raw<'_>, give: &mut dyn FnMut(Item)) -> Result<(), Odd> {
    if let Some(paragraphs) = raw.get("paragraphs") {
        let title = raw.maybe("title").unwrap_or_default();
        let Value::Array(paragraphs) = paragraphs else {
            return Err(raw.odd("paragraphs", paragraphs, "a list of paragraphs"));
        };
        for (at, paragraph) in paragraphs.iter().enumerate() {
            self::paragraph(raw, title, paragraph, give).map_err(|odd| within(odd, &format!("paragraphs[{at}]")))?;
        }
        return Ok(());
    }
    raw.text("context")?;
    let title = raw.maybe("title").unwrap_or_default();
    question(raw, raw.item().tag(title), give)
}

/// The questions to one passage.
fn paragraph(raw: &Raw<'_>, title: &str, paragraph: &Value, give: &mut dyn FnMut(Item)) -> Result<(), Odd> {
    let Value::Object(columns) = paragraph else { return Err(Odd::new("is not a map")) };
    let paragraph = Raw { columns, ..*raw };
    let context = paragraph.text("context")?;
    let questions = paragraph.need("qas")?;
    let Value::Array(questions) = questions else {
        return Err(paragraph.odd("qas", questions, "a list of questions"));
    };
    for (at, entry) in questions.iter().enumerate() {
        let empty = Map::new();
        let entry = Raw { columns: entry.as_object().unwrap_or(&empty), ..*raw };
        let made = Made::default().maybe("id", entry.get("id").cloned()).with("title", title).with("context", context);
        let made =
            made.maybe("question", entry.get("question").cloned()).maybe("answers", entry.get("answers").cloned());
        question(&entry, made.tag(title), give).map_err(|odd| within(odd, &format!("qas[{at}]")))?;
    }
    Ok(())
}

/// Gives one question with what is expected.
fn question(raw: &Raw<'_>, made: Made, give: &mut dyn FnMut(Item)) -> Result<(), Odd> {
    raw.text("question")?;
    let answers = raw.need("answers")?;
    let impossible = raw.get("is_impossible").and_then(Value::as_bool).unwrap_or(false);
    let mut texts =
        answer_texts(answers).ok_or_else(|| raw.odd("answers", answers, "`{ text: […] }` or a list of them"))?;
    texts.retain(|text| !text.trim().is_empty());
    let mut seen = std::collections::HashSet::new();
    texts.retain(|text| seen.insert(text.clone()));
    let made = match texts.as_slice() {
        _ if impossible => made.expect(NONE).tag(NONE),
        [] => made.expect(NONE).tag(NONE),
        [one] => made.expect(one.as_str()),
        _ => made.expect(texts),
    };
    give(match raw.scalar("id") {
        Ok(id) => made.id(id).done(),
        Err(_) => made.done(),
    });
    Ok(())
}

/// The answers' texts: `{text: […], answer_start: […]}`, or `[{text, answer_start}]`.
fn answer_texts(answers: &Value) -> Option<Vec<String>> {
    match answers {
        Value::Object(map) => match map.get("text")? {
            Value::Array(texts) => texts.iter().map(text_of).collect(),
            text => text_of(text).map(|text| vec![text]),
        },
        Value::Array(list) => list.iter().map(|answer| answer.get("text").and_then(text_of)).collect(),
        Value::String(json) => {
            let inner = serde_json::from_str::<Value>(json).ok().filter(|inner| !inner.is_string());
            answer_texts(&inner.unwrap_or(json!(null)))
        }
        _ => None,
    }
}

fn within(odd: Odd, place: &str) -> Odd {
    Odd { message: format!("{place}: {}", odd.message), ..odd }
}
