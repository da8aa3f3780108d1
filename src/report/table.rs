//! The comparison table: a row per model, and per prompt where there are several, with what a reader must know besides
//! under it. Fits the width it is given by leaving out columns, the least important first.

mod columns;
mod pick;
mod wrap;

use std::borrow::Cow;
use std::cmp::Reverse;

use comfy_table::presets::NOTHING;
use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, LineStyle, Table};
use unicode_width::UnicodeWidthStr;

use self::columns::{Column, Line, columns, repeat_columns};
use self::pick::pick;
use self::wrap::{middle, wrapped};
use super::notes::{Note, notes};
use super::number::grouped;
use super::run::Run;
use super::scores::labels;
use crate::text;
use crate::units::human_duration;

/// How the table is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableStyle {
    /// Columns of the terminal.
    pub width: usize,
    /// Whether the best values may be coloured. They are marked with `*` in any case.
    pub color: bool,
    /// Whether every grader has a column for its mean score (`--scores`).
    pub scores: bool,
}

/// Blank columns between two of the table.
const GAP: usize = 2;
/// No narrower than this, whatever the terminal.
const NARROWEST: usize = 44;

/// The comparison table of every run, one below the other.
pub fn table(runs: &[Run], style: &TableStyle) -> String {
    let width = style.width.max(NARROWEST);
    let parts: Vec<String> = runs.iter().map(|run| one(run, width, style)).collect();
    parts.join("\n")
}

fn one(run: &Run, width: usize, style: &TableStyle) -> String {
    let mut lines = sorted(run);
    let labels = if style.scores { labels(std::slice::from_ref(run)) } else { Vec::new() };
    let (shown, left_out) = fit(columns(&lines, &labels), width);
    let mut out = vec![heading(run, width)];
    out.push(draw(&shown, &mut lines, width, style.color));
    out.extend(wrapped("", &legend(&shown, &left_out, lines.len()), width));
    let finished = run.manifest().ended.as_ref().is_some_and(|ended| ended.reason == "finished");
    let pick = pick(&lines).filter(|_| finished).unwrap_or_default();
    out.extend(wrapped("", &pick, width));
    let k = run.manifest().repeat;
    let (repeats, _) = fit(repeat_columns(&lines, k), width);
    if !repeats.is_empty() {
        out.push(String::new());
        out.push(draw(&repeats, &mut lines, width, style.color));
        out.extend(wrapped("", &repeat_legend(k), width));
    }
    if let Some(comparisons) = run.comparisons() {
        out.push(String::new());
        out.extend(wrapped("", &comparisons.heading(), width));
        out.extend(comparisons.table(width));
        out.extend(comparisons.facts().iter().flat_map(|fact| wrapped("", fact, width)));
    }
    for note in grouped_notes(run) {
        out.extend(wrapped("- ", &note, width));
    }
    out.push(String::new());
    out.join("\n")
}

/// The rows: the best accuracy first, then the lowest latency, then as in the suite.
fn sorted(run: &Run) -> Vec<Line<'_>> {
    let prompts = &run.plan().axes().prompts;
    let mut lines: Vec<Line<'_>> = Vec::new();
    for model in &run.summary().models {
        let prompt = |at: usize| (prompts.len() > 1).then(|| text::one_line(&prompts[at]).into_owned());
        lines.extend(model.prompts.iter().enumerate().map(|(at, figures)| Line {
            model: text::one_line(&model.name).into_owned(),
            prompt: prompt(at),
            figures,
            stopped: model.ending.is_some(),
            names: Vec::new(),
        }));
    }
    let key = |line: &Line<'_>| {
        let accuracy = line.figures.accuracy().unwrap_or(-1.0);
        (-accuracy, line.figures.latency_ms(0.5).unwrap_or(f64::INFINITY))
    };
    lines.sort_by(|a, b| {
        let ((a, fast_a), (b, fast_b)) = (key(a), key(b));
        a.total_cmp(&b).then(fast_a.total_cmp(&fast_b))
    });
    lines
}

fn heading(run: &Run, width: usize) -> String {
    let summary = run.summary();
    let mut rest = String::new();
    if run.simulated() {
        rest.push_str(" SIMULATED");
    }
    let mut add = |text: String| {
        if text::one_line(&run.manifest().suite).width().min(width / 2) + rest.width() + 3 + text.width() <= width {
            rest.push_str(" · ");
            rest.push_str(&text);
        }
    };
    let (cells, models) = (run.plan().len() as u64, summary.models.len() as u64);
    add(format!("{} {}", grouped(cells), if cells == 1 { "cell" } else { "cells" }));
    add(format!("{models} {}", if models == 1 { "model" } else { "models" }));
    if let Some(wall) = summary.wall {
        add(human_duration(wall));
    }
    format!("{}{rest}", text::fit(&run.manifest().suite, width / 2))
}

