//! Rows → cases: the way of one entry of `dataset`.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use crate::suite::attach::Attachments;
use crate::suite::cases::{Cases, DatasetName, Origin, content_id};
use crate::suite::graders::{Graders, Misfit};
use crate::suite::log::Log;
use crate::suite::model::{Case, DatasetFile, Outside};
use crate::suite::read::Field;
use crate::suite::shape::Shape;
use crate::suite::shuffle::shuffled;
use crate::suite::template::{Vars, push_text};

use super::faults::{Faults, Told};
use super::item::Item;
use super::rows::{self, BadRow, Row};
use super::source::DataFile;
use super::spec::Spec;

/// Reads every dataset of the suite.
pub(in crate::suite) fn read(
    field: &Field<'_>,
    folder: &Path,
    outside: &Outside,
    cases: &mut Cases,
    graders: &mut Graders,
    log: &Log,
) {
    let entries = field.one_or_list();
    if entries.is_empty() {
        log.error(&field.place, "no files to read");
    }
    for entry in &entries {
        let Some(spec) = Spec::read(entry, log) else { continue };
        let mut reading = Reading {
            spec: &spec,
            cases,
            graders,
            list: Vec::new(),
            origins: Vec::new(),
            faults: Faults::default(),
            index: 0,
            read: 0,
        };
        for file in spec.source.files(folder, outside, log) {
            if reading.read_file(&file, log).is_break() {
                break;
            }
        }
        reading.finish();
    }
}

/// One entry while its files are read.
struct Reading<'a> {
    spec: &'a Spec,
    cases: &'a mut Cases,
    graders: &'a mut Graders,
    list: Vec<Case>,
    origins: Vec<Origin>,
    /// Of the file that is being read.
    faults: Faults,
    /// The file that is being read, among those of the suite.
    index: u32,
    /// Its rows so far.
    read: u64,
}

