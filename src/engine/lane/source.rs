//! Where a lane's work comes from.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use crate::journal::Verdict;
use crate::plan::CellIndex;

/// The cells of a model, and which of them need not be asked.
#[derive(Debug, Clone)]
pub(in crate::engine) struct Cells {
    pub(in crate::engine) range: Range<u32>,
    /// Verdicts of cells that are done, by cell index.
    pub(in crate::engine) done: Arc<[Option<Verdict>]>,
    /// Cells that were answered in an earlier part of the run and are yet to be graded, ascending.
    pub(in crate::engine) answered: Arc<[u32]>,
}

impl Cells {
    /// How many have not ended.
    pub(super) fn remaining(&self) -> u32 {
        u32::try_from(self.range.clone().filter(|&cell| !self.is_done(cell)).count()).unwrap_or(u32::MAX)
    }

    /// Those that were answered and are yet to be graded.
    pub(super) fn to_grade(&self) -> VecDeque<u32> {
        self.answered.iter().copied().filter(|cell| self.range.contains(cell)).collect()
    }

    fn need_not_be_asked(&self, cell: u32) -> bool {
        self.is_done(cell) || (!self.answered.is_empty() && self.answered.binary_search(&cell).is_ok())
    }

    fn is_done(&self, cell: u32) -> bool {
        self.done.get(cell as usize).copied().flatten().is_some()
    }
}

/// Where a lane's work comes from.
#[derive(Debug)]
pub(super) enum Source {
    /// From what is left of a model's cells; the range shrinks from its start.
    Cells(Cells),
    /// From outside, with the time at which it came. There may always come more.
    Queue(VecDeque<(CellIndex, Instant)>),
}

impl Source {
    /// Whether there is something that was never sent.
    pub(super) fn has_fresh(&mut self) -> bool {
        match self {
            Self::Cells(cells) => {
                while !cells.range.is_empty() && cells.need_not_be_asked(cells.range.start) {
                    cells.range.start += 1;
                }
                !cells.range.is_empty()
            }
            Self::Queue(queue) => !queue.is_empty(),
        }
    }

    /// Takes the next of these, and the time since which it could have been sent: `start` for a model's cells.
    pub(super) fn next(&mut self, start: Instant) -> Option<(CellIndex, Instant)> {
        match self {
            Self::Cells(cells) => Some((CellIndex(cells.range.next()?), start)),
            Self::Queue(queue) => queue.pop_front(),
        }
    }
}
