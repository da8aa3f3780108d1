//! Files of the Hugging Face hub, which suites name as `hf://OWNER/NAME[@REVISION]/PATH`.
//!
//! In: a [`Uri`]. Out: files on disk, of a revision that is pinned to a commit. The suite asks for them through
//! [`Fetch`] and knows nothing of HTTP; what speaks it ([`Hub`]) is made where the environment is known.
//!
//! The way of a file: `fetch` looks up the commit and what is on the disk already (`store`), asks `api` what the files
//! are (their sizes and checksums) and `download` for what is missing. `http` carries requests: redirects, the token,
//! patience with a hub that is busy; `refusal` says what a hub's refusal means, `advice` what there is instead. [`Watch`] is told how it goes.

mod advice;
mod api;
mod digest;
mod download;
mod fetch;
mod http;
mod patience;
mod refusal;
mod settings;
mod store;
mod uri;
mod watch;

#[cfg(test)]
mod tests;

use std::fmt::Debug;
use std::path::PathBuf;

pub use fetch::Hub;
pub use settings::Settings;
pub use uri::{Uri, UriError};
pub use watch::Watch;

/// Gets files of the hub onto the disk.
pub trait Fetch: Debug + Send + Sync {
    /// The files that a name stands for: one, or those that its glob matches, in the order of their paths. What is not
    /// on the disk yet is downloaded. Waits for it; may be called inside and outside of a runtime.
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

impl FetchError {
    /// An error without advice.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }

    /// What to do about it.
    #[must_use]
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}
