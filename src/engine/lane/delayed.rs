//! Retries in the order in which they are due.

use std::time::Instant;

use super::Job;

/// A retry that waits for its time. Ordered by it, then by cell so that equal times have an order too.
#[derive(Debug)]
pub(super) struct Delayed {
    pub(super) due: Instant,
    pub(super) job: Job,
}

impl PartialEq for Delayed {
    fn eq(&self, other: &Self) -> bool {
        (self.due, self.job.cell) == (other.due, other.job.cell)
    }
}

impl Eq for Delayed {}

impl PartialOrd for Delayed {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Delayed {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.due, self.job.cell).cmp(&(other.due, other.job.cell))
    }
}
