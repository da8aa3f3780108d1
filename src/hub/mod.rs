//! Files of the Hugging Face hub, which suites name as `hf://OWNER/NAME[@REVISION]/PATH`.
//!
//! In: a [`Uri`]. Out: files on disk, of a revision that is pinned to a commit. The suite asks for them through
//! [`Fetch`] and knows nothing of HTTP; what speaks it is made where the environment is known.

mod uri;

use std::fmt::Debug;
use std::path::PathBuf;

pub use uri::{Uri, UriError};

/// Gets files of the hub onto the disk.
pub trait Fetch: Debug + Send + Sync {
    /// The files that a name stands for: one, or those that its glob matches, in the order of their paths. What is not
    /// on the disk yet is downloaded.
    ///
    /// # Errors
    /// What could not be had, and what to do about it.
    fn files(&self, uri: &Uri) -> Result<Vec<Fetched>, FetchError>;
}

/// A file of the hub on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Its name with the revision pinned: `hf://OWNER/NAME@COMMIT/PATH`.
    pub pinned: Uri,
    /// Where it lies.
    pub path: PathBuf,
}

/// Why a file of the hub cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FetchError {
    /// What happened.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}
