//! What the readers make of files: of each format, and of files that are damaged or made to do harm.

mod hostile;
#[cfg(feature = "parquet")]
mod parquet;
mod plain;
mod support;
#[cfg(feature = "xlsx")]
mod workbook;
