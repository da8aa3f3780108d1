//! Whether two results are the same: `Some(true)`, `Some(false)`, or `None` where nobody can tell.

use num_complex::Complex64;

use super::expr::{Constant, Expr, Mark};
use super::meaning::{Meaning, Relation};
use super::reals::{Piece, pieces, variable};
use super::{numeric, residues};

/// The most items of a set or list, as each is compared with each.
const MOST_ITEMS: usize = 60;

/// Decimals to which a rounded number stands for an exact one: 0.333333 for 1/3, as in the reference.
const ROUNDED: usize = 6;

/// How far off a number may be.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Room {
    /// In the number's own unit.
    pub(super) absolute: f64,
    /// As a share of the expected number.
    pub(super) relative: f64,
}

/// Whether an answer is the expected result.
pub(super) fn same(expected: &Meaning, got: &Meaning, room: Room) -> Option<bool> {
    Comparison { room }.meanings(&flat(expected.clone()), &flat(got.clone()))
}

/// With lists of lists made one, `±` made two, and `x = 1, x = 2` (`x = 1, 2`) made a list of values.
fn flat(meaning: Meaning) -> Meaning {
    match meaning {
        Meaning::Value(expr) if expr.has_either() => {
            Meaning::List(vec![Meaning::Value(expr.resolved(true)), Meaning::Value(expr.resolved(false))])
        }
        Meaning::Relation { first, rest } => {
            let first = flat(*first);
            let rest = rest.into_iter().map(|(relation, side)| (relation, flat(side))).collect();
            Meaning::Relation { first: Box::new(first), rest }
        }
        Meaning::List(items) => {
            let mut out = Vec::new();
            for item in items {
                match flat(item) {
                    Meaning::List(inner) => out.extend(inner),
                    other => out.push(other),
                }
            }
            Meaning::List(unassigned(out))
        }
        Meaning::Set(items) => match flat(Meaning::List(items)) {
            Meaning::List(items) => Meaning::Set(items),
            other => other,
        },
        Meaning::Bracketed { open, close, items } => {
            Meaning::Bracketed { open, close, items: items.into_iter().map(flat).collect() }
        }
        Meaning::Union(parts) => Meaning::Union(parts.into_iter().map(flat).collect()),
        other => other,
    }
}

/// The values of `x = 1, x = 2` and of `x = 1, 2`; other lists as they are.
fn unassigned(items: Vec<Meaning>) -> Vec<Meaning> {
    let name = |item: &Meaning| match item {
        Meaning::Relation { first, .. } if item.is_assignment() => first.symbol().map(str::to_owned),
        _ => None,
    };
    let Some(first) = items.first().and_then(name) else { return items };
    let plain = |item: &Meaning| match item {
        Meaning::Value(_) => true,
        item => name(item).as_ref() == Some(&first),
    };
    if items.len() < 2 || !items.iter().all(plain) {
        return items;
    }
    let mut out = Vec::new();
    for item in items {
        match item.results().first() {
            Some(Meaning::List(inner)) => out.extend(inner.iter().cloned()),
            Some(value) => out.push((*value).clone()),
            None => {}
        }
    }
    out
}

struct Comparison {
    room: Room,
}

