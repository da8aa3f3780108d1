//! Counting n-grams that an answer shares with its references, in time linear in both.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Numbers for the words of the references. Those of an answer that are in no reference are all the same to it, so that
/// an answer, however long, adds nothing.
#[derive(Debug, Default)]
pub(super) struct Vocabulary(HashMap<String, u32>);

impl Vocabulary {
    /// The number of a reference's word; a new one for a new word.
    pub(super) fn add(&mut self, word: &str) -> u32 {
        if let Some(number) = self.0.get(word) {
            return *number;
        }
        let number = number(self.0.len());
        self.0.insert(word.to_owned(), number);
        number
    }

    /// The number of an answer's word, once all references are in.
    pub(super) fn find(&self, word: &str) -> u32 {
        self.0.get(word).copied().unwrap_or_else(|| number(self.0.len()))
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The numbers of n-grams, by the number of all but the last token, and the last token. Only those of references are in
/// it, so a quick hash will do: an answer cannot make it degenerate.
type Known = HashMap<(u32, u32), u32, BuildHasherDefault<Mix>>;

/// A hash of two numbers.
#[derive(Debug, Clone, Copy, Default)]
struct Mix(u64);

impl Hasher for Mix {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32(u32::from(*byte));
        }
    }

    fn write_u32(&mut self, number: u32) {
        // An odd factor near 2^64 divided by the golden ratio; the fold brings the high bits down.
        let product = u128::from(self.0 ^ u64::from(number)) * 0x9e37_79b9_7f4a_7c15;
        #[expect(clippy::cast_possible_truncation, reason = "both halves are kept")]
        let folded = (product >> 64) as u64 ^ product as u64;
        self.0 = folded.wrapping_add(0x2545_f491_4f6c_dd1d);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// How many n-grams of one length there are in an answer, in a reference, and in both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Shared {
    /// In the answer.
    pub(super) answer: usize,
    /// In the reference; in the first of several.
    pub(super) reference: usize,
    /// In both: each as often as where it is rarer. With several references an n-gram counts as often as in the one
    /// that has most of it.
    pub(super) both: usize,
}

/// The n-grams of length 1 to `longest` that an answer shares with its references, all at once.
///
/// An n-gram is known by the number of its first n − 1 tokens and its last token, so that none is ever copied; only
/// those of the references get a number.
pub(super) fn shared<'a>(
    answer: &[u32],
    references: impl Iterator<Item = &'a [u32]> + Clone,
    longest: usize,
) -> Vec<Shared> {
    // At each place the number of the n-gram that starts there, from the round before; of length 0, all are alike.
    let start = |tokens: &[u32]| vec![Some(0_u32); tokens.len() + 1];
    let mut in_answer = start(answer);
    let mut in_references: Vec<_> = references.clone().map(|tokens| (tokens, start(tokens))).collect();
    let mut out = Vec::with_capacity(longest);
    for length in 1..=longest {
        let mut known = Known::default();
        let mut most: Vec<usize> = Vec::new();
        for (tokens, ngrams) in &mut in_references {
            let mut counts = vec![0_usize; known.len()];
            let places = (tokens.len() + 1).saturating_sub(length);
            for place in 0..places {
                let Some(front) = ngrams[place] else { continue };
                let new = number(known.len());
                let ngram = *known.entry((front, tokens[place + length - 1])).or_insert(new);
                ngrams[place] = Some(ngram);
                counts.resize(known.len(), 0);
                counts[ngram as usize] += 1;
            }
            most.resize(known.len(), 0);
            for (most, count) in most.iter_mut().zip(counts) {
                *most = (*most).max(count);
            }
        }
        let mut both = 0;
        let places = (answer.len() + 1).saturating_sub(length);
        for place in 0..places {
            let key = in_answer[place].map(|front| (front, answer[place + length - 1]));
            in_answer[place] = key.and_then(|key| known.get(&key).copied());
            if let Some(left) = in_answer[place].and_then(|number| most.get_mut(number as usize)) {
                both += usize::from(*left > 0);
                *left = left.saturating_sub(1);
            }
        }
        let reference = in_references.first().map_or(0, |(tokens, _)| (tokens.len() + 1).saturating_sub(length));
        out.push(Shared { answer: places, reference, both });
    }
    out
}
