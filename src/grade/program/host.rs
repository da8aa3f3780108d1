//! What the program that this library is in tells of itself, once, before anything is graded.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};

/// How programs are started here.
#[derive(Debug, Clone)]
pub struct Host {
    /// An executable that understands `sandboxed POLICY COMMAND…`: `bench` itself.
    pub launcher: PathBuf,
    /// A variable of the environment.
    pub variable: fn(&str) -> Option<OsString>,
}

static HOST: OnceLock<Host> = OnceLock::new();
static WITHHELD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// The key that no program ever gets, whatever a suite calls its own.
const OPENROUTER_KEY: &str = "OPENROUTER_API_KEY";

/// Tells how programs are started. The first one to tell is believed.
pub fn install(host: Host) {
    let _ = HOST.set(host);
}

/// A variable of the environment that no program gets, even where a suite lists it: it holds a key.
pub fn withhold(variable: &str) {
    WITHHELD.lock().unwrap_or_else(PoisonError::into_inner).insert(variable.to_owned());
}

/// Whether a variable holds a key of an endpoint.
pub(super) fn is_withheld(variable: &str) -> bool {
    variable == OPENROUTER_KEY || WITHHELD.lock().unwrap_or_else(PoisonError::into_inner).contains(variable)
}

/// How programs are started.
///
/// # Errors
/// Nobody has told.
pub(super) fn host() -> Result<&'static Host, String> {
    HOST.get().ok_or_else(|| "programs cannot be started here: no launcher is installed".to_owned())
}
