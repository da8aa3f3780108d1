//! Cells → rows. The first row with anything in it names the columns.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use calamine::{DataRef, Reader as _, SheetType, SheetVisible, Xlsx, XlsxError};

use crate::suite::dataset::rows::{BadRow, FileError, Row, Sink};
use crate::suite::dataset::untrusted::{Allowance, MAX_ROW, guarded, shortened};
use crate::suite::node::write_text;
use crate::suite::read::{closest, list_of};

use super::{Sheet, bounds, cell};

/// Columns that Excel allows.
const MAX_COLUMNS: u32 = 16_384;

/// Hands out a sheet's rows, numbered as Excel numbers them.
///
/// `sheet`: the first that is not hidden, unless given. `columns`: their names, where no row has them.
pub(in crate::suite::dataset) fn read(
    path: &Path,
    sheet: Option<&Sheet>,
    columns: Option<&[String]>,
    sink: &mut Sink<'_>,
) -> Result<(), FileError> {
    let length = std::fs::metadata(path)?.len();
    guarded(|| bounds::check(File::open(path)?)).ok_or_else(|| bounds::broken("its archive cannot be read"))??;
    let file = BufReader::new(File::open(path)?);
    let mut workbook = library(None, || Xlsx::new(file))?;
    let name = find(&workbook, sheet)?;
    let mut cells = library(None, || workbook.worksheet_cells_reader(&name))?;
    let mut lines = Lines {
        columns: columns.map(|names| names.iter().cloned().map(Some).collect()),
        are_given: columns.is_some(),
        allowance: Allowance::of(length),
        row: Vec::new(),
        number: 0,
        sink,
    };
    let mut last = None;
    while let Some(found) = library(last, || cells.next_cell_with_formula_metadata())? {
        last = Some(found.pos);
        let (row, column) = found.pos;
        if column >= MAX_COLUMNS || (row < lines.number && !lines.row.is_empty()) {
            return Err(bounds::broken(&format!("cell {} is out of order", cell::place(row, column))));
        }
        let is_empty = matches!(found.value, DataRef::Empty);
        if is_empty && found.formula.is_none() {
            continue;
        }
        if row != lines.number && lines.end_row()? {
            return Ok(());
        }
        lines.number = row;
        lines.row.push((column, (!is_empty).then_some(found.value)));
    }
    lines.end_row()?;
    if lines.columns.is_none() {
        return Err(FileError::new(format!("sheet `{name}` is empty")).hint("the first row names the columns"));
    }
    Ok(())
}

/// The rows of a sheet while its cells are read.
struct Lines<'a, 'b, 'c> {
    /// One without a name is `None` and not read.
    columns: Option<Vec<Option<String>>>,
    /// Whether the names are not those of the first row.
    are_given: bool,
    allowance: Allowance,
    /// The cells of the row that is being read; without a value: formulas that were never computed.
    row: Vec<(u32, Option<DataRef<'a>>)>,
    /// Its number, from 0.
    number: u32,
    sink: &'b mut Sink<'c>,
}

impl Lines<'_, '_, '_> {
    /// Hands out what was gathered; whether that was enough.
    fn end_row(&mut self) -> Result<bool, FileError> {
        let row = std::mem::take(&mut self.row);
        if row.is_empty() {
            return Ok(false);
        }
        let Some(columns) = &self.columns else {
            self.columns = Some(header(&row, self.number)?);
            return Ok(false);
        };
        let number = self.number.saturating_add(1);
        let row = match json_of(&row, columns, self.number, self.are_given) {
            Ok(json) => Ok(Row { number, line: None, json }),
            Err((message, hint)) => Err(BadRow { number, line: None, message, hint: Some(hint.to_owned()) }),
        };
        self.allowance.take(row.as_ref().map_or(0, |row| row.json.len()))?;
        Ok((self.sink)(row).is_break())
    }
}

