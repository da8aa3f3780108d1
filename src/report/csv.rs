//! `results.csv` and `summary.csv`: RFC 4180, UTF-8, safe to open in a spreadsheet.

use std::borrow::Cow;
use std::io::{self, Write};
use std::ops::Range;

use csv::{Terminator, WriterBuilder};

use super::figures::{Figures, ModelSummary};
use super::number::decimal;
use super::repeats::Repeats;
use super::row::Row;
use super::run::{ReportError, Run};
use super::scores::{NamedScore, labels};
use crate::units::Usd;

/// The columns of `results.csv`.
pub const RESULT_COLUMNS: [&str; 31] = [
    "suite",
    "model",
    "model_id",
    "prompt",
    "case",
    "repeat",
    "verdict",
    "score",
    "expected",
    "output",
    "reasoning",
    "error_kind",
    "error",
    "grades",
    "attempts",
    "latency_ms",
    "ttft_ms",
    "queue_ms",
    "prompt_tokens",
    "completion_tokens",
    "reasoning_tokens",
    "cached_tokens",
    "tokens_per_s",
    "cost_usd",
    "cost_source",
    "served_model",
    "provider",
    "finish_reason",
    "generation_id",
    "tags",
    "started_at",
];

/// The columns of `summary.csv`.
pub const SUMMARY_COLUMNS: [&str; 28] = [
    "suite",
    "model",
    "model_id",
    "prompt",
    "cells",
    "pass",
    "fail",
    "timeout",
    "error",
    "skipped",
    "accuracy",
    "accuracy_low",
    "accuracy_high",
    "score_mean",
    "latency_p50_ms",
    "latency_p95_ms",
    "latency_mean_ms",
    "ttft_p50_ms",
    "ttft_p95_ms",
    "tokens_per_s_p50",
    "prompt_tokens",
    "completion_tokens",
    "cost_usd",
    "cost_per_pass_usd",
    "attempts",
    "retries",
    "fallbacks",
    "wall_s",
];

/// The columns that follow in `summary.csv` where some case was asked several times.
pub const REPEAT_COLUMNS: [&str; 4] = ["pass_at_k", "pass_hat_k", "majority_accuracy", "flip_rate"];

/// How text is written, and what besides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CsvStyle {
    /// Leave text that a spreadsheet would run as a formula as it is (`--csv-raw`).
    pub raw: bool,
    /// Append a column `score.LABEL` for every grader to `summary.csv` (`--scores`).
    pub scores: bool,
}

/// Writes one row per planned cell of the runs, in plan order.
///
/// # Errors
/// Where a journal cannot be read or `out` not be written.
pub fn results_csv(runs: &[Run], style: CsvStyle, out: &mut dyn Write) -> Result<(), ReportError> {
    let mut heads = Sheet::new(out, style);
    heads.row(&RESULT_COLUMNS)?;
    heads.finish()?;
    let threads = u32::try_from(std::thread::available_parallelism().map_or(1, usize::from)).unwrap_or(1);
    for run in runs {
        let suite = run.suite_label();
        let cells = run.cells();
        for start in (0..cells).step_by((threads * PIECE) as usize) {
            // Reading a row takes far longer than writing it out, so rows are read side by side, a window at a time.
            let pieces = (start..cells.min(start.saturating_add(threads * PIECE))).step_by(PIECE as usize);
            let render = |first: u32| render_rows(run, first..cells.min(first.saturating_add(PIECE)), &suite, style);
            let rendered: Vec<_> = std::thread::scope(|scope| {
                let started: Vec<_> = pieces.map(|first| scope.spawn(move || render(first))).collect();
                started.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
            });
            for piece in rendered {
                out.write_all(&piece.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?)?;
            }
        }
    }
    Ok(out.flush()?)
}

/// How many rows a thread reads at a time.
const PIECE: u32 = 2048;

fn render_rows(run: &Run, rows: Range<u32>, suite: &str, style: CsvStyle) -> Result<Vec<u8>, ReportError> {
    let mut bytes = Vec::new();
    let mut sheet = Sheet::new(&mut bytes, style);
    run.for_rows(rows, |row| Ok(result_row(&mut sheet, suite, row)?))?;
    sheet.finish()?;
    Ok(bytes)
}

