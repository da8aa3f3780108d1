//! The way through a file: row groups in order, rows in order.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use parquet::errors::ParquetError;
use parquet::file::metadata::{
    ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataReader, ParquetStatisticsPolicy,
};
use parquet::record::reader::TreeBuilder;
use parquet::schema::types::{SchemaDescriptor, TypePtr};

use crate::suite::dataset::rows::{BadRow, FileError, Row, Sink};
use crate::suite::dataset::untrusted::{Allowance, guarded, shortened};

use super::footer;
use super::pages::{Group, Limits, Taken};
use super::value::{bare, write_row};

/// Rows whose values the library looks up at once.
const BATCH: usize = 256;

/// Hands out a file's rows.
pub(in crate::suite::dataset) fn read(path: &Path, sink: &mut Sink<'_>) -> Result<(), FileError> {
    read_within(path, Limits::default(), sink)
}

pub(in crate::suite::dataset) fn read_within(
    path: &Path,
    limits: Limits,
    sink: &mut Sink<'_>,
) -> Result<(), FileError> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    footer::check(&mut file, length)?;
    let (metadata, schema) = library(|| describe(&file))?;
    check_names(&schema)?;
    let file = Arc::new(file);
    let descriptor = metadata.file_metadata().schema_descr_ptr();
    let mut allowance = Allowance::of(length);
    let mut number = 0_u32;
    for row_group in metadata.row_groups() {
        let taken = Arc::new(Taken::within(limits));
        let group = Group { file: Arc::clone(&file), metadata: row_group, taken: Arc::clone(&taken) };
        let tree = TreeBuilder::new().with_batch_size(BATCH);
        let mut rows = library(|| tree.as_iter(Arc::clone(&descriptor), &group))?;
        while let Some(row) = library(|| rows.next().transpose())? {
            taken.reset();
            number = number.saturating_add(1);
            let mut json = String::new();
            let row = match write_row(&row, &schema, &mut json) {
                Ok(()) => Ok(Row { number, line: None, json }),
                Err(odd) => Err(BadRow { number, line: None, message: odd.sentence(), hint: odd.hint }),
            };
            allowance.take(row.as_ref().map_or(0, |row| row.json.len()))?;
            if sink(row).is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// What a file says of itself, with the schema for reading it; and the schema as it is written.
fn describe(file: &File) -> Result<(ParquetMetaData, TypePtr), ParquetError> {
    let options = ParquetMetaDataOptions::new()
        .with_encoding_stats_policy(ParquetStatisticsPolicy::SkipAll)
        .with_column_stats_policy(ParquetStatisticsPolicy::SkipAll)
        .with_size_stats_policy(ParquetStatisticsPolicy::SkipAll);
    let read = |options| ParquetMetaDataReader::new().with_metadata_options(Some(options)).parse_and_finish(file);
    let written = read(options.clone())?.file_metadata().schema_descr().root_schema_ptr();
    let descriptor = SchemaDescriptor::new(Arc::new(bare(&written)?));
    Ok((read(options.with_schema(Arc::new(descriptor)))?, written))
}

fn check_names(schema: &TypePtr) -> Result<(), FileError> {
    let mut names: Vec<&str> = schema.get_fields().iter().map(|field| field.name()).collect();
    if names.is_empty() {
        return Err(FileError::new("a file without columns"));
    }
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(FileError::new(format!("two columns are named `{}`", pair[0]))),
        None => Ok(()),
    }
}

/// Runs a part of the library; its errors and panics are those of the file.
fn library<T>(work: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, FileError> {
    let why = match guarded(work) {
        Some(Ok(value)) => return Ok(value),
        Some(Err(ParquetError::External(error))) => shortened(&error.to_string()),
        Some(Err(ParquetError::General(message) | ParquetError::EOF(message) | ParquetError::NYI(message))) => {
            shortened(&message)
        }
        Some(Err(error)) => shortened(&error.to_string()),
        None => "the file is damaged".to_owned(),
    };
    Err(FileError::new(format!("reading stopped: {why}")))
}
