//! GPQA: CSV with `Question`, `Correct Answer`, `Incorrect Answer 1` to `3`, `Subdomain`, `Record ID` and the notes of
//! those who wrote and checked the questions, which are left out.

use super::super::item::Item;
use super::super::rows::Format;
use super::options;
use super::raw::{Made, Odd, Raw};
use super::registry::Published;

pub(super) const GPQA: Published = Published {
    name: "gpqa",
    about: "GPQA: questions that need a doctorate, with four options in an order of their own for each",
    file: Format::Delimited(b','),
    columns: &[],
    rows: &[],
    prompt: options::PROMPT,
    graders: options::GRADERS,
    items,
};

fn items(raw: &Raw<'_>, give: &mut dyn FnMut(Item)) -> Result<(), Odd> {
    let question = raw.text("Question")?.trim();
    let names = ["Correct Answer", "Incorrect Answer 1", "Incorrect Answer 2", "Incorrect Answer 3"];
    let answers: Vec<String> =
        names.iter().map(|name| raw.scalar(name).map(|text| text.trim().to_owned())).collect::<Result<_, _>>()?;
    let record = raw.maybe("Record ID");
    let (choices, at) = options::mixed(answers, 0, record.unwrap_or(question));
    let (subdomain, domain) = (raw.maybe("Subdomain"), raw.maybe("High-level domain"));
    let mut made = Made::default()
        .with("question", question)
        .maybe("record_id", record)
        .maybe("domain", domain)
        .maybe("subdomain", subdomain)
        .tags(domain.into_iter().chain(subdomain));
    if let Some(right) = options::right(&choices, at) {
        made = made.expect(right);
    }
    if let Some(record) = record {
        made = made.id(record);
    }
    give(made.with("choices", choices).done());
    Ok(())
}
