//! Files that are cases themselves: the columns `file`, `stem`, `path` and, of texts, `text`.

use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::encoding::text_of;
use super::open::Opened;
use super::rows::{BadRow, FileError, Row, Sink};

/// A text may be this large.
const MAX_TEXT: u64 = 16 << 20;

/// A file that is a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CaseFile {
    pub(super) path: PathBuf,
    /// Relative to the suite, or as the suite has it.
    pub(super) shown: String,
}

/// Reads one case of each file.
pub(super) fn read(files: &[CaseFile], sink: &mut Sink<'_>) {
    for (file, number) in files.iter().zip(1_u32..) {
        let row = json_of(file).map(|json| Row { number, line: None, json }).map_err(
            |FileError { message, hint, .. }| {
                let message = format!("`{}`: {message}", file.shown);
                BadRow { number, line: None, message, hint }
            },
        );
        if sink(row).is_break() {
            break;
        }
    }
}

fn json_of(file: &CaseFile) -> Result<String, FileError> {
    let name = |part: Option<&std::ffi::OsStr>| {
        part.and_then(std::ffi::OsStr::to_str).map(str::to_owned).ok_or_else(|| FileError::new("its name is not UTF-8"))
    };
    let shown = Path::new(&file.shown);
    let mut columns = Map::new();
    columns.insert("file".to_owned(), Value::String(name(shown.file_name())?));
    columns.insert("stem".to_owned(), Value::String(name(shown.file_stem())?));
    // What a prompt attaches is on the disk, wherever it came from.
    let is_here = !file.shown.starts_with("hf://");
    let path = if is_here { file.shown.clone() } else { file.path.display().to_string() };
    columns.insert("path".to_owned(), Value::String(path));
    if let Some(text) = text(file)? {
        columns.insert("text".to_owned(), Value::String(text));
    }
    Ok(Value::Object(columns).to_string())
}

/// The content of a text; images and PDFs are attached by their path.
fn text(file: &CaseFile) -> Result<Option<String>, FileError> {
    let opened = Opened::unhashed(&file.path)?;
    let (head, _) = opened.head();
    if crate::suite::attach::media_type(head).is_some() {
        return Ok(None);
    }
    if let Some(mistake) = opened.mistake(&file.shown) {
        return Err(mistake);
    }
    let mut bytes = Vec::new();
    opened.into_reader().0.take(MAX_TEXT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_TEXT {
        return Err(FileError::new(format!("larger than the {} MB a text may have", MAX_TEXT >> 20)));
    }
    let text = text_of(&bytes).map_err(|mistake| {
        let line = memchr::memchr_iter(b'\n', &bytes[..mistake.at]).count() + 1;
        FileError::new(format!("line {line} {}", mistake.message)).hint(mistake.hint(&file.shown))
    })?;
    Ok(Some(text.to_owned()))
}
