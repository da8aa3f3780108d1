//! Instructions that no answer can follow together. The published table of conflicts is for making up prompts, and the
//! published prompts themselves do not keep to it; what is refused here cannot be followed by anybody.

use super::check::{Amount, Check, Relation};
use super::language::Language;
use super::read::Instruction;

/// The first instruction that contradicts one before it, and how.
pub(super) fn first(instructions: &[Instruction]) -> Option<(usize, String)> {
    instructions.iter().enumerate().find_map(|(index, later)| {
        let earlier = instructions[..index].iter().find(|earlier| contradict(&earlier.check, &later.check))?;
        Some((index, format!("no answer can follow both `{}` and `{}`", earlier.id, later.id)))
    })
}

fn contradict(a: &Check, b: &Check) -> bool {
    either(a, b) || either(b, a)
}

/// The contradictions of a first with a second; those that are the same either way stand here once.
fn either(a: &Check, b: &Check) -> bool {
    use Check as C;
    match (a, b) {
        (C::EnglishCapital, C::EnglishLowercase) => true,
        (C::EnglishCapital | C::EnglishLowercase, C::Language(language)) => *language != Language::ENGLISH,
        (C::Language(one), C::Language(other)) => one != other,
        (C::Sentences(one), C::Sentences(other))
        | (C::Words(one), C::Words(other))
        | (C::CapitalWords(one), C::CapitalWords(other)) => leave_nothing(*one, *other),
        (C::Frequency(keyword, one), C::Frequency(same, other)) => {
            keyword.text == same.text && leave_nothing(*one, *other)
        }
        (C::LetterFrequency(letter, one), C::LetterFrequency(same, other)) => {
            letter == same && leave_nothing(*one, *other)
        }
        (C::Paragraphs(one), C::Paragraphs(other)) | (C::Bullets(one), C::Bullets(other)) => one != other,
        (
            C::FirstWord { paragraphs: one, nth, word },
            C::FirstWord { paragraphs: other, nth: same, word: different },
        ) => one != other || (nth == same && word != different),
        (C::Existence(keywords), C::Forbidden(words)) => {
            // Forbidden as a word, it may still stand inside a longer one; that is hardly meant.
            keywords.iter().any(|keyword| words.iter().any(|word| word.text.eq_ignore_ascii_case(&keyword.text)))
        }
        (C::End(one), C::End(other)) => {
            let (one, other) = (one.trim().to_lowercase(), other.trim().to_lowercase());
            !one.ends_with(&other) && !other.ends_with(&one)
        }
        _ => false,
    }
}

/// Whether one asks for at least as many as the other forbids.
fn leave_nothing(one: Amount, other: Amount) -> bool {
    match (one.relation, other.relation) {
        (Relation::AtLeast, Relation::LessThan) => one.bound >= other.bound,
        (Relation::LessThan, Relation::AtLeast) => other.bound >= one.bound,
        _ => false,
    }
}
