//! `path`, `format` …: the files an entry means, and how they are read.

use std::cell::RefCell;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::Ordering;

use crate::hub::Uri;
use crate::suite::log::{Finding, Log, Place};
use crate::suite::model::Outside;
use crate::suite::read::{Field, Table, closest, list_of};
use crate::suite::scope::Scope;

use super::find::{self, Found, missing, unreadable};
use super::folder::CaseFile;
use super::formats::{self, PUBLISHED, Published};
use super::open::Opened;
use super::options::Options;
use super::rows::{FileError, Format};

/// The keys read here.
pub(super) const KEYS: [&str; 7] = ["path", "format", "delimiter", "quote", "columns", "rows", "sheet"];

/// Where an entry's rows come from.
#[derive(Debug)]
pub(super) struct Source {
    /// As it is written.
    pub(super) path: String,
    /// The place of the path.
    pub(super) place: Place,
    pub(super) published: Option<&'static Published>,
    /// The file format that is written; `None`: each file's name tells.
    format: Option<Format>,
    options: Rc<Options>,
    /// The keys of options that are written.
    written: Vec<(&'static str, Place)>,
}

/// A file to be read.
#[derive(Debug)]
pub(super) struct DataFile {
    /// As the suite names it; a file of the hub with its revision pinned.
    pub(super) name: String,
    /// As it is named in messages.
    pub(super) shown: String,
    pub(super) input: Input,
    pub(super) format: Format,
    pub(super) options: Rc<Options>,
}

/// What is read.
#[derive(Debug)]
pub(super) enum Input {
    /// A file, which can be looked into again.
    Disk(PathBuf),
    /// Standard input or a pipe, which can be read once.
    Stream(RefCell<Option<Opened>>),
    /// Files that are cases themselves.
    Each(Vec<CaseFile>),
}

impl DataFile {
    /// Opens it at its start.
    ///
    /// # Errors
    /// It cannot be read, or is a stream that was read.
    pub(super) fn open(&self) -> Result<Opened, FileError> {
        match &self.input {
            Input::Disk(path) => Opened::file(path).map_err(|error| FileError::new(format!("cannot be read: {error}"))),
            Input::Stream(opened) => opened.take().ok_or_else(|| FileError::new("a stream can be read only once")),
            Input::Each(_) => Err(FileError::new("files that are cases have no rows")),
        }
    }

    /// Names it as it is from the suite's folder, where an included file named it.
    fn name_from_suite(&mut self, scope: &Scope<'_>) {
        match &mut self.input {
            Input::Stream(_) => return,
            Input::Disk(_) => {}
            Input::Each(files) => files.iter_mut().for_each(|file| file.shown = scope.path_in_suite(&file.shown)),
        }
        self.name = scope.path_in_suite(&self.name);
        self.shown = scope.path_in_suite(&self.shown);
    }

    /// Where it lies, if it can be looked into again.
    pub(super) fn disk(&self) -> Option<&Path> {
        match &self.input {
            Input::Disk(path) => Some(path),
            _ => None,
        }
    }
}

impl Source {
    /// An entry that is only a path.
    pub(super) fn of_path(field: &Field<'_>, log: &Log) -> Option<Self> {
        let path = field.name(log)?.to_owned();
        let place = field.place.clone();
        Some(Self { path, place, published: None, format: None, options: Rc::default(), written: Vec::new() })
    }

    /// Reads an entry's keys. `None` where its files should not be looked at.
    pub(super) fn read(table: &Table<'_>, log: &Log) -> Option<Self> {
        let (mut format, mut published, mut is_whole) = (None, None, true);
        if let Some(field) = table.get("format").filter(|field| !field.is_null()) {
            match field.name(log).map(|name| kind_of(name, &field, log)) {
                Some(Some((found, known))) => (format, published) = (found, known),
                _ => is_whole = false,
            }
        }
        let options = Options::read(table, published, log);
        let source = table.require("path", log).and_then(|field| Self::of_path(&field, log))?;
        let options = options.filter(|_| is_whole)?;
        Some(Self { published, format, options: Rc::new(options), written: Options::written(table), ..source })
    }

