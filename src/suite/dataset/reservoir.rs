//! A random sample of rows that come one by one, no more of them held than asked for.
//!
//! Every row draws a number, and the rows with the smallest are kept (bottom-k sampling): every set of rows is equally
//! likely, and a larger sample of the same seed holds the smaller one. Rows may belong to strata, of which each is
//! sampled by its own; at the end each gets the same share, and what a small one leaves goes to the others.

use std::collections::{BinaryHeap, HashMap};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

/// Strata there may be.
pub(super) const MAX_STRATA: usize = 10_000;

/// A sample while rows come.
#[derive(Debug)]
pub(super) struct Reservoir<T> {
    size: usize,
    seed: u64,
    /// Rows so far.
    seen: u64,
    strata: HashMap<Box<str>, Stratum<T>>,
    /// Whether a row came whose stratum would have been one too many.
    is_full: bool,
}

/// The sample of one stratum.
#[derive(Debug)]
struct Stratum<T> {
    random: ChaCha8Rng,
    /// Who gets what cannot be divided: the smallest.
    lot: u64,
    /// The greatest draw on top.
    kept: BinaryHeap<Drawn<T>>,
}

/// A row with its draw and its place in the file; ordered by these.
#[derive(Debug)]
struct Drawn<T> {
    draw: (u64, u64),
    row: T,
}

impl<T> PartialEq for Drawn<T> {
    fn eq(&self, other: &Self) -> bool {
        self.draw == other.draw
    }
}

impl<T> Eq for Drawn<T> {}

impl<T> PartialOrd for Drawn<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Drawn<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.draw.cmp(&other.draw)
    }
}

impl<T> Reservoir<T> {
    /// For `size` rows.
    pub(super) fn new(size: usize, seed: u64) -> Self {
        Self { size, seed, seen: 0, strata: HashMap::new(), is_full: false }
    }

    /// Takes a row of a stratum.
    pub(super) fn push(&mut self, stratum: &str, row: T) {
        let at = self.seen;
        self.seen += 1;
        if !self.strata.contains_key(stratum) {
            if self.strata.len() == MAX_STRATA {
                self.is_full = true;
                return;
            }
            self.strata.insert(stratum.into(), Stratum::new(self.seed, stratum));
        }
        let Some(stratum) = self.strata.get_mut(stratum) else { return };
        let drawn = Drawn { draw: (stratum.random.next_u64(), at), row };
        if stratum.kept.len() < self.size {
            stratum.kept.push(drawn);
        } else if stratum.kept.peek().is_some_and(|greatest| drawn < *greatest) {
            stratum.kept.pop();
            stratum.kept.push(drawn);
        }
    }

    /// Whether there were too many strata.
    pub(super) fn is_full(&self) -> bool {
        self.is_full
    }

    /// How many rows came.
    pub(super) fn seen(&self) -> u64 {
        self.seen
    }

    /// The sample, in the order in which its rows came.
    pub(super) fn finish(self) -> Vec<T> {
        let mut strata: Vec<Stratum<T>> = self.strata.into_values().collect();
        // The smallest first: what they leave is divided among the rest.
        strata.sort_by_key(|stratum| (stratum.kept.len(), stratum.lot));
        let mut drawn: Vec<Drawn<T>> = Vec::new();
        let mut left = self.size;
        let mut at = 0;
        while at < strata.len() && strata[at].kept.len() <= left / (strata.len() - at) {
            left -= strata[at].kept.len();
            at += 1;
        }
        let mut rest = strata.split_off(at);
        drawn.extend(strata.into_iter().flat_map(|stratum| stratum.kept));
        rest.sort_by_key(|stratum| stratum.lot);
        let (share, more) = (left / rest.len().max(1), left % rest.len().max(1));
        for (at, stratum) in rest.into_iter().enumerate() {
            let share = share + usize::from(at < more);
            drawn.extend(stratum.kept.into_sorted_vec().into_iter().take(share));
        }
        drawn.sort_by_key(|drawn| drawn.draw.1);
        drawn.into_iter().map(|drawn| drawn.row).collect()
    }
}

