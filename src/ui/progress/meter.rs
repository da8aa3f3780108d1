//! Measuring as events come by, in bounded memory: rates over a recent window, percentiles of latency.

use std::time::Duration;

/// Seconds of the recent window.
const WINDOW: u64 = 15;
/// One more than that, for the second that is going on.
const SLOTS: usize = 16;
/// Fewer events than this in the window say nothing: then the whole run so far is taken.
const FEW: u32 = 5;

/// How many a second, recently.
#[derive(Debug, Clone, Default)]
pub struct Rate {
    /// Counts by second of the run, each second in the slot of its number modulo the slots.
    slots: [u32; SLOTS],
    /// The second that the newest slot counts.
    newest: u64,
    total: u64,
}

impl Rate {
    /// Counts one event at a time since the start of the run.
    pub fn count(&mut self, at: Duration) {
        self.advance(at.as_secs());
        // A late event counts in its own second while that is still kept.
        let second = at.as_secs();
        if second + WINDOW >= self.newest {
            self.slots[slot(second)] += 1;
        }
        self.total += 1;
    }

    /// Events a second at a time since the start of the run. `None` before there is anything to tell.
    pub fn per_second(&self, now: Duration) -> Option<f64> {
        let elapsed = now.as_secs_f64();
        if self.total == 0 || elapsed < 0.5 {
            return None;
        }
        let second = now.as_secs();
        let first = second.saturating_sub(WINDOW);
        let recent: u32 = (first..=second)
            .filter(|&s| s <= self.newest && s + WINDOW >= self.newest)
            .map(|s| self.slots[slot(s)])
            .sum();
        if recent < FEW {
            return Some(self.total as f64 / elapsed);
        }
        Some(f64::from(recent) / (elapsed - first as f64).max(0.5))
    }

    fn advance(&mut self, second: u64) {
        if second > self.newest {
            let stale = (second - self.newest).min(SLOTS as u64);
            for s in second + 1 - stale..=second {
                self.slots[slot(s)] = 0;
            }
            self.newest = second;
        }
    }
}

fn slot(second: u64) -> usize {
    usize::try_from(second % SLOTS as u64).unwrap_or(0)
}

/// Buckets to a doubling of latency: a bucket is 3 % wide.
const PER_DOUBLING: usize = 24;
/// 1 ms to half an hour.
const BUCKETS: usize = PER_DOUBLING * 21;

/// A histogram of latencies with buckets that grow with the latency: percentiles within a few per cent, in a fixed
/// two kilobytes. The exact figures are the report's business.
#[derive(Debug, Clone)]
pub struct Latencies {
    buckets: [u32; BUCKETS],
    count: u64,
}

impl Default for Latencies {
    fn default() -> Self {
        Self { buckets: [0; BUCKETS], count: 0 }
    }
}

impl Latencies {
    /// Counts one latency.
    pub fn count(&mut self, latency: Duration) {
        let ms = latency.as_secs_f64() * 1000.0;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative and far below 2^32")]
        let bucket = (ms.max(1.0).log2() * PER_DOUBLING as f64) as usize;
        self.buckets[bucket.min(BUCKETS - 1)] += 1;
        self.count += 1;
    }

    /// The latency that half of the answers stayed below, estimated. `None` without answers.
    pub fn median(&self) -> Option<Duration> {
        let target = self.count as f64 / 2.0;
        let mut below = 0.0;
        for (bucket, &count) in self.buckets.iter().enumerate().filter(|(_, count)| **count > 0) {
            let count = f64::from(count);
            if below + count >= target {
                let inside = (target - below) / count;
                let ms = ((bucket as f64 + inside) / PER_DOUBLING as f64).exp2();
                return Some(Duration::from_secs_f64(ms / 1000.0));
            }
            below += count;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_rate_follows_what_happened_recently() {
        let mut rate = Rate::default();
        assert_eq!(rate.per_second(ms(3000)), None);
        for i in 0..100 {
            rate.count(ms(i * 100));
        }
        assert!((rate.per_second(ms(9_999)).unwrap() - 10.0).abs() < 0.1);
        for i in 0..150 {
            rate.count(ms(10_000 + i * 20));
        }
        for i in 0..30 {
            rate.count(ms(13_000 + i * 1000));
        }
        assert!((rate.per_second(ms(42_500)).unwrap() - 1.0).abs() < 0.1);
    }

    #[test]
    fn a_rate_of_rare_events_looks_at_the_whole_run() {
        let mut rate = Rate::default();
        rate.count(ms(30_000));
        rate.count(ms(59_000));
        assert!((rate.per_second(ms(60_000)).unwrap() - 2.0 / 60.0).abs() < 1e-9);
        assert!((rate.per_second(ms(600_000)).unwrap() - 2.0 / 600.0).abs() < 1e-9);
    }

    #[test]
    fn events_out_of_order_are_all_counted() {
        let mut rate = Rate::default();
        for second in [5, 4, 5, 3, 5, 1] {
            rate.count(ms(second * 1000));
        }
        assert!((rate.per_second(ms(6_000)).unwrap() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn the_median_is_within_a_few_per_cent() {
        let mut latencies = Latencies::default();
        assert_eq!(latencies.median(), None);
        for i in 1..=999 {
            latencies.count(ms(i * 3));
        }
        let median = latencies.median().unwrap().as_secs_f64();
        assert!((median / 1.5 - 1.0).abs() < 0.02, "{median}");
        let mut one = Latencies::default();
        one.count(ms(40));
        assert!((one.median().unwrap().as_secs_f64() / 0.040 - 1.0).abs() < 0.03);
        one.count(Duration::from_secs(1_000_000));
        one.count(Duration::ZERO);
        assert!(one.median().is_some());
    }
}
