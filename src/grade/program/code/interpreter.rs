//! Where an interpreter really is, and what it reads: asked of itself, once. What stands in the path may be a script
//! that starts others (pyenv's shims do), which a confined process cannot.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::BufReader;
use tokio::time::timeout;

use crate::grade::program::host::Host;
use crate::grade::program::lines::{Line, next_line};
use crate::grade::program::spawn::{Launch, Program, ending, environment};
use crate::grade::program::worker::is_ready;
use crate::sandbox::Policy;

use super::language::Language;

/// How programs of a language are run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Interpreter {
    /// The command line, up to the program.
    pub(super) argv: Vec<OsString>,
    /// What it has to read besides the system's own.
    pub(super) read: Vec<PathBuf>,
}

/// The time in which it has to tell.
const PATIENCE: Duration = Duration::from_secs(30);

/// Finds the interpreter that a command line leads to.
///
/// # Errors
/// Why it cannot be used: for after its name.
pub(super) async fn find(
    host: &Host,
    language: Language,
    run: &[String],
    folder: &Path,
) -> Result<Interpreter, String> {
    if language == Language::Other {
        return on_path(host, run, folder);
    }
    let argv = run.iter().map(String::as_str).chain(language.probe().iter().copied()).map(OsString::from).collect();
    let launch = Launch {
        argv,
        folder: folder.to_owned(),
        env: environment(host, &[]),
        policy: Policy::default(),
        most_stderr: 1 << 20,
    };
    let mut program = Program::start(host, launch).await.map_err(|error| format!("cannot be started: {error}"))?;
    let stdout = program.stdout.take().ok_or("has no output")?;
    let mut lines = BufReader::new(stdout);
    let told = timeout(PATIENCE, async {
        if !is_ready(&mut lines).await? {
            return Ok(Line::End);
        }
        next_line(&mut lines, 64 << 10).await
    });
    let told = told.await;
    let stderr = program.stderr.clone();
    let status = program.end().await;
    let Ok(Ok(Line::Whole { bytes: line, .. })) = told else {
        return Err(format!("cannot be used: it {}{}", ending(status), stderr.told()));
    };
    let paths: Vec<PathBuf> = serde_json::from_slice(&line).unwrap_or_default();
    let Some(executable) = paths.first().filter(|path| path.is_absolute()) else {
        return Err("does not tell where it is".to_owned());
    };
    let mut read: Vec<PathBuf> = paths.iter().skip(1).cloned().collect();
    read.push(executable.clone());
    read.extend(std::fs::canonicalize(executable));
    if language == Language::JavaScript {
        read.extend(home_of(executable));
    }
    read.retain(|path| path.is_absolute() && path.parent().is_some());
    Ok(Interpreter { argv: vec![executable.into()], read })
}

/// The folder that an executable was installed to: above its `bin`.
fn home_of(executable: &Path) -> Option<PathBuf> {
    let folder = executable.parent()?;
    (folder.file_name()? == "bin").then(|| folder.parent().map(ToOwned::to_owned)).flatten()
}

/// A command line of the suite's own: its program, by its path or from `PATH`.
fn on_path(host: &Host, run: &[String], folder: &Path) -> Result<Interpreter, String> {
    let [name, rest @ ..] = run else { return Err("is not named".to_owned()) };
    let path = (host.variable)("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> =
        if name.contains('/') { vec![folder.to_owned()] } else { std::env::split_paths(&path).collect() };
    let found = folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file());
    let executable = found.and_then(|path| std::path::absolute(path).ok()).ok_or("is not there")?;
    let argv = std::iter::once(executable.clone().into()).chain(rest.iter().map(OsString::from)).collect();
    let mut read = vec![executable.clone()];
    read.extend(std::fs::canonicalize(executable));
    Ok(Interpreter { argv, read })
}
