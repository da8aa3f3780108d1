//! `include`: cases that several suites share, in files of their own.
//!
//! An included file is a list of cases, or a map with `cases`, `dataset` and `include`. Paths in it are relative to it,
//! and its mistakes are shown in it. Its cases come before those of the file that includes it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::plan::hex;

use super::decode::decode;
use super::load::{Gathered, only, read_file, read_section, source_of};
use super::log::{Finding, Log};
use super::model::DatasetFile;
use super::node::Node;
use super::read::{Field, apply_merges, duplicates};
use super::scope::Scope;
use super::spans::Spans;

/// The keys of an included file.
const KEYS: [&str; 3] = ["include", "cases", "dataset"];

/// Files that include each other may nest so deeply.
const MAX_DEPTH: usize = 16;

/// Files that a suite may include in all.
const MAX_FILES: usize = 1_000;

/// The files that were included so far.
#[derive(Debug)]
pub(super) struct Included {
    /// The real paths of the file that is read and of those that include it; the suite first.
    open: Vec<PathBuf>,
    /// The real paths of all of them.
    all: Vec<PathBuf>,
}

impl Included {
    /// None yet, by this suite.
    pub(super) fn by(suite: &Path) -> Self {
        // A suite from a pipe has no path that another file could name.
        let open: Vec<PathBuf> = fs::canonicalize(suite).into_iter().collect();
        Self { all: open.clone(), open }
    }

    /// Reads the files that `include` names.
    pub(super) fn read(&mut self, field: &Field<'_>, scope: &Scope<'_>, into: &mut Gathered<'_>, log: &Log) {
        let entries = field.one_or_list();
        if entries.is_empty() {
            log.error(&field.place, "no files to include");
        }
        for entry in entries {
            let Some(path) = entry.name(log) else { continue };
            if self.open.len() > MAX_DEPTH {
                let message = format!("files include each other more than {MAX_DEPTH} levels deep");
                log.add(Finding::error(&entry.place, message).hint("include the file from the suite itself"));
                continue;
            }
            let full = scope.folder().join(path);
            let real = match regular(&full) {
                Ok(real) => real,
                Err(error) => {
                    log.add(unreadable(&entry, path, &error));
                    continue;
                }
            };
            if self.open.contains(&real) {
                let message = format!("`{path}` includes itself");
                let message = if self.open.last() == Some(&real) { message } else { message + ", by way of others" };
                log.add(Finding::error(&entry.place, message).hint("leave it out here"));
                continue;
            }
            if self.all.contains(&real) {
                let message = format!("`{path}` is included already: its cases would be asked twice");
                log.add(Finding::error(&entry.place, message).hint("leave it out here"));
                continue;
            }
            if self.all.len() > MAX_FILES {
                log.error(&entry.place, format!("a suite may include {MAX_FILES} files"));
                return;
            }
            self.all.push(real.clone());
            self.open.push(real);
            self.read_one(&entry, path, &full, scope, into, log);
            self.open.pop();
        }
    }

    fn read_one(
        &mut self,
        entry: &Field<'_>,
        path: &str,
        full: &Path,
        outer: &Scope<'_>,
        into: &mut Gathered<'_>,
        log: &Log,
    ) {
        let bytes = match read_file(full) {
            Ok(bytes) => bytes,
            Err(message) => return log.error(&entry.place, message),
        };
        let sha256 = hex(&Sha256::digest(&bytes));
        let source = match source_of(full, bytes) {
            Ok(source) => source,
            Err(mistakes) => return log.append(mistakes),
        };
        let mut decoded = match decode(&source.text) {
            Ok(decoded) => decoded,
            Err(mistake) => {
                let place = mistake.range.map(|range| (Arc::clone(&source), range));
                return log.append(only(place, mistake.message, mistake.hint));
            }
        };
        if decoded.has_floats {
            Spans::new(&source.text).restore_numbers(&mut decoded.root, &source.text);
        }
        let place = log.file(source);
        duplicates(&decoded.root, &place, log);
        apply_merges(&mut decoded.root, &place, log);

        let scope = outer.of_file(Path::new(path));
        let at = into.cases.files.len();
        into.cases.files.push(DatasetFile {
            path: outer.path_in_suite(path),
            format: "yaml, included".to_owned(),
            rows: 0,
            cases: 0,
            sha256: Some(sha256),
        });
        let outside = into.graders.enter(scope.folder());
        let field = Field { node: &decoded.root, place };
        let (rows, made) = self.read_root(&field, &scope, into, log);
        into.graders.leave(outside);
        let file = &mut into.cases.files[at];
        (file.rows, file.cases) = (rows as u64, made as u64);
    }

    /// Reads what a file holds. Hands back how many inline cases are written in it, and how many they became.
    fn read_root(
        &mut self,
        field: &Field<'_>,
        scope: &Scope<'_>,
        into: &mut Gathered<'_>,
        log: &Log,
    ) -> (usize, usize) {
        let hint = "write `cases: [{ vars: { ... } }]`, `dataset: file.csv`, or only a list of cases";
        match field.node {
            Node::List(items) if !items.is_empty() => {
                let before = into.cases.list.len();
                let rows = into.cases.read_inline(field, scope, into.graders, log);
                (rows, into.cases.list.len() - before)
            }
            Node::Map(_) => {
                let Some(table) = field.table("an included file", &KEYS, log) else { return (0, 0) };
                let written = KEYS.iter().filter_map(|key| table.get(key)).filter(|field| !field.is_null());
                if written.count() == 0 {
                    log.add(Finding::error(&field.place, "no cases to ask").hint(hint));
                }
                read_section(&table, scope, self, into, log)
            }
            other => {
                let message = format!("expected a list of cases or a map with `cases`, found {}", other.describe());
                log.add(Finding::error(&field.place, message).hint(hint));
                (0, 0)
            }
        }
    }
}

/// The real path of a file that can be read to its end.
fn regular(path: &Path) -> io::Result<PathBuf> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("not a file"));
    }
    fs::canonicalize(path)
}

fn unreadable(entry: &Field<'_>, path: &str, error: &io::Error) -> Finding {
    match error.kind() {
        io::ErrorKind::NotFound => Finding::error(&entry.place, format!("there is no file `{path}`"))
            .hint("paths are relative to the file that they stand in"),
        _ => Finding::error(&entry.place, format!("cannot read `{path}`: {error}")),
    }
}
