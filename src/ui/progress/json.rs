//! Progress for tools: one JSON object per event and line.
//!
//! Every object has `event` and `elapsed_ms` (since the display started); those of one model have `model`,
//! those of one that graders ask `judge`. Unknown
//! values are left out. Money is a decimal string in US dollars, exact.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use crate::engine::{Event, LaneInfo, StopReason};
use crate::journal::Verdict;
use crate::text;

use super::judge;
use super::state::State;
use super::words;

/// The object for an event.
pub fn object(event: &Event, state: &State, at: Instant) -> Value {
    let name = |lane: &usize| state.lanes().get(*lane).map(|lane| lane.id.to_string());
    let left = |until: &Instant| ms(until.saturating_duration_since(at));
    let (word, lane, mut fields) = match event {
        Event::Judge { judge, event } => {
            let (word, mut fields) = judge::object(event, at);
            if let (Some(fields), Some(judge)) = (fields.as_object_mut(), state.judges.get(*judge)) {
                fields.shift_insert(0, "judge".to_owned(), Value::from(&*judge.id));
            }
            (word, None, fields)
        }
        Event::CellAnswered { lane, waiting } => ("cell_answered", Some(lane), json!({ "waiting": waiting })),
        Event::LaneHeld { lane, waiting } => {
            ("model_waiting", Some(lane), json!({ "wait": "graders", "waiting": waiting }))
        }
        Event::RunStarted { lanes, .. } => ("run_started", None, run_started(lanes, state)),
        Event::AttemptStarted { lane, attempt } => ("attempt_started", Some(lane), json!({ "attempt": attempt })),
        Event::AttemptFailed { lane, attempt, kind, message, retry_in } => {
            let fields = json!({ "attempt": attempt, "error_kind": kind, "error": message,
                "retry_in_ms": ms(*retry_in) });
            ("attempt_failed", Some(lane), fields)
        }
        Event::CellFinished { lane, case, verdict, reason, latency, ttft, cost, cost_unknown, attempts, .. } => {
            let fields = json!({ "case": case, "verdict": verdict, "reason": reason, "latency_ms": latency.map(ms),
                "ttft_ms": ttft.map(ms), "cost_usd": cost, "cost_unknown": cost_unknown, "attempts": attempts });
            ("cell_finished", Some(lane), fields)
        }
        Event::ConcurrencyChanged { lane, now, before } => {
            ("concurrency_changed", Some(lane), json!({ "now": now, "before": before }))
        }
        Event::LaneWaiting { lane, wait, until } => {
            let fields = json!({ "wait": words::wait_word(*wait), "wait_ms": left(until) });
            ("model_waiting", Some(lane), fields)
        }
        Event::LaneResumed { lane } => ("model_resumed", Some(lane), json!({})),
        Event::LaneStopped { lane, reason, message, skipped } => {
            let fields = json!({ "reason": reason.as_str(), "message": message, "skipped": skipped });
            ("model_stopped", Some(lane), fields)
        }
        Event::LaneFinished { lane, .. } => ("model_finished", Some(lane), json!({})),
        Event::StopRequested { reason, message } => {
            ("stop_requested", None, json!({ "reason": reason.as_str(), "message": message }))
        }
        Event::RunFinished { reason, .. } => {
            ("run_finished", None, json!({ "reason": reason.map(StopReason::as_str) }))
        }
    };
    let mut object = Map::new();
    object.insert("event".to_owned(), word.into());
    object.insert("elapsed_ms".to_owned(), ms(at.saturating_duration_since(state.started)).into());
    if let Some(model) = lane.and_then(name) {
        object.insert("model".to_owned(), model.into());
    }
    if let Some(fields) = fields.as_object_mut() {
        object.extend(std::mem::take(fields).into_iter().filter(|(_, value)| !value.is_null()));
    }
    Value::Object(object)
}

/// The lanes as they started: by the time this is written the state knows of cells that have ended since.
fn run_started(lanes: &[LaneInfo], state: &State) -> Value {
    let models = lanes.iter().map(|lane| {
        let counts = Verdict::ALL.iter().zip(lane.done);
        let done: Map<String, Value> = counts.map(|(v, count)| (v.as_str().to_owned(), count.into())).collect();
        json!({ "model": lane.model, "cells": lane.cells, "done_before": done, "concurrency": lane.concurrency })
    });
    let models: Vec<Value> = models.collect();
    let judges: Vec<&str> = state.judges.iter().map(|judge| &*judge.id).collect();
    let judges = (!judges.is_empty()).then_some(judges);
    json!({ "suite": &*state.suite, "simulated": state.simulated, "cells": state.cells, "models": models,
        "judges": judges })
}

/// Milliseconds, to the microsecond.
fn ms(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

/// A JSON value on one line. What could act on a terminal is escaped, so that the line may also be shown on one: it is
/// the same JSON.
pub(in crate::ui) fn json_line(value: &Value) -> String {
    let line = value.to_string();
    if matches!(text::one_line(&line), std::borrow::Cow::Borrowed(_)) {
        return line;
    }
    let mut safe = String::with_capacity(line.len() + 16);
    for c in line.chars() {
        // None of these characters can stand outside a JSON string here.
        if text::one_line(c.encode_utf8(&mut [0; 4])) == "\u{fffd}" && c != '\u{fffd}' {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(c);
        }
    }
    safe
}

#[cfg(test)]
mod tests;