/// Leaves out columns until the rest fits, the least important first, and tells their titles.
fn fit(mut columns: Vec<Column>, width: usize) -> (Vec<Column>, Vec<Cow<'static, str>>) {
    let mut left_out = Vec::new();
    // What a name may keep while there are other columns to leave out.
    let name = (width / 5).clamp(12, 24);
    let needed = |columns: &[Column]| {
        let each = columns.iter().map(|c| if c.name { c.width().min(name) } else { c.width() });
        each.sum::<usize>() + GAP * columns.len().saturating_sub(1)
    };
    if needed(&columns) > width {
        for column in &mut columns {
            column.title = column.short.clone();
        }
    }
    while needed(&columns) > width {
        let least = columns
            .iter()
            .enumerate()
            .filter(|(_, c)| c.keep < Column::ALWAYS)
            .min_by_key(|(at, c)| (c.keep, Reverse(*at)));
        let Some((at, _)) = least else { break };
        left_out.extend(Some(columns.remove(at)).filter(|column| !column.nothing).map(|column| column.title));
    }
    left_out.reverse();
    (columns, left_out)
}

/// What each name column may take: what the others leave, shared evenly. `None` for other columns.
fn name_widths(columns: &[Column], width: usize) -> Vec<Option<usize>> {
    let others: usize = columns.iter().filter(|c| !c.name).map(Column::width).sum();
    let mut space = width.saturating_sub(others + GAP * columns.len().saturating_sub(1));
    let mut names: Vec<usize> = columns.iter().filter(|c| c.name).map(Column::width).collect();
    // The narrowest first, so that what it does not need goes to the others.
    names.sort_unstable();
    let mut widest = 0;
    for (at, natural) in names.iter().enumerate() {
        let share = space / (names.len() - at);
        widest = share.max("prompt".len());
        space = space.saturating_sub((*natural).min(share));
    }
    columns.iter().map(|c| c.name.then(|| c.width().min(widest))).collect()
}

fn draw(columns: &[Column], lines: &mut [Line<'_>], width: usize, color: bool) -> String {
    let names = name_widths(columns, width);
    for (i, line) in lines.iter_mut().enumerate() {
        line.names = columns.iter().zip(&names).filter_map(|(c, n)| Some(middle(&c.cells[i].text, (*n)?))).collect();
    }
    let mut table = Table::new();
    table
        .load_style(NOTHING.header_separator(LineStyle::none().fill('─').junction('─')))
        .set_content_arrangement(ContentArrangement::Disabled);
    if color {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    let bold = |cell: Cell| if color { cell.add_attribute(Attribute::Bold) } else { cell };
    table.set_header(columns.iter().map(|column| bold(Cell::new(&column.title))));
    for (i, line) in lines.iter().enumerate() {
        let mut names = line.names.iter();
        table.add_row(columns.iter().map(|column| {
            let value = &column.cells[i];
            match names.next().filter(|_| column.name) {
                Some(name) => Cell::new(name),
                None if value.best && color => bold(Cell::new(&value.text)).fg(Color::Green),
                None => Cell::new(&value.text),
            }
        }));
    }
    let last = columns.len().saturating_sub(1);
    for (at, column) in table.column_iter_mut().enumerate() {
        // Together with the blank that stands for the line between two columns this is the gap.
        column.set_padding((0, u16::from(at != last)));
        if !columns[at].name {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

fn legend(shown: &[Column], left_out: &[Cow<'static, str>], rows: usize) -> String {
    let mut parts = Vec::new();
    if rows > 1 {
        parts.push("Sorted by accuracy, then p50 latency".to_owned());
    }
    if shown.iter().any(|column| column.cells.iter().any(|value| value.best)) {
        parts.push("* best of its column".to_owned());
    }
    if !left_out.is_empty() {
        parts.push(format!("left out for width: {}", left_out.join(", ")));
    }
    parts.join("; ")
}

/// What the columns of the repeats mean.
fn repeat_legend(k: u32) -> String {
    format!(
        "{k} repeats a case: pass@1 one passes, pass@{k} at least one of them does, pass^{k} all do, majority most do; \
         flips: cases that passed and failed"
    )
}

/// The notes, those that say the same of several models as one.
fn grouped_notes(run: &Run) -> Vec<String> {
    let all = run.summary().models.len();
    let mut groups: Vec<(Note, Vec<String>)> = Vec::new();
    for note in notes(run) {
        let model = note.model.clone();
        match groups.iter_mut().find(|(first, _)| first.kind == note.kind && first.text == note.text) {
            Some((_, models)) => models.extend(model),
            None => groups.push((note, model.into_iter().collect())),
        }
    }
    let line = |(note, models): (Note, Vec<String>)| {
        let who = match models.len() {
            0 => return note.text,
            n if n == all && n > 1 => "all models".to_owned(),
            n if n > 4 => format!("{} and {} more", models[..3].join(", "), n - 3),
            _ => models.join(", "),
        };
        format!("{who}: {}", note.text)
    };
    groups.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests;
