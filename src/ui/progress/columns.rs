//! The table inside the progress block: which columns a width has room for, and how a row is written into them.

use crate::journal::Verdict;
use crate::ui::line::{Line, clip, clip_middle, columns};
use crate::ui::style::{BAR, BAR_REST, Role};

use super::row::{Note, Row};

/// A column right of name and bar, in the order they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    /// How many of how many.
    Cells,
    /// The same as a percentage, where there is no room for it.
    Percent,
    Count(Verdict),
    Rate,
    Median,
    Cost,
    Eta,
}

const PASS: Column = Column::Count(Verdict::Pass);
const FAIL: Column = Column::Count(Verdict::Fail);
const TIMEOUT: Column = Column::Count(Verdict::Timeout);
const ERROR: Column = Column::Count(Verdict::Error);

/// All columns.
pub(super) const ALL: [Column; 10] = [
    Column::Cells,
    Column::Percent,
    PASS,
    FAIL,
    TIMEOUT,
    ERROR,
    Column::Rate,
    Column::Median,
    Column::Cost,
    Column::Eta,
];

impl Column {
    const fn label(self) -> &'static str {
        match self {
            Self::Cells => "cells",
            Self::Percent => "done",
            Self::Count(Verdict::Timeout) => "t/o",
            Self::Count(Verdict::Error) => "err",
            Self::Count(verdict) => verdict.as_str(),
            Self::Rate => "rate",
            Self::Median => "p50",
            Self::Cost => "cost",
            Self::Eta => "ETA",
        }
    }

    /// Wide enough from the start for what usually comes, so that columns do not move as figures grow.
    const fn least(self) -> usize {
        match self {
            Self::Cost => 7,
            Self::Percent => 4,
            Self::Rate | Self::Median | Self::Eta => 5,
            _ => 3,
        }
    }

    /// A note about a model may take the place of these: they say little about a model that is not running freely.
    const fn yields_to_note(self) -> bool {
        matches!(self, Self::Rate | Self::Median | Self::Cost | Self::Eta)
    }
}

/// A way to lay the table out.
#[derive(Debug)]
struct Plan {
    /// Columns of a name at most.
    name: usize,
    /// Columns of a bar at least; 0: no bar.
    bar: usize,
    /// Blanks between columns.
    gap: usize,
    shown: &'static [Column],
}

const fn plan(name: usize, bar: usize, gap: usize, shown: &'static [Column]) -> Plan {
    Plan { name, bar, gap, shown }
}

/// The ways to lay the table out, the richest first.
const PLANS: [Plan; 9] = {
    use Column::{Cells, Cost, Eta, Median, Percent, Rate};
    [
        plan(32, 20, 2, &[Cells, PASS, FAIL, TIMEOUT, ERROR, Rate, Median, Cost, Eta]),
        plan(26, 12, 2, &[Cells, PASS, FAIL, TIMEOUT, ERROR, Rate, Median, Cost, Eta]),
        plan(22, 12, 2, &[Cells, PASS, FAIL, TIMEOUT, ERROR, Median, Cost, Eta]),
        plan(20, 8, 1, &[Cells, PASS, FAIL, TIMEOUT, ERROR, Median, Cost, Eta]),
        plan(18, 8, 1, &[Percent, PASS, FAIL, TIMEOUT, ERROR, Median, Eta]),
        plan(14, 6, 1, &[Percent, PASS, FAIL, TIMEOUT, ERROR, Eta]),
        plan(12, 0, 1, &[Percent, PASS, FAIL, TIMEOUT, ERROR, Eta]),
        plan(12, 0, 1, &[Percent, PASS, FAIL]),
        plan(8, 0, 1, &[Percent]),
    ]
};

/// A bar longer than this tells no more.
const LONGEST_BAR: usize = 32;
/// A bar this long is long enough while there is not also room for notes.
const GOOD_BAR: usize = 20;
/// Columns for notes at the end of a wide row.
const NOTES: usize = 30;
/// A name longer than this is cut even where there is room.
const LONGEST_NAME: usize = 44;
/// The mark in front of a name, with a blank.
const MARK: usize = 2;

/// Where a column's text is in a row.
fn index(column: Column) -> usize {
    ALL.iter().position(|c| *c == column).unwrap_or(0)
}

/// A table's columns for one frame.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    width: usize,
    name: usize,
    bar: usize,
    gap: usize,
    /// The columns that are shown, with their widths.
    shown: Vec<(Column, usize)>,
}