impl Comparison {
    fn meanings(&self, expected: &Meaning, got: &Meaning) -> Option<bool> {
        use Meaning::{Bracketed, Difference, List, Matrix, Reals, Relation, Set, Union, Value};
        match (expected, got) {
            (Relation { .. }, Relation { .. }) => self.relations(expected, got),
            (Relation { rest, .. }, _) if rest.len() == 1 && rest[0].0 == super::meaning::Relation::Member => {
                self.meanings(&rest[0].1, got)
            }
            (_, Relation { rest, .. }) if rest.len() == 1 && rest[0].0 == super::meaning::Relation::Member => {
                self.meanings(expected, &rest[0].1)
            }
            (Relation { .. }, _) if expected.is_assignment() => {
                any(expected.results(), |side| self.meanings(side, got))
            }
            (_, Relation { .. }) if got.is_equation() => any(got.results(), |side| self.meanings(expected, side)),
            (List(a) | Set(a), List(b) | Set(b)) => match self.unordered(a, b) {
                Some(false) if matches!((expected, got), (List(_), List(_))) => {
                    // Inequalities side by side may be one set in two spellings.
                    self.line(expected, got).or(Some(false))
                }
                verdict => verdict,
            },
            (Bracketed { open: '(' | '[', close: ')' | ']', items: a }, List(b)) => self.ordered(a, &values_of(b)),
            (List(a), Bracketed { open: '(', close: ')', items: b }) => self.ordered(&values_of(a), b),
            (Bracketed { open, close, items: a }, Bracketed { open: other_open, close: other_close, items: b }) => {
                // Brackets tell intervals apart; longer ones are vectors, whatever they stand in.
                if a.len() == b.len() && (a.len() != 2 || (open, close) == (other_open, other_close)) {
                    self.ordered(a, b)
                } else {
                    Some(false)
                }
            }
            (Matrix(a), Matrix(b)) => self.matrices(a, b),
            (Matrix(rows), Bracketed { items, .. }) | (Bracketed { items, .. }, Matrix(rows)) => {
                self.vector(rows, items)
            }
            (Value(a), Value(b)) => self.values(a, b),
            (Reals | Union(_) | Difference(_) | Relation { .. } | Bracketed { .. }, _)
            | (_, Reals | Union(_) | Difference(_) | Relation { .. }) => self.line(expected, got).or_else(|| {
                // Sets that are not of numbers, and inequalities that are not solved, may still be the same.
                let hard = |meaning: &Meaning| matches!(meaning, Union(_) | Difference(_));
                let unsolved = |one: &Meaning, other: &Meaning| {
                    matches!(one, Relation { .. })
                        && !one.is_equation()
                        && pieces(one).is_none()
                        && pieces(other).is_some()
                };
                if expected == got {
                    Some(true)
                } else if hard(expected) && hard(got) || unsolved(expected, got) || unsolved(got, expected) {
                    None
                } else {
                    Some(false)
                }
            }),
            (Set(a) | List(a), other) if a.len() == 1 => self.meanings(&a[0], other),
            (other, Set(b) | List(b)) if b.len() == 1 => self.meanings(other, &b[0]),
            _ => Some(false),
        }
    }

    fn ordered(&self, expected: &[Meaning], got: &[Meaning]) -> Option<bool> {
        if expected.len() != got.len() {
            return Some(false);
        }
        every(expected.iter().zip(got).map(|(a, b)| self.meanings(a, b)))
    }

