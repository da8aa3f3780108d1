//! Paths and globs → files on the disk, in the order of their paths.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};

use crate::suite::attach::is_url;
use crate::suite::read::closest;

use super::rows::FileError;

/// Entries of folders that are looked at for one glob.
const LOOKED_AT: usize = 1_000_000;

/// Folders in folders that are looked into.
const DEEPEST: usize = 64;

/// Names that a message lists.
const LISTED: usize = 8;

/// What has a meaning in a glob.
const META: [char; 4] = ['*', '?', '[', '{'];

/// A file that was found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    /// As it is named in messages: relative to the suite, unless the suite names it otherwise.
    pub(super) shown: String,
}

/// Whether this names many files.
pub(super) fn is_glob(path: &str) -> bool {
    path.contains(META)
}

/// The files that a glob matches: at least one.
///
/// # Errors
/// It is no glob, matches nothing, or its folder cannot be read.
pub(super) fn glob(suite: &Path, pattern: &str) -> Result<Vec<Found>, FileError> {
    // What stands before the first part with a meaning is a folder, and the only one that is looked into.
    let fixed = pattern.find(META).and_then(|meta| pattern[..meta].rfind('/')).map_or("", |slash| &pattern[..=slash]);
    let rest = &pattern[fixed.len()..];
    let matcher = GlobBuilder::new(rest).literal_separator(true).build().map_err(|error| {
        FileError::new(format!("`{pattern}` is no glob: {}", error.kind()))
            .hint("`*` stands for any part of a name, `**` for any folders")
    })?;
    let is_deep = rest.contains("**") || rest.contains('{');
    let mut walk = Walk {
        matcher: matcher.compile_matcher(),
        depth: if is_deep { DEEPEST } else { rest.matches('/').count() },
        follows: !rest.contains("**"),
        hidden: rest.starts_with('.') || rest.contains("/."),
        looked_at: 0,
        found: Vec::new(),
    };
    let folder = suite.join(fixed);
    walk.look_into(&folder, fixed, "", 0)
        .map_err(|error| unreadable(if fixed.is_empty() { "." } else { fixed }, &error))?;
    if walk.looked_at > LOOKED_AT {
        return Err(FileError::new(format!("more than {LOOKED_AT} files lie where `{pattern}` looks"))
            .hint("name more of the folders before the first `*`"));
    }
    if walk.found.is_empty() {
        return Err(FileError::new(format!("no file matches `{pattern}`")).hint(holding(&folder, fixed)));
    }
    walk.found.sort();
    Ok(walk.found)
}

/// The files of a folder, those with a dot in front excepted. Folders in it are not looked into.
///
/// # Errors
/// There are none, or the folder cannot be read.
pub(super) fn folder(path: &Path, shown: &str) -> Result<Vec<Found>, FileError> {
    let mut found = Vec::new();
    let base = if shown.ends_with('/') { shown.to_owned() } else { format!("{shown}/") };
    let base = base.strip_prefix("./").unwrap_or(&base);
    for entry in fs::read_dir(path).map_err(|error| unreadable(shown, &error))? {
        let path = entry.map_err(|error| unreadable(shown, &error))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !name.starts_with('.') && !path.is_dir() {
            found.push(Found { path, shown: format!("{base}{name}") });
        }
    }
    if found.is_empty() {
        return Err(FileError::new(format!("the folder `{shown}` holds no files")).hint(holding(path, shown)));
    }
    found.sort();
    Ok(found)
}

/// That there is no such file, and what was probably meant.
pub(super) fn missing(suite: &Path, path: &str) -> FileError {
    let error = FileError::new(format!("there is no file `{path}`"));
    if is_url(path) {
        return error.hint("download it, and name the file: only files of the Hugging Face hub (`hf://…`) are fetched");
    }
    let (folder, name) = path.rfind('/').map_or(("", path), |slash| path.split_at(slash + 1));
    let names = names_in(&suite.join(folder)).unwrap_or_default();
    match closest(name, names.iter().map(String::as_str)) {
        Some(meant) => error.hint(format!("did you mean `{folder}{meant}`? Paths are relative to the suite file")),
        None => error.hint("paths are relative to the suite file"),
    }
}

/// That a file or folder cannot be read.
pub(super) fn unreadable(shown: &str, error: &io::Error) -> FileError {
    match error.kind() {
        io::ErrorKind::NotFound => {
            FileError::new(format!("there is no folder `{shown}`")).hint("paths are relative to the suite file")
        }
        _ => FileError::new(format!("cannot read `{shown}`: {error}")),
    }
}

/// What a folder holds, for a hint.
pub(super) fn holding(folder: &Path, shown: &str) -> String {
    let shown = if shown.is_empty() { "the suite's folder".to_owned() } else { format!("`{shown}`") };
    let mut names = match names_in(folder) {
        Ok(names) if names.is_empty() => return format!("{shown} is empty"),
        Ok(names) => names,
        Err(error) => return format!("{shown} cannot be read: {error}"),
    };
    names.sort();
    let more = names.len().saturating_sub(LISTED);
    names.truncate(LISTED);
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{shown} holds {}{more}", names.join(", "))
}

fn names_in(folder: &Path) -> io::Result<Vec<String>> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)?.take(10_000) {
        let entry = entry?;
        let slash = if entry.path().is_dir() { "/" } else { "" };
        names.push(format!("{}{slash}", entry.file_name().to_string_lossy()));
    }
    Ok(names)
}

/// Looking through folders for what a glob matches.
struct Walk {
    matcher: GlobMatcher,
    /// Folders in folders that are looked into.
    depth: usize,
    /// Whether links to folders are followed. Not where any number of folders matches: links may go in circles.
    follows: bool,
    /// Whether names with a dot in front are looked at.
    hidden: bool,
    looked_at: usize,
    found: Vec<Found>,
}

impl Walk {
    fn look_into(&mut self, folder: &Path, fixed: &str, below: &str, depth: usize) -> io::Result<()> {
        let opened = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        for entry in fs::read_dir(opened)? {
            let entry = entry?;
            self.looked_at += 1;
            if self.looked_at > LOOKED_AT {
                return Ok(());
            }
            let name = entry.file_name();
            // A name that is no UTF-8 cannot be told in messages, nor in run.json.
            let Some(name) = name.to_str().filter(|name| self.hidden || !name.starts_with('.')) else { continue };
            let path = folder.join(name);
            let relative = format!("{below}{name}");
            let is_link = entry.file_type()?.is_symlink();
            if path.is_dir() {
                if depth < self.depth && (self.follows || !is_link) {
                    self.look_into(&path, fixed, &format!("{relative}/"), depth + 1)?;
                }
            } else if self.matcher.is_match(&relative) {
                self.found.push(Found { path, shown: format!("{fixed}{relative}") });
            }
        }
        Ok(())
    }
}
