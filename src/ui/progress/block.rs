//! The block of lines that is drawn: a header, a table with a row per model, a total. A pure function of the counters,
//! the size of the terminal and the time.

use std::cmp::Reverse;
use std::time::Instant;

use crate::journal::Verdict;
use crate::ui::line::{Line, clip, columns};
use crate::ui::style::{CUT, DONE, Palette, Role, SLOWED, WAITING};

use super::columns::{Column, Layout};
use super::judge::Judge;
use super::lane::{Lane, Phase};
use super::row::Row;
use super::state::{State, Totals, progress_per_mille};
use super::words;

/// What a line of the table shows.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Item {
    /// One model.
    Lane(usize),
    /// Models that are over, in one line.
    Over(Vec<usize>),
    /// Models there was no room for, as a count.
    More(Vec<usize>),
}

/// The block at this size: at most `height` lines, none wider than `width`. The last line is the total.
pub fn lines(state: &State, width: usize, height: usize, now: Instant, palette: Palette) -> Vec<String> {
    if width == 0 || height == 0 {
        return Vec::new();
    }
    let totals = state.totals(now);
    if state.lanes.is_empty() {
        return vec![header(state, &totals, None, width, now).render(width, palette)];
    }
    let (heads, labels) = (usize::from(height >= 2), usize::from(height >= 6));
    let slots = height - heads - labels - 1;
    // One line a judge; where there is little room the models have most of it.
    let judging = state.judges.len().min(slots.saturating_sub(state.lanes.len()).max(slots / 3));
    let items = choose(state, slots - judging, now);
    let elapsed = state.elapsed(now);
    let shown = items.iter().filter_map(|item| match item {
        Item::Lane(lane) => state.lanes.get(*lane),
        _ => None,
    });
    let mut rows: Vec<Row> = shown.map(|lane| Row::of_lane(lane, elapsed, now)).collect();
    rows.push(Row::of_total(&totals));
    let layout = Layout::choose(width, &rows);

    let mut rows = rows.into_iter();
    let mut block = Vec::with_capacity(items.len() + 3);
    if heads > 0 {
        block.push(header(state, &totals, Some(&layout), width, now));
    }
    if labels > 0 {
        block.push(layout.labels());
    }
    for item in &items {
        match item {
            Item::Lane(_) => block.extend(rows.next().map(|row| layout.row(&row))),
            Item::Over(lanes) => block.push(over(state, lanes)),
            Item::More(lanes) => block.push(more(state, lanes, now)),
        }
    }
    block.extend(state.judges.iter().take(judging).map(|judge| judge_line(judge, now)));
    block.extend(rows.next().map(|row| layout.row(&row)));
    block.iter().map(|line| line.render(width, palette)).collect()
}

/// The suite, what it is, how long it has been going on; those totals that the table has no column for; what the marks
/// in front of the names mean. What does not fit whole is left out, the least important at the end first.
fn header(state: &State, totals: &Totals, layout: Option<&Layout>, width: usize, now: Instant) -> Line {
    let mut line = Line::default();
    let simulated = if state.simulated { "  SIMULATED" } else { "" };
    let elapsed = format!("  {}", words::elapsed(state.elapsed(now)));
    let room = width.saturating_sub(simulated.len() + elapsed.len()).max(width / 3);
    line.push(Role::Strong, clip(&state.suite, room)).push(Role::Warning, simulated).push(Role::Plain, elapsed);
    let mut also = |role: Role, text: String| {
        if line.width() + 3 + columns(&text) <= width {
            line.push(Role::Dim, " · ").push(role, text);
        }
    };
    if let Some(reason) = state.stopping {
        also(Role::Warning, format!("stopping: {}", words::stop(reason)));
    }
    let Some(layout) = layout else {
        also(Role::Plain, words::plural(state.models as u64, "model"));
        also(Role::Plain, words::plural(state.cells, "cell"));
        also(Role::Dim, "starting".to_owned());
        return line;
    };
    if !layout.shows(Column::Eta) {
        also(Role::Plain, format!("ETA {}", words::eta(totals.eta)));
    }
    if !layout.shows(Column::Cost) {
        also(Role::Plain, words::cost(totals.cost, totals.cost_unknown));
    }
    let (_, waiting, _) = State::census(&state.lanes, now);
    let slowed = state.lanes.iter().filter(|lane| lane.slowed().is_some()).count();
    for (mark, count, what) in [(WAITING, waiting, "waiting"), (SLOWED, slowed, "slowed")] {
        if count > 0 {
            also(Role::Warning, format!("{mark} {count} {what}"));
        }
    }
    if !layout.shows(Column::Cells) {
        also(Role::Plain, format!("{}/{}", totals.done, totals.cells));
    }
    if !layout.shows(Column::Rate) {
        also(Role::Plain, words::rate(totals.rate));
    }
    also(Role::Dim, words::plural(state.lanes.len() as u64, "model"));
    line
}

