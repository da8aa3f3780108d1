//! Comparison in complex floating point, at random values of the variables.
//!
//! Points where a side is undefined, or leaves the real numbers though nobody wrote an i, lie outside what was meant and
//! are passed over; where too few are left, nothing is said.

use num_complex::Complex64;
use num_traits::ToPrimitive;

use super::expr::{Constant, Expr, Function, Literal, Mark};

/// How far apart two values of the same expression may come out, as a share of them.
const RELATIVE: f64 = 1e-9;
/// The same as a share of the largest term that was added up on the way.
const CANCELLED: f64 = 1e-12;

/// Compares two expressions; `None` where too few points say anything.
pub(super) fn compare(one: &Expr, other: &Expr) -> Option<bool> {
    let open = one.has_symbols() || other.has_symbols();
    let (tries, needed) = if open { (32, 8) } else { (1, 1) };
    let is_real = !one.has_imaginary() && !other.has_imaginary();
    let mut agreed = 0;
    for only_real in [true, false] {
        for seed in 0..tries {
            let point = Point::new(seed);
            let (Some(a), Some(b)) = (point.value(one), point.value(other)) else { continue };
            let leaves = |z: Complex64| z.im.abs() > 1e-9 * z.re.abs().max(1.0);
            if only_real && is_real && open && (leaves(a) || leaves(b)) {
                continue;
            }
            let room = RELATIVE * a.norm().max(b.norm()) + CANCELLED * point.peak.get();
            if (a - b).norm() > room {
                return Some(false);
            }
            agreed += 1;
            if agreed == needed {
                return Some(true);
            }
        }
        if agreed > 0 {
            return None;
        }
    }
    None
}

/// The ratio of two expressions where it is the same real number at every point.
pub(super) fn ratio(one: &Expr, other: &Expr) -> Option<f64> {
    let mut ratios: Vec<f64> = Vec::new();
    for seed in 0..24 {
        let point = Point::new(seed);
        let (Some(a), Some(b)) = (point.value(one), point.value(other)) else { continue };
        let quotient = a / b;
        if !quotient.re.is_finite()
            || b.norm() < 1e-9
            || a.norm() < 1e-9
            || quotient.im.abs() > 1e-9 * quotient.re.abs()
        {
            continue;
        }
        let first = *ratios.first().unwrap_or(&quotient.re);
        if (first - quotient.re).abs() > 1e-8 * first.abs() {
            return None;
        }
        ratios.push(quotient.re);
        if ratios.len() == 4 {
            return Some(first);
        }
    }
    None
}

/// The value of an expression without variables.
pub(super) fn constant(expr: &Expr) -> Option<Complex64> {
    if expr.has_symbols() { None } else { Point::new(0).value(expr) }
}

/// The value of an expression that is a real number.
pub(super) fn real(expr: &Expr) -> Option<f64> {
    if let Some(sign) = expr.infinity() {
        return Some(f64::from(sign) * f64::INFINITY);
    }
    constant(expr).filter(|z| z.im.abs() <= 1e-12 * z.re.abs().max(1e-300)).map(|z| z.re)
}

struct Point {
    seed: u64,
    /// The largest term of any sum.
    peak: std::cell::Cell<f64>,
}

impl Point {
    fn new(seed: u64) -> Self {
        Self { seed, peak: std::cell::Cell::new(0.0) }
    }

