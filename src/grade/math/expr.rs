//! Expressions: what is left of notation. Sums and products are lists, so that depth is that of the brackets.

use num_rational::Ratio;
use num_traits::{CheckedAdd, CheckedMul, One, ToPrimitive, Zero};

/// A number as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Literal {
    /// ASCII digits without the decimal point; not empty.
    pub(super) digits: Box<str>,
    /// How many of them stand behind the point.
    pub(super) decimals: usize,
    /// How many of them, at the end, repeat for ever: 2 in 0.1\overline{23}.
    pub(super) repeating: usize,
    /// Whether it was written with a point.
    pub(super) pointed: bool,
}

impl Literal {
    /// A whole number.
    pub(super) fn whole(digits: &str) -> Self {
        Self { digits: digits.into(), decimals: 0, repeating: 0, pointed: false }
    }

    /// Whether it is a whole number as it is written.
    pub(super) fn is_whole(&self) -> bool {
        !self.pointed && self.decimals == 0
    }
}

/// Numbers that have a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Constant {
    Pi,
    Euler,
    /// The square root of −1.
    Imaginary,
    Infinity,
}

/// Functions whose values are known, and those that are only a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Function {
    Sin,
    Cos,
    Tan,
    Cot,
    Sec,
    Csc,
    Arcsin,
    Arccos,
    Arctan,
    Sinh,
    Cosh,
    Tanh,
    Ln,
    /// Base and argument.
    Log,
    Abs,
    Floor,
    Ceil,
    Factorial,
    Binomial,
    Gcd,
    Lcm,
    Min,
    Max,
    /// `f` of `f(x)`.
    Named(Box<str>),
}

/// What stands behind a number and may be meant as a factor or as a mere mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Percent,
    Degrees,
    /// `101_2`: the base, 2 to 36.
    Base(u32),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expr {
    Number(Literal),
    /// A variable (`x_1`), or words (`no solution`).
    Symbol(Box<str>),
    Constant(Constant),
    Sum(Vec<Self>),
    Product(Vec<Self>),
    Negative(Box<Self>),
    Inverse(Box<Self>),
    /// Base and exponent.
    Power(Box<(Self, Self)>),
    /// Degree and radicand.
    Root(Box<(Self, Self)>),
    Call(Function, Vec<Self>),
    Marked(Mark, Box<Self>),
    /// `±` (true) and `∓`.
    Either(bool, Box<Self>),
}

/// Small exact numbers.
pub(super) type Small = Ratio<i128>;

impl Expr {
    pub(super) fn whole(n: u32) -> Self {
        Self::Number(Literal::whole(&n.to_string()))
    }

    pub(super) fn symbol(name: impl Into<Box<str>>) -> Self {
        Self::Symbol(name.into())
    }

    pub(super) fn negative(self) -> Self {
        Self::Negative(Box::new(self))
    }

    pub(super) fn inverse(self) -> Self {
        Self::Inverse(Box::new(self))
    }

    pub(super) fn over(self, other: Self) -> Self {
        Self::Product(vec![self, other.inverse()])
    }

    pub(super) fn minus(self, other: Self) -> Self {
        Self::Sum(vec![self, other.negative()])
    }

    pub(super) fn power(self, exponent: Self) -> Self {
        Self::Power(Box::new((self, exponent)))
    }

    /// The parts of an expression, for walks over the whole of it.
    pub(super) fn parts(&self) -> Vec<&Self> {
        match self {
            Self::Number(_) | Self::Symbol(_) | Self::Constant(_) => Vec::new(),
            Self::Sum(parts) | Self::Product(parts) | Self::Call(_, parts) => parts.iter().collect(),
            Self::Negative(part) | Self::Inverse(part) | Self::Marked(_, part) | Self::Either(_, part) => vec![part],
            Self::Power(pair) | Self::Root(pair) => vec![&pair.0, &pair.1],
        }
    }

    /// Whether the expression or a part of it is such.
    pub(super) fn any(&self, is: &dyn Fn(&Self) -> bool) -> bool {
        is(self) || self.parts().into_iter().any(|part| part.any(is))
    }

    pub(super) fn has_symbols(&self) -> bool {
        self.any(&|part| matches!(part, Self::Symbol(_) | Self::Call(Function::Named(_), _)))
    }

    pub(super) fn has_imaginary(&self) -> bool {
        self.any(&|part| matches!(part, Self::Constant(Constant::Imaginary)))
    }

    pub(super) fn has_either(&self) -> bool {
        self.any(&|part| matches!(part, Self::Either(..)))
    }

    /// With every `±` read as plus and every `∓` as minus, or the other way around.
    pub(super) fn resolved(&self, upper: bool) -> Self {
        let all = |parts: &[Self]| parts.iter().map(|part| part.resolved(upper)).collect();
        let one = |part: &Self| Box::new(part.resolved(upper));
        let pair = |pair: &(Self, Self)| Box::new((pair.0.resolved(upper), pair.1.resolved(upper)));
        match self {
            Self::Number(_) | Self::Symbol(_) | Self::Constant(_) => self.clone(),
            Self::Sum(parts) => Self::Sum(all(parts)),
            Self::Product(parts) => Self::Product(all(parts)),
            Self::Call(function, parts) => Self::Call(function.clone(), all(parts)),
            Self::Negative(part) => Self::Negative(one(part)),
            Self::Inverse(part) => Self::Inverse(one(part)),
            Self::Marked(mark, part) => Self::Marked(*mark, one(part)),
            Self::Power(both) => Self::Power(pair(both)),
            Self::Root(both) => Self::Root(pair(both)),
            Self::Either(plus, part) if *plus == upper => part.resolved(upper),
            Self::Either(_, part) => part.resolved(upper).negative(),
        }
    }

    /// 1 for ∞, −1 for −∞.
    pub(super) fn infinity(&self) -> Option<i8> {
        match self {
            Self::Constant(Constant::Infinity) => Some(1),
            Self::Negative(part) => part.infinity().map(|sign| -sign),
            _ => None,
        }
    }

    /// The exact value where it is a fraction of numbers that fit.
    pub(super) fn small(&self) -> Option<Small> {
        match self {
            Self::Number(literal) if literal.repeating == 0 && literal.decimals < 38 => {
                let digits: i128 = literal.digits.parse().ok()?;
                let scale = 10_i128.checked_pow(u32::try_from(literal.decimals).ok()?)?;
                Some(Small::new(digits, scale))
            }
            Self::Sum(parts) => parts.iter().try_fold(Small::zero(), |sum, part| sum.checked_add(&part.small()?)),
            Self::Product(parts) => {
                parts.iter().try_fold(Small::one(), |product, part| product.checked_mul(&part.small()?))
            }
            Self::Negative(part) => Small::zero().checked_add(&part.small()?).map(|value| -value),
            Self::Inverse(part) => part.small().filter(|value| !value.is_zero()).map(|value| value.recip()),
            Self::Power(pair) => {
                let exponent = pair.1.small().filter(Small::is_integer)?.to_i32().filter(|n| n.abs() <= 128)?;
                let base = pair.0.small()?;
                if base.is_zero() && exponent <= 0 {
                    return None;
                }
                let base = if exponent < 0 { base.recip() } else { base };
                (0..exponent.unsigned_abs()).try_fold(Small::one(), |power, _| power.checked_mul(&base))
            }
            _ => None,
        }
    }
}
