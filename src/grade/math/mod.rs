//! `math`: the answer equals the expected one as mathematics.
//!
//! Flow: an answer → `locate` (the piece that is its result) → `lex` → `parse` over `terms` over `atoms` → a `Meaning` of
//! `Expr`s → `equal`, which asks `residues` (exact, in finite fields), `numeric` (complex floating point) and `reals`
//! (sets as pieces of the line) whether two results are one. `grader` holds options and verdict.
//!
//! Everything is bounded: a result of more than a few thousand characters, or nested too deep, is not understood, which
//! is an error of the cell and never a verdict.

mod atoms;
mod equal;
mod expr;
mod grader;
mod lex;
mod locate;
mod meaning;
mod numeric;
mod parse;
mod reals;
mod residues;
mod terms;
#[cfg(test)]
mod tests;
mod vocabulary;

pub(super) use grader::FAMILY;
