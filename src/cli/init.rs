//! `bench init`: a starter suite, or one that is proposed for a file of cases.
//!
//! In: a folder, and perhaps a file. Out: `suite.yaml`, and beside it `.bench/suite.schema.json`, which the first line of
//! the suite names, so that editors complete and check it at once: a relative path needs no network and no setting, and
//! a hidden folder is in nobody's way.
//!
//! `table` reads the file through the suite's own readers, `columns` says what each column is for, `grading` how answers
//! can be compared with what the file expects, `published` whether it is a benchmark that is known, and `proposal` writes
//! the suite.

mod columns;
mod grading;
mod proposal;
mod published;
mod table;
mod yaml;

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use crate::suite;
use crate::text::one_line;
use crate::ui::Printer;

use super::args::InitArgs;
use super::exit::ExitStatus;
use super::facts::Facts;
use super::failure::Failure;

use table::{Table, Unread};

const STARTER: &str = include_str!("init/starter.yaml");
const SUITE: &str = "suite.yaml";
const EDITORS: &str = ".bench/suite.schema.json";

pub(super) fn init(args: &InitArgs, facts: Facts, printer: &Printer) -> ExitStatus {
    let table = match args.from.as_deref().map(Table::read).transpose() {
        Ok(table) => table,
        Err(Unread::Mistakes(mistakes)) => {
            printer.error_block(&mistakes.render(facts.color_stderr, facts.width_stderr));
            return ExitStatus::Usage;
        }
        Err(Unread::Failed(error)) => {
            return Failure::cannot(format!("cannot look at the file: {error}")).tell(printer);
        }
    };
    execute(args, table.as_ref(), printer).unwrap_or_else(|failure| failure.tell(printer))
}

fn execute(args: &InitArgs, table: Option<&Table>, printer: &Printer) -> Result<ExitStatus, Failure> {
    let folder = args.dir.as_path();
    let path = folder.join(SUITE);
    if !args.force && path.symlink_metadata().is_ok() {
        return Err(is_there(&path));
    }
    let mut seen = None;
    let text = match (table, &args.from) {
        (Some(table), Some(file)) => {
            let proposal = proposal::propose(table, &relative(file, folder)?, &name_of(file));
            seen = Some(proposal.seen);
            proposal.suite
        }
        _ => STARTER.to_owned(),
    };
    let text = format!("# yaml-language-server: $schema={EDITORS}\n{text}");
    let editors = folder.join(EDITORS);
    fs::create_dir_all(editors.parent().unwrap_or(folder)).map_err(|error| unwritten(&editors, &error))?;
    fs::write(&editors, suite::schema_text()).map_err(|error| unwritten(&editors, &error))?;
    write(&path, &text, args.force)?;

    let (path, editors) = (shown(&path), shown(&editors));
    let mut lines = vec![format!("wrote {path}, and {editors} for editors")];
    lines.extend(seen);
    lines.push(format!("look at the plan:     bench check {path}"));
    lines.push(format!("play it without key:  bench run {path} --simulate"));
    lines.push(format!(
        "ask the models:       export OPENROUTER_API_KEY=…   (https://openrouter.ai/keys), then bench run {path}"
    ));
    printer.talk_block(&lines.join("\n"));
    Ok(ExitStatus::Success)
}

fn is_there(path: &Path) -> Failure {
    Failure::usage(format!("`{}` is there already", path.display()))
        .hint("name another folder: `bench init DIR`; `--force` replaces the file")
}

fn unwritten(path: &Path, error: &io::Error) -> Failure {
    Failure::cannot(format!("cannot write `{}`: {error}", path.display()))
}

/// Writes the suite; without `force` only where none came in between.
fn write(path: &Path, text: &str, force: bool) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true);
    if force {
        options.create(true).truncate(true)
    } else {
        options.create_new(true)
    };
    let mut file = options.open(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => is_there(path),
        _ => unwritten(path, &error),
    })?;
    file.write_all(text.as_bytes()).map_err(|error| unwritten(path, &error))
}

/// What the suite is called.
fn name_of(file: &Path) -> String {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = name.split('.').find(|part| !part.is_empty()).unwrap_or("suite");
    one_line(stem).trim().to_owned()
}

/// A file as a suite in a folder names it.
fn relative(file: &Path, folder: &Path) -> Result<String, Failure> {
    let whole = |path: &Path| {
        std::path::absolute(path)
            .map(|path| normal(&path))
            .map_err(|error| Failure::cannot(format!("cannot tell where `{}` is: {error}", path.display())))
    };
    let (file, folder) = (whole(file)?, whole(folder)?);
    let shared = file.components().zip(folder.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(shared).map(|_| Component::ParentDir);
    let path: PathBuf = up.chain(file.components().skip(shared)).collect();
    path.to_str().map(ToOwned::to_owned).ok_or_else(|| {
        Failure::usage(format!("`{}` is not UTF-8, and a suite is", file.display())).hint("rename the file")
    })
}

/// Without `.` and `..`, as far as that can be told from the path alone.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => _ = normal.pop(),
            other => normal.push(other),
        }
    }
    normal
}

/// A path as it can be pasted into a shell.
fn shown(path: &Path) -> String {
    let text = path.strip_prefix(".").unwrap_or(path).to_string_lossy();
    let is_plain = |c: char| c.is_alphanumeric() || "_-./".contains(c);
    if text.chars().all(is_plain) { text.into_owned() } else { format!("'{}'", one_line(&text).replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_as_seen_from_the_suite() {
        for (file, folder, want) in [
            ("a.csv", ".", "a.csv"),
            ("data/a.csv", ".", "data/a.csv"),
            ("a.csv", "suites/new", "../../a.csv"),
            ("suites/a.csv", "suites", "a.csv"),
            ("/x/a.csv", "/x/y", "../a.csv"),
            ("./b/../a.csv", "b", "../a.csv"),
        ] {
            assert_eq!(relative(Path::new(file), Path::new(folder)).unwrap(), want, "{file} from {folder}");
        }
    }

    #[test]
    fn paths_can_be_pasted_into_a_shell() {
        assert_eq!(shown(Path::new("./suite.yaml")), "suite.yaml");
        assert_eq!(shown(Path::new("my suites/suite.yaml")), "'my suites/suite.yaml'");
        assert_eq!(shown(Path::new("it's/suite.yaml")), r"'it'\''s/suite.yaml'");
    }

    #[test]
    fn a_suite_is_called_by_its_file() {
        assert_eq!(name_of(Path::new("x/tickets.csv.gz")), "tickets");
        assert_eq!(name_of(Path::new(".csv")), "csv");
    }
}
