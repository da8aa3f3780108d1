//! `--json`: everything a program may want of the runs, in one versioned document. The schema is `docs/outputs.md`.

use std::cell::RefCell;
use std::io::{self, BufWriter, Write};

use serde::ser::{Error, SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::figures::{Figures, ModelSummary};
use super::notes::notes;
use super::row::Row;
use super::run::{ReportError, Run};
use crate::journal::{AskRecord, AttemptRecord, CellRecord, CostSource, tidy};

/// The version of the document. It grows when a field is removed or changes its meaning, not when one is added.
pub const JSON_VERSION: u32 = 1;

/// Writes the document. `gates` are the outcomes of each run's gates, in the order of the runs; a run without any has an
/// empty list. Cells are read from the journal as they are written.
///
/// # Errors
/// Where a journal cannot be read or `out` not be written.
pub fn json(runs: &[Run], gates: &[Vec<Value>], out: &mut dyn Write) -> Result<(), ReportError> {
    let broken = RefCell::new(None);
    let document = Document { runs, gates, broken: &broken };
    let mut out = BufWriter::with_capacity(1 << 16, out);
    let written = tidy::write(&mut out, &document, 4);
    if let Some(error) = broken.take() {
        return Err(error);
    }
    written.map_err(io::Error::from)?;
    out.write_all(b"\n")?;
    Ok(out.flush()?)
}

struct Document<'a> {
    runs: &'a [Run],
    gates: &'a [Vec<Value>],
    /// What stopped the reading of cells: serde carries only its text.
    broken: &'a RefCell<Option<ReportError>>,
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let runs: Vec<RunDocument<'_>> = self
            .runs
            .iter()
            .enumerate()
            .map(|(at, run)| {
                let gates = self.gates.get(at).map_or(&[][..], Vec::as_slice);
                RunDocument { run, gates, broken: self.broken }
            })
            .collect();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("version", &JSON_VERSION)?;
        map.serialize_entry("bench", env!("CARGO_PKG_VERSION"))?;
        map.serialize_entry("simulated", &self.runs.iter().any(Run::simulated))?;
        map.serialize_entry("runs", &runs)?;
        map.end()
    }
}

struct RunDocument<'a> {
    run: &'a Run,
    gates: &'a [Value],
    broken: &'a RefCell<Option<ReportError>>,
}

impl Serialize for RunDocument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (run, manifest) = (self.run, self.run.manifest());
        let models: Vec<Value> = run
            .summary()
            .models
            .iter()
            .enumerate()
            .map(|(at, model)| {
                let settings = manifest.models.get(at).map(|head| &head.settings);
                model_value(model, settings, &run.plan().axes().prompts)
            })
            .collect();
        let notes: Vec<Value> = notes(run)
            .into_iter()
            .map(|note| json!({"model": note.model, "kind": note.kind, "text": note.text}))
            .collect();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("suite", &manifest.suite)?;
        map.serialize_entry("simulated", &run.simulated())?;
        map.serialize_entry("description", &manifest.description)?;
        map.serialize_entry("suite_path", &manifest.suite_path)?;
        map.serialize_entry("suite_sha256", &manifest.suite_sha256)?;
        map.serialize_entry("written_by", &manifest.bench)?;
        map.serialize_entry("seed", &manifest.seed)?;
        map.serialize_entry("repeat", &manifest.repeat)?;
        map.serialize_entry("budget_usd", &manifest.budget)?;
        map.serialize_entry("started_at", &manifest.started_at)?;
        map.serialize_entry("resumed_at", &manifest.resumed_at)?;
        map.serialize_entry("ended", &manifest.ended)?;
        map.serialize_entry("wall_s", &run.summary().wall.map(|wall| wall.as_secs_f64()))?;
        map.serialize_entry("graders", &manifest.graders)?;
        map.serialize_entry("prompts", &manifest.prompts)?;
        map.serialize_entry("models", &models)?;
        let head = |name: &str| manifest.judges.iter().find(|head| head.name == name);
        let judges = run.summary().judges.iter().map(|judge| judge.value(head(&judge.name)));
        if let Some(comparisons) = run.comparisons() {
            map.serialize_entry("pairwise", &comparisons.value())?;
        }
        map.serialize_entry("judges", &judges.collect::<Vec<_>>())?;
        map.serialize_entry("gates", self.gates)?;
        map.serialize_entry("notes", &notes)?;
        map.serialize_entry("cells", &Cells { run, broken: self.broken })?;
        map.end()
    }
}

fn model_value(model: &ModelSummary, settings: Option<&Value>, prompts: &[String]) -> Value {
    let by_prompt: Vec<Value> = prompts
        .iter()
        .zip(&model.prompts)
        .map(|(prompt, figures)| json!({"prompt": prompt, "summary": figures_value(figures)}))
        .collect();
    json!({
        "name": model.name,
        "id": model.id,
        "settings": settings,
        "stopped": model.ending.as_ref().map(|ending| json!({"reason": ending.reason, "message": ending.message})),
        "summary": figures_value(&model.total),
        "prompts": by_prompt,
    })
}

