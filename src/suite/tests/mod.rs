//! Suites as files, read through the front door.

mod accepted;
mod diagnostics;
mod hostile;
mod support;
