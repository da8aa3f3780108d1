//! A sheet of an Excel workbook → rows, cell by cell; behind the feature `xlsx`.
//!
//! Only .xlsx and .xlsm: of these the library hands out one cell after the other. Of .xls, .xlsb and .ods it reads a
//! whole sheet into memory, and a few bytes in them make it ask for more than there is.
//!
//! `bounds` looks at the archive before the library does, `reader` makes rows of cells, `cell` writes one as JSON.

#[cfg(feature = "xlsx")]
mod bounds;
#[cfg(feature = "xlsx")]
mod cell;
#[cfg(feature = "xlsx")]
mod reader;

#[cfg(feature = "xlsx")]
pub(super) use reader::read;

/// Which sheet of a workbook is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sheet {
    /// By its name.
    Name(String),
    /// By its place among all sheets, from 1.
    Number(u32),
}

/// Says how to come to a build that reads workbooks.
#[cfg(not(feature = "xlsx"))]
pub(super) fn read(
    _: &std::path::Path,
    _: Option<&Sheet>,
    _: Option<&[String]>,
    _: &mut super::rows::Sink<'_>,
) -> Result<(), super::rows::FileError> {
    Err(absent())
}

#[cfg(any(test, not(feature = "xlsx")))]
pub(super) fn absent() -> super::rows::FileError {
    super::rows::FileError::new("this build cannot read Excel workbooks")
        .hint("build it with `--features xlsx`, or save the sheet as .csv")
}
