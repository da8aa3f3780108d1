//! YAML lists of maps. Read whole: YAML has no rows.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use crate::suite::decode::decode;
use crate::suite::diagnostic::Source;
use crate::suite::load::MAX_SUITE_BYTES;
use crate::suite::log::{Log, Place};
use crate::suite::node::Node;
use crate::suite::read::{apply_merges, check_duplicates};
use crate::suite::spans::Spans;

use super::rows::{BadRow, FileError, Row, Sink, utf8};

pub(super) fn read(reader: impl Read, path: &Path, sink: &mut Sink<'_>, log: &Log) -> Result<(), FileError> {
    let mut bytes = Vec::new();
    reader.take(MAX_SUITE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_SUITE_BYTES {
        return Err(FileError::new(format!("larger than the {} MB a YAML file may have", MAX_SUITE_BYTES >> 20))
            .hint("write it as .jsonl, which is read row by row"));
    }
    let text = utf8(&bytes).map_err(|message| FileError::new(format!("the file is {message}")))?;
    let mut decoded = decode(text).map_err(|mistake| {
        let line = mistake.range.map(|range| text[..range.start].bytes().filter(|&b| b == b'\n').count() + 1);
        FileError { message: format!("not YAML: {}", mistake.message), hint: mistake.hint, line }
    })?;
    if decoded.has_floats {
        Spans::new(text).restore_numbers(&mut decoded.root, text);
    }
    let inner = Log::default();
    check_duplicates(&decoded.root, &inner);
    apply_merges(&mut decoded.root, &Place::default(), &inner);
    if inner.has_errors() {
        let source = Arc::new(Source { path: path.to_owned(), text: text.to_owned(), first_line: 1 });
        log.append(inner.finish(&source));
    }
    let Node::List(rows) = decoded.root else {
        let found = decoded.root.describe();
        return Err(
            FileError::new(format!("expected a list of maps, found {found}")).hint("write `- { column: value }`")
        );
    };
    for (row, number) in rows.into_iter().zip(1_u32..) {
        let row = match row {
            Node::Map(_) => Ok(Row { number, line: None, json: row.to_json() }),
            other => {
                let message = format!("expected a map, found {}", other.describe());
                Err(BadRow { number, line: None, message, hint: None })
            }
        };
        if sink(row).is_break() {
            break;
        }
    }
    Ok(())
}
