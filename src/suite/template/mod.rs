//! Templates: Jinja, strict, bounded, and rendered without the engine where they only insert variables.
//!
//! What is inserted prints as JSON would (`true`, `null`, `["a"]`), texts as they are, and numbers as they were
//! written (`1.10` stays `1.10`).

mod compiled;
mod engine;
mod expression;
mod tokens;
mod vars;

#[cfg(test)]
mod tests;

pub(super) use compiled::{Template, TemplateError};
pub(super) use expression::Expression;
pub(super) use vars::{Vars, push_text};
