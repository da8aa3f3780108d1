//! Sets of real numbers as pieces of the line: intervals, points, unions of them, and inequalities of one variable.

use super::expr::{Constant, Expr, Function};
use super::meaning::{Meaning, Relation};
use super::numeric::real;

/// The most times a piece is held against a hole.
const MOST_CUTS: usize = 5_000;

/// A stretch of the real line.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) low: End,
    pub(super) high: End,
}

/// Where a stretch ends.
#[derive(Debug, Clone)]
pub(super) struct End {
    pub(super) at: Expr,
    pub(super) value: f64,
    pub(super) closed: bool,
}

impl End {
    fn new(at: &Expr, closed: bool) -> Option<Self> {
        let value = real(at)?;
        Some(Self { at: at.clone(), value, closed: closed && value.is_finite() })
    }

    fn infinite(sign: i8) -> Self {
        let at = Expr::Constant(Constant::Infinity);
        let at = if sign < 0 { at.negative() } else { at };
        Self { at, value: f64::from(sign) * f64::INFINITY, closed: false }
    }
}

/// The pieces of a set, in order and apart from each other. `None` where the meaning is no set of numbers.
pub(super) fn pieces(meaning: &Meaning) -> Option<Vec<Piece>> {
    raw(meaning).map(joined)
}

fn raw(meaning: &Meaning) -> Option<Vec<Piece>> {
    let whole = || Piece { low: End::infinite(-1), high: End::infinite(1) };
    match meaning {
        Meaning::Reals => Some(vec![whole()]),
        Meaning::Bracketed { open, close, items } => {
            let [Meaning::Value(low), Meaning::Value(high)] = items.as_slice() else { return None };
            let piece = Piece { low: End::new(low, *open == '[')?, high: End::new(high, *close == ']')? };
            (piece.low.value <= piece.high.value).then(|| vec![piece])
        }
        Meaning::Set(items) => items
            .iter()
            .map(|item| match item {
                Meaning::Value(at) => Some(Piece { low: End::new(at, true)?, high: End::new(at, true)? }),
                _ => None,
            })
            .collect(),
        Meaning::Union(parts) => {
            let all: Option<Vec<Vec<Piece>>> = parts.iter().map(raw).collect();
            all.map(|all| all.into_iter().flatten().collect())
        }
        // Conditions side by side are alternatives where they exclude each other (`x < 1` or `x > 2`); else they may
        // be meant to hold together.
        Meaning::List(parts) => {
            let name = parts.first().and_then(variable)?;
            if !parts.iter().all(|part| variable(part) == Some(name)) {
                return None;
            }
            let all: Option<Vec<Vec<Piece>>> = parts.iter().map(raw).collect();
            let all: Vec<Piece> = all?.into_iter().flatten().collect();
            let count = all.len();
            let all = joined(all);
            (all.len() == count).then_some(all)
        }
        Meaning::Difference(pair) => {
            let mut left = joined(raw(&pair.0)?);
            let holes = joined(raw(&pair.1)?);
            if left.len() * holes.len() > MOST_CUTS {
                return None;
            }
            for hole in holes {
                left = left.into_iter().flat_map(|piece| without(piece, &hole)).collect();
            }
            Some(left)
        }
        Meaning::Relation { first, rest } => inequality(first, rest),
        Meaning::Value(_) | Meaning::Matrix(_) => None,
    }
}

/// The variable of an inequality.
pub(super) fn variable(meaning: &Meaning) -> Option<&str> {
    let Meaning::Relation { first, rest } = meaning else { return None };
    std::iter::once(first.as_ref()).chain(rest.iter().map(|(_, side)| side)).find_map(Meaning::symbol)
}

