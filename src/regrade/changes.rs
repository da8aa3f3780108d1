//! What came of grading again.

use std::collections::BTreeMap;

use crate::journal::Verdict;

/// How many changed cells are kept by name.
const KEPT: usize = 1000;

/// A cell whose verdict is another now.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// Its position in plan order.
    pub cell: u32,
    /// The verdict it had.
    pub before: Verdict,
    /// The verdict it has.
    pub after: Verdict,
    /// Why, in a grader's words; empty for a pass.
    pub reason: String,
}

/// What happened to the cells of a run. Of equal inputs the same, whatever the order in which they were graded.
#[derive(Debug, Default)]
pub struct Changes {
    /// Answers that were graded.
    pub graded: u64,
    /// Of those, cells with the same grades as before.
    pub unchanged: u64,
    /// Cells without an answer to grade.
    pub unanswered: u64,
    /// Cells whose case or prompt the suite does not have: they keep their grades.
    pub unmatched: u64,
    /// Answers that were not graded, as grading was stopped before.
    pub unfinished: u64,
    /// How many cells went from one verdict to another, by model in plan order.
    pub verdicts: BTreeMap<(usize, Verdict, Verdict), u64>,
    /// The first cells whose verdict changed, in plan order.
    pub cells: Vec<Change>,
}

impl Changes {
    /// Notes a cell whose verdict changed.
    pub(super) fn add(&mut self, model: usize, change: Change) {
        *self.verdicts.entry((model, change.before, change.after)).or_default() += 1;
        self.cells.push(change);
        self.trim();
    }

    /// How many verdicts changed.
    pub fn changed(&self) -> u64 {
        self.verdicts.values().sum()
    }

    /// Takes in what happened to other cells.
    pub(super) fn merge(&mut self, other: Self) {
        self.graded += other.graded;
        self.unchanged += other.unchanged;
        self.unanswered += other.unanswered;
        self.unmatched += other.unmatched;
        self.unfinished += other.unfinished;
        for (change, count) in other.verdicts {
            *self.verdicts.entry(change).or_default() += count;
        }
        self.cells.extend(other.cells);
        self.cells.sort_unstable();
        self.cells.truncate(KEPT);
    }

    fn trim(&mut self) {
        // Within one part cells come in plan order.
        self.cells.truncate(KEPT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(cell: u32) -> Change {
        Change { cell, before: Verdict::Fail, after: Verdict::Pass, reason: String::new() }
    }

    #[test]
    fn the_first_cells_are_kept_whatever_the_order() {
        let part = |range: std::ops::Range<u32>| {
            let mut part = Changes::default();
            range.for_each(|cell| part.add(0, change(cell)));
            part
        };
        let merged = |order: [usize; 3]| {
            let mut all = Changes::default();
            for at in order {
                all.merge([part(0..600), part(600..1200), part(1200..1300)].into_iter().nth(at).unwrap());
            }
            all
        };
        let (one, other) = (merged([0, 1, 2]), merged([2, 0, 1]));
        assert_eq!((one.changed(), one.cells.len()), (1300, KEPT));
        assert_eq!(one.cells, other.cells);
        assert_eq!(one.cells.last().map(|change| change.cell), Some(999));
    }
}
