//! The columns of the table: what stands in them, which of their values are best, and which may be left out.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr;

use super::super::figures::Figures;
use super::super::number::grouped;
use super::super::repeats::Repeats;
use super::super::scores::NamedScore;
use super::wrap::middle;
use crate::text;
use crate::units::{Usd, human_usd};

/// A row of the table.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) model: String,
    /// Only where there are several prompts.
    pub(super) prompt: Option<String>,
    pub(super) figures: &'a Figures,
    /// Its run stopped early, so that it was not asked all that the others were.
    pub(super) stopped: bool,
    /// Model and prompt, shortened to the width there is.
    pub(super) names: Vec<String>,
}

/// One value as it is shown.
#[derive(Debug, Clone)]
pub(super) struct Value {
    pub(super) text: String,
    /// Shown as well as the best of the column.
    pub(super) best: bool,
    /// What it is compared by; `None` for what is unknown or a mere bound.
    rank: Option<f64>,
}

/// One column.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) title: Cow<'static, str>,
    /// The title where there is little room.
    pub(super) short: Cow<'static, str>,
    pub(super) cells: Vec<Value>,
    /// All zeros: nothing is missed where the column is left out.
    pub(super) nothing: bool,
    /// The column with the lowest number is left out first.
    pub(super) keep: u8,
    /// Holds names, which may be shortened, and stands left.
    pub(super) name: bool,
}

impl Column {
    /// Never left out.
    pub(super) const ALWAYS: u8 = 100;

    /// Columns of the terminal that it takes.
    pub(super) fn width(&self) -> usize {
        self.cells.iter().map(|value| value.text.width()).chain([self.title.width()]).max().unwrap_or(0)
    }
}

/// The text of a value and what it is compared by; `None`: unknown.
pub(super) type Shown = Option<(String, Option<f64>)>;

#[derive(Clone, Copy, PartialEq)]
enum Best {
    Highest,
    Lowest,
    None,
}

const UNKNOWN: &str = "–";

