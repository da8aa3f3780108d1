//! The interval of a share.

use super::inverse_normal;

/// The two-sided score interval of a share of which `successes` of `n` were seen, at a `confidence` in (0, 1);
/// `None` for no trials, more successes than trials, or another confidence.
///
/// E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22(158), 1927, 209–212,
/// without continuity correction; recommended for small samples by R. G. Newcombe, Statistics in Medicine 17, 1998,
/// 857–872, where it is method 3. Unlike the textbook interval p ± z·√(p(1−p)/n) it never leaves 0..1 and does not
/// collapse where all or none succeeded.
pub fn wilson(successes: u64, n: u64, confidence: f64) -> Option<(f64, f64)> {
    if n == 0 || successes > n {
        return None;
    }
    let (low, high) = wilson_at_rate(successes as f64 / n as f64, n as f64, confidence)?;
    // Exact where rounding would leave 1e-17.
    Some((if successes == 0 { 0.0 } else { low }, if successes == n { 1.0 } else { high }))
}

/// The same interval for a share given as a rate in 0..=1 among `n` > 0 trials, which need not make a whole number of
/// successes: for planning how many trials would be enough.
pub fn wilson_at_rate(rate: f64, n: f64, confidence: f64) -> Option<(f64, f64)> {
    let valid = (0.0..=1.0).contains(&rate) && n > 0.0 && n.is_finite() && confidence > 0.0 && confidence < 1.0;
    if !valid {
        return None;
    }
    let z = inverse_normal(f64::midpoint(1.0, confidence))?;
    let z2_n = z * z / n;
    let centre = (rate + z2_n / 2.0) / (1.0 + z2_n);
    let half = z / (1.0 + z2_n) * (rate * (1.0 - rate) / n + z2_n / (4.0 * n)).sqrt();
    Some(((centre - half).max(0.0), (centre + half).min(1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use statrs::distribution::{ContinuousCDF, Normal};

    #[test]
    fn the_published_intervals_are_met() {
        // Newcombe 1998, table I, method 3 (95 %).
        for (successes, n, low, high) in
            [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
        {
            let (got_low, got_high) = wilson(successes, n, 0.95).unwrap();
            assert!((got_low - low).abs() < 5e-5 && (got_high - high).abs() < 5e-5, "{successes}/{n}");
        }
    }

    #[test]
    fn all_and_none_touch_the_ends_exactly() {
        assert_eq!(wilson(0, 7, 0.95).unwrap().0.to_bits(), 0.0_f64.to_bits());
        assert_eq!(wilson(7, 7, 0.95).unwrap().1.to_bits(), 1.0_f64.to_bits());
    }

    #[test]
    fn without_trials_there_is_no_interval() {
        assert_eq!(wilson(0, 0, 0.95), None);
        assert_eq!(wilson(3, 2, 0.95), None);
        for confidence in [0.0, 1.0, f64::NAN] {
            assert_eq!(wilson(1, 2, confidence), None);
        }
    }

    proptest! {
        /// The bounds are the shares whose score test just does not reject what was seen: (p̂ − p) / √(p(1−p)/n) = ±z,
        /// checked with an independent normal distribution.
        #[test]
        fn the_bounds_solve_the_score_equation(n in 2_u64..5000, part in 0.0_f64..1.0, confidence in 0.5_f64..0.999) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of n")]
            let successes = ((n as f64 * part) as u64).clamp(1, n - 1);
            let (low, high) = wilson(successes, n, confidence).unwrap();
            let rate = successes as f64 / n as f64;
            prop_assert!(0.0 < low && low < rate && rate < high && high < 1.0);
            let normal = Normal::standard();
            for p in [low, high] {
                let z = (rate - p) / (p * (1.0 - p) / n as f64).sqrt();
                prop_assert!(((2.0 * normal.cdf(z.abs()) - 1.0) - confidence).abs() < 1e-7);
            }
        }
    }
}
