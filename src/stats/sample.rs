//! What a sample is summed up by.

/// The arithmetic mean; `None` for no samples.
///
/// The sum is compensated (A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", ZAMM
/// 54, 1974), so that a million scores of 0.1 have the mean 0.1 whatever their order.
pub fn mean(samples: &[f64]) -> Option<f64> {
    if samples.is_empty() {
        return None;
    }
    let (mut sum, mut lost) = (0.0_f64, 0.0_f64);
    for &x in samples {
        let next = sum + x;
        lost += if sum.abs() >= x.abs() { (sum - next) + x } else { (x - next) + sum };
        sum = next;
    }
    Some((sum + lost) / samples.len() as f64)
}

/// The quantile of samples that are **sorted ascending**, `p` from 0 (the least) to 1 (the greatest); `None` for no
/// samples or a `p` outside.
///
/// Type 7 of R. J. Hyndman and Y. Fan, "Sample Quantiles in Statistical Packages", The American Statistician 50(4),
/// 1996, 361–365: linear between the two samples around position (n − 1)·p. It is the default of R, `NumPy` and Excel's
/// `PERCENTILE.INC`, so a figure can be checked against the CSV by hand.
pub fn quantile(sorted: &[f64], p: f64) -> Option<f64> {
    if !(0.0..=1.0).contains(&p) {
        return None;
    }
    let last = sorted.len().checked_sub(1)?;
    let position = last as f64 * p;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the length of a slice")]
    let below = (position.floor() as usize).min(last);
    let (low, high) = (sorted[below], sorted[(below + 1).min(last)]);
    let share = position - below as f64;
    // Not `low + share·(high − low)` alone: between equal samples, infinite ones too, it must give that very sample.
    Some(if share == 0.0 || low.total_cmp(&high).is_eq() { low } else { low + share * (high - low) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(got: Option<f64>, want: f64) -> bool {
        got.is_some_and(|got| (got - want).abs() < 1e-12)
    }

    #[test]
    fn quantiles_are_those_of_r() {
        // quantile(c(1, 2, 4, 8, 16), c(0, .05, .25, .5, .9, .95, .99, 1), type = 7)
        let samples = [1.0, 2.0, 4.0, 8.0, 16.0];
        let want = [(0.0, 1.0), (0.05, 1.2), (0.25, 2.0), (0.5, 4.0), (0.9, 12.8), (0.95, 14.4), (0.99, 15.68)];
        for (p, want) in want {
            assert!(close(quantile(&samples, p), want), "p{p}: {:?}", quantile(&samples, p));
        }
        assert!(close(quantile(&samples, 1.0), 16.0));
        assert!(close(quantile(&[1.0, 2.0], 0.5), 1.5));
    }

    #[test]
    fn one_sample_is_every_quantile_and_none_has_none() {
        for p in [0.0, 0.5, 0.95, 1.0] {
            assert_eq!(quantile(&[7.0], p), Some(7.0));
        }
        assert_eq!(quantile(&[], 0.5), None);
        for p in [-0.1, 1.1, f64::NAN] {
            assert_eq!(quantile(&[1.0], p), None);
        }
    }

    #[test]
    fn the_quantile_between_two_infinities_is_infinite() {
        assert_eq!(quantile(&[1.0, f64::INFINITY, f64::INFINITY], 0.9), Some(f64::INFINITY));
    }

    #[test]
    fn a_long_sum_of_tenths_loses_nothing() {
        assert_eq!(mean(&vec![0.1; 1_000_000]), Some(0.1));
        assert_eq!(mean(&[1e100, 1.0, -1e100]), Some(1.0 / 3.0));
        assert_eq!(mean(&[]), None);
    }

    proptest! {
        #[test]
        fn quantiles_rise_with_p_and_stay_among_the_samples(
            mut samples in prop::collection::vec(-1e9_f64..1e9, 1..50), p in 0.0_f64..=1.0, q in 0.0_f64..=1.0,
        ) {
            samples.sort_by(f64::total_cmp);
            let (low, high) = (quantile(&samples, p.min(q)).unwrap(), quantile(&samples, p.max(q)).unwrap());
            prop_assert!(low <= high + 1e-6);
            prop_assert!(low >= samples[0] - 1e-6 && high <= samples[samples.len() - 1] + 1e-6);
        }
    }
}