fn figures_value(figures: &Figures) -> Value {
    let troubles: Vec<Value> = figures
        .troubles
        .iter()
        .map(|t| json!({"verdict": t.verdict, "kind": t.kind, "count": t.count, "example": t.example}))
        .collect();
    let interval = figures.accuracy_interval();
    let mut value = json!({
        "cells": figures.cells,
        "pass": figures.pass,
        "fail": figures.fail,
        "timeout": figures.timeout,
        "error": figures.error,
        "skipped": figures.skipped,
        "answered": figures.answered,
        "accuracy": figures.accuracy(),
        "accuracy_low": interval.map(|(low, _)| low),
        "accuracy_high": interval.map(|(_, high)| high),
        "score_mean": figures.score_mean(),
        "scores": figures.scores.to_json(),
        "latency_p50_ms": figures.latency_ms(0.5),
        "latency_p95_ms": figures.latency_ms(0.95),
        "latency_mean_ms": figures.latency_mean_ms(),
        "ttft_p50_ms": figures.ttft_ms(0.5),
        "ttft_p95_ms": figures.ttft_ms(0.95),
        "tokens_per_s_p50": figures.tokens_per_s_p50(),
        "prompt_tokens": figures.prompt_tokens.known,
        "prompt_tokens_unknown_cells": figures.prompt_tokens.unknown_cells,
        "completion_tokens": figures.completion_tokens.known,
        "completion_tokens_unknown_cells": figures.completion_tokens.unknown_cells,
        "cost_usd": figures.cost(),
        "cost_known_usd": figures.cost_known,
        "cost_unknown_cells": figures.cost_unknown,
        "cost_estimated_cells": figures.cost_estimated,
        "cost_per_pass_usd": figures.cost_per_pass(),
        "attempts": figures.attempts,
        "retries": figures.retries(),
        "fallbacks": figures.fallbacks,
        "cut_answers": figures.cut,
        "empty_answers": figures.empty,
        "wall_s": figures.wall.map(|wall| wall.as_secs_f64()),
        "troubles": troubles,
    });
    if let Some(repeats) = figures.repeats {
        value["repeats"] = repeats.to_json();
    }
    value
}

/// All planned cells in plan order, read as they are written.
struct Cells<'a> {
    run: &'a Run,
    broken: &'a RefCell<Option<ReportError>>,
}

impl Serialize for Cells<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        // Errors of `list` are of a type that `for_each_row` does not know, so they are carried past it.
        let mut failed = None;
        let visited = self.run.for_each_row(|row| {
            list.serialize_element(&CellDocument::of(row)).map_err(|error| {
                failed = Some(error);
                ReportError::Write(io::ErrorKind::Other.into())
            })
        });
        match (failed, visited) {
            (Some(error), _) => Err(error),
            (None, Err(error)) => {
                let text = error.to_string();
                self.broken.replace(Some(error));
                Err(S::Error::custom(text))
            }
            (None, Ok(())) => list.end(),
        }
    }
}

/// A cell; what is unknown is left out.
#[derive(Serialize)]
struct CellDocument<'a> {
    model: &'a str,
    prompt: &'a str,
    case: &'a str,
    repeat: u32,
    verdict: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    tool_calls: &'a [Value],
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Value>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    grades: &'a [crate::grade::Grade],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    attempts: &'a [AttemptRecord],
    #[serde(skip_serializing_if = "Option::is_none")]
    latency_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttft_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    completion_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cached_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens_per_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_usd: Option<crate::units::Usd>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_source: Option<CostSource>,
    #[serde(skip_serializing_if = "Option::is_none")]
    served_model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finish_reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    generation_id: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    asks: &'a [AskRecord],
    #[serde(skip_serializing_if = "Option::is_none")]
    grading_cost_usd: Option<crate::units::Usd>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    tags: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<&'a str>,
}

impl<'a> CellDocument<'a> {
    fn of(row: &'a Row<'_>) -> Self {
        let record = row.record.as_ref();
        let tokens = record.map(|r| r.tokens).unwrap_or_default();
        Self {
            model: &row.model.name,
            prompt: row.prompt,
            case: row.case,
            repeat: row.repeat,
            verdict: row.verdict().as_str(),
            score: record.and_then(|r| r.score),
            expected: row.expected.as_deref(),
            output: record.and_then(|r| r.output.as_deref()),
            reasoning: record.and_then(|r| r.reasoning.as_deref()),
            tool_calls: record.map_or(&[], |r| &r.tool_calls),
            refusal: record.and_then(|r| r.refusal.as_deref()),
            error: row.error().map(|(kind, message)| json!({"kind": kind, "message": message})),
            grades: record.map_or(&[], |r| &r.grades),
            attempts: record.map_or(&[], |r| &r.attempts),
            latency_ms: record.and_then(|r| r.latency_ms),
            ttft_ms: record.and_then(|r| r.ttft_ms),
            queue_ms: record.and_then(|r| r.queue_ms),
            prompt_tokens: tokens.prompt,
            completion_tokens: tokens.completion,
            reasoning_tokens: tokens.reasoning,
            cached_tokens: tokens.cached,
            tokens_per_s: record.filter(|r| r.answered()).and_then(CellRecord::tokens_per_second),
            cost_usd: record.and_then(|r| r.cost),
            cost_source: record.and_then(|r| r.cost_source),
            served_model: record.and_then(|r| r.served_model.as_deref()),
            provider: record.and_then(|r| r.provider.as_deref()),
            finish_reason: record.and_then(|r| r.finish_reason.as_deref()),
            generation_id: record.and_then(|r| r.generation_id.as_deref()),
            asks: record.map_or(&[], |r| &r.asks),
            grading_cost_usd: record.and_then(|r| r.grading_cost),
            tags: row.tags,
            started_at: record.and_then(|r| r.started_at.as_deref()),
            ended_at: record.map(|r| r.ended_at.as_str()),
        }
    }
}

#[cfg(test)]
mod tests;
