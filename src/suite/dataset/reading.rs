//! Rows → cases, and what is wrong with them.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::suite::attach::Attachments;
use crate::suite::cases::{Cases, DatasetName, Origin, and_more, content_id};
use crate::suite::graders::{Graders, Misfit};
use crate::suite::log::{Finding, Log, Place};
use crate::suite::model::Case;
use crate::suite::read::Field;
use crate::suite::shape::{Shape, ShapeError};
use crate::suite::shuffle::{fisher_yates, shuffled};
use crate::suite::template::{TemplateError, Vars, push_text};

use super::rows::{self, BadRow, Row};
use super::spec::{Spec, reference};

/// Bad rows of one file that are shown one by one.
const SHOWN: usize = 10;

/// Columns that look like an expectation, for a hint.
const LIKELY_EXPECT: [&str; 9] =
    ["expect", "expected", "answer", "ideal", "target", "label", "output", "reference", "solution"];

/// Reads every dataset of the suite.
pub(in crate::suite) fn read(field: &Field<'_>, folder: &Path, cases: &mut Cases, graders: &Graders, log: &Log) {
    let entries = field.one_or_list();
    if entries.is_empty() {
        log.error(&field.place, "no files to read");
    }
    for entry in &entries {
        let Some(spec) = Spec::read(entry, log) else { continue };
        let index = u32::try_from(cases.datasets.len()).unwrap_or(u32::MAX);
        let unit = spec.format.unit();
        cases.datasets.push(DatasetName { path: spec.path.clone(), unit, place: entry.place.clone() });
        let mut reading = Reading {
            spec: &spec,
            cases,
            graders,
            index,
            list: Vec::new(),
            origins: Vec::new(),
            templates: HashMap::new(),
            unfit: Vec::new(),
            unfit_more: 0,
            bad: Vec::new(),
            bad_count: 0,
            expect_column: None,
        };
        let file = folder.join(&spec.path);
        let result = rows::read(&file, spec.format, &mut |row| reading.take(row), log);
        reading.finish(&file, result.err(), log);
    }
}

/// What graders say of an expectation.
struct Unfit {
    message: String,
    /// The grader's option that is at fault; `None`: the rows are.
    option: Option<Place>,
    /// The first row.
    number: u32,
    /// How many rows.
    count: usize,
    /// Whether that is because there is no expectation.
    lacks_expect: bool,
}

/// One file while it is read.
struct Reading<'a> {
    spec: &'a Spec,
    cases: &'a mut Cases,
    graders: &'a Graders,
    index: u32,
    list: Vec<Case>,
    origins: Vec<Origin>,
    /// Mistakes of the mapping's templates: the first row each strikes, and how many.
    templates: HashMap<(usize, String), (u32, usize, TemplateError)>,
    unfit: Vec<Unfit>,
    /// Rows that graders refuse with yet other messages.
    unfit_more: usize,
    bad: Vec<BadRow>,
    bad_count: usize,
    /// A column that looks like an expectation.
    expect_column: Option<String>,
}