    /// The files in the order in which they are read.
    pub(super) fn files(&self, scope: &Scope<'_>, log: &Log) -> Vec<DataFile> {
        let mut files = match self.found(&scope.folder(), scope.outside) {
            Ok(files) => files,
            Err(FileError { message, hint, .. }) => {
                log.add(Finding::error(&self.place, message).maybe_hint(hint));
                return Vec::new();
            }
        };
        let formats: Vec<Format> = files.iter().map(|file| file.format).collect();
        Options::check(&self.written, &formats, log);
        if self.format.is_none()
            && let [DataFile { input: Input::Each(each), .. }] = &files[..]
            && let Some(format) = one_data_format(each)
        {
            let message = format!("the files of `{}` are read as one case each, not by their rows", self.path);
            let hint = format!("for their rows, write `format: {}` beside `path`; else `format: files`", format.name());
            log.add(Finding::warning(&self.place, message).hint(hint));
        }
        for file in &mut files {
            file.name_from_suite(scope);
        }
        files
    }

    fn found(&self, folder: &Path, outside: &Outside) -> Result<Vec<DataFile>, FileError> {
        if self.path == "-" {
            return self.stdin(outside).map(|file| vec![file]);
        }
        if self.path.starts_with(Uri::SCHEME) {
            return self.hub(outside);
        }
        let full = folder.join(&self.path);
        match std::fs::metadata(&full) {
            Ok(metadata) if metadata.is_dir() => self.folder(&full),
            Ok(metadata) if is_open_pipe(&full, &metadata) => {
                let stream = std::fs::File::open(&full).map_err(|error| unreadable(&self.path, &error))?;
                let opened = Opened::stream(stream).map_err(|error| unreadable(&self.path, &error))?;
                self.stream(opened, &self.path).map(|file| vec![file])
            }
            Ok(_) => self.each_by_its_name(vec![Found { path: full, shown: self.path.clone() }]),
            Err(_) if find::is_glob(&self.path) => self.each_by_its_name(find::glob(folder, &self.path)?),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(missing(folder, &self.path)),
            Err(error) => Err(unreadable(&self.path, &error)),
        }
    }

    fn stdin(&self, outside: &Outside) -> Result<DataFile, FileError> {
        let Some(open) = outside.stdin else {
            return Err(FileError::new("nothing is piped into standard input")
                .hint("write for example `bench run suite.yaml < rows.jsonl`"));
        };
        if outside.stdin_used.swap(true, Ordering::Relaxed) {
            return Err(FileError::new("standard input is read already by another dataset")
                .hint("it can be read once: save it as a file, and name that"));
        }
        let opened = Opened::stream(open()).map_err(|error| unreadable("standard input", &error))?;
        self.stream(opened, "standard input")
    }

    fn stream(&self, opened: Opened, shown: &str) -> Result<DataFile, FileError> {
        let usual = || self.published.map(|published| published.file);
        let format = self.format.or_else(usual).unwrap_or_else(|| Format::of_head(opened.head().0));
        if matches!(format, Format::Files | Format::Parquet | Format::Workbook) {
            return Err(FileError::new(format!("{shown} cannot be read as {}", format.name()))
                .hint("csv, tsv, jsonl, json and yaml are read from a stream; save others as files"));
        }
        Ok(self.file(shown, Input::Stream(RefCell::new(Some(opened))), format))
    }

    fn hub(&self, outside: &Outside) -> Result<Vec<DataFile>, FileError> {
        let uri: Uri = self.path.parse().map_err(|error| FileError::new(format!("{error}")))?;
        let Some(hub) = &outside.hub else {
            return Err(FileError::new("files of the hub cannot be had here").hint("download it, and name the file"));
        };
        let fetched =
            hub.files(&uri).map_err(|error| FileError { message: error.message, hint: error.hint, line: None })?;
        if fetched.is_empty() {
            return Err(FileError::new(format!("no file matches `{uri}`")));
        }
        let found = fetched.into_iter().map(|file| Found { path: file.path, shown: file.pinned.to_string() });
        self.each_by_its_name(found.collect())
    }

    fn folder(&self, path: &Path) -> Result<Vec<DataFile>, FileError> {
        let found = find::folder(path, &self.path)?;
        let all = |found: Vec<Found>| vec![self.file(&self.path, Input::Each(case_files(found)), Format::Files)];
        let (kept, wanted) = match (self.format, self.published) {
            (None, None) | (Some(Format::Files), _) => return Ok(all(found)),
            (Some(format), _) => {
                (found.into_iter().filter(|file| Format::of(&file.shown) == Some(format)).collect(), format.name())
            }
            (None, Some(published)) => {
                let is_data = |file: &Found| matches!(Format::of(&file.shown), Some(format) if format != Format::Files);
                let (data, other): (Vec<_>, Vec<_>) = found.into_iter().partition(is_data);
                // Files without an ending are taken for what the format usually is.
                (if data.is_empty() { other } else { data }, published.file.name())
            }
        };
        if kept.is_empty() {
            return Err(FileError::new(format!("the folder `{}` holds no .{wanted} files", self.path))
                .hint(find::holding(path, &self.path)));
        }
        self.each_by_its_name(kept)
    }

