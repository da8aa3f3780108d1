//! An exact number: a decimal of any length, or a fraction of two.

use std::str::FromStr;

use rust_decimal::Decimal;

/// `digits` × 10^`exponent` without leading or trailing zeros, so that equal values are equal.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Decimals {
    negative: bool,
    /// Empty for zero.
    digits: String,
    exponent: i64,
}

impl Decimals {
    fn new(negative: bool, digits: &str, exponent: i64) -> Self {
        let digits = digits.trim_start_matches('0');
        let significant = digits.trim_end_matches('0');
        if significant.is_empty() {
            return Self { negative: false, digits: String::new(), exponent: 0 };
        }
        let zeros = i64::try_from(digits.len() - significant.len()).unwrap_or(i64::MAX);
        Self { negative, digits: significant.to_owned(), exponent: exponent.saturating_add(zeros) }
    }

    fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    fn to_f64(&self) -> f64 {
        let sign = if self.negative { "-" } else { "" };
        let digits = if self.is_zero() { "0" } else { &self.digits };
        f64::from_str(&format!("{sign}{digits}e{}", self.exponent)).unwrap_or(f64::NAN)
    }

    /// As a decimal of 28 digits, if that is exact.
    fn to_decimal(&self) -> Option<Decimal> {
        let mut value = if self.is_zero() { Decimal::ZERO } else { Decimal::from_str_exact(&self.digits).ok()? };
        if self.exponent >= 0 {
            let factor =
                Decimal::from_str_exact(&format!("1{:0<1$}", "", usize::try_from(self.exponent).ok()?.min(29))).ok()?;
            value = value.checked_mul(factor)?;
        } else {
            let scale = u32::try_from(self.exponent.checked_neg()?).ok().filter(|scale| *scale <= 28)?;
            value.set_scale(scale).ok()?;
        }
        value.set_sign_negative(self.negative);
        Some(value)
    }

    /// The exact product, where both factors have at most 19 digits.
    fn times(&self, other: &Self) -> Option<Self> {
        if self.is_zero() || other.is_zero() {
            return Some(Self::new(false, "", 0));
        }
        let product = u128::from(self.digits.parse::<u64>().ok()?) * u128::from(other.digits.parse::<u64>().ok()?);
        let exponent = self.exponent.saturating_add(other.exponent);
        Some(Self::new(self.negative != other.negative, &product.to_string(), exponent))
    }
}

/// A number, kept as exactly as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::grade) struct Quantity {
    numerator: Decimals,
    /// Never zero.
    denominator: Option<Decimals>,
}

/// How far from the expected number is near enough, both exact.
#[derive(Debug, Clone, Default)]
pub(in crate::grade) struct Tolerance {
    /// In the number's own unit.
    pub(in crate::grade) absolute: Option<Quantity>,
    /// As a share of the expected number.
    pub(in crate::grade) relative: Option<Quantity>,
}

impl Quantity {
    /// `digits` (ASCII) × 10^`exponent`.
    pub(super) fn decimal(negative: bool, digits: &str, exponent: i64) -> Self {
        Self { numerator: Decimals::new(negative, digits, exponent), denominator: None }
    }

    /// A fraction of whole numbers; `None` for a denominator of zero.
    pub(super) fn fraction(negative: bool, numerator: &str, denominator: &str) -> Option<Self> {
        let denominator = Decimals::new(false, denominator, 0);
        let numerator = Decimals::new(negative, numerator, 0);
        (!denominator.is_zero()).then_some(Self { numerator, denominator: Some(denominator) })
    }

    /// 1.
    pub(in crate::grade) fn one() -> Self {
        Self::decimal(false, "1", 0)
    }

    pub(in crate::grade) fn is_zero(&self) -> bool {
        self.numerator.is_zero()
    }

