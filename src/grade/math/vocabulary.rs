//! The words and commands that are known, and what an expression made of them is.

use super::expr::{Constant, Expr};

/// Words that make of what stands behind them a condition.
pub(super) const CONDITIONS: [&str; 8] = ["if", "for", "when", "where", "mod", "otherwise", "unless", "such that"];

/// Units that are no words: behind a number they are not factors.
pub(super) const UNITS: [&str; 30] = [
    "cm", "mm", "km", "kg", "mg", "ml", "mL", "ft", "lb", "lbs", "mph", "kph", "kmh", "hr", "hrs", "min", "mins",
    "sec", "secs", "yd", "mi", "oz", "sq", "deg", "rad", "Hz", "kHz", "kW", "mol", "usd",
];

pub(super) const GREEK: [&str; 26] = [
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi",
    "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega", "Gamma", "Delta", "Omega", "Phi",
];

pub(super) const FUNCTIONS: [&str; 30] = [
    "sin",
    "cos",
    "tan",
    "cot",
    "sec",
    "csc",
    "tg",
    "ctg",
    "arcsin",
    "arccos",
    "arctan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "ln",
    "log",
    "lg",
    "exp",
    "sqrt",
    "abs",
    "floor",
    "ceil",
    "binom",
    "gcd",
    "lcm",
    "max",
    "factorial",
];

pub(super) fn is_function(word: &str) -> bool {
    FUNCTIONS.contains(&word)
}

pub(super) fn constant(word: &str) -> Option<Constant> {
    Some(match word {
        "pi" | "Pi" => Constant::Pi,
        "e" => Constant::Euler,
        "i" => Constant::Imaginary,
        "infinity" | "inf" | "oo" | "Infinity" => Constant::Infinity,
        _ => return None,
    })
}

pub(super) fn is_constant(word: &str) -> bool {
    constant(word).is_some()
}

/// Words as a symbol; a single letter keeps its case, as it may be a variable.
pub(super) fn words_symbol(words: &str) -> Expr {
    let letter = words.trim_matches(['(', ')']);
    let words = if letter.chars().count() == 1 { letter } else { words };
    if words.chars().count() == 1 { Expr::symbol(words) } else { Expr::symbol(words.to_lowercase()) }
}

/// Whether an expression is nothing but words.
pub(super) fn is_words(expr: &Expr) -> bool {
    matches!(expr, Expr::Symbol(name) if name.chars().filter(|c| c.is_alphabetic()).count() > 1 && !name.contains('_') && !GREEK.contains(&&**name))
}

/// Whether a unit may follow.
pub(super) fn ends_in_number(expr: &Expr) -> bool {
    match expr {
        Expr::Number(_) | Expr::Constant(Constant::Pi) | Expr::Root(_) | Expr::Marked(..) => true,
        Expr::Negative(part) | Expr::Inverse(part) | Expr::Either(_, part) => ends_in_number(part),
        Expr::Sum(parts) | Expr::Product(parts) => parts.last().is_some_and(ends_in_number),
        Expr::Power(pair) => ends_in_number(&pair.0),
        _ => false,
    }
}
