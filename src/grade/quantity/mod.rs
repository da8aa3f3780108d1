//! Numbers as people and models write them: found in prose, kept exactly, compared exactly or within a tolerance.

mod scan;
mod signs;
#[cfg(test)]
mod tests;
mod value;

pub(super) use scan::{Mark, Number, Style, numbers};
pub(super) use value::{Quantity, Tolerance};
