//! `few_shot`: examples for a case, drawn from the rows of another file.

/// The keys read here.
pub(super) const KEYS: [&str; 1] = ["few_shot"];
