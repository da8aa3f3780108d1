//! The examples that `few_shot` draws from: the rows of its files, held as they will stand in cases.

use std::collections::HashSet;
use std::ops::ControlFlow;

use crate::plan::digest;
use crate::suite::attach::Attachments;
use crate::suite::canonical::{with_new_pairs, with_pairs, write_canonical};
use crate::suite::cases::Cases;
use crate::suite::log::Log;
use crate::suite::model::DatasetFile;
use crate::suite::scope::Scope;
use crate::suite::shape::Shape;
use crate::suite::template::Vars;

use super::faults::{Faults, Told};
use super::item::{Item, items_of};
use super::rows::{self, BadRow, Row};
use super::shots::Shots;
use super::spec::Spec;

/// Examples may hold so much text in all.
const MAX_POOL: usize = 512 << 20;

/// The examples that can be drawn.
#[derive(Debug, Default)]
pub(super) struct Pool {
    pub(super) examples: Vec<Example>,
    known: HashSet<u64>,
    bytes: usize,
}

#[derive(Debug)]
pub(super) struct Example {
    /// Its variables and `expect`, a JSON object.
    pub(super) json: Box<str>,
    /// Its variables, each as a digest of name and value.
    pub(super) vars: Box<[Variable]>,
}

/// A variable's name and value, as digests.
pub(super) type Variable = (u64, u64);

impl Pool {
    /// Takes an example, unless it is there already.
    ///
    /// # Errors
    /// That there are too many.
    pub(super) fn add(&mut self, vars: &str, expect: Option<&str>) -> Result<(), String> {
        let mut canonical = [String::new(), String::new()];
        write_canonical(vars, &mut canonical[0]);
        write_canonical(expect.unwrap_or_default(), &mut canonical[1]);
        if !self.known.insert(digest(&[&canonical[0], &canonical[1]])) {
            return Ok(());
        }
        let json = match expect {
            Some(expect) => with_pairs(&without(vars, "expect"), &[("expect".into(), expect)]),
            None => vars.to_owned(),
        };
        self.bytes += json.len();
        if self.bytes > MAX_POOL {
            return Err(format!("more than {} MB of examples", MAX_POOL >> 20));
        }
        self.examples.push(Example { json: json.into(), vars: variables(vars).into() });
        Ok(())
    }

    /// Reads the rows of `few_shot`. `None` where they cannot be used, which has been told.
    pub(super) fn read(shots: &Shots, scope: &Scope<'_>, cases: &mut Cases, log: &Log) -> Option<Self> {
        let Spec { source, mapping, .. } = &*shots.spec;
        let mut pool = Self::default();
        let mut is_sound = true;
        for file in source.files(scope, log) {
            let mut reading = Reading { spec: &shots.spec, scope, pool: &mut pool, faults: Faults::default(), read: 0 };
            let before = reading.pool.examples.len();
            let mut flow = ControlFlow::Continue(());
            let facts = rows::read(
                &file,
                &mut |row| {
                    flow = reading.take(row, &file.shown);
                    flow
                },
                log,
            );
            let Reading { faults, read, .. } = reading;
            is_sound &= facts.failure.is_none() && faults.is_empty();
            let told = Told {
                file: &file,
                unit: file.format.unit(),
                place: &source.place,
                leaves: &mapping.leaves,
                expects: true,
            };
            faults.tell(&told, facts.failure, log);
            cases.files.push(DatasetFile {
                path: file.name.clone(),
                format: format!("{}, examples", facts.format),
                rows: read,
                cases: (pool.examples.len() - before) as u64,
                sha256: facts.sha256,
            });
            if flow.is_break() {
                break;
            }
        }
        (is_sound && shots.check(&pool, log)).then_some(pool)
    }
}

/// One file of examples while it is read.
struct Reading<'a> {
    spec: &'a Spec,
    scope: &'a Scope<'a>,
    pool: &'a mut Pool,
    faults: Faults,
    /// Its rows so far.
    read: u64,
}

impl Reading<'_> {
    fn take(&mut self, row: Result<Row, BadRow>, file: &str) -> ControlFlow<()> {
        self.read += 1;
        let taken = row.and_then(|row| {
            let (number, line) = (row.number, row.line);
            items_of(self.spec.source.published, row, file, &mut |item| self.example(item, number, line))
        });
        if let Err(bad) = taken {
            self.faults.bad_row(bad);
        }
        let is_enough = self.spec.picking.is_enough(self.pool.examples.len()) || self.pool.bytes > MAX_POOL;
        if is_enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn example(&mut self, item: Item, number: u32, line: Option<usize>) -> Result<(), String> {
        let mapping = &self.spec.mapping;
        let columns = Vars::of_row(&item.columns).map_err(|error| error.to_string())?.with_env(self.scope.env);
        match self.spec.picking.passes(&columns) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(error) => {
                self.faults.template(number, error);
                return Ok(());
            }
        }
        let files = match self.spec.files.read_all(&columns, self.scope) {
            Ok(files) => files,
            Err(unread) => {
                self.faults.unread(number, line, unread);
                return Ok(());
            }
        };
        let with_files = with_pairs(&item.columns, &files);
        let columns = Vars::of_row(&with_files).map_err(|error| error.to_string())?.with_env(self.scope.env);
        let vars = match &mapping.vars {
            Some(shape) => self.render(shape, &columns, number).map(|vars| with_new_pairs(&vars, &files)),
            None => Some(with_files.clone()),
        };
        let expect = match &mapping.expect {
            Some(shape) => self.render(shape, &columns, number).map(Some),
            None => Some(item.expect),
        };
        let (Some(vars), Some(expect)) = (vars, expect) else { return Ok(()) };
        self.pool.add(&vars, expect.as_deref().filter(|json| *json != "null"))
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
}

/// An object without one of its members.
fn without(object: &str, member: &str) -> String {
    let Ok(vars) = Vars::parse(object) else { return object.to_owned() };
    let rest: Vec<(Box<str>, &str)> =
        vars.entries().filter(|(name, _)| *name != member).map(|(name, json)| (name.into(), json)).collect();
    with_pairs("{}", &rest)
}

pub(super) fn variables(vars: &str) -> Vec<Variable> {
    let Ok(vars) = Vars::parse(vars) else { return Vec::new() };
    let mut variables: Vec<Variable> = vars
        .entries()
        .map(|(name, json)| {
            let mut canonical = String::new();
            write_canonical(json, &mut canonical);
            (digest(&[name]), digest(&[&canonical]))
        })
        .collect();
    variables.sort_unstable();
    variables
}

/// Whether an example is the case: the one of them that has fewer variables agrees with the other in all of these. An
/// example may have a `rationale` that no case has, and still give the case's answer away.
pub(super) fn is_same(example: &[Variable], case: &[Variable]) -> bool {
    let (few, many) = if example.len() < case.len() { (example, case) } else { (case, example) };
    !few.is_empty() && few.iter().all(|variable| many.binary_search(variable).is_ok())
}
