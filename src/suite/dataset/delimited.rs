//! CSV and TSV: the first row names the columns, every value is a text.

use std::collections::HashSet;
use std::io::BufRead;

use crate::suite::node::write_text;

use super::detect::{Known, detect};
use super::encoding::text_of;
use super::options::Options;
use super::records::{Broken, Dialect, MAX_RECORD, Record, Records};
use super::rows::{BadRow, FileError, Row, Sink};

/// How a file that begins so is read.
pub(super) fn dialect(head: &[u8], is_whole: bool, usual: u8, options: &Options) -> Dialect {
    let columns = Some(options.columns.len()).filter(|columns| *columns > 0);
    let (said, head) = match head {
        // Spreadsheets write so what stands between fields.
        [b's', b'e', b'p', b'=', delimiter, rest @ ..] if matches!(rest, [b'\r' | b'\n', ..]) => {
            (Some(*delimiter), rest)
        }
        _ => (None, head),
    };
    detect(head, is_whole, Known { usual, delimiter: options.delimiter.or(said), quote: options.quote, columns })
}

/// In words.
pub(super) fn describe(dialect: Dialect, options: &Options) -> Vec<String> {
    let shown = |byte: u8| match byte {
        b'\t' => "tabs".to_owned(),
        byte => format!("`{}`", char::from(byte).escape_debug()),
    };
    let mut words = vec![format!("{} between fields", shown(dialect.delimiter))];
    match dialect.quote {
        Some(b'"') => {}
        Some(quote) => words.push(format!("`{}` around them", char::from(quote))),
        None => words.push("no quotes".to_owned()),
    }
    if !options.columns.is_empty() {
        words.push("columns named by the suite".to_owned());
    }
    words
}

/// Reads the rows. `named`: the columns, where the file does not name them.
pub(super) fn read(
    reader: impl BufRead,
    shown: &str,
    dialect: Dialect,
    named: &[String],
    sink: &mut Sink<'_>,
) -> Result<(), FileError> {
    let mut records = Records::new(reader, dialect);
    let mut columns: Vec<Option<String>> = named.iter().cloned().map(Some).collect();
    let mut is_first = true;
    let mut number = 0_u32;
    loop {
        let record = match records.next() {
            Ok(Some(record)) => record,
            Ok(None) if columns.is_empty() => {
                return Err(FileError::new("it is empty").hint("the first row names the columns"));
            }
            Ok(None) => return Ok(()),
            Err(broken) => return Err(file_error(broken, dialect)),
        };
        if is_first && record.line == 1 && record.iter().eq([&b"sep="[..], b""]) {
            continue;
        }
        if std::mem::take(&mut is_first) {
            if columns.is_empty() {
                columns = names(&record, shown)?;
                continue;
            }
            // A file with the row of names after all.
            if repeats(&record, named) {
                continue;
            }
        }
        number = number.saturating_add(1);
        let line = Some(record.line);
        let row = json_of(&record, &columns, shown, dialect)
            .map(|json| Row { number, line, json })
            .map_err(|(message, hint)| BadRow { number, line, message, hint });
        if sink(row).is_break() {
            return Ok(());
        }
    }
}

fn file_error(broken: Broken, dialect: Dialect) -> FileError {
    let quote = char::from(dialect.quote.unwrap_or(b'"'));
    let hint =
        format!("close it, double a `{quote}` inside a quoted field, or write `quote: none` where nothing is quoted");
    match broken {
        Broken::Io(error) => error.into(),
        Broken::Unclosed(line) => {
            FileError::new(format!("a `{quote}` that opens in the row of line {line} is never closed"))
                .hint(hint)
                .line(line)
        }
        Broken::TooLarge(line) => {
            let message = format!("the row that begins on line {line} is larger than {} MB", MAX_RECORD >> 20);
            let hint = match dialect.quote {
                Some(_) => format!("most likely a `{quote}` in it is never closed: {hint}"),
                None => "split it, or leave the column out".to_owned(),
            };
            FileError::new(message).hint(hint).line(line)
        }
    }
}

/// The columns' names; one without a name is `None` and not read.
fn names(header: &Record<'_>, shown: &str) -> Result<Vec<Option<String>>, FileError> {
    let mut columns: Vec<Option<String>> = Vec::with_capacity(header.len());
    let mut known: HashSet<String> = HashSet::with_capacity(header.len());
    for (field, number) in header.iter().zip(1..) {
        let name = text_of(field).map_err(|mistake| {
            let message = format!("the name of column {number} {}", mistake.message);
            FileError::new(message).hint(mistake.hint(shown)).line(header.line)
        })?;
        let name = name.trim();
        if !name.is_empty() && !known.insert(name.to_owned()) {
            return Err(FileError::new(format!("two columns are named `{name}`"))
                .hint("rename one, or name all of them: `columns: [...]` beside `path`, and remove the first row")
                .line(header.line));
        }
        columns.push(Some(name.to_owned()).filter(|name| !name.is_empty()));
    }
    if columns.iter().all(Option::is_none) {
        return Err(FileError::new("the first row names no column")
            .hint("the first row names the columns; where there is none, write `columns: [...]` beside `path`")
            .line(header.line));
    }
    Ok(columns)
}

/// Whether a record says the names of the columns.
fn repeats(record: &Record<'_>, names: &[String]) -> bool {
    record.len() == names.len()
        && record.iter().zip(names).all(|(field, name)| field.trim_ascii().eq_ignore_ascii_case(name.as_bytes()))
}

fn json_of(
    record: &Record<'_>,
    columns: &[Option<String>],
    shown: &str,
    dialect: Dialect,
) -> Result<String, (String, Option<String>)> {
    if record.len() != columns.len() {
        return Err(ragged(record, columns, dialect));
    }
    let mut json = String::with_capacity(record.size() + 16 * columns.len());
    json.push('{');
    for (field, name) in record.iter().zip(columns) {
        let Some(name) = name else { continue };
        let text = text_of(field)
            .map_err(|mistake| (format!("column `{name}` {}", mistake.message), Some(mistake.hint(shown))))?;
        if json.len() > 1 {
            json.push(',');
        }
        write_text(name, &mut json);
        json.push(':');
        write_text(text, &mut json);
    }
    json.push('}');
    Ok(json)
}

fn ragged(record: &Record<'_>, columns: &[Option<String>], dialect: Dialect) -> (String, Option<String>) {
    let fields = match record.len() {
        1 => "1 field".to_owned(),
        fields => format!("{fields} fields"),
    };
    let message = format!("{fields} where there are {} columns", columns.len()).replace("are 1 columns", "is 1 column");
    let delimiter = match dialect.delimiter {
        b'\t' => "a tab".to_owned(),
        byte => format!("a `{}`", char::from(byte)),
    };
    let quote = char::from(dialect.quote.unwrap_or(b'"'));
    let hint = if columns.len() == 1 {
        let other = if dialect.delimiter == b'\t' { "\"|\"" } else { "tab" };
        format!("put fields with {delimiter} in `{quote}`; where each line is one field, write `delimiter: {other}`")
    } else {
        format!(
            "put a field with {delimiter} or a line break in `{quote}`; if something else stands between fields, write `delimiter`"
        )
    };
    (message, Some(hint))
}
