//! A lane's limits as plain values: an even pace for rates, and a concurrency that yields to 429 and comes back. No
//! clock: the time is an argument.

use std::time::{Duration, Instant};

/// So many units a minute, evenly spread: after some were taken, the next may start when their time has passed.
///
/// No burst: a bucket of a minute's size lets twice the limit through in its first minute, and providers that count by
/// the second answer the burst of a sliding window with 429. (This is GCRA with a burst of one.)
#[derive(Debug)]
pub(super) struct Pace {
    unit: Duration,
    next: Option<Instant>,
}

impl Pace {
    pub(super) fn per_minute(limit: u32) -> Self {
        Self { unit: Duration::from_mins(1) / limit.max(1), next: None }
    }

    /// When the next may start.
    pub(super) fn ready_at(&self, now: Instant) -> Instant {
        self.next.map_or(now, |next| next.max(now))
    }

    /// Notes that `units` started now.
    pub(super) fn take(&mut self, now: Instant, units: u64) {
        self.next = self.ready_at(now).checked_add(self.time_of(units));
    }

    /// Notes that what was taken as `estimate` was really `actual`.
    pub(super) fn correct(&mut self, estimate: u64, actual: u64) {
        self.next = self.next.and_then(|next| {
            let later = next.checked_add(self.time_of(actual.saturating_sub(estimate)))?;
            later.checked_sub(self.time_of(estimate.saturating_sub(actual)))
        });
    }

    fn time_of(&self, units: u64) -> Duration {
        self.unit.saturating_mul(u32::try_from(units).unwrap_or(u32::MAX))
    }
}

/// Requests in flight at most: halved by a 429, won back by one after two rounds of good answers.
#[derive(Debug)]
pub(super) struct Concurrency {
    max: u32,
    now: u32,
    /// Answers since the last change.
    good: u32,
    /// Requests sent before this moment belong to a time already paid for: their 429s cut nothing more.
    cut_at: Option<Instant>,
}

/// The concurrency before and after a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) before: u32,
    pub(super) now: u32,
}

impl Concurrency {
    pub(super) fn new(max: u32) -> Self {
        Self { max: max.max(1), now: max.max(1), good: 0, cut_at: None }
    }

    pub(super) fn now(&self) -> u32 {
        self.now
    }

    /// A request sent at `sent` was answered with 429.
    pub(super) fn limited(&mut self, sent: Instant, now: Instant) -> Option<Change> {
        self.good = 0;
        if self.now == 1 || self.cut_at.is_some_and(|cut| sent <= cut) {
            return None;
        }
        self.cut_at = Some(now);
        self.change(self.now / 2)
    }

    /// A request was answered.
    pub(super) fn answered(&mut self) -> Option<Change> {
        if self.now == self.max {
            return None;
        }
        self.good += 1;
        if self.good < 2 * self.now {
            return None;
        }
        self.good = 0;
        self.change(self.now + 1)
    }

    fn change(&mut self, to: u32) -> Option<Change> {
        let before = self.now;
        self.now = to.clamp(1, self.max);
        (before != self.now).then_some(Change { before, now: self.now })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn requests_are_spread_evenly_over_the_minute() {
        let start = Instant::now();
        let mut pace = Pace::per_minute(60);
        let mut now = start;
        let mut sent = Vec::new();
        for i in 0..40 {
            now = pace.ready_at(now + Duration::from_millis(i * 37 % 900));
            pace.take(now, 1);
            sent.push(now);
        }
        assert_eq!(sent[0], start, "the first waits for nothing");
        assert!(sent.windows(2).all(|pair| pair[1] - pair[0] >= secs(1)));
        assert!(sent[39] - sent[0] < secs(60), "and time that was not used is not lost for long");
    }

    #[test]
    fn a_pace_of_tokens_follows_what_was_really_taken() {
        let now = Instant::now();
        let mut pace = Pace::per_minute(600);
        pace.take(now, 100);
        assert_eq!(pace.ready_at(now), now + secs(10));
        pace.correct(100, 300);
        assert_eq!(pace.ready_at(now), now + secs(30));
        pace.correct(300, 20);
        assert_eq!(pace.ready_at(now), now + secs(2));
        assert_eq!(pace.ready_at(now + secs(9)), now + secs(9));
    }

    #[test]
    fn one_burst_of_429s_cuts_once() {
        let now = Instant::now();
        let mut c = Concurrency::new(8);
        assert_eq!(c.limited(now, now + secs(1)), Some(Change { before: 8, now: 4 }));
        assert_eq!(c.limited(now, now + secs(1)), None, "sent before the cut");
        assert_eq!(c.limited(now + secs(2), now + secs(3)), Some(Change { before: 4, now: 2 }));
        assert_eq!(c.limited(now + secs(4), now + secs(5)), Some(Change { before: 2, now: 1 }));
        assert_eq!(c.limited(now + secs(6), now + secs(7)), None, "never below one");
    }

    #[test]
    fn concurrency_is_won_back_slowly() {
        let now = Instant::now();
        let mut c = Concurrency::new(4);
        c.limited(now, now);
        let changes: Vec<Option<Change>> = (0..10).map(|_| c.answered()).collect();
        assert_eq!(
            changes.iter().flatten().copied().collect::<Vec<_>>(),
            [Change { before: 2, now: 3 }, Change { before: 3, now: 4 }]
        );
        assert_eq!(changes.iter().position(Option::is_some), Some(3));
        assert_eq!(c.answered(), None);
    }
}
