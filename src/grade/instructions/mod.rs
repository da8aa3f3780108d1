//! `instructions`: IFEval's 25 checks of whether an answer follows what can be checked of its instructions.
//!
//! In: a list of instructions (`read`), from the grader's options, the case's `expect` or the published columns
//! `instruction_id_list` and `kwargs`. Each becomes a [`check`](check::Check), and the grader says which of them the
//! answer follows. After Zhou et al., *Instruction-Following Evaluation for Large Language Models*, arXiv:2311.07911,
//! and its published code.

mod arguments;
mod check;
mod conflict;
mod example;
mod form;
mod grader;
mod language;
mod pattern;
mod read;
mod schema;
#[cfg(test)]
mod tests;
mod text;
mod wording;

pub(super) use grader::FAMILY;
pub(super) use schema::schema;
