//! Suites as files, read through the front door.

mod accepted;
mod datasets;
mod hostile;
mod judges;
mod questions;
mod shaping;
mod shuffled;
mod sources;
mod support;
mod syntax;
mod values;
