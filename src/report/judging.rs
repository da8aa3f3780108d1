//! What the models that graders asked took: their figures, and how they are told.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::gather::{Attempt, Cause, sorted};
use super::number::grouped;
use crate::journal::{AskKind, ModelHead, may_have_cost};
use crate::stats::quantile;
use crate::text::one_line;
use crate::units::{Usd, human_duration, human_usd};

/// What the figures need of what a grader asked.
#[derive(Debug, Deserialize)]
pub(super) struct Asked<'a> {
    #[serde(borrow)]
    model: Cow<'a, str>,
    kind: AskKind,
    #[serde(default)]
    texts: Option<u32>,
    #[serde(default, borrow)]
    attempts: Vec<Attempt<'a>>,
    #[serde(default)]
    latency_ms: Option<f64>,
    #[serde(default)]
    cost: Option<Usd>,
    #[serde(default, borrow)]
    error: Option<Cause<'a>>,
}

/// A model that graders asked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct JudgeSummary {
    /// Its name.
    pub name: String,
    /// Chats that it was asked for.
    pub chats: u64,
    /// Texts that it was asked to embed.
    pub texts: u64,
    /// Chats and texts that got no answer, other than by a cancellation.
    pub failed: u64,
    /// Of the requests that gave answers, in milliseconds, ascending; one with texts of several cells once for each.
    pub latencies_ms: Arc<[f64]>,
    /// What was reported, added up exactly.
    pub cost_known: Usd,
    /// Questions of cells with a cost, be it zero.
    pub cost_reported: u64,
    /// Questions of cells some of whose cost may be missing in `cost_known`.
    pub cost_unknown: u64,
}

impl JudgeSummary {
    /// A quantile of the latency in milliseconds.
    pub fn latency_ms(&self, p: f64) -> Option<f64> {
        quantile(&self.latencies_ms, p)
    }

    /// What it cost; `None` where a part of it is unknown, or nobody reported any cost.
    pub fn cost(&self) -> Option<Usd> {
        (self.cost_unknown == 0 && self.cost_reported > 0).then_some(self.cost_known)
    }

    /// `judged by openai/gpt-5: 360 calls, 3 failed, p50 1.2s, $0.12 (not part of the models' cost)`.
    pub(super) fn note(&self) -> String {
        let calls = |count: u64| format!("{} {}", grouped(count), if count == 1 { "call" } else { "calls" });
        let texts = |count: u64| format!("{} {}", grouped(count), if count == 1 { "text" } else { "texts" });
        let (verb, mut parts) = match (self.chats, self.texts) {
            (chats, 0) => ("judged", vec![calls(chats)]),
            (0, count) => ("embedded", vec![texts(count)]),
            (chats, count) => ("judged and embedded", vec![calls(chats), texts(count)]),
        };
        if self.failed > 0 {
            parts.push(format!("{} failed", grouped(self.failed)));
        }
        let median = self.latency_ms(0.5).and_then(|ms| Duration::try_from_secs_f64(ms / 1000.0).ok());
        parts.extend(median.map(|median| format!("p50 {}", human_duration(median))));
        let apart = "(not part of the models' cost)";
        match (self.cost_reported > 0, self.cost_unknown > 0) {
            (true, false) => parts.push(format!("{} {apart}", human_usd(self.cost_known))),
            (true, true) => {
                let known = human_usd(self.cost_known);
                let lacking = calls(self.cost_unknown);
                parts.push(format!("≥ {known} {apart}, the cost of {lacking} is unknown"));
            }
            (false, true) => parts.push(format!("cost unknown {apart}")),
            (false, false) => {}
        }
        format!("{verb} by {}: {}", one_line(&self.name), parts.join(", "))
    }