impl Reading<'_> {
    fn take(&mut self, row: Result<Row, BadRow>) -> ControlFlow<()> {
        match row.and_then(|row| self.case(&row)) {
            Ok(()) => {}
            Err(bad) => {
                self.bad_count += 1;
                if self.bad.len() < SHOWN {
                    self.bad.push(bad);
                }
            }
        }
        match self.spec.limit {
            Some(limit) if self.spec.shuffle.is_none() && self.list.len() >= limit => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    }

    /// Makes a case of a row. Mistakes of the mapping are counted, not returned: they strike every row alike.
    fn case(&mut self, row: &Row) -> Result<(), BadRow> {
        let bad = |message: String| BadRow { number: row.number, line: row.line, message, hint: None };
        let columns = Vars::of_row(&row.json).map_err(|error| bad(error.to_string()))?;
        if self.list.is_empty() && self.expect_column.is_none() {
            let names: Vec<&str> = columns.names().collect();
            let likely = LIKELY_EXPECT.iter().find(|likely| names.iter().any(|name| name.eq_ignore_ascii_case(likely)));
            self.expect_column = likely
                .and_then(|likely| names.iter().find(|name| name.eq_ignore_ascii_case(likely)))
                .map(|name| (*name).to_owned());
        }
        let spec = self.spec;
        let vars = match &spec.vars {
            Some(shape) => self.render(shape, &columns, row),
            None => Some(row.json.clone()),
        };
        let expect = match &spec.expect {
            Some(shape) => self.render(shape, &columns, row).map(Some),
            None => Some(None),
        };
        let id = match &spec.id {
            Some(shape) => self.render(shape, &columns, row).map(Some),
            None => Some(None),
        };
        let tags: Option<Vec<String>> = spec.tags.iter().map(|shape| self.render(shape, &columns, row)).collect();
        let (Some(vars), Some(expect), Some(id), Some(tags)) = (vars, expect, id, tags) else { return Ok(()) };

        let expect = expect.filter(|json| json != "null");
        let id = id.map(|json| as_text(&json).trim().to_owned());
        if id.as_deref().is_some_and(str::is_empty) {
            return Err(bad("an empty id".to_owned()));
        }
        if id.as_deref().is_some_and(|id| id.chars().any(char::is_control)) {
            return Err(bad("an id with a control character".to_owned()));
        }
        let mut names = Vec::new();
        for json in &tags {
            match serde_json::from_str::<Vec<serde_json::Value>>(json) {
                Ok(items) => names.extend(items.iter().map(|item| as_text(&item.to_string()))),
                Err(_) => names.push(as_text(json)),
            }
        }
        names.retain(|name| !name.trim().is_empty());
        let set = &self.graders.suite;
        let (made_id, vars, problem) = match shuffled(set, &vars, expect.as_deref()) {
            // The id is that of the case as it was written.
            Ok(Some(reordered)) => (content_id(&vars, expect.as_deref()), reordered, None),
            Ok(None) => (Box::default(), vars, None),
            Err(problem) => (Box::default(), vars, Some(problem)),
        };
        if !self.graders.broken {
            let problems = match problem {
                Some(problem) => vec![Misfit::of_case(problem)],
                None => self.graders.misfits(set, &[], expect.as_deref(), &vars),
            };
            for Misfit { message, option } in problems {
                if let Some(known) = self.unfit.iter_mut().find(|known| known.message == message) {
                    known.count += 1;
                } else if self.unfit.len() < SHOWN {
                    let lacks_expect = expect.is_none();
                    self.unfit.push(Unfit { message, option, number: row.number, count: 1, lacks_expect });
                } else {
                    self.unfit_more += 1;
                }
            }
        }
        let has_id = id.is_some();
        let tags = names.iter().map(|name| self.cases.tag(name.trim())).collect();
        self.list.push(Case {
            id: id.map_or(made_id, Into::into),
            vars: vars.into(),
            expect: expect.map(Into::into),
            tags,
            graders: Arc::clone(set),
        });
        self.origins.push(Origin { dataset: Some(self.index), row: row.number, has_id });
        Ok(())
    }

    fn render(&mut self, shape: &Shape, columns: &Vars<'_>, row: &Row) -> Option<String> {
        let mut json = String::new();
        match shape.write(columns, &Attachments::default(), &mut json) {
            Ok(()) => Some(json),
            Err(ShapeError { leaf, error }) => {
                self.templates.entry((leaf, error.message.clone())).or_insert((row.number, 0, error)).1 += 1;
                None
            }
        }
    }

    /// Reports what was found and hands the cases over.
    fn finish(mut self, file: &Path, failure: Option<rows::FileError>, log: &Log) {
        let spec = self.spec;
        let unit = spec.format.unit();
        let is_whole = failure.is_none() && self.bad_count == 0 && self.templates.is_empty();
        for bad in &self.bad {
            let message = format!("{} {} of {}: {}", unit, bad.number, spec.path, bad.message);
            log.add(
                Finding::error(&spec.place, message)
                    .maybe_hint(bad.hint.clone())
                    .elsewhere(rows::excerpt(file, &spec.path, bad.line)),
            );
        }
        if self.bad_count > self.bad.len() {
            let more = self.bad_count - self.bad.len();
            log.error(&spec.place, format!("{more} more {unit}s of {} cannot be used", spec.path));
        }
        if let Some(failure) = failure {
            log.add(
                Finding::error(&spec.place, failure.message)
                    .maybe_hint(failure.hint)
                    .elsewhere(failure.line.and_then(|line| rows::excerpt(file, &spec.path, Some(line)))),
            );
        }
        let mut templates: Vec<_> = self.templates.drain().collect();
        templates.sort_by(|a, b| a.0.cmp(&b.0));
        for ((leaf, message), (number, count, error)) in templates {
            let more = and_more(count - 1, unit, &format!("{unit}s"));
            let message = format!("{message} in {unit} {number} of {}{more}", spec.path);
            log.add(spec.leaves.finding(leaf, &error, message));
        }
        for Unfit { message, option, number, count, lacks_expect } in std::mem::take(&mut self.unfit) {
            let more = and_more(count - 1, unit, &format!("{unit}s"));
            let message = format!("{unit} {number} of {}{more}: {message}", spec.path);
            let hint = match (&spec.expect, &self.expect_column) {
                _ if option.is_some() => None,
                (None, Some(column)) if lacks_expect => {
                    Some(format!("to compare with a column, write beside `path`: `expect: \"{}\"`", reference(column)))
                }
                (None, None) if lacks_expect => Some("map a column to `expect` beside `path`".to_owned()),
                _ => None,
            };
            log.add(Finding::error(option.as_ref().unwrap_or(&spec.place), message).maybe_hint(hint));
        }
        if self.unfit_more > 0 {
            let message = format!("{} more {unit}s of {} cannot be graded", self.unfit_more, spec.path);
            log.error(&spec.place, message);
        }
        if is_whole && self.list.is_empty() {
            log.error(&spec.place, format!("{} holds no {unit}s", spec.path));
        }
        if let Some(seed) = spec.shuffle {
            shuffle(seed, &mut self.list, &mut self.origins);
        }
        let limit = spec.limit.unwrap_or(usize::MAX);
        self.list.truncate(limit);
        self.origins.truncate(limit);
        self.cases.list.append(&mut self.list);
        self.cases.origins.append(&mut self.origins);
    }
}

fn as_text(json: &str) -> String {
    let mut text = String::new();
    push_text(json, &mut text);
    text
}

/// The rows in another order.
fn shuffle(seed: u64, list: &mut [Case], origins: &mut [Origin]) {
    fisher_yates(&mut ChaCha8Rng::seed_from_u64(seed), list.len(), |i, j| {
        list.swap(i, j);
        origins.swap(i, j);
    });
}
