//! `matrix`: each case once for every combination of further variables.

/// The keys read here.
pub(super) const KEYS: [&str; 1] = ["matrix"];
