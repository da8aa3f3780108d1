//! `dataset`: cases from files, row by row.
//!
//! A row becomes a compact case and is dropped. Templates of the mapping see the row's columns; without a mapping
//! every column is a variable. `spec` reads the entry in the suite, `rows` opens the file and hands out its rows, with
//! one file for each family of formats, and `reading` makes cases of them.

mod delimited;
mod json;
mod reading;
mod rows;
mod spec;
mod yaml;

#[cfg(test)]
mod tests;

pub(super) use reading::read;
