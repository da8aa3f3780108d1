//! What a result can be besides an expression.

use super::expr::Expr;

/// How two sides of a relation stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Equal,
    /// `≈`: what follows is a rounded form.
    Near,
    Unequal,
    Less,
    AtMost,
    More,
    AtLeast,
    Member,
}

impl Relation {
    /// The relation with its sides exchanged.
    pub(super) const fn flipped(self) -> Self {
        match self {
            Self::Less => Self::More,
            Self::AtMost => Self::AtLeast,
            Self::More => Self::Less,
            Self::AtLeast => Self::AtMost,
            same => same,
        }
    }

    pub(super) const fn is_equation(self) -> bool {
        matches!(self, Self::Equal | Self::Near)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Meaning {
    Value(Expr),
    /// In brackets with commas: a point, a vector, an interval.
    Bracketed {
        open: char,
        close: char,
        items: Vec<Self>,
    },
    /// In braces: order and repetition do not count.
    Set(Vec<Self>),
    /// Several results side by side.
    List(Vec<Self>),
    /// Rows of equal length.
    Matrix(Vec<Vec<Expr>>),
    /// A chain: `1 < x ≤ 2`.
    Relation {
        first: Box<Self>,
        rest: Vec<(Relation, Self)>,
    },
    Union(Vec<Self>),
    Difference(Box<(Self, Self)>),
    /// All real numbers.
    Reals,
}

impl Meaning {
    /// A variable, a function's name with its argument, or words: what may stand left of `= 5` as a name only.
    pub(super) fn is_label(&self) -> bool {
        match self {
            Self::Value(Expr::Symbol(_) | Expr::Call(super::expr::Function::Named(_), _)) => true,
            // `abc`, `|AB|`, `\angle ABC`: a product of letters names a thing as often as it multiplies.
            Self::Value(Expr::Product(parts)) => parts.iter().all(|part| matches!(part, Expr::Symbol(_))),
            Self::Value(Expr::Call(super::expr::Function::Abs, parts)) => {
                parts.iter().all(|part| Self::Value(part.clone()).is_label())
            }
            Self::Bracketed { items, .. } | Self::List(items) => {
                items.iter().all(|item| matches!(item, Self::Value(Expr::Symbol(_))))
            }
            _ => false,
        }
    }

    /// The only symbol of a name that is one.
    pub(super) fn symbol(&self) -> Option<&str> {
        match self {
            Self::Value(Expr::Symbol(name)) => Some(name),
            _ => None,
        }
    }

    /// An equation whose left side is a name.
    pub(super) fn is_assignment(&self) -> bool {
        match self {
            Self::Relation { first, rest } => {
                first.is_label() && rest.iter().all(|(relation, _)| relation.is_equation())
            }
            _ => false,
        }
    }

    /// A chain of equations.
    pub(super) fn is_equation(&self) -> bool {
        match self {
            Self::Relation { rest, .. } => rest.iter().all(|(relation, _)| relation.is_equation()),
            _ => false,
        }
    }

    /// What an equation says in the end: its last exact side, and its last side.
    pub(super) fn results(&self) -> Vec<&Self> {
        let Self::Relation { rest, .. } = self else { return vec![self] };
        let exact = rest.iter().rev().find(|(relation, _)| *relation != Relation::Near).map(|(_, side)| side);
        let last = rest.last().filter(|(relation, _)| *relation == Relation::Near).map(|(_, side)| side);
        exact.into_iter().chain(last).collect()
    }
}
