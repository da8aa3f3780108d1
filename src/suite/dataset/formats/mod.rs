//! Published benchmarks as their files lie on the disk: rows → items with known columns, expectation and graders.
//!
//! A format brings a prompt and graders. What the suite or the entry writes wins over what the format brings
//! (`super::bringing`). Each family has a file; `raw` reads fields and says what is odd about a row, `looks` tells which
//! other format it may be of, `options` puts multiple choices in order, `conversation` reads chat messages. The shapes
//! and where they come from stand in `docs/formats.md`.

mod bbh;
mod chat;
mod code;
mod conversation;
mod gpqa;
mod gsm8k;
mod ifeval;
mod looks;
mod mmlu;
mod openai_evals;
mod options;
pub(crate) mod promptfoo;
mod raw;
mod registry;
mod squad;
mod truthfulqa;

#[cfg(test)]
mod tests;

pub(super) use raw::Raw;
pub(super) use registry::{PUBLISHED, Published, find};
