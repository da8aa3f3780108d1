//! Every published format, and finding one by its name.

use crate::suite::read::closest;

use super::super::item::Item;
use super::super::rows::Format;
use super::raw::{Odd, Raw};
use super::{bbh, chat, code, gpqa, gsm8k, ifeval, mmlu, openai_evals, promptfoo, squad, truthfulqa};

/// How the files of a published benchmark are read.
#[derive(Debug)]
pub(in crate::suite::dataset) struct Published {
    /// What stands under `format`.
    pub(in crate::suite::dataset) name: &'static str,
    /// One line for docs and the schema.
    pub(in crate::suite::dataset) about: &'static str,
    /// How a file is read whose name does not tell.
    pub(in crate::suite::dataset) file: Format,
    /// The names of columns, where delimited files have no header.
    pub(in crate::suite::dataset) columns: &'static [&'static str],
    /// The keys that lead to the rows of a JSON document; none: it is the list itself. A document that is a list is
    /// read as one all the same.
    pub(in crate::suite::dataset) rows: &'static [&'static str],
    /// The prompt, as YAML under `prompt`; empty: it brings none.
    pub(in crate::suite::dataset) prompt: &'static str,
    /// The graders, as YAML under `graders`.
    pub(in crate::suite::dataset) graders: &'static str,
    /// What a row says. A row may hold many items.
    pub(in crate::suite::dataset) items: Items,
}

/// Makes items of a row.
pub(in crate::suite::dataset) type Items = fn(&Raw<'_>, &mut dyn FnMut(Item)) -> Result<(), Odd>;

/// Every published format, in the order of the documentation.
pub(in crate::suite::dataset) const PUBLISHED: &[Published] = &[
    gsm8k::GSM8K,
    mmlu::MMLU,
    mmlu::MMLU_PRO,
    gpqa::GPQA,
    code::HUMANEVAL,
    code::MBPP,
    ifeval::IFEVAL,
    bbh::BBH,
    truthfulqa::TRUTHFULQA,
    squad::SQUAD,
    openai_evals::OPENAI_EVALS,
    chat::CHAT,
    promptfoo::PROMPTFOO,
];

/// The format of this name; hyphens and capitals are accepted.
///
/// # Errors
/// The name that was probably meant.
pub(in crate::suite::dataset) fn find(name: &str) -> Result<&'static Published, Option<&'static str>> {
    let name = name.replace('-', "_").to_ascii_lowercase();
    let known = |published: &&Published| published.name == name;
    PUBLISHED.iter().find(known).ok_or_else(|| closest(&name, PUBLISHED.iter().map(|published| published.name)))
}
