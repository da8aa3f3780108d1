//! What an import is asked and what it reports.

use std::collections::BTreeMap;
use std::fmt;

/// Whose config it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `promptfooconfig.yaml`.
    Promptfoo,
    /// An entry of the registry of OpenAI's evals.
    OpenaiEvals,
    /// A task of `EleutherAI`'s lm-evaluation-harness.
    LmEval,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Promptfoo, Self::OpenaiEvals, Self::LmEval];

    /// As it is written on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Promptfoo => "promptfoo",
            Self::OpenaiEvals => "openai-evals",
            Self::LmEval => "lm-eval",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Promptfoo => "a promptfoo config",
            Self::OpenaiEvals => "an OpenAI-evals registry entry",
            Self::LmEval => "an lm-eval task",
        })
    }
}

/// The files that a config may name, by paths relative to its folder.
pub trait Files {
    /// A file's text.
    ///
    /// # Errors
    /// Why it cannot be read, as a fragment.
    fn read(&self, path: &str) -> Result<String, String>;

    /// Whether there is such a file.
    fn exists(&self, path: &str) -> bool;

    /// The files that match a glob, sorted.
    fn matching(&self, pattern: &str) -> Vec<String>;
}

/// What is to be imported.
#[derive(Debug)]
pub struct Request<'a, F: ?Sized> {
    /// The config's text.
    pub text: &'a str,
    /// The config's path, as it is named to the user and in the header.
    pub path: &'a str,
    /// What the suite is called where the config has no name for it.
    pub name: &'a str,
    /// Whose config it is; `None`: its keys tell.
    pub kind: Option<Kind>,
    /// The way from the suite's folder to the config's, empty where they are one; with `/` at its end.
    pub prefix: &'a str,
    /// The files around it.
    pub files: &'a F,
}

/// A suite that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// Whose config it was.
    pub kind: Kind,
    /// The suite.
    pub yaml: String,
    /// What has no equivalent, in the order of the config.
    pub left_out: Vec<LeftOut>,
    /// Assertions (graders, metrics) and how many of them were understood.
    pub tally: Tally,
}

/// Something that has no equivalent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// The file, as the config names it; empty for the config itself.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// What stands there: ``assertion `javascript` ``.
    pub what: String,
    /// Why it was left out, and what can be done.
    pub why: String,
}

/// Assertions by type: how many there were, and how many were understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// By type: all, understood.
    pub types: BTreeMap<String, (usize, usize)>,
}

impl Tally {
    /// Counts one assertion.
    pub(super) fn count(&mut self, name: &str, understood: bool) {
        let entry = self.types.entry(name.to_owned()).or_default();
        entry.0 += 1;
        entry.1 += usize::from(understood);
    }

    /// How many there were.
    pub fn all(&self) -> usize {
        self.types.values().map(|(all, _)| all).sum()
    }

    /// How many were understood.
    pub fn understood(&self) -> usize {
        self.types.values().map(|(_, understood)| understood).sum()
    }
}

/// Why there is no suite.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// The text is neither YAML nor JSON.
    #[error("{path}:{line}: {message}")]
    Syntax {
        /// The file.
        path: String,
        /// From 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// No kind of config has these keys.
    #[error(
        "{0} is no config that can be imported: none of its keys is one of promptfoo's, OpenAI evals' or lm-eval's"
    )]
    Unknown(String),
    /// It is what an import would make.
    #[error("{0} is a suite already: there is nothing to import")]
    Suite(String),
    /// There is nothing in it that a suite could be made of.
    #[error("{path}: nothing to import: {why}")]
    Nothing {
        /// The file.
        path: String,
        /// What is missing.
        why: String,
    },
}