    /// The product: exact where the factors have at most 19 digits, else the nearest floating-point number.
    pub(in crate::grade) fn times(&self, other: &Self) -> Self {
        let exact = || {
            let denominator = match (&self.denominator, &other.denominator) {
                (Some(one), Some(other)) => Some(one.times(other)?),
                (one, other) => one.clone().or_else(|| other.clone()),
            };
            Some(Self { numerator: self.numerator.times(&other.numerator)?, denominator })
        };
        exact().unwrap_or_else(|| {
            let text = format!("{:e}", self.to_f64() * other.to_f64());
            let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
            let (whole, fraction) =
                digits.trim_start_matches('-').split_once('.').unwrap_or((digits.trim_start_matches('-'), ""));
            let places = i64::try_from(fraction.len()).unwrap_or(0);
            Self::decimal(
                text.starts_with('-'),
                &format!("{whole}{fraction}"),
                exponent.parse::<i64>().unwrap_or(0) - places,
            )
        })
    }

    /// The number divided by a hundred.
    pub(in crate::grade) fn hundredth(self) -> Self {
        self.tens(-2)
    }

    /// The number times ten to a power.
    pub(in crate::grade) fn tens(mut self, power: i64) -> Self {
        if !self.numerator.is_zero() {
            self.numerator.exponent = self.numerator.exponent.saturating_add(power);
        }
        self
    }

    /// Whether the number is at least another: exact to 28 digits.
    pub(in crate::grade) fn is_at_least(&self, bound: &Self) -> bool {
        match (self.to_decimal(), bound.to_decimal()) {
            _ if self.equals(bound) => true,
            (Some(one), Some(other)) => one >= other,
            _ => self.to_f64() >= bound.to_f64(),
        }
    }

    pub(in crate::grade) fn is_negative(&self) -> bool {
        self.numerator.negative
    }

    /// The nearest floating-point number, perhaps infinite.
    pub(in crate::grade) fn to_f64(&self) -> f64 {
        self.numerator.to_f64() / self.denominator.as_ref().map_or(1.0, Decimals::to_f64)
    }

    /// To 28 digits.
    fn to_decimal(&self) -> Option<Decimal> {
        let numerator = self.numerator.to_decimal()?;
        match &self.denominator {
            None => Some(numerator),
            Some(denominator) => numerator.checked_div(denominator.to_decimal()?),
        }
    }

    /// Whether both are the same number: exact for decimals of any length and for fractions of up to 19 digits, else to
    /// twelve digits.
    pub(in crate::grade) fn equals(&self, other: &Self) -> bool {
        let cross = |a: &Self, b: &Self| match &b.denominator {
            None => Some(a.numerator.clone()),
            Some(denominator) => a.numerator.times(denominator),
        };
        if let (Some(one), Some(two)) = (cross(self, other), cross(other, self)) {
            return one == two;
        }
        let (one, two) = (self.to_f64(), other.to_f64());
        (one - two).abs() <= 1e-12 * one.abs().max(two.abs())
    }

    /// Whether the number is the expected one, or near enough by either tolerance; bounds are inside.
    pub(in crate::grade) fn is_near(&self, expected: &Self, tolerance: &Tolerance) -> bool {
        self.equals(expected)
            || tolerance.absolute.as_ref().is_some_and(|absolute| self.within(expected, absolute, false))
            || tolerance.relative.as_ref().is_some_and(|relative| self.within(expected, relative, true))
    }

    /// |self − expected| ≤ allowed (· |expected|), in decimals where they hold all digits.
    fn within(&self, expected: &Self, allowed: &Self, relative: bool) -> bool {
        let exact = || {
            let wanted = expected.to_decimal()?;
            let off = self.to_decimal()?.checked_sub(wanted)?.abs();
            let allowed = allowed.to_decimal()?;
            Some(off <= if relative { allowed.checked_mul(wanted.abs())? } else { allowed })
        };
        exact().unwrap_or_else(|| {
            let wanted = expected.to_f64();
            let allowed = allowed.to_f64() * if relative { wanted.abs() } else { 1.0 };
            (self.to_f64() - wanted).abs() <= allowed
        })
    }
}
