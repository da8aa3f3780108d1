//! One request, several cells: who pays what. Nothing is lost and nothing counts twice.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::units::Usd;

/// Digits of a share beyond those of the whole.
const FINER: u32 = 6;

/// A cost in equal parts, the remainder to the first: they add up to it exactly.
pub(super) fn of_cost(whole: Usd, parts: usize) -> Vec<Usd> {
    let count = Decimal::from(parts.max(1));
    let digits = (whole.decimal().scale() + FINER).min(Decimal::MAX_SCALE);
    let part = whole.decimal().checked_div(count).unwrap_or_default();
    let part = part.round_dp_with_strategy(digits, RoundingStrategy::ToZero);
    let rest = part.checked_mul(count).and_then(|sum| whole.decimal().checked_sub(sum)).unwrap_or_default();
    (0..parts).map(|at| Usd::new(if at == 0 { part + rest } else { part })).collect()
}

/// A count in equal parts, the remainder to the first.
pub(super) fn of_count(whole: u64, parts: usize) -> Vec<u64> {
    let count = parts.max(1) as u64;
    (0..parts).map(|at| whole / count + if at == 0 { whole % count } else { 0 }).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_remainder_goes_to_the_first() {
        let shares = of_cost("0.000001".parse().unwrap(), 3);
        let written: Vec<String> = shares.iter().map(ToString::to_string).collect();
        assert_eq!(written, ["0.000000333334", "0.000000333333", "0.000000333333"]);
        assert_eq!(of_count(11, 3), [5, 3, 3]);
        assert!(of_cost(Usd::ZERO, 0).is_empty());
    }

    proptest! {
        #[test]
        fn shares_add_up_exactly(cents in 0_i64..i64::MAX, scale in 0_u32..15, parts in 1_usize..200) {
            let whole = Usd::new(Decimal::new(cents, scale));
            prop_assert_eq!(of_cost(whole, parts).into_iter().sum::<Usd>(), whole);
            let count = cents.unsigned_abs();
            prop_assert_eq!(of_count(count, parts).into_iter().sum::<u64>(), count);
        }
    }
}
