//! Options of a multiple choice: their letters, and an order that gives nothing away.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::suite::shuffle::fisher_yates;

/// The letters options are called by.
pub(super) const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Asks a question with the options in `choices`.
pub(super) const PROMPT: &str = "|-
  Answer this multiple-choice question.

  {{ question }}

  {% for choice in choices %}{{ 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[loop.index0] }}) {{ choice }}
  {% endfor %}
  Think it through if you need to. End your reply with a line of this form, the letter of the best option in place of X:
  Answer: X";

/// Grades the letter.
pub(super) const GRADERS: &str = "[{ type: choice, options_from: choices }]";

/// The letter of the n-th option from 0.
pub(super) fn letter(at: usize) -> Option<&'static str> {
    LETTERS.get(at..=at)
}

/// What is expected where this option is right: its letter, unless that is also the text of an option (blood groups
/// `A`, `B`, `AB`), for then the letter would be read as that text.
pub(super) fn right(choices: &[String], at: usize) -> Option<Value> {
    let (letter, text) = (letter(at)?, choices.get(at)?);
    let is_text = choices.iter().any(|choice| choice.trim() == letter);
    Some(Value::from(if is_text { text.as_str() } else { letter }))
}

/// The place of a right answer that is given as a letter or as a number from 0.
pub(super) fn place(answer: &Value, options: usize) -> Option<usize> {
    let at = match answer {
        Value::Number(number) => usize::try_from(number.as_u64()?).ok(),
        Value::String(text) => {
            let text = text.trim();
            match text.parse() {
                Ok(number) => Some(number),
                Err(_) if text.len() == 1 => LETTERS.find(&text.to_ascii_uppercase()),
                Err(_) => None,
            }
        }
        _ => None,
    }?;
    (at < options).then_some(at)
}

/// The options in an order drawn from `seed`, and where the one that was at `right` is now. The same seed gives the
/// same order everywhere.
pub(super) fn mixed(options: Vec<String>, right: usize, seed: &str) -> (Vec<String>, usize) {
    let mut order: Vec<(usize, String)> = options.into_iter().enumerate().collect();
    let seed: [u8; 32] = Sha256::digest(seed.as_bytes()).into();
    fisher_yates(&mut ChaCha8Rng::from_seed(seed), order.len(), |i, j| order.swap(i, j));
    let now = order.iter().position(|(before, _)| *before == right).unwrap_or(0);
    (order.into_iter().map(|(_, option)| option).collect(), now)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn options(texts: &[&str]) -> Vec<String> {
        texts.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_letter_that_is_an_options_text_gives_way_to_the_text() {
        assert_eq!(right(&options(&["Rome", "Oslo"]), 1), Some(json!("B")));
        assert_eq!(right(&options(&["B", "A", "AB", "O"]), 0), Some(json!("B")), "the text of the first");
        assert_eq!(right(&options(&["x"]), 3), None);
    }

    #[test]
    fn answers_are_letters_or_numbers_from_zero() {
        for (answer, at) in [(json!(2), 2), (json!("2"), 2), (json!("C"), 2), (json!(" c "), 2), (json!("A"), 0)] {
            assert_eq!(place(&answer, 4), Some(at), "{answer}");
        }
        for answer in [json!(4), json!("E"), json!(-1), json!("AB"), json!(""), json!("é"), json!(null), json!(1.5)] {
            assert_eq!(place(&answer, 4), None, "{answer}");
        }
    }

    #[test]
    fn mixing_spreads_the_right_option_over_all_places_and_never_loses_it() {
        let mut counts = [0; 4];
        for n in 0..4_000 {
            let (mixed_options, at) = mixed(options(&["right", "b", "c", "d"]), 0, &format!("rec{n}"));
            assert_eq!(mixed_options[at], "right");
            counts[at] += 1;
        }
        // Five standard deviations of 27.
        assert!(counts.iter().all(|count: &i32| (count - 1_000).abs() < 140), "{counts:?}");
        let again = |seed| mixed(options(&["a", "b", "c", "d", "e"]), 0, seed);
        assert_eq!(again("rec1"), again("rec1"));
    }
}
