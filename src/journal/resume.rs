//! Taking a run up again: whether the suite still asks the same, and which cells are left.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Display;
use std::ops::Range;

use serde_json::Value;

use super::cases::{CasePrints, SuiteCases, print_of};
use super::index::Index;
use super::manifest::{Manifest, ModelHead};
use super::record::Verdict;
use crate::plan::CellIndex;
use crate::text;

/// Settings of a model that change when and how often it is asked, and not what is measured.
const UNMEASURED: [&str; 7] = [
    "endpoint.api_key_env",
    "limits.concurrency",
    "limits.requests_per_minute",
    "limits.tokens_per_minute",
    "limits.retries",
    "limits.deadline",
    "limits.give_up_after",
];

/// The cells to ask when a run is taken up again, in plan order: those that never finished, and with `retry_errors`
/// those that ended in an error.
pub fn cells_left(index: &Index, retry_errors: bool) -> impl Iterator<Item = CellIndex> {
    let all = 0..u32::try_from(index.len()).unwrap_or(u32::MAX);
    all.map(CellIndex).filter(move |&cell| done(index, cell, retry_errors).is_none())
}

/// How many of these cells need not be asked again, by verdict in the order of [`Verdict::ALL`]: what a model's lane
/// starts with.
pub fn cells_done(index: &Index, cells: Range<u32>, retry_errors: bool) -> [u32; 5] {
    let mut counts = [0; 5];
    for verdict in cells.filter_map(|cell| done(index, CellIndex(cell), retry_errors)) {
        if let Some(at) = Verdict::ALL.iter().position(|&other| other == verdict) {
            counts[at] += 1;
        }
    }
    counts
}

/// The verdict of a cell that need not be asked again.
fn done(index: &Index, cell: CellIndex, retry_errors: bool) -> Option<Verdict> {
    index.verdict(cell).filter(|verdict| match verdict {
        Verdict::Skipped => false,
        Verdict::Error => !retry_errors,
        Verdict::Pass | Verdict::Fail | Verdict::Timeout => true,
    })
}

/// What a suite measures differently from a run made earlier, a line each for people; empty where the run can be taken
/// up again. What changes only pace, money or gates is no change, and neither is another order of models, prompts or
/// cases.
pub fn what_changed(old: &Manifest<CasePrints>, new: &Manifest<SuiteCases<'_>>) -> Vec<String> {
    let mut changes = Vec::new();
    let mut plain = |what: &str, old: &dyn Display, new: &dyn Display| {
        let (old, new) = (old.to_string(), new.to_string());
        if old != new {
            changes.push(change(what, &old, &new));
        }
    };
    plain("name", &old.suite, &new.suite);
    plain("simulated", &old.simulated, &new.simulated);
    plain("seed", &old.seed, &new.seed);
    plain("repeat", &old.repeat, &new.repeat);
    plain("graders", &sorted(&old.graders), &sorted(&new.graders));
    let simulated = old.simulated && new.simulated;
    models("model", &old.models, &new.models, simulated, &mut changes);
    models("judge", &old.judges, &new.judges, simulated, &mut changes);
    prompts(&old.prompts, &new.prompts, &mut changes);
    environment(&old.env, &new.env, &mut changes);
    cases(&old.cases, new.cases, &mut changes);
    changes
}

fn change(what: &str, old: &str, new: &str) -> String {
    format!("{what}: {} → {}", text::fit(old, 60), text::fit(new, 60))
}

/// The value with its keys in order, as compact JSON.
fn sorted(value: &Value) -> String {
    let mut value = value.clone();
    value.sort_all_objects();
    value.to_string()
}

fn models(noun: &str, old: &[ModelHead], new: &[ModelHead], simulated: bool, changes: &mut Vec<String>) {
    let by_name: HashMap<&str, &ModelHead> = new.iter().map(|model| (model.name.as_str(), model)).collect();
    for old in old {
        let Some(new) = by_name.get(old.name.as_str()) else {
            changes.push(format!("{noun} `{}` was removed", text::fit(&old.name, 60)));
            continue;
        };
        let mut settings = Vec::new();
        if old.id != new.id {
            settings.push(change("id", &old.id, &new.id));
        }
        let mut found = Vec::new();
        differences(&old.settings, &new.settings, "", &mut found);
        // The simulator has another port each time.
        let measured = |path: &str| !(UNMEASURED.contains(&path) || simulated && path == "endpoint.base_url");
        let found = found.iter().filter(|difference| measured(&difference.path));
        settings.extend(found.map(|d| change(&d.path, &shown(d.old), &shown(d.new))));
        changes.extend(settings.into_iter().map(|what| format!("{noun} `{}`: {what}", text::fit(&old.name, 60))));
    }
    let known: Vec<&str> = old.iter().map(|model| model.name.as_str()).collect();
    for new in new.iter().filter(|new| !known.contains(&new.name.as_str())) {
        changes.push(format!("{noun} `{}` was added", text::fit(&new.name, 60)));
    }
}

