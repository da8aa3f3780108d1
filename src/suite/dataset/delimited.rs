//! CSV and TSV: the first row names the columns, every value is a text.

use std::io::Read;

use csv::{ByteRecord, ReaderBuilder};

use crate::suite::node::write_text;

use super::rows::{BadRow, FileError, Row, Sink, utf8};

pub(super) fn read(reader: impl Read, separator: u8, sink: &mut Sink<'_>) -> Result<(), FileError> {
    let mut reader = ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(reader);
    let header = reader.byte_headers().map_err(|error| FileError::new(format!("reading stopped: {error}")))?.clone();
    let columns = columns(&header)?;
    let mut record = ByteRecord::new();
    let mut number = 0_u32;
    loop {
        match reader.read_byte_record(&mut record) {
            Ok(true) => number = number.saturating_add(1),
            Ok(false) => return Ok(()),
            Err(error) => return Err(FileError::new(format!("reading stopped: {error}"))),
        }
        let line = record.position().and_then(|position| usize::try_from(position.line()).ok());
        let row = json_of(&record, &columns).map(|json| Row { number, line, json });
        let row = row.map_err(|(message, hint)| BadRow { number, line, message, hint });
        if sink(row).is_break() {
            return Ok(());
        }
    }
}

/// The columns' names; one without a name is `None` and not read.
fn columns(header: &ByteRecord) -> Result<Vec<Option<String>>, FileError> {
    let mut columns: Vec<Option<String>> = Vec::with_capacity(header.len());
    for field in header {
        let name = utf8(field).map_err(|message| FileError::new(format!("the header is {message}")).line(1))?.trim();
        if !name.is_empty() && columns.iter().flatten().any(|known| known == name) {
            return Err(FileError::new(format!("two columns are named `{name}`")).line(1));
        }
        columns.push(Some(name.to_owned()).filter(|name| !name.is_empty()));
    }
    if columns.iter().all(Option::is_none) {
        return Err(FileError::new("an empty file, or a first row without column names")
            .hint("the first row names the columns"));
    }
    Ok(columns)
}

fn json_of(record: &ByteRecord, columns: &[Option<String>]) -> Result<String, (String, Option<String>)> {
    if record.len() != columns.len() {
        let message = format!("{} fields where the header has {}", record.len(), columns.len());
        return Err((
            message,
            Some("put a field that holds the separator or a line break in double quotes".to_owned()),
        ));
    }
    let mut json = String::with_capacity(record.as_slice().len() + 16 * columns.len());
    json.push('{');
    for (field, name) in record.iter().zip(columns) {
        let Some(name) = name else { continue };
        let text = utf8(field).map_err(|message| (format!("column `{name}` is {message}"), None))?;
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