    /// For `--json`. `head` is what the manifest knows of it.
    pub(super) fn value(&self, head: Option<&ModelHead>) -> Value {
        json!({
            "name": self.name,
            "id": head.map(|head| &head.id),
            "settings": head.map(|head| &head.settings),
            "summary": {
                "calls": self.chats,
                "texts": self.texts,
                "failed": self.failed,
                "latency_p50_ms": self.latency_ms(0.5),
                "latency_p95_ms": self.latency_ms(0.95),
                "cost_usd": self.cost(),
                "cost_known_usd": self.cost_known,
                "cost_unknown_calls": self.cost_unknown,
            },
        })
    }
}

/// Collects the figures of all judges.
#[derive(Debug, Default)]
pub(super) struct Judging(Vec<(JudgeSummary, Vec<f64>)>);

impl Judging {
    pub(super) fn add(&mut self, asks: &[Asked<'_>]) {
        for asked in asks {
            let (figures, latencies) = self.judge(&asked.model);
            let count = match asked.kind {
                AskKind::Chat => 1,
                AskKind::Embedding => u64::from(asked.texts.unwrap_or(1)),
            };
            match asked.kind {
                AskKind::Chat => figures.chats += count,
                AskKind::Embedding => figures.texts += count,
            }
            let error = asked.error.as_ref().map(|cause| &*cause.kind);
            figures.failed += if error.is_some_and(|kind| kind != "cancelled") { count } else { 0 };
            figures.cost_known += asked.cost.unwrap_or_default();
            figures.cost_reported += u64::from(asked.cost.is_some());
            let unknown = |attempt: &Attempt<'_>| {
                let kind = attempt.error.as_ref().map(|cause| &*cause.kind);
                may_have_cost(attempt.cost, kind, attempt.ttft_ms)
            };
            figures.cost_unknown += u64::from(asked.attempts.iter().any(unknown));
            latencies.extend(asked.latency_ms.filter(|ms| ms.is_finite()));
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (theirs, more) in other.0 {
            let (ours, latencies) = self.judge(&theirs.name);
            ours.chats += theirs.chats;
            ours.texts += theirs.texts;
            ours.failed += theirs.failed;
            ours.cost_known += theirs.cost_known;
            ours.cost_reported += theirs.cost_reported;
            ours.cost_unknown += theirs.cost_unknown;
            latencies.extend(more);
        }
    }

    fn judge(&mut self, name: &str) -> &mut (JudgeSummary, Vec<f64>) {
        let known = self.0.iter().position(|(figures, _)| figures.name == name);
        let at = known.unwrap_or_else(|| {
            self.0.push((JudgeSummary { name: name.to_owned(), ..JudgeSummary::default() }, Vec::new()));
            self.0.len() - 1
        });
        &mut self.0[at]
    }

    /// In the order of the manifest; those it does not know come last, by name.
    pub(super) fn finish(self, heads: &[ModelHead]) -> Vec<JudgeSummary> {
        let place = |name: &str| heads.iter().position(|head| head.name == name).unwrap_or(usize::MAX);
        let finish = |(figures, latencies)| JudgeSummary { latencies_ms: sorted(latencies), ..figures };
        let mut judges: Vec<JudgeSummary> = self.0.into_iter().map(finish).collect();
        judges.sort_by(|a, b| (place(&a.name), &a.name).cmp(&(place(&b.name), &b.name)));
        judges
    }
}

#[cfg(test)]
mod tests {
    use super::super::notes::notes;
    use super::super::testing::{graded, open};
    use super::*;
    use crate::journal::testing::{attempt, manifest, suite};
    use crate::journal::{AskRecord, CellRecord, ErrorInfo, Tokens};

    fn ask(model: &str, kind: AskKind, ms: f64, cost: Option<&str>) -> AskRecord {
        let cost = cost.map(|cost| cost.parse().unwrap());
        let mut attempt = attempt();
        (attempt.cost, attempt.ttft_ms) = (cost, None);
        AskRecord {
            model: model.to_owned(),
            kind,
            texts: (kind == AskKind::Embedding).then_some(2),
            attempts: vec![attempt],
            output: None,
            latency_ms: Some(ms),
            queue_ms: None,
            tokens: Tokens::default(),
            cost,
            cost_source: None,
            served_model: None,
            finish_reason: None,
            error: None,
        }
    }

