//! What is wrong with the rows of one file: gathered while it is read, told at its end.

use std::collections::HashMap;

use crate::suite::cases::and_more;
use crate::suite::graders::Misfit;
use crate::suite::log::{Finding, Log, Place};
use crate::suite::shape::{Leaves, ShapeError};
use crate::suite::template::{TemplateError, Vars};

use super::case_files::Unread;
use super::excerpt::excerpt;
use super::rows::{BadRow, FileError};
use super::source::DataFile;
use super::spec::reference;

/// Bad rows of one file that are shown one by one.
const SHOWN: usize = 10;

/// Columns that look like an expectation, for a hint.
const LIKELY_EXPECT: [&str; 9] =
    ["expect", "expected", "answer", "ideal", "target", "label", "output", "reference", "solution"];

/// What graders say of an expectation.
#[derive(Debug)]
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

/// A mistake of the entry that shows only in its rows.
#[derive(Debug)]
struct Common {
    place: Place,
    message: String,
    hint: Option<String>,
    /// The first row.
    number: u32,
    /// How many rows.
    count: usize,
}

/// The mistakes in one file.
#[derive(Debug, Default)]
pub(super) struct Faults {
    /// Mistakes of the entry's templates: the first row each strikes, and how many.
    templates: HashMap<(usize, String), (u32, usize, TemplateError)>,
    unfit: Vec<Unfit>,
    /// Rows that graders refuse with yet other messages.
    unfit_more: usize,
    bad: Vec<BadRow>,
    bad_count: usize,
    /// Mistakes of the entry that strike every row alike.
    common: Vec<Common>,
    /// A column that looks like an expectation.
    expect_column: Option<String>,
}

/// The file that faults are told of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told<'a> {
    pub(super) file: &'a DataFile,
    /// What one row is called.
    pub(super) unit: &'static str,
    /// The place in the suite that names it.
    pub(super) place: &'a Place,
    /// The entry's templates.
    pub(super) leaves: &'a Leaves,
    /// Whether the entry says what is expected.
    pub(super) expects: bool,
}

impl Faults {
    /// Whether nothing was wrong with any row.
    pub(super) fn is_empty(&self) -> bool {
        self.bad_count == 0 && self.templates.is_empty() && self.common.is_empty()
    }

    /// A row that is no case.
    pub(super) fn bad_row(&mut self, bad: BadRow) {
        self.bad_count += 1;
        if self.bad.len() < SHOWN {
            self.bad.push(bad);
        }
    }

    /// A template that cannot be rendered for a row. They are counted: they strike every row alike.
    pub(super) fn template(&mut self, row: u32, ShapeError { leaf, error }: ShapeError) {
        self.templates.entry((leaf, error.message.clone())).or_insert((row, 0, error)).1 += 1;
    }

    /// A mistake of the entry that shows only in its rows: it is told once.
    pub(super) fn common(&mut self, row: u32, place: &Place, message: String, hint: Option<String>) {
        match self.common.iter_mut().find(|known| known.message == message) {
            Some(known) => known.count += 1,
            None => self.common.push(Common { place: place.clone(), message, hint, number: row, count: 1 }),
        }
    }

    /// Files that should become variables of a row.
    pub(super) fn unread(&mut self, number: u32, line: Option<usize>, unread: Vec<Unread>) {
        for unread in unread {
            match unread {
                Unread::Path(error) => self.template(number, error),
                Unread::File(name, error) => {
                    let message = format!("`files.{name}`: {}", error.message);
                    self.bad_row(BadRow { number, line, message, hint: error.hint });
                }
            }
        }
    }

    /// A grader that cannot work with a row's case.
    pub(super) fn misfit(&mut self, row: u32, Misfit { message, option }: Misfit, lacks_expect: bool) {
        if let Some(known) = self.unfit.iter_mut().find(|known| known.message == message) {
            known.count += 1;
        } else if self.unfit.len() < SHOWN {
            self.unfit.push(Unfit { message, option, number: row, count: 1, lacks_expect });
        } else {
            self.unfit_more += 1;
        }
    }

    /// Looks for a column that may be meant as expectation, for a hint.
    pub(super) fn look_at(&mut self, columns: &Vars<'_>) {
        let names: Vec<&str> = columns.names().collect();
        let named = |likely: &&str| names.iter().find(|name| name.eq_ignore_ascii_case(likely)).copied();
        self.expect_column = LIKELY_EXPECT.iter().find_map(named).map(str::to_owned);
    }

    /// Tells the log of all of it.
    pub(super) fn tell(mut self, told: &Told<'_>, failure: Option<FileError>, log: &Log) {
        let Told { file, unit, place, leaves, expects } = *told;
        let shown = &*file.shown;
        let excerpt = |line: Option<usize>| file.disk().and_then(|path| excerpt(path, shown, line));
        for bad in &self.bad {
            let message = format!("{unit} {} of {shown}: {}", bad.number, bad.message);
            log.add(Finding::error(place, message).maybe_hint(bad.hint.clone()).elsewhere(excerpt(bad.line)));
        }
        if self.bad_count > self.bad.len() {
            let more = self.bad_count - self.bad.len();
            log.error(place, format!("{more} more {unit}s of {shown} cannot be used"));
        }
        if let Some(failure) = failure {
            log.add(
                Finding::error(place, format!("{shown}: {}", failure.message))
                    .maybe_hint(failure.hint)
                    .elsewhere(excerpt(failure.line)),
            );
        }
        for Common { place, message, hint, number, count } in self.common {
            let more = and_more(count - 1, unit, &format!("{unit}s"));
            let message = format!("{message} in {unit} {number} of {shown}{more}");
            log.add(Finding::error(&place, message).maybe_hint(hint));
        }
        let mut templates: Vec<_> = self.templates.drain().collect();
        templates.sort_by(|a, b| a.0.cmp(&b.0));
        for ((leaf, message), (number, count, error)) in templates {
            let more = and_more(count - 1, unit, &format!("{unit}s"));
            let message = format!("{message} in {unit} {number} of {shown}{more}");
            log.add(leaves.finding(leaf, &error, message));
        }
        for Unfit { message, option, number, count, lacks_expect } in self.unfit {
            let more = and_more(count - 1, unit, &format!("{unit}s"));
            let message = format!("{unit} {number} of {shown}{more}: {message}");
            let hint = match &self.expect_column {
                _ if option.is_some() || expects || !lacks_expect => None,
                Some(column) => {
                    Some(format!("to compare with a column, write beside `path`: `expect: \"{}\"`", reference(column)))
                }
                None => Some("map a column to `expect` beside `path`".to_owned()),
            };
            log.add(Finding::error(option.as_ref().unwrap_or(place), message).maybe_hint(hint));
        }
        if self.unfit_more > 0 {
            log.error(place, format!("{} more {unit}s of {shown} cannot be graded", self.unfit_more));
        }
    }
}