/// A leaf that differs.
struct Difference<'a> {
    /// Its dotted path.
    path: String,
    old: Option<&'a Value>,
    new: Option<&'a Value>,
}

fn differences<'a>(old: &'a Value, new: &'a Value, path: &str, found: &mut Vec<Difference<'a>>) {
    let (Value::Object(old), Value::Object(new)) = (old, new) else {
        if sorted(old) != sorted(new) {
            found.push(Difference { path: path.to_owned(), old: Some(old), new: Some(new) });
        }
        return;
    };
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    for (key, old) in old {
        match new.get(key) {
            Some(new) => differences(old, new, &below(key), found),
            // Leaving a key out and setting it to null is the same to the domain types.
            None if old.is_null() => {}
            None => found.push(Difference { path: below(key), old: Some(old), new: None }),
        }
    }
    for (key, new) in new.iter().filter(|(key, new)| !old.contains_key(*key) && !new.is_null()) {
        found.push(Difference { path: below(key), old: None, new: Some(new) });
    }
}

/// A value as people write it.
fn shown(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "none".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

fn prompts(old: &[Value], new: &[Value], changes: &mut Vec<String>) {
    /// The prompts that datasets bring are told one by one.
    fn by_id(prompts: &[Value]) -> Vec<(&str, String)> {
        let mut found = Vec::new();
        for prompt in prompts {
            let brought = prompt.get("by_dataset").and_then(Value::as_array);
            let mut own = prompt.clone();
            own.as_object_mut().and_then(|own| own.shift_remove("by_dataset"));
            found.push((prompt.get("id").and_then(Value::as_str).unwrap_or_default(), sorted(&own)));
            found.extend(brought.into_iter().flat_map(|brought| by_id(brought)));
        }
        found
    }
    let (old, new) = (by_id(old), by_id(new));
    for (id, old) in &old {
        match new.iter().find(|(other, _)| other == id) {
            None => changes.push(format!("prompt `{}` was removed", text::fit(id, 60))),
            Some((_, new)) if new != old => changes.push(format!("prompt `{}` was changed", text::fit(id, 60))),
            Some(_) => {}
        }
    }
    for (id, _) in new.iter().filter(|(id, _)| !old.iter().any(|(other, _)| other == id)) {
        changes.push(format!("prompt `{}` was added", text::fit(id, 60)));
    }
}

/// What templates see of the environment. A variable that is declared no more is used no more, or its templates were
/// changed, and one that is new likewise: these are told with the prompts and cases.
fn environment(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>, changes: &mut Vec<String>) {
    for (name, old) in old {
        if let Some(new) = new.get(name).filter(|new| *new != old) {
            changes.push(change(&format!("env `{}`", text::fit(name, 60)), old, new));
        }
    }
}

fn cases(old: &CasePrints, new: SuiteCases<'_>, changes: &mut Vec<String>) {
    /// How many there are, and the first few ids.
    #[derive(Default)]
    struct Some3<'a>(usize, Vec<&'a str>);

    impl<'a> Some3<'a> {
        fn add(&mut self, id: &'a str) {
            self.0 += 1;
            if self.1.len() < 3 {
                self.1.push(id);
            }
        }

        fn tell(&self, what: &str) -> Option<String> {
            let ids: Vec<String> = self.1.iter().map(|id| format!("`{}`", text::fit(id, 40))).collect();
            let more = if self.0 > ids.len() { " …" } else { "" };
            let (s, were) = if self.0 == 1 { ("", "was") } else { ("s", "were") };
            (self.0 > 0).then(|| format!("{} case{s} {were} {what}: {}{more}", self.0, ids.join(", ")))
        }
    }

    let (mut added, mut altered, mut removed) = (Some3::default(), Some3::default(), Some3::default());
    let mut by_id: Vec<usize> = (0..old.len()).collect();
    by_id.sort_unstable_by_key(|&case| old.id(case));
    let mut still = vec![false; old.len()];
    for case in new.0 {
        match by_id.binary_search_by_key(&&*case.id, |&old_case| old.id(old_case)).map(|at| by_id[at]) {
            Err(_) => added.add(&case.id),
            Ok(known) => {
                still[known] = true;
                if old.print(known) != print_of(case) {
                    altered.add(&case.id);
                }
            }
        }
    }
    // In the order of the old file.
    for case in (0..old.len()).filter(|&case| !still[case]) {
        removed.add(old.id(case));
    }
    changes.extend([added.tell("added"), removed.tell("removed"), altered.tell("changed")].into_iter().flatten());
}

#[cfg(test)]
mod tests;