    /// Each of one is in the other, and the other way around.
    fn unordered(&self, expected: &[Meaning], got: &[Meaning]) -> Option<bool> {
        if expected.len().max(got.len()) > MOST_ITEMS {
            return None;
        }
        let table: Vec<Vec<Option<bool>>> =
            expected.iter().map(|a| got.iter().map(|b| self.meanings(a, b)).collect()).collect();
        let has = |mut column: Box<dyn Iterator<Item = Option<bool>> + '_>| {
            let mut open = false;
            let found = column.by_ref().any(|verdict| {
                open |= verdict.is_none();
                verdict == Some(true)
            });
            if found {
                Some(true)
            } else if open {
                None
            } else {
                Some(false)
            }
        };
        let rows = table.iter().map(|row| has(Box::new(row.iter().copied())));
        let columns = (0..got.len()).map(|at| has(Box::new(table.iter().map(move |row| row[at]))));
        every(rows.chain(columns))
    }

    fn matrices(&self, a: &[Vec<Expr>], b: &[Vec<Expr>]) -> Option<bool> {
        if a.len() != b.len() || a.first().map(Vec::len) != b.first().map(Vec::len) {
            return Some(false);
        }
        every(a.iter().flatten().zip(b.iter().flatten()).map(|(a, b)| self.values(a, b)))
    }

    /// A matrix of one column or row, and a list of numbers in brackets.
    fn vector(&self, rows: &[Vec<Expr>], items: &[Meaning]) -> Option<bool> {
        let entries: Vec<Meaning> = rows.iter().flatten().cloned().map(Meaning::Value).collect();
        let thin = rows.len() == 1 || rows.iter().all(|row| row.len() == 1);
        if thin { self.ordered(&entries, items) } else { Some(false) }
    }

    /// As sets of real numbers; `None` where one of them is none.
    fn line(&self, expected: &Meaning, got: &Meaning) -> Option<bool> {
        let (a, b) = (pieces(expected)?, pieces(got)?);
        if a.len() != b.len() {
            return Some(false);
        }
        every(a.iter().zip(&b).map(|(a, b)| self.piece(a, b)))
    }

    fn piece(&self, a: &Piece, b: &Piece) -> Option<bool> {
        if (a.low.closed, a.high.closed) != (b.low.closed, b.high.closed) {
            return Some(false);
        }
        every([self.values(&a.low.at, &b.low.at), self.values(&a.high.at, &b.high.at)].into_iter())
    }

    fn relations(&self, expected: &Meaning, got: &Meaning) -> Option<bool> {
        let (Meaning::Relation { first: a, rest: a_rest }, Meaning::Relation { first: b, rest: b_rest }) =
            (expected, got)
        else {
            return Some(false);
        };
        if expected.is_assignment() && got.is_assignment() && a == b {
            return any(expected.results(), |side| any(got.results(), |other| self.meanings(side, other)));
        }
        if !expected.is_equation()
            && !got.is_equation()
            && a_rest.len().max(b_rest.len()) <= 2
            && let Some(verdict) = self.line(expected, got)
        {
            return Some(verdict && variable(expected) == variable(got));
        }
        if let ([(relation, left)], [(other, right)]) = (a_rest.as_slice(), b_rest.as_slice())
            && let (Meaning::Value(a), Meaning::Value(left), Meaning::Value(b), Meaning::Value(right)) =
                (a.as_ref(), left, b.as_ref(), right)
        {
            let (relation, a, left) = directed(*relation, a, left);
            let (other, b, right) = directed(*other, b, right);
            if relation != other {
                return Some(false);
            }
            let (one, two) = (a.clone().minus(left.clone()), b.clone().minus(right.clone()));
            let turns = matches!(relation, Relation::Less | Relation::AtMost);
            return match numeric::ratio(&one, &two) {
                Some(ratio) => Some(ratio > 0.0 || !turns),
                None => Some(residues::compare(&one, &two) == residues::Verdict::Equal),
            };
        }
        // Chains: side by side, from either end.
        let chain = |first: &Meaning, rest: &[(Relation, Meaning)]| -> (Vec<Meaning>, Vec<Relation>) {
            let sides = std::iter::once(first.clone()).chain(rest.iter().map(|(_, side)| side.clone())).collect();
            (sides, rest.iter().map(|(relation, _)| *relation).collect())
        };
        let (sides, relations) = chain(a, a_rest);
        let (mut others, mut turned) = chain(b, b_rest);
        for _ in 0..2 {
            if relations == turned && self.ordered(&sides, &others) == Some(true) {
                return Some(true);
            }
            others.reverse();
            turned = turned.iter().rev().map(|relation| relation.flipped()).collect();
        }
        Some(false)
    }

    fn values(&self, expected: &Expr, got: &Expr) -> Option<bool> {
        if let (Some(a), Some(b)) = (words(expected), words(got))
            && (a.chars().count() > 1 || b.chars().count() > 1)
            && a == b
        {
            return Some(true);
        }
        match (marked(expected), marked(got)) {
            (Some((mark, _)), Some((other, _))) if mark == other => self.plain(expected, got),
            (None, None) => self.plain(expected, got),
            // A mark that only one side has may be a unit: 50% is 50 where 50 was expected, 30° is 30.
            (one, other) => {
                let bare = self.plain(
                    one.as_ref().map_or(expected, |(_, bare)| bare),
                    other.as_ref().map_or(got, |(_, bare)| bare),
                );
                match bare {
                    Some(true) => bare,
                    bare => match (self.plain(expected, got), bare) {
                        (Some(true), _) => Some(true),
                        (Some(false), Some(false)) => Some(false),
                        _ => None,
                    },
                }
            }
        }
    }

    /// Two expressions as they stand.
    fn plain(&self, expected: &Expr, got: &Expr) -> Option<bool> {
        if expected == got {
            return Some(true);
        }
        if expected.infinity().is_some() || got.infinity().is_some() {
            return Some(expected.infinity() == got.infinity());
        }
        let exact = match residues::compare(expected, got) {
            residues::Verdict::Equal => return Some(true),
            residues::Verdict::Different => Some(false),
            residues::Verdict::Open => numeric::compare(expected, got),
        };
        if exact == Some(true) {
            return exact;
        }
        if let (Some(a), Some(b)) = (numeric::constant(expected), numeric::constant(got))
            && (self.near(a, b) || rounds(expected, got, a, b))
        {
            return Some(true);
        }
        exact
    }

    fn near(&self, expected: Complex64, got: Complex64) -> bool {
        let off = (expected - got).norm();
        // A tolerance of 0.1 lets 0.3 pass for 0.2, which floating point makes a little more of.
        let room = self.room.absolute.max(self.room.relative * expected.norm());
        room > 0.0 && off <= room * (1.0 + 1e-9)
    }
}

