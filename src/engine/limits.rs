//! A lane's limits as plain values: a sliding window for rates, and a concurrency that yields to 429 and comes back.
//! No clock: the time is an argument.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

const MINUTE: Duration = Duration::from_mins(1);

/// At most so many units started in any 60 seconds.
///
/// A log of the last minute rather than a token bucket: a bucket lets twice its size through in the first minute, and a
/// provider that counts by the minute answers that with 429.
#[derive(Debug)]
pub(super) struct Window {
    limit: u64,
    used: u64,
    log: VecDeque<(Instant, u64)>,
}

impl Window {
    pub(super) fn new(limit: u32) -> Self {
        Self { limit: limit.into(), used: 0, log: VecDeque::new() }
    }

    /// When `units` more may start: now, or the moment enough of the last minute has passed out of it. More than the
    /// whole limit at once may start when the minute is empty.
    pub(super) fn ready_at(&mut self, now: Instant, units: u64) -> Instant {
        while let Some(&(at, used)) = self.log.front()
            && at + MINUTE <= now
        {
            self.used -= used;
            self.log.pop_front();
        }
        let mut used = self.used;
        let mut ready = now;
        for &(at, units_then) in &self.log {
            if used + units <= self.limit {
                break;
            }
            used -= units_then;
            ready = at + MINUTE;
        }
        ready
    }

    /// Notes that `units` started now.
    pub(super) fn take(&mut self, now: Instant, units: u64) {
        self.used += units;
        self.log.push_back((now, units));
    }

    /// Notes that what was taken at `at` as `estimate` was really `actual`.
    pub(super) fn correct(&mut self, at: Instant, estimate: u64, actual: u64) {
        if let Some(entry) = self.log.iter_mut().find(|entry| entry.0 == at && entry.1 == estimate) {
            self.used = self.used - estimate + actual;
            entry.1 = actual;
        }
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
    fn no_minute_holds_more_than_the_limit() {
        let start = Instant::now();
        let mut window = Window::new(5);
        let mut now = start;
        let mut sent = Vec::new();
        for i in 0..40 {
            now = window.ready_at(now + Duration::from_millis(i * 37 % 900), 1);
            window.take(now, 1);
            sent.push(now);
        }
        for pair in sent.windows(6) {
            assert!(pair[5] - pair[0] >= MINUTE);
        }
    }

    #[test]
    fn a_window_lets_through_what_fits_at_once() {
        let now = Instant::now();
        let mut window = Window::new(100);
        assert_eq!(window.ready_at(now, 1000), now, "more than the limit may start in an empty minute");
        window.take(now, 60);
        window.take(now + secs(1), 30);
        assert_eq!(window.ready_at(now + secs(2), 10), now + secs(2));
        assert_eq!(window.ready_at(now + secs(2), 11), now + MINUTE);
        assert_eq!(window.ready_at(now + secs(2), 90), now + secs(61));
        window.correct(now, 60, 10);
        assert_eq!(window.ready_at(now + secs(2), 60), now + secs(2));
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