    /// Files that were found, each read as the suite says, or as its name's ending does.
    fn each_by_its_name(&self, found: Vec<Found>) -> Result<Vec<DataFile>, FileError> {
        let mut files = Vec::with_capacity(found.len());
        let mut each = Vec::new();
        for file in found {
            let usual = || self.published.map(|published| published.file);
            let by_name =
                || Format::of(&file.shown).filter(|format| self.published.is_none() || *format != Format::Files);
            let Some(format) = self.format.or_else(by_name).or_else(usual) else { return Err(unknown(&file.shown)) };
            match format {
                Format::Files => each.push(file),
                _ => files.push(self.file(&file.shown, Input::Disk(file.path), format)),
            }
        }
        match (each.first(), files.first()) {
            (None, _) => Ok(files),
            (Some(_), None) => Ok(vec![self.file(&self.path, Input::Each(case_files(each)), Format::Files)]),
            (Some(case), Some(rows)) => Err(FileError::new(format!(
                "`{}` matches files of rows (`{}`) and files that would be cases themselves (`{}`)",
                self.path, rows.shown, case.shown
            ))
            .hint("narrow it, or write `format: files` for one case a file")),
        }
    }

    fn file(&self, shown: &str, input: Input, format: Format) -> DataFile {
        let name = if self.path == "-" { &self.path } else { shown };
        DataFile { name: name.to_owned(), shown: shown.to_owned(), input, format, options: Rc::clone(&self.options) }
    }
}

fn case_files(found: Vec<Found>) -> Vec<CaseFile> {
    found.into_iter().map(|Found { path, shown }| CaseFile { path, shown }).collect()
}

/// The format that all of these have rows in, by their names.
fn one_data_format(files: &[CaseFile]) -> Option<Format> {
    let first = Format::of(&files.first()?.shown).filter(|format| *format != Format::Files)?;
    files.iter().all(|file| Format::of(&file.shown) == Some(first)).then_some(first)
}

/// What stands under `format`: a file format or a published one.
fn kind_of(name: &str, field: &Field<'_>, log: &Log) -> Option<(Option<Format>, Option<&'static Published>)> {
    if let Some(format) = Format::named(name) {
        return Some((Some(format), None));
    }
    match formats::find(name) {
        Ok(published) => Some((None, Some(published))),
        Err(meant) => {
            let names: Vec<&str> = Format::NAMES.iter().map(|(name, _)| *name).collect();
            let all = names.iter().copied().chain(PUBLISHED.iter().map(|published| published.name));
            let hint = match closest(name, all.clone()).or(meant) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("there is {}", list_of(&all.collect::<Vec<_>>())),
            };
            log.add(Finding::error(&field.place, format!("unknown format `{name}`")).hint(hint));
            None
        }
    }
}

/// That a file's name does not tell its format.
fn unknown(shown: &str) -> FileError {
    let hint =
        match Path::new(shown).extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase).as_deref() {
            Some("zip" | "bz2" | "xz" | "lz4" | "7z" | "tar" | "tgz" | "rar") => {
                "unpack it; .gz and .zst are read as they are"
            }
            Some("xls" | "ods" | "numbers") => "save it as .xlsx or .csv",
            _ => "write `format: csv` (or tsv, jsonl, json, yaml, parquet, xlsx, files) beside `path`",
        };
    FileError::new(format!("the name `{shown}` does not tell its format")).hint(hint)
}

/// Whether this is a pipe that somebody holds open for us: `<(…)` of a shell. Others may wait for their writer forever.
#[cfg(unix)]
fn is_open_pipe(path: &Path, metadata: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    let is_ours = ["/dev/fd", "/proc/self/fd", "/dev/stdin"].iter().any(|folder| path.starts_with(folder));
    is_ours && metadata.file_type().is_fifo()
}

#[cfg(not(unix))]
fn is_open_pipe(_: &Path, _: &Metadata) -> bool {
    false
}