/// Which models get a line. All in plan order where there is room; else those that are over share one line, then those
/// that have nothing to tell are counted. What is shown always stands in plan order, so that rows do not jump.
fn choose(state: &State, slots: usize, now: Instant) -> Vec<Item> {
    let all = 0..state.lanes.len();
    if all.len() <= slots {
        return all.map(Item::Lane).collect();
    }
    let (mut ended, mut going): (Vec<usize>, Vec<usize>) = all.partition(|&lane| state.lanes[lane].is_over());
    let shared = usize::from(!ended.is_empty());
    if going.len() + shared <= slots {
        // Cut off first, then the latest.
        ended.sort_by_key(|&lane| {
            let lane = &state.lanes[lane];
            (lane.cut.is_none(), Reverse(lane.ended))
        });
        let rest = ended.split_off(slots - going.len() - shared);
        going.extend(ended);
        going.sort_unstable();
        return going.into_iter().map(Item::Lane).chain([Item::Over(sorted(rest))]).collect();
    }
    if slots <= shared {
        return if slots == 0 { Vec::new() } else { vec![Item::More(going)] };
    }
    // Steps of 5 % keep the choice from changing with every cell.
    going.sort_by_key(|&lane| (is_calm(&state.lanes[lane], now), progress_per_mille(&state.lanes[lane]) / 50, lane));
    let hidden = going.split_off(slots - shared - 1);
    let mut items: Vec<Item> = sorted(going).into_iter().map(Item::Lane).collect();
    items.push(Item::More(hidden));
    if shared > 0 {
        items.push(Item::Over(ended));
    }
    items
}

fn sorted(mut lanes: Vec<usize>) -> Vec<usize> {
    lanes.sort_unstable();
    lanes
}

/// Whether there is nothing to tell about a model but its figures.
fn is_calm(lane: &Lane, now: Instant) -> bool {
    matches!(lane.phase(now), Phase::Running) && lane.slowed().is_none()
}

/// `✓ 9 finished: a 95%, b 92%   ✗ 2 cut off: c, d`
fn over(state: &State, lanes: &[usize]) -> Line {
    let (cut, finished): (Vec<&Lane>, Vec<&Lane>) =
        lanes.iter().filter_map(|&lane| state.lanes.get(lane)).partition(|lane| lane.cut.is_some());
    let names = |lanes: &[&Lane]| lanes.iter().map(|lane| named(lane)).collect::<Vec<_>>().join(", ");
    let mut line = Line::default();
    // Those cut off come first: they are fewer, and more is wrong with them.
    if !cut.is_empty() {
        line.push(Role::Error, CUT).push(Role::Plain, format!(" {} cut off: ", cut.len()));
        line.push(Role::Dim, names(&cut));
    }
    if !finished.is_empty() {
        if !cut.is_empty() {
            line.push(Role::Plain, "  ");
        }
        line.push(Role::Pass, DONE).push(Role::Plain, format!(" {} finished: ", finished.len()));
        line.push(Role::Dim, names(&finished));
    }
    line
}

/// `judge gpt-5 · 8 open · 120 done · $0.12`
fn judge_line(judge: &Judge, now: Instant) -> Line {
    let mut line = Line::default();
    line.push(Role::Plain, "  ");
    for (at, (role, part)) in judge.parts(now).into_iter().enumerate() {
        if at > 0 {
            line.push(Role::Dim, " · ");
        }
        line.push(role, part);
    }
    line
}

/// A model with its accuracy, where it has one: pass ÷ (pass + fail + timeout).
fn named(lane: &Lane) -> String {
    let pass = lane.count(Verdict::Pass);
    let counted = pass + lane.count(Verdict::Fail) + lane.count(Verdict::Timeout);
    match (pass * 100).checked_div(counted) {
        Some(percent) => format!("{} {percent}%", lane.name),
        None => lane.name.to_string(),
    }
}

/// `… and 18 more models (12 running, 6 waiting)`
fn more(state: &State, lanes: &[usize], now: Instant) -> Line {
    let (running, waiting, _) = State::census(lanes.iter().filter_map(|&lane| state.lanes.get(lane)), now);
    let parts: Vec<String> = [(running, "running"), (waiting, "waiting")]
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    let mut line = Line::default();
    line.push(Role::Dim, format!("… and {} ({})", words::plural(lanes.len() as u64, "more model"), parts.join(", ")));
    line
}

#[cfg(test)]
mod tests;
