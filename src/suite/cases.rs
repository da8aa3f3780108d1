//! All cases of a suite: their ids, and the rendering of every prompt for every case.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::plan::hex;

use super::canonical::write_canonical;
use super::log::{Finding, Log, Place, Target};
use super::model::{Case, DatasetFile};
use super::prompts::Prompts;
use super::read::{Field, Table};
use super::template::{TemplateError, Vars};

/// Where a case comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin {
    /// Index of the dataset; `None`: inline.
    pub(super) dataset: Option<u32>,
    /// Index of the list of inline cases: the suite's or that of an included file.
    pub(super) list: u16,
    /// The inline entry from 0, or the row as its file counts.
    pub(super) row: u32,
    /// Whether the id was written, not made.
    pub(super) has_id: bool,
}

/// A dataset, for naming its rows.
#[derive(Debug)]
pub(super) struct DatasetName {
    pub(super) path: String,
    /// `row` or `line`.
    pub(super) unit: &'static str,
    pub(super) place: Place,
}

/// All cases while a suite is read.
#[derive(Debug, Default)]
pub(super) struct Cases {
    pub(super) list: Vec<Case>,
    pub(super) origins: Vec<Origin>,
    pub(super) datasets: Vec<DatasetName>,
    /// The lists of inline cases.
    pub(super) lists: Vec<Place>,
    /// The files that were read, for the manifest.
    pub(super) files: Vec<DatasetFile>,
    tags: HashMap<Box<str>, Arc<str>>,
    /// Mistakes in options of graders that were told.
    pub(super) faults: HashSet<String>,
}

impl Cases {
    /// A tag, shared between the cases that have it.
    pub(super) fn tag(&mut self, name: &str) -> Arc<str> {
        if let Some(tag) = self.tags.get(name) {
            return Arc::clone(tag);
        }
        let tag: Arc<str> = name.into();
        self.tags.insert(name.into(), Arc::clone(&tag));
        tag
    }

    /// Gives every case an id, and finds those that were written twice.
    pub(super) fn finish_ids(&mut self, log: &Log) {
        for (case, origin) in self.list.iter_mut().zip(&self.origins) {
            if !origin.has_id && case.id.is_empty() {
                case.id = content_id(&case.vars, case.expect.as_deref());
            }
        }
        let mut order: Vec<u32> = (0..u32::try_from(self.list.len()).unwrap_or(u32::MAX)).collect();
        // Written ids first among equals, then in file order.
        order.sort_unstable_by(|&a, &b| {
            let key = |i: u32| (&self.list[i as usize].id, !self.origins[i as usize].has_id, i);
            key(a).cmp(&key(b))
        });
        let mut repeated: HashMap<u32, (u32, u32, usize)> = HashMap::new();
        let mut renamed: Vec<(u32, Box<str>)> = Vec::new();
        // A case that `matrix` multiplies may be many times one that was there.
        let mut reported: HashSet<(u16, u32)> = HashSet::new();
        for group in order.chunk_by(|&a, &b| self.list[a as usize].id == self.list[b as usize].id) {
            let mut next = 2_u32;
            for &i in &group[1..] {
                let origin = self.origins[i as usize];
                if origin.has_id {
                    match origin.dataset {
                        None if reported.insert((origin.list, origin.row)) => self.report_duplicate(group[0], i, log),
                        None => {}
                        Some(dataset) => repeated.entry(dataset).or_insert((group[0], i, 0)).2 += 1,
                    }
                    continue;
                }
                loop {
                    let id: Box<str> = format!("{}-{next}", self.list[i as usize].id).into();
                    next += 1;
                    if order.binary_search_by(|&other| self.list[other as usize].id.cmp(&id)).is_err() {
                        renamed.push((i, id));
                        break;
                    }
                }
            }
        }
        let mut repeated: Vec<_> = repeated.into_iter().collect();
        repeated.sort_unstable();
        for (dataset, (first, second, count)) in repeated {
            let place = self.datasets[dataset as usize].place.key("id");
            let message = format!(
                "{} has the id `{}` of {}{}",
                self.name_origin(second),
                self.list[second as usize].id,
                self.name_origin(first),
                and_more(count - 1, "row", "rows")
            );
            let hint = "ids must be unique; without `id` each case gets one of its own";
            let mut finding = Finding::error(&place, message).hint(hint);
            let Origin { dataset, list, row, .. } = self.origins[first as usize];
            if dataset.is_none() && list > 0 {
                finding = finding.related(&self.lists[usize::from(list)].index(row as usize), "which stands at");
            }
            log.add(finding);
        }
        for (i, id) in renamed {
            self.list[i as usize].id = id;
        }
    }

