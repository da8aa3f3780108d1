//! A run's folder: made, locked, found again.

use std::path::{Path, PathBuf};

/// Why a run's folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Reading or writing failed.
    #[error("cannot use {path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The folder already holds a run and `--resume` was not given.
    #[error("{0} already holds a run")]
    Exists(PathBuf),
    /// Another process is writing there.
    #[error("{0} is in use by another bench")]
    Locked(PathBuf),
    /// There is no run there.
    #[error("{0} holds no run")]
    NotARun(PathBuf),
}

/// A run's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// A folder at this path; nothing is touched.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// `run.json`.
    pub fn manifest(&self) -> PathBuf {
        self.path.join("run.json")
    }

    /// `journal.jsonl`.
    pub fn journal(&self) -> PathBuf {
        self.path.join("journal.jsonl")
    }
}