/// The columns' names.
fn header(row: &[(u32, Option<DataRef<'_>>)], number: u32) -> Result<Vec<Option<String>>, FileError> {
    let mut columns: Vec<Option<String>> = Vec::new();
    for (column, value) in row {
        let name = value.as_ref().map(cell::name).unwrap_or_default();
        if name.is_empty() {
            continue;
        }
        if columns.iter().flatten().any(|known| *known == name) {
            let place = cell::place(number, *column);
            return Err(FileError::new(format!("two columns are named `{name}`, the second in {place}")));
        }
        let at = *column as usize;
        if columns.len() <= at {
            columns.resize(at + 1, None);
        }
        columns[at] = Some(name);
    }
    if columns.is_empty() {
        return Err(FileError::new("a first row without column names").hint("the first row names the columns"));
    }
    Ok(columns)
}

fn json_of(
    row: &[(u32, Option<DataRef<'_>>)],
    columns: &[Option<String>],
    number: u32,
    are_given: bool,
) -> Result<String, (String, &'static str)> {
    // The last of two cells at one place, which only a damaged file has.
    let mut values: Vec<Option<&Option<DataRef<'_>>>> = vec![None; columns.len()];
    for (column, value) in row {
        match values.get_mut(*column as usize) {
            Some(slot) => *slot = Some(value),
            None if are_given => {
                let message = format!("cell {} stands behind the last of `columns`", cell::place(number, *column));
                return Err((message, "name every column of the sheet"));
            }
            None => {}
        }
    }
    let mut json = "{".to_owned();
    for (column, (name, value)) in (0..).zip(columns.iter().zip(values)) {
        let Some(name) = name else { continue };
        if json.len() > 1 {
            json.push(',');
        }
        write_text(name, &mut json);
        json.push(':');
        let place = || format!("cell {} (column `{name}`)", cell::place(number, column));
        match value {
            None => json.push_str("\"\""),
            Some(None) => {
                let message = format!("{} holds a formula that was never computed", place());
                return Err((message, "open the workbook in a spreadsheet program and save it"));
            }
            Some(Some(value)) => cell::write(value, &mut json)
                .map_err(|what| (format!("{} {what}", place()), "correct the cell or empty it"))?,
        }
        if json.len() > MAX_ROW {
            return Err((format!("the row is larger than {} MB", MAX_ROW >> 20), "split it"));
        }
    }
    json.push('}');
    Ok(json)
}

/// The name of the sheet that is meant.
fn find(workbook: &Xlsx<BufReader<File>>, sheet: Option<&Sheet>) -> Result<String, FileError> {
    let sheets = workbook.sheets_metadata();
    let names: Vec<&str> = sheets.iter().map(|sheet| sheet.name.as_str()).collect();
    let known = || match names.as_slice() {
        [one] => format!("the only sheet is `{one}`"),
        names => format!("the sheets are {}", list_of(names)),
    };
    match sheet {
        None => {
            let is_table = |typ: SheetType| typ == SheetType::WorkSheet;
            let first = sheets.iter().find(|sheet| is_table(sheet.typ) && sheet.visible == SheetVisible::Visible);
            first.map(|sheet| sheet.name.clone()).ok_or_else(|| FileError::new("a workbook without a visible sheet"))
        }
        Some(Sheet::Number(number)) => {
            let index = (*number as usize).checked_sub(1);
            let name = index.and_then(|index| names.get(index));
            name.map(|name| (*name).to_owned())
                .ok_or_else(|| FileError::new(format!("there is no sheet {number}")).hint(known()))
        }
        Some(Sheet::Name(name)) => {
            if names.contains(&name.as_str()) {
                return Ok(name.clone());
            }
            let hint = match closest(name, names.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => known(),
            };
            Err(FileError::new(format!("there is no sheet `{name}`")).hint(hint))
        }
    }
}

/// Runs a part of the library; its errors and panics are those of the file. `last`: the last cell that was read.
fn library<T>(last: Option<(u32, u32)>, work: impl FnOnce() -> Result<T, XlsxError>) -> Result<T, FileError> {
    let behind = |(row, column)| format!(" behind cell {}", cell::place(row, column));
    let behind = last.map(behind).unwrap_or_default();
    match guarded(work) {
        Some(Ok(value)) => Ok(value),
        Some(Err(XlsxError::CellError(error))) => {
            let message = format!("reading stopped{behind}: the next cell holds the error {}", shortened(&error));
            Err(FileError::new(message).hint("correct the cell or empty it"))
        }
        Some(Err(XlsxError::NotAWorksheet(_))) => {
            Err(FileError::new("the sheet is a chart").hint("name another with `sheet`"))
        }
        Some(Err(error)) => Err(FileError::new(format!("reading stopped{behind}: {}", shortened(&error.to_string())))
            .hint("save the workbook again, or the sheet as .csv")),
        None => Err(bounds::broken(&format!("reading it stopped{behind}"))),
    }
}
