//! `all`, `any` and `not`: graders put together of others.
//!
//! `build` reads them, `decide` says what the parts' grades make together, `grader` runs the parts, those that wait at
//! the same time.

mod build;
mod decide;
mod grader;
#[cfg(test)]
mod tests;

pub(super) use build::{ALL, ANY, NOT};