    /// A variable's value, of size 0.25 to 2.25: positive at every other point, negative at a quarter, of either sign at
    /// the rest.
    fn named(&self, name: &str, parts: &[Complex64]) -> Complex64 {
        let mut hash =
            name.bytes().fold(0xcbf2_9ce4_8422_2325 ^ self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15), |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        for part in parts {
            // Values that agree to nine digits are the same argument.
            hash = (hash ^ part.re.mul_add(1e6, 0.0).round().to_bits()).wrapping_mul(0x0100_0000_01b3);
        }
        hash = (hash ^ (hash >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
        let share = (hash >> 11) as f64 / (1_u64 << 53) as f64;
        let size = 2.0_f64.mul_add(share, 0.25);
        let negative = self.seed % 4 == 1 || self.seed % 4 == 3 && hash & 1 == 1;
        Complex64::new(if negative { -size } else { size }, 0.0)
    }

    fn value(&self, expr: &Expr) -> Option<Complex64> {
        let value = self.evaluate(expr)?;
        (value.re.is_finite() && value.im.is_finite()).then_some(value)
    }

    fn evaluate(&self, expr: &Expr) -> Option<Complex64> {
        let real = |x: f64| Complex64::new(x, 0.0);
        Some(match expr {
            Expr::Number(number) => real(literal(number)),
            Expr::Symbol(name) => self.named(name, &[]),
            Expr::Constant(Constant::Pi) => real(std::f64::consts::PI),
            Expr::Constant(Constant::Euler) => real(std::f64::consts::E),
            Expr::Constant(Constant::Imaginary) => Complex64::i(),
            Expr::Constant(Constant::Infinity) | Expr::Either(..) => return None,
            Expr::Sum(parts) => {
                let mut sum = Complex64::default();
                for part in parts {
                    let value = self.value(part)?;
                    self.peak.set(self.peak.get().max(value.norm()));
                    sum += value;
                }
                sum
            }
            Expr::Product(parts) => {
                parts.iter().try_fold(real(1.0), |product, part| Some(product * self.value(part)?))?
            }
            Expr::Negative(part) => -self.value(part)?,
            Expr::Inverse(part) => {
                let value = self.value(part)?;
                if value.norm() < 1e-300 {
                    return None;
                }
                value.inv()
            }
            Expr::Power(pair) => self.raised(&pair.0, &pair.1)?,
            Expr::Root(pair) => self.raised(&pair.1, &Expr::Inverse(Box::new(pair.0.clone())))?,
            Expr::Call(function, parts) => {
                let values: Vec<Complex64> = parts.iter().map(|part| self.value(part)).collect::<Option<_>>()?;
                match function {
                    Function::Named(name) => self.named(name, &values),
                    known => call(known, &values)?,
                }
            }
            Expr::Marked(Mark::Percent, part) => self.value(part)? / 100.0,
            Expr::Marked(Mark::Degrees, part) => self.value(part)? * std::f64::consts::PI / 180.0,
            Expr::Marked(Mark::Base(base), part) => match part.as_ref() {
                Expr::Number(number) => real(
                    number
                        .digits
                        .chars()
                        .filter_map(|c| c.to_digit(*base))
                        .fold(0.0, |value, digit| f64::from(*base).mul_add(value, f64::from(digit))),
                ),
                other => self.value(other)?,
            },
        })
    }

    fn raised(&self, base: &Expr, exponent: &Expr) -> Option<Complex64> {
        let value = self.value(base)?;
        if let Some(exponent) = exponent.small() {
            let (top, bottom) = (exponent.numer().to_i32()?, exponent.denom().to_i32()?);
            if value.norm() < 1e-300 {
                return (top > 0).then(Complex64::default);
            }
            if bottom == 1 {
                return Some(value.powi(top));
            }
            // The real root of a negative number, where there is one.
            if bottom % 2 == 1 && value.re < 0.0 && value.im.abs() <= 1e-12 * value.re.abs() {
                let root = (-value.re).powf(f64::from(top) / f64::from(bottom));
                return Some(Complex64::new(if top % 2 == 0 { root } else { -root }, 0.0));
            }
            if value.im == 0.0 && value.re > 0.0 {
                return Some(Complex64::new(value.re.powf(f64::from(top) / f64::from(bottom)), 0.0));
            }
            return Some(value.powf(f64::from(top) / f64::from(bottom)));
        }
        let exponent = self.value(exponent)?;
        if value.norm() < 1e-300 {
            return (exponent.re > 0.0).then(Complex64::default);
        }
        if value.im == 0.0 && value.re > 0.0 && exponent.im == 0.0 {
            return Some(Complex64::new(value.re.powf(exponent.re), 0.0));
        }
        Some((exponent * value.ln()).exp())
    }
}

fn literal(number: &Literal) -> f64 {
    let parse = |digits: &str, exponent: usize| format!("{digits}e-{exponent}").parse().unwrap_or(f64::NAN);
    if number.repeating == 0 {
        return parse(&number.digits, number.decimals);
    }
    // As many periods as a float can tell apart.
    let period = &number.digits[number.digits.len() - number.repeating..];
    let times = 24 / number.repeating + 1;
    parse(&format!("{}{}", number.digits, period.repeat(times)), number.decimals + number.repeating * times)
}

fn call(function: &Function, values: &[Complex64]) -> Option<Complex64> {
    let whole = |z: &Complex64| {
        let near = z.re.round();
        (z.im.abs() < 1e-9 && (z.re - near).abs() < 1e-9).then_some(near)
    };
    let real = |x: f64| Complex64::new(x, 0.0);
    let only_real = |z: &Complex64| (z.im.abs() <= 1e-9 * z.re.abs().max(1.0)).then_some(z.re);
    Some(match (function, values) {
        (Function::Sin, [z]) => z.sin(),
        (Function::Cos, [z]) => z.cos(),
        (Function::Tan, [z]) => z.tan(),
        (Function::Cot, [z]) => z.tan().inv(),
        (Function::Sec, [z]) => z.cos().inv(),
        (Function::Csc, [z]) => z.sin().inv(),
        (Function::Arcsin, [z]) => z.asin(),
        (Function::Arccos, [z]) => z.acos(),
        (Function::Arctan, [z]) => z.atan(),
        (Function::Sinh, [z]) => z.sinh(),
        (Function::Cosh, [z]) => z.cosh(),
        (Function::Tanh, [z]) => z.tanh(),
        (Function::Ln, [z]) if z.norm() > 0.0 => z.ln(),
        (Function::Log, [base, z]) if z.norm() > 0.0 && base.norm() > 0.0 => z.ln() / base.ln(),
        (Function::Abs, [z]) => real(z.norm()),
        // A value that is off a whole number by rounding only is that number.
        (Function::Floor, [z]) => real((only_real(z)? + 1e-9).floor()),
        (Function::Ceil, [z]) => real((only_real(z)? - 1e-9).ceil()),
        (Function::Factorial, [n]) => {
            let n = whole(n).filter(|n| (0.0..=170.0).contains(n))?.to_u32()?;
            real((2..=n).map(f64::from).product())
        }
        (Function::Binomial, [n, k]) => {
            let (n, k) = (whole(n)?, whole(k)?.to_u32().filter(|k| *k <= 1_000)?);
            real((0..k).map(|j| (n - f64::from(j)) / f64::from(j + 1)).product())
        }
        (Function::Gcd | Function::Lcm, values) => {
            let mut result: u64 = 0;
            for value in values {
                let n = whole(value)?.abs().to_u64().filter(|n| *n > 0 && *n < 1 << 53)?;
                let common = num_integer_gcd(result, n);
                result = match function {
                    Function::Gcd => common,
                    _ if result == 0 => n,
                    _ => (result / common).checked_mul(n)?,
                };
            }
            real(result as f64)
        }
        (Function::Min, values) => {
            real(values.iter().map(only_real).collect::<Option<Vec<_>>>()?.into_iter().fold(f64::INFINITY, f64::min))
        }
        (Function::Max, values) => real(
            values.iter().map(only_real).collect::<Option<Vec<_>>>()?.into_iter().fold(f64::NEG_INFINITY, f64::max),
        ),
        _ => return None,
    })
}

const fn num_integer_gcd(mut a: u64, mut b: u64) -> u64 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}