fn result_row(sheet: &mut Sheet<'_>, suite: &str, row: &Row<'_>) -> io::Result<()> {
    for text in [suite, &row.model.name, &row.model.id, row.prompt, row.case] {
        sheet.text(Some(text))?;
    }
    sheet.plain(Some(row.repeat))?;
    sheet.plain(Some(row.verdict().as_str()))?;
    let record = row.record.as_ref();
    sheet.decimal(record.and_then(|r| r.score), 6)?;
    sheet.text(row.expected.as_deref())?;
    sheet.text(row.output().as_deref())?;
    sheet.text(record.and_then(|r| r.reasoning.as_deref()))?;
    let error = row.error();
    sheet.text(error.map(|(kind, _)| kind))?;
    sheet.text(error.map(|(_, message)| message))?;
    let grades = record.filter(|r| !r.grades.is_empty()).map(|r| serde_json::to_string(&r.grades)).transpose()?;
    sheet.text(grades.as_deref())?;
    sheet.plain(Some(record.map_or(0, |r| r.attempts.len())))?;
    for ms in [record.and_then(|r| r.latency_ms), record.and_then(|r| r.ttft_ms), record.and_then(|r| r.queue_ms)] {
        sheet.decimal(ms, 3)?;
    }
    let tokens = record.map(|r| r.tokens).unwrap_or_default();
    for count in [tokens.prompt, tokens.completion, tokens.reasoning, tokens.cached] {
        sheet.plain(count)?;
    }
    let speed = record.filter(|r| r.answered()).and_then(crate::journal::CellRecord::tokens_per_second);
    sheet.decimal(speed, 3)?;
    // A cost that lacks an attempt's is not the cell's: empty, so that a sum over the column does not lack it silently.
    let priced = record.filter(|r| !r.attempts.iter().any(|attempt| attempt.error.is_some() && attempt.cost_unknown()));
    sheet.plain(priced.and_then(|r| r.cost))?;
    sheet.plain(priced.and_then(|r| r.cost_source).map(crate::journal::CostSource::as_str))?;
    for text in [
        record.and_then(|r| r.served_model.as_deref()),
        record.and_then(|r| r.provider.as_deref()),
        record.and_then(|r| r.finish_reason.as_deref()),
        record.and_then(|r| r.generation_id.as_deref()),
        Some(&*row.tags.join(";")),
        record.and_then(|r| r.started_at.as_deref()),
    ] {
        sheet.text(text)?;
    }
    sheet.end()
}

/// Writes one row per model and prompt of the runs, in plan order. Behind the columns of every run stand those of the
/// repeats, where there are any, and those of the graders, where they were asked for.
///
/// # Errors
/// Where `out` cannot be written.
pub fn summary_csv(runs: &[Run], style: CsvStyle, out: &mut dyn Write) -> Result<(), ReportError> {
    let labels = if style.scores { labels(runs) } else { Vec::new() };
    let repeat_columns = if runs.iter().any(|run| run.manifest().repeat > 1) { &REPEAT_COLUMNS[..] } else { &[] };
    let mut sheet = Sheet::new(out, style);
    SUMMARY_COLUMNS.iter().chain(repeat_columns).try_for_each(|column| sheet.field(column))?;
    labels.iter().try_for_each(|label| sheet.text(Some(&format!("score.{label}"))))?;
    sheet.end()?;
    for run in runs {
        let suite = run.suite_label();
        for model in &run.summary().models {
            for (prompt, figures) in run.plan().axes().prompts.iter().zip(&model.prompts) {
                summary_row(&mut sheet, &suite, model, prompt, figures)?;
                if !repeat_columns.is_empty() {
                    repeat_fields(&mut sheet, figures.repeats)?;
                }
                for label in &labels {
                    sheet.decimal(figures.scores.get(label).and_then(NamedScore::mean), 6)?;
                }
                sheet.end()?;
            }
        }
    }
    Ok(sheet.finish()?)
}

/// The columns of [`REPEAT_COLUMNS`].
fn repeat_fields(sheet: &mut Sheet<'_>, repeats: Option<Repeats>) -> io::Result<()> {
    let all: [fn(&Repeats) -> Option<f64>; 4] =
        [Repeats::pass_at_k, Repeats::pass_hat_k, Repeats::majority_accuracy, Repeats::flip_rate];
    all.iter().try_for_each(|share| sheet.decimal(repeats.as_ref().and_then(share), 6))
}

