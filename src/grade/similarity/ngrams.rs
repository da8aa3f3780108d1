//! Counting n-grams that an answer shares with its references, in time linear in both.

use std::collections::HashMap;
use std::hash::Hash;

/// Numbers for tokens: equal tokens have equal numbers.
#[derive(Debug)]
pub(super) struct Interner<T>(HashMap<T, u32>);

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T: Eq + Hash> Interner<T> {
    /// The token's number; a new one for a new token.
    pub(super) fn number(&mut self, token: T) -> u32 {
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        *self.0.entry(token).or_insert(next)
    }

    /// The numbers of several tokens.
    pub(super) fn numbers(&mut self, tokens: impl IntoIterator<Item = T>) -> Vec<u32> {
        tokens.into_iter().map(|token| self.number(token)).collect()
    }

    /// How many tokens there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Interner<String> {
    /// The number of a token that is copied only when it is new.
    pub(super) fn number_of(&mut self, token: &str) -> u32 {
        match self.0.get(token) {
            Some(number) => *number,
            None => self.number(token.to_owned()),
        }
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
        let mut known: Interner<(u32, u32)> = Interner::default();
        let mut most: Vec<usize> = Vec::new();
        for (tokens, ngrams) in &mut in_references {
            let mut counts = vec![0_usize; known.len()];
            let places = (tokens.len() + 1).saturating_sub(length);
            for place in 0..places {
                let number = ngrams[place].map(|front| known.number((front, tokens[place + length - 1])));
                ngrams[place] = number;
                let Some(number) = number.map(|number| number as usize) else { continue };
                if number >= counts.len() {
                    counts.resize(number + 1, 0);
                }
                counts[number] += 1;
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
            in_answer[place] = key.and_then(|key| known.0.get(&key).copied());
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
