//! Seeded draws: the same seed and the same words give the same dice, whatever else is going on.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

/// Dice that depend only on what they were made from. `ChaCha8` because its stream is the same in every version.
#[derive(Debug, Clone)]
pub(super) struct Chance(ChaCha8Rng);

impl Chance {
    /// Dice for a seed and the words that say what they are for.
    pub(super) fn new(seed: u64, words: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        hash.update(seed.to_le_bytes());
        for word in words {
            hash.update((word.len() as u64).to_le_bytes());
            hash.update(word);
        }
        Self(ChaCha8Rng::from_seed(hash.finalize().into()))
    }

    /// A number in [0, 1).
    pub(super) fn unit(&mut self) -> f64 {
        self.0.random()
    }

    /// A number between two others.
    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A whole number in `low..high`, or `low` where that range is empty.
    pub(super) fn within(&mut self, low: usize, high: usize) -> usize {
        if high <= low { low } else { self.0.random_range(low..high) }
    }

    /// True in this share of cases.
    pub(super) fn happens(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// One of these.
    pub(super) fn pick<T: Copy>(&mut self, first: T, others: &[T]) -> T {
        match self.within(0, others.len() + 1) {
            0 => first,
            n => others.get(n - 1).copied().unwrap_or(first),
        }
    }

    /// Letters and digits, as in OpenRouter's generation ids.
    pub(super) fn alphanumeric(&mut self, length: usize) -> String {
        const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        (0..length).map(|_| char::from(LETTERS[self.within(0, LETTERS.len())])).collect()
    }
}

/// The first eight bytes of the SHA-256 of some words, each with its length.
pub(super) fn digest(words: &[&[u8]]) -> u64 {
    let mut hash = Sha256::new();
    for word in words {
        hash.update((word.len() as u64).to_le_bytes());
        hash.update(word);
    }
    let bytes: [u8; 32] = hash.finalize().into();
    bytes[..8].iter().fold(0, |number, &byte| number << 8 | u64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_give_the_same_dice_and_others_do_not() {
        let draw = |seed, words: &[&[u8]]| Chance::new(seed, words).alphanumeric(20);
        assert_eq!(draw(1, &[b"a", b"b"]), draw(1, &[b"a", b"b"]));
        assert_ne!(draw(1, &[b"a", b"b"]), draw(2, &[b"a", b"b"]));
        assert_ne!(draw(1, &[b"a", b"b"]), draw(1, &[b"ab", b""]));
    }

    #[test]
    fn shares_come_out_as_asked() {
        let mut chance = Chance::new(3, &[b"shares"]);
        let hits = (0..10_000).filter(|_| chance.happens(0.3)).count();
        assert!((2_800..3_200).contains(&hits), "{hits}");
        assert!((0..1000).all(|_| (5..9).contains(&chance.within(5, 9))));
        assert_eq!(chance.within(5, 5), 5);
    }
}
