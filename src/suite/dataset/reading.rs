//! Rows → cases: the way of one entry of `dataset`.

use std::ops::ControlFlow;

use crate::suite::cases::{Cases, DatasetName, Origin};
use crate::suite::graders::Graders;
use crate::suite::load::Gathered;
use crate::suite::log::{Finding, Log};
use crate::suite::model::{Case, DatasetFile};
use crate::suite::read::Field;
use crate::suite::scope::Scope;

use super::bringing::Brings;
use super::faults::{Faults, Told};
use super::item::items_of;
use super::picking::Group;
use super::pool::Pool;
use super::reservoir::{MAX_STRATA, Reservoir};
use super::rows::{self, BadRow, Row};
use super::source::DataFile;
use super::spec::Spec;

/// Reads every dataset of the suite, or of a file that it includes.
pub(in crate::suite) fn read(field: &Field<'_>, scope: &Scope<'_>, into: &mut Gathered<'_>, log: &Log) {
    let Gathered { cases, graders, prompts } = into;
    let entries = field.one_or_list();
    if entries.is_empty() {
        log.error(&field.place, "no files to read");
    }
    for entry in &entries {
        let Some(spec) = Spec::read(entry, log) else {
            if ["format", "prompt"].iter().any(|key| entry.node.get(key).is_some()) {
                prompts.await_one();
            }
            continue;
        };
        let brings = Brings::of(&spec, graders, prompts, log);
        let own = brings.prompt.clone();
        let pool = spec.shots.as_ref().and_then(|shots| Pool::read(shots, scope, cases, log));
        let mut reading = Reading {
            spec: &spec,
            scope,
            pool,
            cases,
            graders,
            brings,
            list: Vec::new(),
            origins: Vec::new(),
            sample: spec.picking.sample.as_ref().map(super::picking::Sample::start),
            faults: Faults::default(),
            is_sound: true,
            dropped: 0,
            index: 0,
            read: 0,
            line: None,
            files: Vec::new(),
        };
        for file in spec.source.files(scope, log) {
            if reading.read_file(&file, log).is_break() {
                break;
            }
        }
        reading.finish(log);
        // Among mistakes a remark would only be in the way.
        if let Some(shots) = spec.shots.as_ref().filter(|_| !log.has_errors()) {
            prompts.remark_on_examples(own.as_deref(), &shots.name, &shots.place, log);
        }
    }
}

/// One entry while its files are read.
pub(super) struct Reading<'a> {
    pub(super) spec: &'a Spec,
    pub(super) scope: &'a Scope<'a>,
    /// The examples of `few_shot`; `None`: there are none, or they cannot be used.
    pub(super) pool: Option<Pool>,
    pub(super) cases: &'a mut Cases,
    pub(super) graders: &'a mut Graders,
    /// How its cases are asked and graded.
    pub(super) brings: Brings,
    list: Vec<Case>,
    origins: Vec<Origin>,
    /// Instead of the list, where the entry is sampled.
    sample: Option<Reservoir<Group>>,
    /// Of the file that is being read.
    pub(super) faults: Faults,
    /// Whether nothing was wrong so far.
    is_sound: bool,
    /// Rows that `where` dropped.
    pub(super) dropped: u64,
    /// The file that is being read, among those of the suite.
    pub(super) index: u32,
    /// Its rows so far.
    pub(super) read: u64,
    /// The line that the row begins on, where it is known.
    pub(super) line: Option<usize>,
    /// The files of this entry: as origins of cases, and as they stand in the manifest.
    files: Vec<(u32, usize)>,
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
                flow = self.take(row, &file.shown);
                flow
            },
            log,
        );
        let faults = std::mem::take(&mut self.faults);
        self.is_sound &= facts.failure.is_none() && faults.is_empty();
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
        self.files.push((self.index, self.cases.files.len()));
        self.cases.files.push(DatasetFile {
            path: file.name.clone(),
            format: facts.format,
            rows: self.read,
            cases: 0,
            sha256: facts.sha256,
        });
        flow
    }

    fn take(&mut self, row: Result<Row, BadRow>, file: &str) -> ControlFlow<()> {
        self.read += 1;
        let taken = row.and_then(|row| {
            let number = row.number;
            self.line = row.line;
            items_of(self.spec.source.published, row, file, &mut |item| self.item(&item, number))
        });
        if let Err(bad) = taken {
            self.faults.bad_row(bad);
        }
        let rows = self.list.len() / self.width();
        let is_enough = self.spec.picking.is_enough(rows) || self.has_too_many_strata();
        if is_enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// How many cases a row becomes.
    pub(super) fn width(&self) -> usize {
        self.spec.matrix.combinations.len()
    }

    fn has_too_many_strata(&self) -> bool {
        self.sample.as_ref().is_some_and(Reservoir::is_full)
    }

    /// Takes all cases of a row.
    pub(super) fn keep(&mut self, stratum: &str, group: Group) {
        if let Some(sample) = &mut self.sample {
            sample.push(stratum, group);
        } else {
            for (case, origin) in group {
                self.list.push(case);
                self.origins.push(origin);
            }
        }
    }

    /// Picks among the cases, and hands them over.
    fn finish(mut self, log: &Log) {
        let (width, picking) = (self.width(), &self.spec.picking);
        if self.has_too_many_strata()
            && let Some(sample) = &picking.sample
        {
            sample.tell_too_many(MAX_STRATA, log);
            self.is_sound = false;
        }
        let mut rows = (self.list.len() / width) as u64;
        if let (Some(reservoir), Some(sample)) = (self.sample, &picking.sample) {
            rows = reservoir.seen();
            if self.is_sound && rows > 0 && rows < sample.size as u64 {
                sample.tell_too_few(rows, log);
            }
            (self.list, self.origins) = reservoir.finish().into_iter().flatten().unzip();
        }
        if let Some(filter) = &picking.filter
            && self.is_sound
            && rows == 0
            && self.dropped > 0
            && self.scope.env.is_whole()
        {
            let message = match self.dropped {
                1 => "no row is left: the only one was dropped".to_owned(),
                dropped => format!("no row is left: all {dropped} were dropped"),
            };
            log.add(Finding::error(&filter.place, message).hint("only rows that the expression is true of are asked"));
        }
        picking.finish(&mut self.list, &mut self.origins, width);
        for (index, file) in self.files {
            let of_file = self.origins.iter().filter(|origin| origin.dataset == Some(index));
            self.cases.files[file].cases = of_file.count() as u64;
        }
        if self.cases.list.is_empty() {
            // A million cases are not copied.
            self.cases.list = self.list;
            self.cases.origins = self.origins;
        } else {
            self.cases.list.append(&mut self.list);
            self.cases.origins.append(&mut self.origins);
        }
    }
}
