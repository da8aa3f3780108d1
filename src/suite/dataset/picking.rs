//! `where`, `sample`, `shuffle`, `limit`: which rows are asked, and in which order.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::suite::cases::Origin;
use crate::suite::log::Log;
use crate::suite::model::Case;
use crate::suite::read::Table;
use crate::suite::shuffle::fisher_yates;

/// The keys read here.
pub(super) const KEYS: [&str; 4] = ["where", "sample", "shuffle", "limit"];

/// Which rows of an entry are asked.
#[derive(Debug, Default)]
pub(super) struct Picking {
    shuffle: Option<u64>,
    limit: Option<usize>,
}

impl Picking {
    /// Reads an entry's keys. `None` where one cannot be used.
    pub(super) fn read(table: &Table<'_>, log: &Log) -> Option<Self> {
        let limit = table
            .get("limit")
            .filter(|field| !field.is_null())
            .and_then(|field| field.at_least_one("leave it out to read every row", log));
        let shuffle = table.get("shuffle").filter(|field| !field.is_null()).and_then(|field| field.seed(log));
        Some(Self { shuffle, limit: limit.map(|limit| limit as usize) })
    }

    /// Whether so many cases are enough, whatever comes after them.
    pub(super) fn is_enough(&self, cases: usize) -> bool {
        self.shuffle.is_none() && self.limit.is_some_and(|limit| cases >= limit)
    }

    /// Orders and limits what an entry's files gave.
    pub(super) fn finish(&self, list: &mut Vec<Case>, origins: &mut Vec<Origin>) {
        if let Some(seed) = self.shuffle {
            fisher_yates(&mut ChaCha8Rng::seed_from_u64(seed), list.len(), |i, j| {
                list.swap(i, j);
                origins.swap(i, j);
            });
        }
        let limit = self.limit.unwrap_or(usize::MAX);
        list.truncate(limit);
        origins.truncate(limit);
    }
}
