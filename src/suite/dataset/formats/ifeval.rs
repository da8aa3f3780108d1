//! IFEval: `{key, prompt, instruction_id_list, kwargs}`, checked by the grader `instructions`.

use serde_json::Value;

use super::super::item::Item;
use super::super::rows::Format;
use super::raw::{Odd, Raw};
use super::registry::Published;

pub(super) const IFEVAL: Published = Published {
    name: "ifeval",
    about: "IFEval: instructions that a program can check",
    file: Format::JsonLines,
    columns: &[],
    rows: &[],
    prompt: "\"{{ prompt }}\"",
    graders: "[instructions, { type: instructions, mode: loose, name: loose, weight: 0 }]",
    items,
};

fn items(raw: &Raw<'_>, give: &mut dyn FnMut(Item)) -> Result<(), Odd> {
    raw.text("prompt")?;
    let ids = raw.texts("instruction_id_list")?;
    let kwargs = match raw.get("kwargs") {
        Some(Value::String(json)) => serde_json::from_str(json)
            .ok()
            .filter(Value::is_array)
            .ok_or_else(|| raw.odd("kwargs", &Value::from(json.as_str()), "a list of maps"))?,
        Some(value) => value.clone(),
        None => return Err(raw.lacks("kwargs")),
    };
    let mut made = raw.item().tags(ids.iter().map(String::as_str));
    if let Ok(key) = raw.scalar("key") {
        made = made.id(format!("ifeval/{key}"));
    }
    give(made.with("instruction_id_list", ids).with("kwargs", kwargs).done());
    Ok(())
}