/// `x > 2`, `2 < x`, `1 ≤ x < 3`, `x ≠ 1`, `x ∈ (1, 2)`.
fn inequality(first: &Meaning, rest: &[(Relation, Meaning)]) -> Option<Vec<Piece>> {
    let bound = |relation: Relation, at: &Meaning| {
        let Meaning::Value(at) = at else { return None };
        let (low, high) = match relation {
            Relation::Less | Relation::AtMost => (End::infinite(-1), End::new(at, relation == Relation::AtMost)?),
            Relation::More | Relation::AtLeast => (End::new(at, relation == Relation::AtLeast)?, End::infinite(1)),
            Relation::Equal => (End::new(at, true)?, End::new(at, true)?),
            Relation::Unequal => {
                let end = End::new(at, false)?;
                return Some(vec![
                    Piece { low: End::infinite(-1), high: end.clone() },
                    Piece { low: end, high: End::infinite(1) },
                ]);
            }
            Relation::Near | Relation::Member => return None,
        };
        Some(vec![Piece { low, high }])
    };
    if let [(relation, Meaning::Value(radius))] = rest
        && let Meaning::Value(Expr::Call(Function::Abs, inner)) = first
        && let Some(middle) = inner.first().and_then(shift)
    {
        return around(*relation, &middle, radius);
    }
    match rest {
        [(Relation::Member, set)] if first.symbol().is_some() => raw(set),
        [(relation, at)] if first.symbol().is_some() => bound(*relation, at),
        [(relation, name)] if name.symbol().is_some() => bound(relation.flipped(), first),
        [(left, name), (right, at)] if name.symbol().is_some() => {
            let (one, other) = (bound(left.flipped(), first)?, bound(*right, at)?);
            let (one, other) = (one.into_iter().next()?, other.into_iter().next()?);
            let (low, high) = if one.low.value.is_finite() { (one.low, other.high) } else { (other.low, one.high) };
            (low.value <= high.value).then(|| vec![Piece { low, high }])
        }
        _ => None,
    }
}

/// a of `x - a`, where a is a number.
fn shift(inner: &Expr) -> Option<Expr> {
    match inner {
        Expr::Symbol(_) => Some(Expr::whole(0)),
        Expr::Sum(parts) => match parts.as_slice() {
            [Expr::Symbol(_), by] if !by.has_symbols() => Some(by.clone().negative()),
            _ => None,
        },
        _ => None,
    }
}

/// `|x - a| < r` and its kin.
fn around(relation: Relation, middle: &Expr, radius: &Expr) -> Option<Vec<Piece>> {
    if !real(radius)?.is_sign_positive() {
        return None;
    }
    let (low, high) = (middle.clone().minus(radius.clone()), Expr::Sum(vec![middle.clone(), radius.clone()]));
    let end = |at: &Expr, closed| End::new(at, closed);
    Some(match relation {
        Relation::Less => vec![Piece { low: end(&low, false)?, high: end(&high, false)? }],
        Relation::AtMost => vec![Piece { low: end(&low, true)?, high: end(&high, true)? }],
        Relation::More | Relation::AtLeast => {
            let closed = relation == Relation::AtLeast;
            vec![
                Piece { low: End::infinite(-1), high: end(&low, closed)? },
                Piece { low: end(&high, closed)?, high: End::infinite(1) },
            ]
        }
        _ => return None,
    })
}

/// What of a piece is not in a hole.
fn without(piece: Piece, hole: &Piece) -> Vec<Piece> {
    if hole.low.value > piece.high.value || hole.high.value < piece.low.value {
        return vec![piece];
    }
    let flip = |end: &End| End { closed: !end.closed && end.value.is_finite(), ..end.clone() };
    let left = Piece { low: piece.low.clone(), high: flip(&hole.low) };
    let right = Piece { low: flip(&hole.high), high: piece.high.clone() };
    let is_there = |piece: &Piece| {
        piece.low.value < piece.high.value
            || near(piece.low.value, piece.high.value) && piece.low.closed && piece.high.closed
    };
    let mut out = Vec::new();
    if hole.low.value >= piece.low.value && is_there(&left) {
        out.push(left);
    }
    if hole.high.value <= piece.high.value && is_there(&right) {
        out.push(right);
    }
    out
}

fn near(a: f64, b: f64) -> bool {
    a.total_cmp(&b).is_eq() || a.is_finite() && b.is_finite() && (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
}

/// Sorted, those that touch made one, empty ones left out.
fn joined(mut pieces: Vec<Piece>) -> Vec<Piece> {
    pieces.retain(|piece| !near(piece.low.value, piece.high.value) || piece.low.closed && piece.high.closed);
    pieces.sort_by(|a, b| {
        a.low
            .value
            .total_cmp(&b.low.value)
            .then(b.low.closed.cmp(&a.low.closed))
            .then(a.high.value.total_cmp(&b.high.value))
    });
    let mut out: Vec<Piece> = Vec::new();
    for piece in pieces {
        match out.last_mut() {
            Some(last)
                if piece.low.value < last.high.value
                    || near(piece.low.value, last.high.value) && (piece.low.closed || last.high.closed) =>
            {
                let further = piece.high.value > last.high.value && !near(piece.high.value, last.high.value);
                if further {
                    last.high = piece.high;
                } else if near(piece.high.value, last.high.value) {
                    last.high.closed |= piece.high.closed;
                }
            }
            _ => out.push(piece),
        }
    }
    out
}
