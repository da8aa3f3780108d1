//! The two statistics a report needs.

/// The Wilson score interval for a proportion, clamped to 0..1. `None` without observations.
///
/// Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927).
pub(super) fn wilson(successes: u64, n: u64, confidence: f64) -> Option<(f64, f64)> {
    if n == 0 {
        return None;
    }
    let z = normal_quantile(f64::midpoint(1.0, confidence));
    let (n, p) = (n as f64, successes as f64 / n as f64);
    let centre = p + z * z / (2.0 * n);
    let margin = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z * z / n;
    Some((((centre - margin) / scale).clamp(0.0, p), ((centre + margin) / scale).clamp(p, 1.0)))
}

/// The `p`-quantile of ascending values, interpolated linearly: type 7 of R and the default of `numpy`. `None` without values.
///
/// Source: R. J. Hyndman, Y. Fan, Sample quantiles in statistical packages, The American Statistician 50 (1996).
pub(super) fn quantile(sorted: &[f64], p: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = p.clamp(0.0, 1.0) * last as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the last index")]
    let below = place as usize;
    let (low, high) = (sorted[below], sorted[(below + 1).min(last)]);
    Some(low + (high - low) * (place - below as f64))
}

/// The quantile function of the standard normal distribution, for `p` from one half to below 1.
///
/// Source: P. J. Acklam's rational approximation (2003), relative error below 1.2e-9.
fn normal_quantile(p: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 6] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
        1.0,
    ];
    const C: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 5] =
        [7.784_695_709_041_462e-3, 3.224_671_290_700_398e-1, 2.445_134_137_142_996, 3.754_408_661_907_416, 1.0];
    let horner = |coefficients: &[f64], x: f64| coefficients.iter().fold(0.0, |sum, c| sum * x + c);
    if p <= 1.0 - 0.02425 {
        let q = p - 0.5;
        return q * horner(&A, q * q) / horner(&B, q * q);
    }
    let q = (-2.0 * (1.0 - p).ln()).sqrt();
    -horner(&C, q) / horner(&D, q)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_agrees_with_published_values() {
        // Newcombe, Two-sided confidence intervals for the single proportion (1998), table I.
        for (successes, n, low, high) in
            [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
        {
            let (l, h) = wilson(successes, n, 0.95).unwrap();
            assert!((l - low).abs() < 5e-5 && (h - high).abs() < 5e-5, "{successes}/{n}: {l} {h}");
        }
        assert_eq!(wilson(0, 0, 0.95), None);
        assert!(wilson(5, 5, 0.999).unwrap().1 <= 1.0);
    }

    #[test]
    fn quantiles_are_interpolated_as_numpy_does() {
        let close = |got: Option<f64>, want: f64| (got.unwrap() - want).abs() < 1e-12;
        assert!(close(quantile(&[1.0, 2.0, 4.0, 8.0], 0.5), 3.0));
        assert!(close(quantile(&[1.0, 2.0, 4.0, 8.0], 0.95), 7.4));
        assert!(close(quantile(&[3.0], 0.95), 3.0));
        assert_eq!(quantile(&[], 0.5), None);
    }
}
