//! `hf://OWNER/NAME[@REVISION]/PATH`.

use std::fmt;
use std::str::FromStr;

/// A file of a dataset repository on the hub.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Uri {
    /// `OWNER/NAME`.
    pub repository: String,
    /// A branch, a tag or a commit; `None`: `main`.
    pub revision: Option<String>,
    /// The file in the repository, or a glob.
    pub path: String,
}

/// That a text is no name of a file on the hub.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UriError(pub String);

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hf://{}", self.repository)?;
        if let Some(revision) = &self.revision {
            write!(f, "@{revision}")?;
        }
        write!(f, "/{}", self.path)
    }
}

impl FromStr for Uri {
    type Err = UriError;

    fn from_str(text: &str) -> Result<Self, UriError> {
        let wrong = || UriError(format!("expected `hf://OWNER/NAME[@REVISION]/PATH`, found `{text}`"));
        let rest = text.strip_prefix("hf://").ok_or_else(wrong)?;
        let (owner, rest) = rest.split_once('/').ok_or_else(wrong)?;
        let (name, path) = rest.split_once('/').ok_or_else(wrong)?;
        let (name, revision) = match name.split_once('@') {
            Some((name, revision)) => (name, Some(revision.to_owned())),
            None => (name, None),
        };
        if owner.is_empty() || name.is_empty() || path.is_empty() || revision.as_deref() == Some("") {
            return Err(wrong());
        }
        Ok(Self { repository: format!("{owner}/{name}"), revision, path: path.to_owned() })
    }
}
