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

use super::encoding::text_of;
use super::json::{no_key, one_object, under};
use super::rows::{BadRow, FileError, Row, Sink};

/// Reads the list to which these keys lead; without keys, the document is the list.
pub(super) fn read(
    reader: impl Read,
    shown: &str,
    keys: &[String],
    sink: &mut Sink<'_>,
    log: &Log,
) -> Result<(), FileError> {
    let mut bytes = Vec::new();
    reader.take(MAX_SUITE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_SUITE_BYTES {
        return Err(FileError::new(format!("larger than the {} MB a YAML file may have", MAX_SUITE_BYTES >> 20))
            .hint("write it as .jsonl, which is read row by row"));
    }
    let line_of = |at: usize| memchr::memchr_iter(b'\n', &bytes[..at]).count() + 1;
    let text = text_of(&bytes).map_err(|mistake| {
        let line = line_of(mistake.at);
        FileError::new(format!("it {}, on line {line}", mistake.message)).hint(mistake.hint(shown)).line(line)
    })?;
    if text.trim().is_empty() {
        return Err(FileError::new("it is empty").hint("write `- { column: value }`"));
    }
    let mut decoded = decode(text).map_err(|mistake| {
        let line = mistake.range.map(|range| line_of(range.start.min(bytes.len())));
        FileError { message: format!("not YAML: {}", mistake.message), hint: mistake.hint, line }
    })?;
    if decoded.has_floats {
        Spans::new(text).restore_numbers(&mut decoded.root, text);
    }
    let inner = Log::default();
    check_duplicates(&decoded.root, &inner);
    apply_merges(&mut decoded.root, &Place::default(), &inner);
    if inner.has_errors() {
        let source = Arc::new(Source { path: Path::new(shown).to_owned(), text: text.to_owned(), first_line: 1 });
        log.append(inner.finish(&source));
    }
    for (row, number) in list_in(decoded.root, keys)?.into_iter().zip(1_u32..) {
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

/// The list to which the keys lead.
fn list_in(root: Node, keys: &[String]) -> Result<Vec<Node>, FileError> {
    let mut node = root;
    for (i, key) in keys.iter().enumerate() {
        let Node::Map(entries) = node else {
            return Err(FileError::new(format!("expected a map{}, found {}", under(&keys[..i]), node.describe()))
                .hint("`rows` names the keys that lead to the list"));
        };
        let names: Vec<String> = entries.iter().map(|(name, _)| name.to_string()).collect();
        let found = entries.into_iter().find(|(name, _)| **name == **key);
        node = found.ok_or_else(|| no_key(key, &keys[..i], &names))?.1;
    }
    match node {
        Node::List(rows) => Ok(rows),
        Node::Map(_) => {
            let mut lists = Vec::new();
            lists_in(&node, &mut Vec::new(), &mut lists);
            let error = one_object(keys, &lists);
            let message = error.message.replace("objects", "maps").replace("one object", "one map");
            let hint = if lists.is_empty() { Some("write `- { column: value }`".to_owned()) } else { error.hint };
            Err(FileError { message, hint, line: None })
        }
        other => Err(FileError::new(format!("expected a list of maps{}, found {}", under(keys), other.describe()))
            .hint("write `- { column: value }`")),
    }
}

/// The paths of lists of maps, three keys deep.
fn lists_in(node: &Node, path: &mut Vec<String>, lists: &mut Vec<String>) {
    match node {
        Node::List(items) if matches!(items.first(), Some(Node::Map(_))) => lists.push(path.join(".")),
        Node::Map(entries) if path.len() < 3 => {
            for (key, item) in entries {
                path.push(key.to_string());
                lists_in(item, path, lists);
                path.pop();
            }
        }
        _ => {}
    }
}