/// The columns of [`SUMMARY_COLUMNS`].
fn summary_row(
    sheet: &mut Sheet<'_>,
    suite: &str,
    model: &ModelSummary,
    prompt: &str,
    figures: &Figures,
) -> io::Result<()> {
    for text in [suite, &model.name, &model.id, prompt] {
        sheet.text(Some(text))?;
    }
    let Figures { cells, pass, fail, timeout, error, skipped, .. } = *figures;
    for count in [cells, pass, fail, timeout, error, skipped] {
        sheet.plain(Some(count))?;
    }
    let interval = figures.accuracy_interval();
    for share in
        [figures.accuracy(), interval.map(|(low, _)| low), interval.map(|(_, high)| high), figures.score_mean()]
    {
        sheet.decimal(share, 6)?;
    }
    for value in [
        figures.latency_ms(0.5),
        figures.latency_ms(0.95),
        figures.latency_mean_ms(),
        figures.ttft_ms(0.5),
        figures.ttft_ms(0.95),
        figures.tokens_per_s_p50(),
    ] {
        sheet.decimal(value, 3)?;
    }
    for tokens in [figures.prompt_tokens, figures.completion_tokens] {
        sheet.plain(tokens.total(figures.answered))?;
    }
    sheet.plain(figures.cost())?;
    // A quotient may have no end; the sum above is exact.
    sheet.plain(figures.cost_per_pass().map(|cost| Usd::new(cost.decimal().round_dp(12))))?;
    for count in [figures.attempts, figures.retries(), figures.fallbacks] {
        sheet.plain(Some(count))?;
    }
    sheet.decimal(figures.wall.map(|wall| wall.as_secs_f64()), 3)
}

/// A CSV file that is being written, field by field.
struct Sheet<'a> {
    out: csv::Writer<&'a mut dyn Write>,
    style: CsvStyle,
}

impl<'a> Sheet<'a> {
    fn new(out: &'a mut dyn Write, style: CsvStyle) -> Self {
        let out = WriterBuilder::new().terminator(Terminator::CRLF).buffer_capacity(1 << 16).from_writer(out);
        Self { out, style }
    }

    fn row(&mut self, fields: &[&str]) -> io::Result<()> {
        fields.iter().try_for_each(|field| self.field(field))?;
        self.end()
    }

    fn field(&mut self, field: &str) -> io::Result<()> {
        self.out.write_field(field).map_err(io::Error::from)
    }

    /// Text of any origin.
    fn text(&mut self, text: Option<&str>) -> io::Result<()> {
        let text = without_controls(text.unwrap_or_default());
        let field = if self.style.raw { text } else { defused(text) };
        self.field(&field)
    }

    /// What is ours, and no formula: a count, an amount, a word from a fixed list.
    fn plain(&mut self, value: Option<impl ToString>) -> io::Result<()> {
        self.field(&value.map(|value| value.to_string()).unwrap_or_default())
    }

    fn decimal(&mut self, value: Option<f64>, places: usize) -> io::Result<()> {
        self.field(&value.and_then(|value| decimal(value, places)).unwrap_or_default())
    }

    fn end(&mut self) -> io::Result<()> {
        self.out.write_record(None::<&[u8]>).map_err(io::Error::from)
    }

    fn finish(mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The text without control characters other than line breaks and tabs.
fn without_controls(text: &str) -> Cow<'_, str> {
    let dropped = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    if text.contains(dropped) { Cow::Owned(text.replace(dropped, "")) } else { Cow::Borrowed(text) }
}

/// The text with a `'` before it where a spreadsheet would run it as a formula. A plain number stays a number.
fn defused(text: Cow<'_, str>) -> Cow<'_, str> {
    // Full-width signs too: spreadsheets made for Chinese and Japanese take them for the narrow ones.
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠', '−']);
    if formula && !is_number(&text) { Cow::Owned(format!("'{text}")) } else { text }
}

/// `-12`, `+0.5`, `-1.2e-7`: a sign, digits, and nothing that could refer to a cell.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && unsigned.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'-' | b'+'))
        && text.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests;
