//! A text → the shape of the table in it, or the first place where it breaks RFC 4180.

use std::borrow::Cow;

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table<'t> {
    /// The fields of the first record.
    pub(super) first: Vec<Cow<'t, str>>,
    /// How many records there are, the first among them.
    pub(super) records: usize,
}

/// Why a text is no table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mistake {
    /// A lower-case fragment.
    pub(super) message: String,
    /// Beginning with 1.
    pub(super) line: usize,
}

/// Reads a table whose records end in CRLF or LF, the last one in nothing or in one of them; all have the same number
/// of fields.
///
/// # Errors
/// The first mistake.
pub(super) fn read(text: &str, delimiter: u8) -> Result<Table<'_>, Mistake> {
    let text = text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
    let mut table = Table { first: Vec::new(), records: 0 };
    let (mut at, mut line, mut fields) = (0, 1, 0);
    if text.is_empty() {
        return Err(Mistake { message: "there is nothing in it".to_owned(), line });
    }
    loop {
        let begun = line;
        let (field, after) =
            field(text, at, delimiter, &mut line).map_err(|message| Mistake { message, line: begun })?;
        fields += 1;
        if table.records == 0 {
            table.first.push(field);
        }
        let ends = match text.as_bytes().get(after) {
            Some(&byte) if byte == delimiter => {
                at = after + 1;
                continue;
            }
            Some(b'\r') => Some(after + 2),
            Some(_) => Some(after + 1),
            None => None,
        };
        table.records += 1;
        if fields != table.first.len() {
            let message = format!("{} where the first line has {}", counted(fields), table.first.len());
            return Err(Mistake { message, line: begun });
        }
        let Some(next) = ends else { return Ok(table) };
        (at, line, fields) = (next, line + 1, 0);
    }
}

fn counted(fields: usize) -> String {
    format!("{fields} field{}", if fields == 1 { "" } else { "s" })
}

/// The field that begins at a place, and where it ends: at a delimiter, a line break or the text's end.
fn field<'t>(text: &'t str, start: usize, delimiter: u8, line: &mut usize) -> Result<(Cow<'t, str>, usize), String> {
    let bytes = text.as_bytes();
    let ends = |at: usize| match bytes.get(at) {
        None | Some(b'\n') => true,
        Some(b'\r') => bytes.get(at + 1) == Some(&b'\n'),
        Some(&byte) => byte == delimiter,
    };
    if bytes.get(start) != Some(&b'"') {
        let mut at = start;
        while !ends(at) {
            if bytes[at] == b'"' {
                return Err("a quote inside a field that does not begin with one".to_owned());
            }
            at += 1;
        }
        return Ok((Cow::Borrowed(&text[start..at]), at));
    }
    let mut at = start + 1;
    let mut doubled = false;
    loop {
        match (bytes.get(at), bytes.get(at + 1)) {
            (None, _) => return Err("a quote is never closed".to_owned()),
            (Some(b'"'), Some(b'"')) => {
                doubled = true;
                at += 2;
            }
            (Some(b'"'), _) if ends(at + 1) => break,
            (Some(b'"'), _) => return Err("text behind a closing quote: a quote inside is written twice".to_owned()),
            (Some(byte), _) => {
                *line += usize::from(*byte == b'\n');
                at += 1;
            }
        }
    }
    let inside = &text[start + 1..at];
    let inside = if doubled { Cow::Owned(inside.replace("\"\"", "\"")) } else { Cow::Borrowed(inside) };
    Ok((inside, at + 1))
}