impl Layout {
    /// The richest layout that fits, for these rows.
    pub(super) fn choose(width: usize, rows: &[Row]) -> Self {
        let widths = std::array::from_fn::<_, { ALL.len() }, _>(|i| {
            let content = rows.iter().map(|row| columns(&row.cells[i].1)).max().unwrap_or(0);
            content.max(ALL[i].least()).max(ALL[i].label().len())
        });
        let longest = rows.iter().map(|row| columns(&row.name.1)).max().unwrap_or(0).max("total".len());
        let widths = |column: &Column| (*column, widths[index(*column)]);
        let layout = |plan: &Plan| Self {
            width,
            name: longest.min(plan.name),
            bar: plan.bar,
            gap: plan.gap,
            shown: plan.shown.iter().map(widths).collect(),
        };
        let mut best = PLANS.iter().map(layout).find(|layout| layout.used() <= width).unwrap_or_else(|| Self {
            width,
            name: longest.min(width.saturating_sub(MARK)),
            bar: 0,
            gap: 1,
            shown: Vec::new(),
        });
        // Names first, then the bar; what is left then is for notes. Where it is narrow, some of it is kept for them.
        let spare = width.saturating_sub(best.used() + if best.shows(Column::Cells) { 0 } else { 4 });
        let longer = longest.min(LONGEST_NAME).saturating_sub(best.name).min(spare);
        best.name += longer;
        if best.bar > 0 {
            let spare = spare - longer;
            let good = GOOD_BAR.saturating_sub(best.bar).min(spare);
            let more = (LONGEST_BAR - GOOD_BAR).min((spare - good).saturating_sub(NOTES));
            best.bar += good + more;
        }
        best
    }

    /// Whether a column is shown.
    pub(super) fn shows(&self, column: Column) -> bool {
        self.shown.iter().any(|(shown, _)| *shown == column)
    }

    fn bar_width(&self) -> usize {
        if self.bar > 0 { self.gap + self.bar } else { 0 }
    }

    fn used(&self) -> usize {
        MARK + self.name + self.bar_width() + self.shown.iter().map(|(_, width)| self.gap + width).sum::<usize>()
    }

    /// The names of the columns.
    pub(super) fn labels(&self) -> Line {
        let mut line = Line::default();
        line.pad_to(MARK).push(Role::Dim, clip("model", self.name)).pad_to(MARK + self.name + self.bar_width());
        for (column, width) in &self.shown {
            right(&mut line, self.gap, *width, Role::Dim, column.label());
        }
        line
    }

    /// A row in its columns.
    pub(super) fn row(&self, row: &Row) -> Line {
        let mut line = Line::default();
        line.push(row.mark.0, row.mark.1).pad_to(MARK).push(row.name.0, clip_middle(&row.name.1, self.name));
        line.pad_to(MARK + self.name);
        if self.bar > 0 {
            line.pad_to(line.width() + self.gap);
            self.draw_bar(&mut line, row.bar);
        }
        let note = row.note.as_ref().map(|note| (note.role, self.place(note)));
        let kept = note.as_ref().map_or(self.shown.len(), |(_, (kept, _))| *kept);
        for (column, width) in &self.shown[..kept] {
            let (role, text) = &row.cells[index(*column)];
            right(&mut line, self.gap, *width, *role, text);
        }
        if let Some((role, (_, text))) = note
            && !text.is_empty()
        {
            line.pad_to(line.width() + self.gap).push(role, text);
        }
        line
    }

    /// Where a note goes: how many columns stay, and the text. It takes the free room at the end of the row; where that
    /// is too little, the place of the last columns, of as few as possible.
    fn place(&self, note: &Note) -> (usize, String) {
        let fixed = self.shown.iter().filter(|(column, _)| !column.yields_to_note()).count();
        let room = |kept: usize| {
            let given_up: usize = self.shown[kept..].iter().map(|(_, width)| self.gap + width).sum();
            (self.width + given_up).saturating_sub(self.used() + self.gap)
        };
        let all = self.shown.len();
        let fits = |text: &&String, kept: usize| columns(text) <= room(kept);
        let text = note.texts.iter().find(|text| fits(text, all)).or_else(|| {
            let mut any = note.texts.iter().filter(|text| fits(text, fixed));
            if note.modest { any.next_back() } else { any.next() }
        });
        match text {
            Some(text) => {
                let kept = (fixed..=all).rev().find(|&kept| fits(&text, kept)).unwrap_or(fixed);
                (kept, text.clone())
            }
            // No room even for the shortest: better no note than half a word in place of figures.
            None if room(fixed) < 7 => (all, String::new()),
            None => (fixed, clip(note.texts.last().map_or("", String::as_str), room(fixed))),
        }
    }

    /// A bar whose done part shows how the verdicts divide. Its end is rounded down: a full bar is really full.
    fn draw_bar(&self, line: &mut Line, (counts, of): ([u64; 5], u64)) {
        let wide = self.bar as u64;
        let mut sum = 0;
        let mut drawn = 0;
        for verdict in [Verdict::Pass, Verdict::Fail, Verdict::Timeout, Verdict::Error] {
            sum += counts[verdict as usize];
            let end = usize::try_from((sum * wide).checked_div(of).unwrap_or(0).min(wide)).unwrap_or(0);
            if end > drawn {
                line.push(Role::of(verdict), BAR.repeat(end - drawn));
                drawn = end;
            }
        }
        if self.bar > drawn {
            line.push(Role::Dim, BAR_REST.repeat(self.bar - drawn));
        }
    }
}

fn right(line: &mut Line, gap: usize, width: usize, role: Role, text: &str) {
    let start = line.width() + gap + width.saturating_sub(columns(text));
    line.pad_to(start).push(role, text);
}
