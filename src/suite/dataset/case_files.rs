//! `files`: variables made of files whose paths are templates.

use crate::suite::attach::text_of;
use crate::suite::log::{Finding, Log, Target};
use crate::suite::node::write_text;
use crate::suite::read::{Table, is_name};
use crate::suite::scope::Scope;
use crate::suite::shape::{Leaf, Leaves, ShapeError};
use crate::suite::template::{TemplateError, Vars};

/// The keys read here.
pub(super) const KEYS: [&str; 1] = ["files"];

/// The variables that files give a case.
#[derive(Debug, Default)]
pub(in crate::suite) struct CaseFiles {
    list: Vec<(Box<str>, Leaf)>,
}

/// Variables with their values as JSON.
pub(in crate::suite) type Pairs = Vec<(Box<str>, Box<str>)>;

/// What keeps a file from becoming a variable.
#[derive(Debug)]
pub(in crate::suite) enum Unread {
    /// Its path cannot be rendered.
    Path(ShapeError),
    /// There is no such file, or it is none that can be used: the variable, and why.
    File(Box<str>, TemplateError),
}

impl CaseFiles {
    /// Reads `files` of a case or an entry of `dataset`. `None` where it cannot be used.
    pub(in crate::suite) fn read(table: &Table<'_>, leaves: &mut Leaves, log: &Log) -> Option<Self> {
        let mut files = Self::default();
        let Some(field) = table.get("files").filter(|field| !field.is_null()) else { return Some(files) };
        let mut is_whole = true;
        for (name, path) in field.entries("variables as a map, each with the path of a file", log)? {
            if !is_name(name) {
                let finding = Finding::error(&path.place, "not a variable's name").target(Target::Key);
                log.add(finding.hint("letters, digits and `_`"));
                is_whole = false;
                continue;
            }
            let leaf = path.text(log).and_then(|text| leaves.compile(text, &path.place, log));
            is_whole &= leaf.is_some();
            files.list.extend(leaf.map(|leaf| (name.into(), leaf)));
        }
        is_whole.then_some(files)
    }

    /// The variables' names.
    pub(in crate::suite) fn names(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(|(name, _)| &**name)
    }

    /// The variables with their values as JSON: what a text file holds, and the path of an image or PDF as it is from
    /// the suite's folder.
    ///
    /// # Errors
    /// Every file that cannot be used.
    pub(in crate::suite) fn read_all(&self, vars: &Vars<'_>, scope: &Scope<'_>) -> Result<Pairs, Vec<Unread>> {
        let mut pairs = Vec::with_capacity(self.list.len());
        let mut unread = Vec::new();
        for (name, leaf) in &self.list {
            let path = match leaf.text(vars) {
                Ok(path) => path,
                Err(error) => {
                    unread.push(Unread::Path(error));
                    continue;
                }
            };
            let mut json = String::new();
            match text_of(&scope.folder(), &path) {
                Ok(Some(text)) => write_text(&text, &mut json),
                Ok(None) => write_text(&scope.path_in_suite(&path), &mut json),
                // The path may lack what a variable of the environment should have held.
                Err(_) if !scope.env.is_whole() => write_text("", &mut json),
                Err(error) => {
                    unread.push(Unread::File(name.clone(), error));
                    continue;
                }
            }
            pairs.push((name.clone(), json.into()));
        }
        if unread.is_empty() { Ok(pairs) } else { Err(unread) }
    }
}
