//! Texts taken apart as the published checks take them: Python's characters, NLTK's sentences and words.

mod characters;
mod known;
mod sentences;
mod words;

pub(super) use characters::{is_lower, is_space, is_upper, strip};
pub(super) use sentences::sentences;
pub(super) use words::{capital_words, count_words};