impl Reading<'_> {
    fn read_file(&mut self, file: &DataFile, log: &Log) -> ControlFlow<()> {
        let spec = self.spec;
        let unit = file.format.unit();
        self.index = u32::try_from(self.cases.datasets.len()).unwrap_or(u32::MAX);
        self.cases.datasets.push(DatasetName { path: file.shown.clone(), unit, place: spec.place.clone() });
        self.read = 0;
        let mut flow = ControlFlow::Continue(());
        let facts = rows::read(
            file,
            &mut |row| {
                flow = self.take(row);
                flow
            },
            log,
        );
        let faults = std::mem::take(&mut self.faults);
        if facts.failure.is_none() && faults.is_empty() && self.read == 0 {
            log.error(&spec.source.place, format!("{} holds no {unit}s", file.shown));
        }
        let told = Told {
            file,
            unit,
            place: &spec.source.place,
            leaves: &spec.mapping.leaves,
            expects: spec.mapping.expect.is_some(),
        };
        faults.tell(&told, facts.failure, log);
        self.cases.files.push(DatasetFile {
            path: file.name.clone(),
            format: facts.format,
            rows: self.read,
            cases: 0,
            sha256: facts.sha256,
        });
        flow
    }

    fn take(&mut self, row: Result<Row, BadRow>) -> ControlFlow<()> {
        self.read += 1;
        if let Err(bad) = row.and_then(|row| self.cases_of(row)) {
            self.faults.bad_row(bad);
        }
        if self.spec.picking.is_enough(self.list.len()) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Makes cases of a row.
    fn cases_of(&mut self, row: Row) -> Result<(), BadRow> {
        let Row { number, line, json } = row;
        let bad = |message: String, hint: Option<String>| BadRow { number, line, message, hint };
        let Some(published) = self.spec.source.published else {
            return self.case(Item::of_columns(json), number).map_err(|message| bad(message, None));
        };
        let columns = serde_json::from_str(&json).map_err(|error| bad(error.to_string(), None))?;
        let mut result = Ok(());
        let items = (published.items)(&columns, &mut |item| {
            if result.is_ok() {
                result = self.case(item, number);
            }
        });
        items.map_err(|odd| bad(odd.message, odd.hint))?;
        result.map_err(|message| bad(message, None))
    }

    /// Makes a case of an item. Mistakes of the mapping are counted, not returned.
    fn case(&mut self, item: Item, number: u32) -> Result<(), String> {
        let columns = Vars::of_row(&item.columns).map_err(|error| error.to_string())?;
        if self.read == 1 {
            self.faults.look_at(&columns);
        }
        let mapping = &self.spec.mapping;
        let vars = match &mapping.vars {
            Some(shape) => self.render(shape, &columns, number),
            None => Some(item.columns.clone()),
        };
        let expect = match &mapping.expect {
            Some(shape) => self.render(shape, &columns, number).map(Some),
            None => Some(item.expect),
        };
        let id = match &mapping.id {
            Some(shape) => self.render(shape, &columns, number).map(|json| Some(as_text(&json))),
            None => Some(item.id),
        };
        let names = self.tags(&columns, item.tags, number);
        let (Some(vars), Some(expect), Some(id), Some(names)) = (vars, expect, id, names) else { return Ok(()) };

        let expect = expect.filter(|json| json != "null");
        let id = id.map(|id| id.trim().to_owned());
        if id.as_deref().is_some_and(str::is_empty) {
            return Err("an empty id".to_owned());
        }
        if id.as_deref().is_some_and(|id| id.chars().any(char::is_control)) {
            return Err("an id with a control character".to_owned());
        }
        let set = Arc::clone(&self.graders.suite);
        let (made_id, vars, problem) = match shuffled(&set, &vars, expect.as_deref()) {
            // The id is that of the case as it was written.
            Ok(Some(reordered)) => (content_id(&vars, expect.as_deref()), reordered, None),
            Ok(None) => (Box::default(), vars, None),
            Err(problem) => (Box::default(), vars, Some(problem)),
        };
        if !self.graders.broken {
            let problems = match problem {
                Some(problem) => vec![Misfit::of_case(problem)],
                None => self.graders.misfits(&set, &[], expect.as_deref(), &vars),
            };
            for misfit in problems {
                self.faults.misfit(number, misfit, expect.is_none());
            }
        }
        let has_id = id.is_some();
        let tags = names.iter().map(|name| self.cases.tag(name.trim())).collect();
        self.list.push(Case {
            id: id.map_or(made_id, Into::into),
            vars: vars.into(),
            expect: expect.map(Into::into),
            tags,
            graders: set,
        });
        self.origins.push(Origin { dataset: Some(self.index), row: number, has_id });
        Ok(())
    }

    /// The tags that the entry's templates give, else those of the item.
    fn tags(&mut self, columns: &Vars<'_>, own: Vec<String>, number: u32) -> Option<Vec<String>> {
        let shapes = &self.spec.mapping.tags;
        let mut names = if shapes.is_empty() { own } else { Vec::new() };
        for shape in shapes {
            let json = self.render(shape, columns, number)?;
            match serde_json::from_str::<Vec<serde_json::Value>>(&json) {
                Ok(items) => names.extend(items.iter().map(|item| as_text(&item.to_string()))),
                Err(_) => names.push(as_text(&json)),
            }
        }
        names.retain(|name| !name.trim().is_empty());
        Some(names)
    }

    fn render(&mut self, shape: &Shape, columns: &Vars<'_>, number: u32) -> Option<String> {
        let mut json = String::new();
        match shape.write(columns, &Attachments::default(), &mut json) {
            Ok(()) => Some(json),
            Err(error) => {
                self.faults.template(number, error);
                None
            }
        }
    }

    /// Hands the cases over.
    fn finish(mut self) {
        self.spec.picking.finish(&mut self.list, &mut self.origins);
        for origin in &self.origins {
            let file = origin.dataset.and_then(|index| self.cases.files.get_mut(index as usize));
            file.into_iter().for_each(|file| file.cases += 1);
        }
        self.cases.list.append(&mut self.list);
        self.cases.origins.append(&mut self.origins);
    }
}

fn as_text(json: &str) -> String {
    let mut text = String::new();
    push_text(json, &mut text);
    text
}
