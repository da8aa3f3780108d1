//! Prompts that datasets bring, where the suite has none of its own: GSM8K and MMLU then stand in one suite, each asked
//! in its own words.
//!
//! In: what an entry of `dataset`, or its published format, says under `prompt`. Out: one prompt `default` for the plan,
//! and on every case the prompt it is asked with.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cases::Cases;
use super::log::{Finding, Log, Place, Target};
use super::model::{Case, Prompt};
use super::prompts::{Prompts, missing, read_prompt};
use super::read::{Field, Table};

/// The prompts that datasets brought so far.
#[derive(Debug, Default)]
pub(super) struct Brought {
    list: Vec<Arc<Prompt>>,
    /// The place of each.
    places: Vec<Place>,
    /// Whether some entry would bring one, could it be read.
    is_awaited: bool,
}

impl Prompts {
    /// Whether datasets are to bring their prompts.
    pub(super) fn are_brought(&self) -> bool {
        self.brought.is_some()
    }

    /// An entry that cannot be read would have brought one.
    pub(super) fn await_one(&mut self) {
        if let Some(brought) = &mut self.brought {
            brought.is_awaited = true;
        }
    }

    /// Takes what a dataset brings; equal prompts are one, different ones get different ids.
    pub(super) fn bring(&mut self, field: &Field<'_>, id: &str, log: &Log) -> Option<Arc<Prompt>> {
        let files = Arc::clone(&self.files);
        let brought = self.brought.as_mut()?;
        brought.is_awaited = true;
        let env = self.env.clone();
        let (mut prompt, _) = read_prompt(field, id.to_owned(), &files, &mut self.leaves, log)?;
        let said = |prompt: &Prompt| serde_json::to_value(&prompt.messages).unwrap_or_default();
        let messages = said(&prompt);
        let same = |other: &&Arc<Prompt>| other.id == prompt.id && said(other) == messages;
        if let Some(known) = brought.list.iter().find(same) {
            return Some(Arc::clone(known));
        }
        let base = prompt.id.clone();
        let mut number = 2_usize;
        while brought.list.iter().any(|other| other.id == prompt.id) {
            prompt.id = format!("{base}-{number}");
            number += 1;
        }
        let prompt = Arc::new(Prompt { env, ..prompt });
        brought.list.push(Arc::clone(&prompt));
        brought.places.push(field.place.clone());
        Some(prompt)
    }

    /// Puts the one prompt that stands for those brought in its place, and tells which cases have none.
    pub(super) fn settle(&mut self, cases: &Cases, suite: &Table<'_>, log: &Log) {
        let Some(Brought { list, is_awaited, .. }) = &self.brought else { return };
        if !is_awaited {
            return missing(suite, log);
        }
        let mut without: BTreeMap<Option<u32>, usize> = BTreeMap::new();
        for (case, origin) in cases.list.iter().zip(&cases.origins) {
            if case.prompt.is_none() {
                *without.entry(origin.dataset).or_default() += 1;
            }
        }
        for (dataset, count) in without {
            let known = dataset.and_then(|dataset| cases.datasets.get(dataset as usize));
            let (place, of_file) = match known {
                Some(file) => (file.place.clone(), format!(" of {}", file.path)),
                None => (suite.place.key("cases"), " written here".to_owned()),
            };
            let cases = if count == 1 { "1 case".to_owned() } else { format!("{count} cases") };
            let hint = match known {
                Some(_) => "write `prompt` beside its `path`, or one for the whole suite",
                None => "write `prompt` for the whole suite: it is then asked instead of those that datasets bring",
            };
            let message = format!("no prompt for {cases}{of_file}: the suite has none, other datasets bring their own");
            log.add(Finding::error(&place, message).hint(hint));
        }
        self.list = vec![Prompt::brought(list.iter().map(|prompt| Prompt::clone(prompt)).collect())];
    }

    /// Warns where rows of promptfoo say what goes before or behind the prompt, and no prompt names it.
    pub(super) fn remark_on_affixes(&self, cases: &[Case], suite: &Table<'_>, log: &Log) {
        for name in ["__prefix", "__suffix"] {
            let beginning = format!("\"{name}\":\"");
            let says = |case: &Case| case.vars.split_once(&beginning).is_some_and(|(_, text)| !text.starts_with('"'));
            let names = |prompt: &Prompt| serde_json::to_string(prompt).is_ok_and(|json| json.contains(name));
            if cases.iter().any(says) && !self.list.iter().any(names) {
                let message = format!("cases have a `{name}`, which no prompt names: it is not sent");
                let hint = "put `{{ __prefix }}` in front of the prompt's text and `{{ __suffix }}` behind it";
                log.add(Finding::warning(&suite.place, message).hint(hint));
            }
        }
    }

    /// Warns where the examples of `few_shot` are in no prompt. `own`: the prompt that the dataset brings.
    pub(super) fn remark_on_examples(&self, own: Option<&Prompt>, name: &str, place: &Place, log: &Log) {
        let names = |prompt: &Prompt| serde_json::to_string(prompt).is_ok_and(|json| json.contains(name));
        let mut asked = own.into_iter().chain(self.list.iter().filter(|_| own.is_none())).peekable();
        if asked.peek().is_some() && !asked.any(names) {
            let message = format!("the examples are in `{name}`, which no prompt names: they are not sent");
            let hint = format!("write a prompt that shows them: `{{% for e in {name} %}}…{{% endfor %}}`");
            log.add(Finding::warning(place, message).target(Target::Key).hint(hint));
        }
    }

    /// Every prompt that is asked, with its place and the number of cases it is asked for.
    pub(super) fn asked<'p>(&'p self, cases: &Cases) -> Vec<(&'p Prompt, &'p Place, usize)> {
        let Some(Brought { list, places, .. }) = &self.brought else {
            return self
                .list
                .iter()
                .zip(&self.places)
                .map(|(prompt, place)| (prompt, place, cases.list.len()))
                .collect();
        };
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for prompt in cases.list.iter().filter_map(|case| case.prompt.as_ref()) {
            *counts.entry(&prompt.id).or_default() += 1;
        }
        let asked = |(prompt, place): (&'p Arc<Prompt>, &'p Place)| {
            (&**prompt, place, counts.get(prompt.id.as_str()).copied().unwrap_or(0))
        };
        list.iter().zip(places).map(asked).collect()
    }
}
