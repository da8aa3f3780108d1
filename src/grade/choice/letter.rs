//! The letter that an answer picks, where nothing but the letters is known.

use super::listed::Choice;
use super::read::{Picked, pick};

/// The one letter that an answer picks; `None` also where it is ambiguous.
pub(in crate::grade) fn letter(answer: &str, letters: &[char]) -> Option<char> {
    let choices: Vec<Choice> =
        letters.iter().map(|&letter| Choice { letter, text: None, normal: String::new() }).collect();
    match pick(answer, &choices) {
        Picked::One(index) => choices.get(index).map(|choice| choice.letter),
        _ => None,
    }
}