    fn report_duplicate(&self, first: u32, second: u32, log: &Log) {
        let place = |i: u32| {
            let Origin { list, row, .. } = self.origins[i as usize];
            self.lists[usize::from(list)].index(row as usize).key("id")
        };
        let message = format!("a second case with the id `{}`", self.list[second as usize].id);
        let mut finding = Finding::error(&place(second), message).hint("give each case its own `id`, or leave it out");
        if self.origins[first as usize].dataset.is_none() {
            finding = finding.related(&place(first), "first here");
        }
        log.add(finding);
    }

    /// `case 3`, `row 7 of tickets.csv`.
    fn name_origin(&self, case: u32) -> String {
        let origin = self.origins[case as usize];
        match origin.dataset.and_then(|dataset| self.datasets.get(dataset as usize)) {
            Some(dataset) => format!("{} {} of {}", dataset.unit, origin.row, dataset.path),
            None => format!("cases[{}]", origin.row),
        }
    }

    /// Renders every prompt for every case. Each mistake is told once, with the first case it strikes.
    pub(super) fn check_prompts(&self, prompts: &Prompts, log: &Log) {
        let mut found: HashMap<(usize, String), (usize, usize, TemplateError)> = HashMap::new();
        for (i, case) in self.list.iter().enumerate() {
            for prompt in &prompts.list {
                let Ok(vars) = Vars::parse(&case.vars) else { continue };
                let prompt = case.asked_with(prompt);
                let vars = vars.with_env(&prompt.env);
                prompt.compiled.check(&vars, &mut |problem| {
                    let key = (problem.leaf, problem.error.message.clone());
                    found.entry(key).or_insert((i, 0, problem.error)).1 += 1;
                });
            }
        }
        let mut found: Vec<_> = found.into_iter().collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        for ((leaf, message), (first, count, error)) in found {
            let case = &self.list[first];
            let origin = self.origins[first];
            let from = match origin.dataset {
                Some(_) => format!(" ({})", self.name_origin(u32::try_from(first).unwrap_or(u32::MAX))),
                None => String::new(),
            };
            let message = format!("{message} in case `{}`{from}{}", case.id, and_more(count - 1, "case", "cases"));
            log.add(prompts.leaves.finding(leaf, &error, message));
        }
    }

    /// Remarks on a suite without mistakes that may not measure what its author thinks.
    pub(super) fn remark(&self, prompts: &Prompts, suite: &Table<'_>, log: &Log) {
        for (prompt, place, count) in prompts.asked(self) {
            if count > 1 && prompt.compiled.is_constant() {
                log.add(
                    Finding::warning(place, "this prompt uses no variable: every case asks the same")
                        .hint("insert a variable: `{{ name }}`"),
                );
            }
        }
        prompts.remark_on_affixes(&self.list, suite, log);
        // An expectation without any grader is an error of its own.
        let undecided =
            |case: &&Case| !case.graders.decides() && (!case.graders.graders.is_empty() || case.expect.is_none());
        let message = match self.list.iter().filter(undecided).count() {
            0 => return,
            all if all == self.list.len() && self.list.iter().any(|case| !case.graders.graders.is_empty()) => {
                "no grader counts (`weight: 0`): every answer counts as a pass".to_owned()
            }
            all if all == self.list.len() => "there are no graders: every answer counts as a pass".to_owned(),
            some => {
                format!("{some} of {} cases have no grader: every answer to them counts as a pass", self.list.len())
            }
        };
        let hint = "write for example `graders: [exact]`, with `expect` on each case";
        log.add(Finding::warning(&suite.place, message).hint(hint));
    }
}

/// A stable id from what a case asks and expects: 12 hex digits, the same whatever the order of keys.
pub(super) fn content_id(vars: &str, expect: Option<&str>) -> Box<str> {
    let mut text = String::with_capacity(vars.len() + 32);
    write_canonical(vars, &mut text);
    text.push('\n');
    if let Some(expect) = expect {
        write_canonical(expect, &mut text);
    }
    hex(&Sha256::digest(text.as_bytes())[..6]).into()
}

/// ` and 3 more cases`, or nothing.
pub(super) fn and_more(count: usize, one: &str, many: &str) -> String {
    match count {
        0 => String::new(),
        1 => format!(" and 1 more {one}"),
        n => format!(" and {n} more {many}"),
    }
}

/// Marks the key of an empty list.
pub(super) fn report_empty(field: &Field<'_>, log: &Log) {
    log.add(
        Finding::error(&field.place, "no cases to ask")
            .target(Target::Value)
            .hint("write at least one: `- vars: { question: ... }`"),
    );
}
