//! How long to wait before asking again: exponential backoff with full jitter.
//!
//! A uniform draw from zero to the exponential bound spreads retries out best of the usual forms (Brooker, “Exponential
//! Backoff And Jitter”, AWS Architecture Blog, 2015).

use std::time::Duration;

use rand::RngExt;

/// The bound of the first wait.
const BASE: Duration = Duration::from_secs(1);
/// The bound of any wait.
const MAX: Duration = Duration::from_mins(1);

/// The longest wait before the `n`-th further attempt, `n` from 1: one second, doubled each time, at most a minute.
pub(super) fn bound(n: u32) -> Duration {
    BASE.saturating_mul(1_u32.checked_shl(n.saturating_sub(1)).unwrap_or(u32::MAX)).min(MAX)
}

/// A wait before the `n`-th further attempt: uniform between zero and [`bound`].
pub(super) fn draw(n: u32, rng: &mut impl rand::Rng) -> Duration {
    bound(n).mul_f64(rng.random::<f64>())
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn the_bound_doubles_and_stops_at_a_minute() {
        let seconds: Vec<u64> = (1..9).map(|n| bound(n).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(bound(1000), MAX);
    }

    #[test]
    fn draws_fill_the_whole_range() {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let draws: Vec<f64> = (0..1000).map(|_| draw(3, &mut rng).as_secs_f64()).collect();
        assert!(draws.iter().all(|&d| (0.0..=4.0).contains(&d)));
        assert!(draws.iter().any(|&d| d < 0.4) && draws.iter().any(|&d| d > 3.6));
        let mean = draws.iter().sum::<f64>() / 1000.0;
        assert!((1.8..2.2).contains(&mean), "{mean}");
    }
}
