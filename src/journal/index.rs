//! Where the last record of every cell stands in a journal.

use std::path::PathBuf;

/// Why a journal cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// Reading failed.
    #[error("cannot read {path}: {source}")]
    Io {
        /// The journal.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// The last record of every planned cell, as an offset.
#[derive(Debug)]
pub struct Index {}
