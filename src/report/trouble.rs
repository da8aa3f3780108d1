//! What kept cells from being graded, counted by kind.

use crate::journal::Verdict;
use crate::text;

/// So many kinds are told apart; a hostile journal could have any number.
const KINDS: usize = 64;

/// One kind of trouble.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// `timeout`, `error` or `skipped`.
    pub verdict: Verdict,
    /// The word in `error_kind`.
    pub kind: String,
    /// How many cells it happened to.
    pub count: u64,
    /// The message of the first of them in plan order, on one line and bounded.
    pub example: String,
}

/// The kinds there were, the most frequent first.
#[derive(Debug, Clone, Default)]
pub(super) struct Troubles(Vec<Trouble>);

impl Troubles {
    pub(super) fn add(&mut self, verdict: Verdict, kind: &str, count: u64, message: &str) {
        let kind = text::fit(kind, 40);
        if let Some(known) = self.0.iter_mut().find(|known| known.verdict == verdict && known.kind == kind) {
            known.count += count;
        } else if self.0.len() < KINDS {
            let example = text::one_line(&text::excerpt(message, 400)).into_owned();
            self.0.push(Trouble { verdict, kind, count, example });
        }
    }

    pub(super) fn merge(&mut self, other: &[Trouble]) {
        for Trouble { verdict, kind, count, example } in other {
            self.add(*verdict, kind, *count, example);
        }
    }

    pub(super) fn sorted(mut self) -> Vec<Trouble> {
        self.0.sort_by(|a, b| a.verdict.cmp(&b.verdict).then(b.count.cmp(&a.count)).then_with(|| a.kind.cmp(&b.kind)));
        self.0
    }
}
