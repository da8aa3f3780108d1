//! `graders` → built graders, shared between the cases that have the same ones.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use crate::grade::{BuildContext, BuiltGrader, CaseFacts, GraderSet, ModelNeed, OptionErrors, distinct_label};

use super::log::{Finding, Log, Place};
use super::node::Node;
use super::read::Field;

/// How an entry becomes a grader; [`crate::grade::build`] but in tests.
pub(super) type Build = fn(&Value, &BuildContext<'_>) -> Result<BuiltGrader, OptionErrors>;

/// The suite's graders, and the sets made of them and the cases' own.
#[derive(Debug)]
pub(super) struct Graders {
    build: Build,
    folder: PathBuf,
    /// As they were written.
    pub(super) written: Vec<Value>,
    /// The suite's own.
    pub(super) suite: Arc<GraderSet>,
    /// Where each of those stands.
    places: Vec<Place>,
    /// By the JSON of a case's own graders, and the folder that files named in them are relative to.
    sets: HashMap<(PathBuf, String), Arc<GraderSet>>,
    /// The models that graders ask, each time one is built, with the option that names it.
    pub(super) needs: Vec<(ModelNeed, Place)>,
    /// Whether the suite says how answers are graded: then what published formats bring is not used.
    pub(super) are_written: bool,
    /// Whether some grader could not be built: then nothing can be said of the cases that would have had it.
    pub(super) broken: bool,
}

impl Graders {
    /// Builds the suite's graders.
    pub(super) fn read(field: Option<Field<'_>>, folder: &Path, build: Build, log: &Log) -> Self {
        let mut graders = Self {
            build,
            folder: folder.to_owned(),
            written: Vec::new(),
            suite: Arc::default(),
            places: Vec::new(),
            sets: HashMap::new(),
            needs: Vec::new(),
            are_written: false,
            broken: false,
        };
        if let Some(field) = field.filter(|field| !field.is_null()) {
            graders.are_written = true;
            let entries = field.one_or_list();
            graders.places = entries.iter().map(|entry| entry.place.clone()).collect();
            graders.written = entries.iter().map(|entry| entry.node.to_value()).collect();
            let (own, _) = graders.build_all(&entries, log);
            graders.suite = Arc::new(GraderSet { graders: own, own: None });
        }
        graders
    }

    /// Goes to another folder, which files named in graders are relative to. Hands back the one before.
    pub(super) fn enter(&mut self, folder: PathBuf) -> PathBuf {
        std::mem::replace(&mut self.folder, folder)
    }

    /// Goes back.
    pub(super) fn leave(&mut self, folder: PathBuf) {
        self.folder = folder;
    }

    /// The suite's graders and a case's own.
    pub(super) fn with_own(&mut self, field: Option<Field<'_>>, log: &Log) -> Arc<GraderSet> {
        let Some(field) = field.filter(|field| !field.is_null()) else { return Arc::clone(&self.suite) };
        let key = field.node.to_json();
        let key = (self.folder.clone(), key);
        if let Some(set) = self.sets.get(&key) {
            return Arc::clone(set);
        }
        let entries = field.one_or_list();
        let (graders, is_whole) = self.build_all(&entries, log);
        let set = Arc::new(GraderSet { graders, own: Some(key.1.as_str().into()) });
        if is_whole {
            self.sets.insert(key, Arc::clone(&set));
        }
        set
    }

    /// The suite's graders and those that a row brings.
    ///
    /// # Errors
    /// What is wrong with the row's: the suite is sound then, and so are its other rows.
    pub(super) fn of_row(&mut self, node: &Node, place: &Place) -> Result<Arc<GraderSet>, String> {
        let (log, broken) = (Log::default(), self.broken);
        let set = self.with_own(Some(Field { node, place: place.clone() }), &log);
        self.broken = broken;
        match log.first_message() {
            None => Ok(set),
            Some(message) => Err(message),
        }
    }

    /// The suite's graders, then those of these entries, and whether all of them could be built. Each label is one of
    /// its own, so that `grades` tells them apart: a second `contains` is `contains-2`.
    fn build_all(&mut self, entries: &[Field<'_>], log: &Log) -> (Vec<Arc<BuiltGrader>>, bool) {
        let mut graders = self.suite.graders.clone();
        let mut is_whole = true;
        for entry in entries {
            let Some(mut grader) = self.build_one(entry, log) else {
                is_whole = false;
                continue;
            };
            grader.label = distinct_label(&grader.label, graders.iter().map(|other| other.label.as_str()));
            graders.push(Arc::new(grader));
        }
        (graders, is_whole)
    }

    fn build_one(&mut self, entry: &Field<'_>, log: &Log) -> Option<BuiltGrader> {
        match entry.node {
            Node::Text(_) | Node::Map(_) => {
                match (self.build)(&entry.node.to_value(), &BuildContext { folder: &self.folder }) {
                    Ok(grader) => {
                        let needs = grader.grader.needs().models.into_iter();
                        self.needs.extend(needs.map(|need| {
                            let place = entry.place.dotted(&need.option);
                            (need, place)
                        }));
                        return Some(grader);
                    }
                    Err(OptionErrors(errors)) => {
                        for error in errors {
                            let place = entry.place.dotted(&error.path);
                            log.add(Finding::error(&place, error.message).maybe_hint(error.hint));
                        }
                    }
                }
            }
            other => {
                let message = format!("expected a grader's name or a map with `type`, found {}", other.describe());
                log.add(Finding::error(&entry.place, message));
            }
        }
        self.broken = true;
        None
    }
}

/// That a grader cannot work with a case.
#[derive(Debug)]
pub(super) struct Misfit {
    pub(super) message: String,
    /// The option at fault; `None`: the case is.
    pub(super) option: Option<Place>,
}

impl Misfit {
    /// A mistake in the case.
    pub(super) const fn of_case(message: String) -> Self {
        Self { message, option: None }
    }
}

impl Graders {
    /// What graders say of a case they cannot work with: its expectation and its variables as JSON. The case's own
    /// graders stand at these places; all that were written could be built.
    pub(super) fn misfits(&self, set: &GraderSet, own: &[Place], expect: Option<&str>, vars: &str) -> Vec<Misfit> {
        if set.graders.is_empty() {
            let nothing = || Misfit::of_case("nothing compares with this: there are no graders".to_owned());
            return expect.map(|_| nothing()).into_iter().collect();
        }
        let case = CaseFacts::new(expect, vars);
        let check = |(grader, place): (&Arc<BuiltGrader>, &Place)| {
            let message = grader.grader.check(&case).err()?;
            let option = grader.grader.at_fault(&case).map(|option| place.dotted(&option));
            Some(Misfit { message: format!("grader `{}`: {message}", grader.label), option })
        };
        set.graders.iter().zip(self.places.iter().chain(own)).filter_map(check).collect()
    }
}