    fn failed(model: &str, kind: &str) -> AskRecord {
        let error = Some(ErrorInfo { kind: kind.to_owned(), message: "no".to_owned() });
        let attempts = Vec::new();
        AskRecord { error, attempts, latency_ms: None, ..ask(model, AskKind::Chat, 0.0, None) }
    }

    fn notes_of(asks: &[&[AskRecord]]) -> Vec<String> {
        let suite = suite(&["m", "n"], &["a", "b"]);
        let cells = [("m", "a"), ("m", "b"), ("n", "a"), ("n", "b")];
        let record = |(&(model, case), asks): (&(&str, &str), &&[AskRecord])| {
            let mut record: CellRecord = graded(model, case, true, 100.0, "0.5");
            record.add_asks(asks.to_vec());
            record
        };
        let records: Vec<CellRecord> = cells.iter().zip(asks).map(record).collect();
        let (_dir, run) = open(&manifest(&suite), &records);
        assert!(run.summary().models.iter().all(|model| model.total.cost_known == Usd::from_json("1").unwrap()));
        notes(&run).into_iter().filter(|note| note.kind == "judged").map(|note| note.text).collect()
    }

    #[test]
    fn a_judge_has_a_note_with_calls_failures_median_and_cost_apart_from_the_models() {
        let some = |ms| ask("openai/gpt-5", AskKind::Chat, ms, Some("0.04"));
        let embedded = ask("embed", AskKind::Embedding, 90.0, Some("0.000001"));
        let asks: [&[AskRecord]; 4] =
            [&[some(1000.0), embedded], &[some(1200.0)], &[some(3000.0)], &[failed("openai/gpt-5", "provider")]];
        assert_eq!(
            notes_of(&asks),
            [
                "embedded by embed: 2 texts, p50 90ms, $0.000001 (not part of the models' cost)",
                "judged by openai/gpt-5: 4 calls, 1 failed, p50 1.2s, $0.12 (not part of the models' cost)",
            ]
        );
    }

    #[test]
    fn a_cost_of_which_a_part_is_unknown_is_never_told_as_if_it_were_whole() {
        let known = ask("j", AskKind::Chat, 1.0, Some("0.1"));
        let unknown = || ask("j", AskKind::Chat, 1.0, None);
        let calls = |asks: &[AskRecord]| notes_of(&[asks, &[], &[], &[]]).remove(0);
        assert_eq!(
            calls(&[known, unknown()]),
            "judged by j: 2 calls, p50 1ms, ≥ $0.1 (not part of the models' cost), the cost of 1 call is unknown"
        );
        assert_eq!(calls(&[unknown()]), "judged by j: 1 call, p50 1ms, cost unknown (not part of the models' cost)");
        assert_eq!(calls(&[failed("j", "cancelled")]), "judged by j: 1 call");
    }

    #[test]
    fn judges_stand_in_the_order_of_the_manifest() {
        let asks = [ask("b", AskKind::Chat, 1.0, None), ask("c", AskKind::Chat, 1.0, None)];
        let mut judging = Judging::default();
        for ask in &asks {
            let json = serde_json::to_string(ask).unwrap();
            judging.add(&[serde_json::from_str(&json).unwrap()]);
        }
        let mut head = ModelHead { name: "c".into(), id: "x/c".into(), settings: Value::Null };
        let judges = judging.finish(std::slice::from_ref(&head));
        assert_eq!(judges.iter().map(|judge| judge.name.as_str()).collect::<Vec<_>>(), ["c", "b"]);
        head.id = "x/d".to_owned();
        let value = judges[0].value(Some(&head));
        assert_eq!((&value["id"], &value["summary"]["calls"]), (&json!("x/d"), &json!(1)));
        assert_eq!(value["summary"]["cost_usd"], Value::Null);
    }
}