impl<T> Stratum<T> {
    /// What it draws depends on nothing but the seed and its name.
    fn new(seed: u64, name: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(seed.to_le_bytes());
        hash.update(name.as_bytes());
        let mut random = ChaCha8Rng::from_seed(hash.finalize().into());
        Self { lot: random.next_u64(), random, kept: BinaryHeap::new() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sample(rows: usize, size: usize, seed: u64, stratum: impl Fn(usize) -> String) -> Vec<usize> {
        let mut reservoir = Reservoir::new(size, seed);
        for row in 0..rows {
            reservoir.push(&stratum(row), row);
        }
        assert_eq!(reservoir.seen(), rows as u64);
        reservoir.finish()
    }

    #[test]
    fn the_same_seed_gives_the_same_rows_in_every_version() {
        let plain = |_| String::new();
        assert_eq!(sample(1_000, 5, 7, plain), sample(1_000, 5, 7, plain));
        assert_ne!(sample(1_000, 5, 7, plain), sample(1_000, 5, 8, plain));
        assert_eq!(sample(100, 5, 0, plain), [15, 49, 63, 72, 74]);
        assert_eq!(sample(100, 5, 1, plain), [10, 17, 19, 65, 83]);
    }

    #[test]
    fn every_row_is_as_likely_as_the_others() {
        let mut counts = [0_i32; 50];
        for seed in 0..4_000 {
            for row in sample(50, 10, seed, |_| String::new()) {
                counts[row] += 1;
            }
        }
        // 800 each; five standard deviations of 25.
        assert!(counts.iter().all(|count| (count - 800).abs() < 127), "{counts:?}");
    }

    #[test]
    fn what_a_small_stratum_leaves_goes_to_the_others() {
        // 3 of `a`, 20 of `b`, 77 of `c`.
        let of = |row: usize| {
            if row < 3 {
                "a"
            } else if row < 23 {
                "b"
            } else {
                "c"
            }
        };
        let counts = |size: usize| {
            let rows = sample(100, size, 1, |row| of(row).to_owned());
            ["a", "b", "c"].map(|name| rows.iter().filter(|row| of(**row) == name).count())
        };
        assert_eq!(counts(3), [1, 1, 1]);
        assert_eq!(counts(9), [3, 3, 3]);
        assert_eq!(counts(13), [3, 5, 5]);
        assert_eq!(counts(63), [3, 20, 40]);
        assert_eq!(counts(100), [3, 20, 77]);
        assert_eq!(counts(500), [3, 20, 77]);
        let [a, b, c] = counts(11);
        assert!(a == 3 && b.abs_diff(c) == 0 && b + c == 8);
        let [a, b, c] = counts(2);
        assert!(a + b + c == 2 && a.max(b).max(c) == 1);
    }

    #[test]
    fn within_a_stratum_every_row_is_as_likely() {
        let mut counts = [0_i32; 20];
        for seed in 0..4_000 {
            for row in sample(60, 12, seed, |row| (row % 3).to_string()).into_iter().filter(|row| row % 3 == 0) {
                counts[row / 3] += 1;
            }
        }
        // 4 of 20 each time: 800 each.
        assert!(counts.iter().all(|count| (count - 800).abs() < 127), "{counts:?}");
    }

    #[test]
    fn no_more_is_held_than_asked_for() {
        let mut reservoir = Reservoir::new(10, 0);
        for row in 0..100_000 {
            reservoir.push(if row % 2 == 0 { "even" } else { "odd" }, row);
            assert!(reservoir.strata.values().map(|stratum| stratum.kept.len()).sum::<usize>() <= 20);
        }
        let mut reservoir = Reservoir::new(10, 0);
        (0..MAX_STRATA).for_each(|row| reservoir.push(&row.to_string(), row));
        reservoir.push("0", 0);
        assert!(!reservoir.is_full());
        reservoir.push("one more", 0);
        assert!(reservoir.is_full());
    }

    proptest! {
        #[test]
        fn a_sample_is_a_part_of_the_rows_in_their_order(
            strata in prop::collection::vec(0..4_u8, 0..80),
            size in 1..40_usize,
            seed: u64,
        ) {
            let rows = sample(strata.len(), size, seed, |row| strata[row].to_string());
            prop_assert_eq!(rows.len(), size.min(strata.len()));
            prop_assert!(rows.windows(2).all(|pair| pair[0] < pair[1]));
            // No stratum could have had one more at the cost of one that has two more.
            let of = |name: u8, rows: &mut dyn Iterator<Item = usize>| rows.filter(|row| strata[*row] == name).count();
            for a in 0..4 {
                for b in 0..4 {
                    let (has_a, has_b) = (of(a, &mut rows.iter().copied()), of(b, &mut rows.iter().copied()));
                    prop_assert!(has_b < has_a + 2 || has_a == of(a, &mut (0..strata.len())));
                }
            }
        }

        #[test]
        fn a_larger_sample_holds_the_smaller(rows in 0..200_usize, size in 1..50_usize, more in 0..50_usize, seed: u64) {
            let small = sample(rows, size, seed, |_| String::new());
            let large = sample(rows, size + more, seed, |_| String::new());
            prop_assert!(small.iter().all(|row| large.contains(row)));
        }
    }
}