/// All columns that say something about these rows, in the order they are shown.
pub(super) fn columns(lines: &[Line<'_>], labels: &[String]) -> Vec<Column> {
    let figures: Vec<&Figures> = lines.iter().map(|line| line.figures).collect();
    let figures = figures.as_slice();
    let mut columns = who(lines);
    let always = Column::ALWAYS;
    columns.push(column("accuracy", always, Best::Highest, figures, |f| {
        f.accuracy().map(|share| (format!("{:.1}%", share * 100.0), Some(share)))
    }));
    let interval = column("95% interval", 80, Best::None, figures, |f| {
        f.accuracy_interval().map(|(low, high)| (format!("{:.1}–{:.1}", low * 100.0, high * 100.0), None))
    });
    columns.push(Column { short: "95% CI".into(), ..interval });
    // A score that is only the verdict says nothing that accuracy does not.
    if figures.iter().any(|f| f.graded_finely) {
        columns.push(column("score", 75, Best::Highest, figures, |f| {
            f.score_mean().map(|score| (format!("{score:.3}"), Some(score)))
        }));
    }
    let slowest = figures.iter().filter_map(|f| f.latency_ms(0.95)).fold(0.0, f64::max);
    columns.push(time(["p50 ms", "p50 s"], 60, slowest, figures, |f| f.latency_ms(0.5)));
    columns.push(time(["p95 ms", "p95 s"], 45, slowest, figures, |f| f.latency_ms(0.95)));
    let slowest = figures.iter().filter_map(|f| f.ttft_ms(0.5)).fold(0.0, f64::max);
    columns.push(time(["ttft ms", "ttft s"], 30, slowest, figures, |f| f.ttft_ms(0.5)));
    columns.push(column("tok/s", 25, Best::Highest, figures, |f| {
        f.tokens_per_s_p50().map(|speed| (format!("{speed:.0}"), Some(speed)))
    }));
    let amounts =
        |title, keep, value: fn(&Figures) -> Shown| points_aligned(column(title, keep, Best::Lowest, figures, value));
    columns.push(amounts("cost", 55, |f| money(f, Some(f.cost_known))));
    columns.push(amounts("$/pass", 35, cost_per_pass));
    // What is not in the accuracy always stands beside it, unless there is none of it.
    columns.push(trouble("timeout", "t/o", 17, figures, |f| f.timeout));
    columns.push(trouble("error", "err", 19, figures, |f| f.error));
    columns.push(trouble("skipped", "skip", 18, figures, |f| f.skipped));
    columns.extend(labels.iter().map(|label| score(label, figures)));
    columns
}

/// What the repeats of each case tell; nothing where each was asked once.
pub(super) fn repeat_columns(lines: &[Line<'_>], k: u32) -> Vec<Column> {
    if k < 2 {
        return Vec::new();
    }
    let figures: Vec<&Figures> = lines.iter().map(|line| line.figures).collect();
    let mut columns = who(lines);
    let mut add = |title: String, keep, best, share: fn(&Repeats) -> Option<f64>| {
        let column = column("", keep, best, &figures, |f| {
            let share = share(f.repeats.as_ref()?)?;
            Some((format!("{:.1}%", share * 100.0), Some(share)))
        });
        columns.push(Column { short: title.clone().into(), title: title.into(), ..column });
    };
    add("pass@1".to_owned(), 50, Best::Highest, Repeats::pass_at_1);
    add(format!("pass@{k}"), 90, Best::Highest, Repeats::pass_at_k);
    add(format!("pass^{k}"), 80, Best::Highest, Repeats::pass_hat_k);
    add("majority".to_owned(), 60, Best::Highest, Repeats::majority_accuracy);
    add("flips".to_owned(), 70, Best::Lowest, Repeats::flip_rate);
    columns
}

/// The columns that say which row it is.
fn who(lines: &[Line<'_>]) -> Vec<Column> {
    let mut columns = vec![names("model", lines.iter().map(|line| line.model.clone()))];
    if lines.iter().any(|line| line.prompt.is_some()) {
        columns.push(names("prompt", lines.iter().map(|line| line.prompt.clone().unwrap_or_default())));
    }
    columns
}

fn names(title: &'static str, names: impl Iterator<Item = String>) -> Column {
    let cells = names.map(|text| Value { text, best: false, rank: None }).collect();
    Column { title: title.into(), short: title.into(), cells, nothing: false, keep: Column::ALWAYS, name: true }
}

/// A column of one value a row: text and what it is compared by, or `None` where it is unknown.
fn column(
    title: &'static str,
    keep: u8,
    best: Best,
    figures: &[&Figures],
    value: impl Fn(&Figures) -> Shown,
) -> Column {
    let cell = |f: &&Figures| {
        let (text, rank) = value(f).unwrap_or_else(|| (UNKNOWN.to_owned(), None));
        Value { text, best: false, rank }
    };
    let mut cells: Vec<Value> = figures.iter().map(cell).collect();
    mark(&mut cells, best);
    Column { title: title.into(), short: title.into(), cells, nothing: false, keep, name: false }
}

/// The mean score of the graders with a label. Of several such columns the last is left out first.
fn score(label: &str, figures: &[&Figures]) -> Column {
    /// Columns of the terminal that a label may take, and where there is little room.
    const WIDTHS: [usize; 2] = [24, 12];
    let [title, short] = WIDTHS.map(|width| middle(&text::one_line(label), width));
    let column = column("", 70, Best::Highest, figures, |f| {
        f.scores.get(label).and_then(NamedScore::mean).map(|score| (format!("{score:.3}"), Some(score)))
    });
    Column { title: format!("score.{title}").into(), short: short.into(), ..column }
}

/// Marks the best values. What is shown alike is marked alike; where all are alike there is no best.
fn mark(cells: &mut [Value], best: Best) {
    let ranked: Vec<(f64, &str)> = cells.iter().filter_map(|value| Some((value.rank?, value.text.as_str()))).collect();
    let of = match best {
        Best::Highest => ranked.iter().max_by(|a, b| a.0.total_cmp(&b.0)),
        Best::Lowest => ranked.iter().min_by(|a, b| a.0.total_cmp(&b.0)),
        Best::None => None,
    };
    let Some(shown) = of.map(|(_, text)| (*text).to_owned()) else { return };
    if ranked.iter().all(|(_, text)| **text == shown) {
        return;
    }
    for value in cells {
        value.best = value.rank.is_some() && value.text == shown;
        value.text.push(if value.best { '*' } else { ' ' });
    }
}

/// Milliseconds where everything is under a second, else seconds: one unit a column.
fn time(
    titles: [&'static str; 2],
    keep: u8,
    slowest: f64,
    figures: &[&Figures],
    value: impl Fn(&Figures) -> Option<f64>,
) -> Column {
    let (title, text): (_, fn(f64) -> String) = match slowest {
        ..999.5 => (titles[0], |ms| format!("{ms:.0}")),
        ..99_950.0 => (titles[1], |ms| format!("{:.2}", ms / 1000.0)),
        _ => (titles[1], |ms| format!("{:.1}", ms / 1000.0)),
    };
    column(title, keep, Best::Lowest, figures, |f| value(f).map(|ms| (text(ms), Some(ms))))
}

/// An amount out of the known cost: a lower bound where a part is unknown, unknown where nothing was reported.
/// What a right answer cost.
pub(super) fn cost_per_pass(figures: &Figures) -> Shown {
    money(figures, figures.cost_known.per(figures.pass))
}

/// Decimal points below each other, so that a cent and a thousandth of one are told apart at a glance.
fn points_aligned(mut column: Column) -> Column {
    let fraction = |text: &str| text.find('.').map_or(0, |at| text.len() - at);
    let longest = column.cells.iter().map(|value| fraction(&value.text)).max().unwrap_or(0);
    for value in column.cells.iter_mut().filter(|value| !value.text.starts_with(UNKNOWN)) {
        let blanks = longest - fraction(&value.text);
        value.text.extend(std::iter::repeat_n(' ', blanks));
    }
    column
}

fn money(figures: &Figures, amount: Option<Usd>) -> Shown {
    let amount = amount?;
    if figures.cost_reported == 0 || figures.cost_unknown > 0 && figures.cost_known == Usd::ZERO {
        return None;
    }
    if figures.cost_unknown > 0 {
        return Some((format!("≥ {}", human_usd(amount)), None));
    }
    Some((human_usd(amount), amount.to_string().parse().ok()))
}

fn trouble(
    title: &'static str,
    short: &'static str,
    keep: u8,
    figures: &[&Figures],
    count: impl Fn(&Figures) -> u64,
) -> Column {
    let nothing = figures.iter().all(|f| count(f) == 0);
    let keep = if nothing { keep } else { Column::ALWAYS };
    Column {
        short: short.into(),
        nothing,
        ..column(title, keep, Best::None, figures, |f| Some((grouped(count(f)), None)))
    }
}
