//! Exact comparison without expansion: an expression's value modulo a large prime, its variables set to random values.
//!
//! Two rational expressions that differ have the same value with a chance of at most degree ÷ prime, below 2⁻⁴⁰ a point
//! for any expression that is read here (Schwartz 1980, Zippel 1979); the degrees of numbers' exponents are bounded. What
//! is no rational expression (roots, π, sines) becomes an opaque value made of its parts' values: equal ones prove
//! equality, unequal ones prove nothing.

use super::expr::{Constant, Expr, Function, Literal, Mark};

/// Two primes of 61 bits that no one would write down.
const PRIMES: [u64; 2] = [2_018_446_744_073_709_511, 1_729_382_256_910_270_433];

/// A value, and whether anything in it was opaque.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Residue {
    value: u64,
    opaque: bool,
}

/// What residues say of two expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Equal,
    Different,
    /// There is something in them that is no rational expression.
    Open,
}

/// Compares two expressions.
pub(super) fn compare(one: &Expr, other: &Expr) -> Verdict {
    let mut points = 0;
    for seed in 0..6_u64 {
        let field = Field { prime: PRIMES[usize::from(seed % 2 == 1)], seed };
        let (Some(a), Some(b)) = (field.value(one), field.value(other)) else { continue };
        points += 1;
        if a.value != b.value {
            return if a.opaque || b.opaque { Verdict::Open } else { Verdict::Different };
        }
        if points == 4 {
            return Verdict::Equal;
        }
    }
    Verdict::Open
}

struct Field {
    prime: u64,
    seed: u64,
}

const fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Field {
    fn add(&self, a: u64, b: u64) -> u64 {
        let sum = a + b;
        if sum >= self.prime { sum - self.prime } else { sum }
    }

    fn times(&self, a: u64, b: u64) -> u64 {
        u64::try_from(u128::from(a) * u128::from(b) % u128::from(self.prime)).unwrap_or(0)
    }

    fn power(&self, mut base: u64, mut exponent: u128) -> u64 {
        let mut result = 1;
        while exponent > 0 {
            if exponent & 1 == 1 {
                result = self.times(result, base);
            }
            base = self.times(base, base);
            exponent >>= 1;
        }
        result
    }

    /// `None` for zero.
    fn inverse(&self, a: u64) -> Option<u64> {
        (a != 0).then(|| self.power(a, u128::from(self.prime) - 2))
    }

    fn exact(value: u64) -> Residue {
        Residue { value, opaque: false }
    }

    /// A value for a name, or for a function of values.
    fn named(&self, name: &str, parts: &[u64]) -> u64 {
        let text = name.bytes().fold(mix(self.seed), |hash, byte| mix(hash ^ u64::from(byte)));
        parts.iter().fold(text, |hash, part| mix(hash ^ part.rotate_left(17))) % self.prime
    }

    fn opaque(&self, name: &str, parts: &[Residue]) -> Residue {
        let values: Vec<u64> = parts.iter().map(|part| part.value).collect();
        Residue { value: self.named(name, &values), opaque: true }
    }

    fn digits(&self, digits: &str, base: u32) -> u64 {
        digits
            .chars()
            .filter_map(|c| c.to_digit(base))
            .fold(0, |value, digit| self.add(self.times(value, u64::from(base)), u64::from(digit)))
    }

    fn literal(&self, literal: &Literal) -> Option<u64> {
        let ten = |n: usize| self.power(10, n as u128);
        let all = self.digits(&literal.digits, 10);
        if literal.repeating == 0 {
            return Some(self.times(all, self.inverse(ten(literal.decimals))?));
        }
        let fixed = literal.digits.len().checked_sub(literal.repeating)?;
        let before = self.digits(&literal.digits[..fixed], 10);
        let top = self.add(all, self.prime - before);
        let nines = self.add(ten(literal.repeating), self.prime - 1);
        let bottom = self.times(ten(literal.decimals.checked_sub(literal.repeating)?), nines);
        Some(self.times(top, self.inverse(bottom)?))
    }

    /// `None` where a point makes it undefined.
    fn value(&self, expr: &Expr) -> Option<Residue> {
        let all = |parts: &[Expr]| parts.iter().map(|part| self.value(part)).collect::<Option<Vec<_>>>();
        Some(match expr {
            Expr::Number(literal) => Self::exact(self.literal(literal)?),
            Expr::Symbol(name) => Self::exact(self.named(name, &[])),
            Expr::Constant(constant) => {
                let name = match constant {
                    Constant::Pi => "\0π",
                    Constant::Euler => "\0e",
                    Constant::Imaginary => "\0i",
                    Constant::Infinity => "\0∞",
                };
                self.opaque(name, &[])
            }
            Expr::Sum(parts) => all(parts)?.into_iter().fold(Self::exact(0), |sum, part| Residue {
                value: self.add(sum.value, part.value),
                opaque: sum.opaque || part.opaque,
            }),
            Expr::Product(parts) => all(parts)?.into_iter().fold(Self::exact(1), |product, part| Residue {
                value: self.times(product.value, part.value),
                opaque: product.opaque || part.opaque,
            }),
            Expr::Negative(part) => {
                let Residue { value, opaque } = self.value(part)?;
                Residue { value: if value == 0 { 0 } else { self.prime - value }, opaque }
            }
            Expr::Inverse(part) => {
                let Residue { value, opaque } = self.value(part)?;
                Residue { value: self.inverse(value)?, opaque }
            }
            Expr::Power(pair) => self.raised(&pair.0, &pair.1)?,
            Expr::Root(pair) => self.opaque("\0root", &[self.value(&pair.0)?, self.value(&pair.1)?]),
            Expr::Call(function, parts) => {
                let values = all(parts)?;
                match (function, parts.as_slice()) {
                    (Function::Factorial, [n]) => match whole(n).filter(|n| *n <= 2_000) {
                        Some(n) => Self::exact((2..=n).fold(1, |product, k| self.times(product, k))),
                        None => self.opaque("\0!", &values),
                    },
                    (Function::Binomial, [n, k]) => match (whole(n), whole(k)) {
                        (Some(n), Some(k)) if n <= 2_000 => Self::exact(self.binomial(n, k)?),
                        _ => self.opaque("\0binomial", &values),
                    },
                    (Function::Named(name), _) => {
                        let parts: Vec<u64> = values.iter().map(|part| part.value).collect();
                        Residue { value: self.named(name, &parts), opaque: values.iter().any(|part| part.opaque) }
                    }
                    (function, _) => self.opaque(&format!("\0{function:?}"), &values),
                }
            }
            Expr::Marked(Mark::Percent, part) => {
                let Residue { value, opaque } = self.value(part)?;
                Residue { value: self.times(value, self.inverse(100)?), opaque }
            }
            Expr::Marked(Mark::Degrees, part) => self.opaque("\0°", &[self.value(part)?]),
            Expr::Marked(Mark::Base(base), part) => match part.as_ref() {
                Expr::Number(literal) => Self::exact(self.digits(&literal.digits, *base)),
                other => self.value(other)?,
            },
            Expr::Either(upper, part) => self.opaque(if *upper { "\0±" } else { "\0∓" }, &[self.value(part)?]),
        })
    }

    fn raised(&self, base: &Expr, exponent: &Expr) -> Option<Residue> {
        let value = self.value(base)?;
        let Some(n) = exponent.small().filter(num_rational::Ratio::is_integer).map(|n| *n.numer()) else {
            return Some(self.opaque("\0^", &[value, self.value(exponent)?]));
        };
        let power = self.power(value.value, n.unsigned_abs());
        Some(Residue { value: if n < 0 { self.inverse(power)? } else { power }, opaque: value.opaque })
    }

    /// n over k by the product formula; both are far below the prime.
    fn binomial(&self, n: u64, k: u64) -> Option<u64> {
        if k > n {
            return Some(0);
        }
        let (mut top, mut bottom) = (1, 1);
        for j in 0..k.min(n - k) {
            top = self.times(top, n - j);
            bottom = self.times(bottom, j + 1);
        }
        Some(self.times(top, self.inverse(bottom)?))
    }
}

/// A small whole number.
fn whole(expr: &Expr) -> Option<u64> {
    let value = expr.small().filter(num_rational::Ratio::is_integer)?;
    u64::try_from(*value.numer()).ok()
}
