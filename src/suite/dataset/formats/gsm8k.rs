//! GSM8K: `{question, answer}`, the answer a worked solution that ends in `#### 42`.

use crate::text::fit;

use super::super::item::Item;
use super::super::rows::Format;
use super::looks::looks_like;
use super::raw::{Odd, Raw};
use super::registry::Published;

pub(super) const GSM8K: Published = Published {
    name: "gsm8k",
    about: "GSM8K: word problems for grade school, graded by the final number",
    file: Format::JsonLines,
    columns: &[],
    rows: &[],
    prompt: "|-
  {{ question }}

  Work it out step by step. End your reply with a line of this form, a plain number in place of N:
  Answer: N",
    graders: "[{ type: number, extract: [{ after: 'Answer:' }, whole] }]",
    items,
};

fn items(raw: &Raw<'_>, give: &mut dyn FnMut(Item)) -> Result<(), Odd> {
    raw.text("question")?;
    let answer = raw.scalar("answer")?;
    if !answer.contains("####") && looks_like(raw.columns).is_some() {
        return Err(raw.odd("answer", raw.need("answer")?, "a solution that ends in `#### 42`"));
    }
    // Someone's own rows may hold the bare number.
    let marked = answer.rsplit_once("####").map_or(answer.as_str(), |(_, number)| number);
    let number = marked.trim().replace([',', '$'], "");
    if number.parse::<f64>().is_err() {
        return Err(if answer.contains("####") {
            Odd::new(format!("`answer` has `{}` behind `####`, expected a number", fit(marked.trim(), 40)))
        } else {
            raw.odd("answer", &answer.into(), "a solution that ends in `#### 42`")
        });
    }
    give(raw.item().expect(number).done());
    Ok(())
}
