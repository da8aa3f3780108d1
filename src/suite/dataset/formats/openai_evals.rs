//! openai/evals' samples: `{input: text or messages, ideal: text or list}`.

use serde_json::Value;

use super::super::item::Item;
use super::super::rows::Format;
use super::conversation;
use super::raw::{Odd, Raw, texts_of};
use super::registry::Published;

pub(super) const OPENAI_EVALS: Published = Published {
    name: "openai_evals",
    about: "OpenAI evals: `{input, ideal}`, right where the answer begins with the ideal one",
    file: Format::JsonLines,
    columns: &[],
    rows: &[],
    prompt: "{ messages: \"{{ messages }}\" }",
    graders: "[starts_with]",
    items,
};

fn items(raw: &Raw<'_>, give: &mut dyn FnMut(Item)) -> Result<(), Odd> {
    let input = raw.need("input")?;
    let messages = match input {
        Value::String(_) => vec![conversation::message("user", raw.text("input")?)],
        Value::Array(list) => conversation::openai("input", list)?,
        other => return Err(raw.odd("input", other, "a text or a list of messages")),
    };
    let ideal = raw.need("ideal")?;
    let expected = match ideal {
        Value::Array(_) => match texts_of(ideal).filter(|texts| texts.iter().all(|text| !text.trim().is_empty())) {
            Some(texts) if !texts.is_empty() => Value::from(texts),
            _ => return Err(raw.odd("ideal", ideal, "a text or a list of texts, none of them empty")),
        },
        Value::Object(_) => return Err(raw.odd("ideal", ideal, "a text or a list of texts")),
        _ => Value::from(raw.scalar("ideal")?),
    };
    give(raw.item().with("messages", messages).expect(expected).done());
    Ok(())
}
