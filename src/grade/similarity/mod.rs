//! Graders that score how alike two texts are: `levenshtein`, `rouge`, `bleu`, `chrf`, `f1` and `squad_em`.
//!
//! In: the answer and one or more references. Out: a score in 0..1 and, by a threshold, a verdict. Each measure agrees
//! with its reference implementation to 1e-9 on the vectors in `tests/reference/similarity.json`.
//!
//! Every family is a [`Measure`](grader::Measure) (two texts → a score) inside [`Similar`](grader::Similar) (options,
//! references, verdict, reason). Measures are linear in the answer, but for edit distance and longest common
//! subsequence: those count their steps and say so where a budget runs out ([`bits`]).

mod bits;
mod bleu;
mod chrf;
mod f1;
mod grader;
mod levenshtein;
mod ngrams;
mod porter;
mod python;
mod rouge;
mod settings;
mod squad;
#[cfg(test)]
mod tests;
mod tokenize;
mod union_lcs;

pub(super) use bleu::FAMILY as BLEU;
pub(super) use chrf::FAMILY as CHRF;
pub(super) use f1::FAMILY as F1;
pub(super) use levenshtein::FAMILY as LEVENSHTEIN;
pub(super) use rouge::FAMILY as ROUGE;
pub(super) use squad::FAMILY as SQUAD_EM;