/// Whether one is a decimal number to which the other rounds at [`ROUNDED`] places, told to that many digits.
fn rounds(expected: &Expr, got: &Expr, a: Complex64, b: Complex64) -> bool {
    let long = |expr: &Expr| {
        let literal = match expr {
            Expr::Number(literal) => literal,
            Expr::Negative(part) => match part.as_ref() {
                Expr::Number(literal) => literal,
                _ => return false,
            },
            _ => return false,
        };
        literal.decimals >= ROUNDED && literal.repeating == 0
    };
    if !long(expected) && !long(got) {
        return false;
    }
    let scale = 10_f64.powi(i32::try_from(ROUNDED).unwrap_or(0));
    let to = |x: f64| (x * scale).round();
    let small = a.norm().min(b.norm()) * scale < 1000.0;
    !small && (to(a.re) - to(b.re)).abs() < 0.5 && (to(a.im) - to(b.im)).abs() < 0.5
}

/// Whether one of several sides is right.
fn any(sides: Vec<&Meaning>, is: impl Fn(&Meaning) -> Option<bool>) -> Option<bool> {
    let verdicts: Vec<Option<bool>> = sides.into_iter().map(is).collect();
    if verdicts.contains(&Some(true)) {
        Some(true)
    } else if verdicts.contains(&None) {
        None
    } else {
        Some(false)
    }
}

fn every(verdicts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut all = Some(true);
    for verdict in verdicts {
        match verdict {
            Some(false) => return Some(false),
            None => all = None,
            Some(true) => {}
        }
    }
    all
}

/// The right sides of a list of assignments, else the items.
fn values_of(items: &[Meaning]) -> Vec<Meaning> {
    if items.iter().all(Meaning::is_assignment) {
        return items.iter().filter_map(|item| item.results().first().map(|side| (*side).clone())).collect();
    }
    items.to_vec()
}

/// The relation turned so that it is no `>`.
const fn directed<'m>(relation: Relation, left: &'m Expr, right: &'m Expr) -> (Relation, &'m Expr, &'m Expr) {
    match relation {
        Relation::More | Relation::AtLeast => (relation.flipped(), right, left),
        Relation::Near => (Relation::Equal, left, right),
        relation => (relation, left, right),
    }
}

/// A mark at the top of an expression, and the expression without it.
fn marked(expr: &Expr) -> Option<(Mark, Expr)> {
    match expr {
        Expr::Marked(mark, part) => Some((*mark, part.as_ref().clone())),
        Expr::Negative(part) => marked(part).map(|(mark, bare)| (mark, bare.negative())),
        _ => None,
    }
}

/// An expression that is nothing but letters as a text, case folded, without blanks: `\text{yes}` and the product y·e·s.
fn words(expr: &Expr) -> Option<String> {
    let text = match expr {
        Expr::Symbol(name) => name.to_string(),
        Expr::Product(parts) => {
            let letter = |part: &Expr| match part {
                Expr::Symbol(name) if name.chars().count() == 1 => Some(name.to_string()),
                Expr::Constant(Constant::Euler) => Some("e".to_owned()),
                Expr::Constant(Constant::Imaginary) => Some("i".to_owned()),
                _ => None,
            };
            parts.iter().map(letter).collect::<Option<String>>()?
        }
        _ => return None,
    };
    Some(text.to_lowercase().replace(' ', ""))
}
