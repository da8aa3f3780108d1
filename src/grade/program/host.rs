//! What the program that this library is in tells of itself, once, before anything is graded.

use std::borrow::Cow;
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

/// Shorter values are placeholders (`none`, `test`), whose letters occur in ordinary words.
const SHORTEST_KEY: usize = 12;

/// What a program says without the keys of endpoints in it, should it have come by one.
pub(super) fn without_keys(said: &[u8]) -> Cow<'_, [u8]> {
    let Some(host) = HOST.get() else { return Cow::Borrowed(said) };
    let withheld = WITHHELD.lock().unwrap_or_else(PoisonError::into_inner);
    let names = withheld.iter().map(String::as_str).chain([OPENROUTER_KEY]);
    let keys = names.filter_map(|name| (host.variable)(name)?.into_string().ok());
    let mut keys: Vec<String> = keys.map(|key| key.trim().to_owned()).filter(|key| key.len() >= SHORTEST_KEY).collect();
    // The longest first, should one contain another.
    keys.sort_by_key(|key| std::cmp::Reverse(key.len()));
    keys.iter().fold(Cow::Borrowed(said), |said, key| match memchr::memmem::find(&said, key.as_bytes()) {
        Some(_) => Cow::Owned(replaced(&said, key.as_bytes())),
        None => said,
    })
}

fn replaced(said: &[u8], key: &[u8]) -> Vec<u8> {
    let mut clean = Vec::with_capacity(said.len());
    let mut from = 0;
    for at in memchr::memmem::find_iter(said, key) {
        clean.extend_from_slice(&said[from..at]);
        clean.extend_from_slice(b"[redacted]");
        from = at + key.len();
    }
    clean.extend_from_slice(&said[from..]);
    clean
}

/// How programs are started.
///
/// # Errors
/// Nobody has told.
pub(super) fn host() -> Result<&'static Host, String> {
    HOST.get().ok_or_else(|| "programs cannot be started here: no launcher is installed".to_owned())
}
