//! Files in, rows out.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use crate::suite::dataset::options::Options;
use crate::suite::dataset::rows::{Facts, FileError, Format, Sink, read};
use crate::suite::dataset::source::{DataFile, Input};
use crate::suite::log::Log;

/// What a reader made of a file.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// The rows, as JSON.
    pub(super) good: Vec<String>,
    /// What was wrong with the others, each with its number.
    pub(super) bad: Vec<String>,
    /// Why reading stopped, with its advice.
    pub(super) stopped: Option<String>,
}

/// The one call of the reader.
fn read_file(path: &Path, name: &str, sink: &mut Sink<'_>) -> Result<(), FileError> {
    let facts = read(&file_at(path.to_owned(), name, Options::default()), sink, &Log::default());
    facts.failure.map_or(Ok(()), Err)
}

fn file_at(path: PathBuf, name: &str, options: Options) -> DataFile {
    let format = Format::of(name).unwrap();
    DataFile {
        name: name.to_owned(),
        shown: name.to_owned(),
        input: Input::Disk(path),
        format,
        options: options.into(),
    }
}

/// A file of this name and content, read as its name says.
pub(in crate::suite::dataset) fn data_file(
    folder: &tempfile::TempDir,
    name: &str,
    content: &[u8],
    options: Options,
) -> DataFile {
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    file_at(path, name, options)
}

/// The rows of a file as JSON, what was wrong, and what is known of the file.
pub(in crate::suite::dataset) fn read_with(
    name: &str,
    content: &[u8],
    options: Options,
) -> (Vec<String>, Vec<String>, Facts) {
    let folder = tempfile::tempdir().unwrap();
    let file = data_file(&folder, name, content, options);
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    let facts = read(
        &file,
        &mut |row| {
            match row {
                Ok(row) => good.push(row.json),
                Err(row) => bad.push(format!("{}: {}", row.number, row.message)),
            }
            std::ops::ControlFlow::Continue(())
        },
        &Log::default(),
    );
    bad.extend(facts.failure.as_ref().map(|error| error.message.clone()));
    for json in &good {
        assert!(serde_json::from_str::<serde_json::Value>(json).unwrap().is_object());
    }
    (good, bad, facts)
}

/// Gathers what a reader hands out, and that each row is a JSON object.
pub(super) fn gathered(read: impl FnOnce(&mut Sink<'_>) -> Result<(), FileError>) -> Told {
    let mut told = Told::default();
    let result = read(&mut |row| {
        match row {
            Ok(row) => told.good.push(row.json),
            Err(row) => told.bad.push(format!("{}: {}", row.number, row.message)),
        }
        ControlFlow::Continue(())
    });
    told.stopped = result.err().map(|error| match error.hint {
        Some(hint) => format!("{} ({hint})", error.message),
        None => error.message,
    });
    for json in &told.good {
        assert!(serde_json::from_str::<serde_json::Value>(json).unwrap().is_object(), "{json}");
    }
    told
}

/// What is read of a file of this content; its name tells the format.
pub(super) fn told(name: &str, content: &[u8]) -> Told {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    told_of(&path)
}

/// What is read of a file.
pub(super) fn told_of(path: &Path) -> Told {
    let name = path.file_name().unwrap().to_str().unwrap();
    gathered(|sink| read_file(path, name, sink))
}

/// A file that the usual writers wrote; `tests/reference/tables.py` says what is in it.
pub(super) fn reference(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/tables").join(name)
}
