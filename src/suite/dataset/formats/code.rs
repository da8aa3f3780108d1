//! `HumanEval` and MBPP: functions to be written, and the tests they have to pass.

use serde_json::Value;

use super::super::item::Item;
use super::super::rows::Format;
use super::raw::{Odd, Raw, texts_of};
use super::registry::Published;

pub(super) const HUMANEVAL: Published = Published {
    name: "humaneval",
    about: "HumanEval: Python functions to complete, run against their tests (--allow-commands)",
    file: Format::JsonLines,
    columns: &[],
    rows: &[],
    prompt: "|-
  Complete this Python function. Reply with the whole function, its imports with it, in one fenced code block.

  ```python
  {{ prompt }}
  ```",
    graders: "[code]",
    items: humaneval,
};

pub(super) const MBPP: Published = Published {
    name: "mbpp",
    about: "MBPP: short Python programs by description, run against their tests (--allow-commands)",
    file: Format::JsonLines,
    columns: &[],
    rows: &[],
    prompt: "|-
  {{ text }}

  Write it in Python, so that it passes these tests:

  ```python
  {{ test_list | join('\\n') }}
  ```

  Reply with the code in one fenced block, without the tests.",
    graders: "[code]",
    items: mbpp,
};

fn humaneval(raw: &Raw<'_>, give: &mut dyn FnMut(Item)) -> Result<(), Odd> {
    for name in ["prompt", "test", "entry_point"] {
        raw.text(name)?;
    }
    let id = raw.scalar("task_id")?;
    give(raw.item().id(id).done());
    Ok(())
}

fn mbpp(raw: &Raw<'_>, give: &mut dyn FnMut(Item)) -> Result<(), Odd> {
    // `text` in the whole set, `prompt` in the part that was checked by hand.
    let text = match raw.maybe("text") {
        Some(text) => text,
        None if raw.columns.contains_key("prompt") => raw.text("prompt")?,
        None => raw.text("text")?,
    };
    let tests = raw.texts("test_list")?;
    let id = raw.scalar("task_id")?;
    let mut made = raw.item().without("prompt").with("text", text).with("test_list", tests);
    for name in ["test_imports", "challenge_test_list"] {
        if let Some(value) = raw.get(name) {
            let list = texts_of(value).ok_or_else(|| raw.odd(name, value, "a list of texts"))?;
            made = made.with(name, list);
        }
    }
    if let Some(setup) = raw.get("test_setup_code").filter(|setup| !setup.is_string()) {
        return Err(raw.odd("test_setup_code", setup, "a text"));
    }
    if raw.columns.get("code").is_some_and(|code| !matches!(code, Value::String(_) | Value::Null)) {
        return Err(raw.odd("code", raw.need("code")?, "a text"));
    }
    give(made.id(format!("mbpp/{id}")).done());
    Ok(())
}
