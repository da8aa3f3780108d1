//! Hand-built runs for the tests of the outputs.

use tempfile::TempDir;

use super::run::Run;
use crate::journal::testing::{attempt, manifest, record, run, suite};
use crate::journal::{CellRecord, CostSource, Ending, ErrorInfo, LaneEnding, Manifest, SuiteCases, Tokens, Verdict};
use crate::suite::Suite;
use crate::units::Usd;

/// A run of this suite with these records.
pub(super) fn open(manifest: &Manifest<SuiteCases<'_>>, records: &[CellRecord]) -> (TempDir, Run) {
    let dir = tempfile::tempdir().unwrap();
    let folder = run(&dir.path().join("run"), manifest, records);
    let run = Run::open(&folder).unwrap();
    (dir, run)
}

/// The ending of a run of which every lane came to its end but these.
pub(super) fn ending(lanes: &[(&str, &str, &str)]) -> Ending {
    let lane = |&(model, reason, message): &(&str, &str, &str)| LaneEnding {
        model: model.into(),
        reason: reason.into(),
        message: message.into(),
    };
    Ending {
        reason: "finished".into(),
        message: None,
        at: "2026-11-21T12:01:00Z".into(),
        lanes: lanes.iter().map(lane).collect(),
    }
}

pub(super) fn usd(text: &str) -> Option<Usd> {
    Usd::from_json(text)
}

/// A cell that ended in this error after one request.
pub(super) fn failed(model: &str, case: &str, verdict: Verdict, kind: &str, message: &str) -> CellRecord {
    let error = Some(ErrorInfo { kind: kind.into(), message: message.into() });
    let mut record = record(model, "default", case, 1);
    record.attempts[0].error.clone_from(&error);
    record.attempts[0].cost = None;
    record.attempts[0].ttft_ms = None;
    CellRecord {
        verdict,
        error,
        score: None,
        output: None,
        latency_ms: None,
        ttft_ms: None,
        tokens: Tokens::default(),
        cost: None,
        cost_source: None,
        finish_reason: None,
        ..record
    }
}

/// A graded cell of a given speed and cost.
pub(super) fn graded(model: &str, case: &str, pass: bool, latency_ms: f64, cost: &str) -> CellRecord {
    let mut record = record(model, "default", case, 1);
    record.verdict = if pass { Verdict::Pass } else { Verdict::Fail };
    record.score = Some(f64::from(u8::from(pass)));
    record.latency_ms = Some(latency_ms);
    record.ttft_ms = Some(latency_ms / 4.0);
    record.cost = usd(cost);
    record.attempts[0].cost = usd(cost);
    record
}

/// Three models with four cases: one good, one with every kind of trouble, one that says nothing of its costs.
pub(super) fn mixed() -> (Suite, Vec<CellRecord>) {
    let suite = suite(&["gpt-4o-mini", "sonnet", "local/smollm2-135m-instruct-q8"], &["a", "b", "c", "d"]);
    let mut records = Vec::new();
    for (i, case) in ["a", "b", "c", "d"].into_iter().enumerate() {
        records.push(graded("gpt-4o-mini", case, i != 2, 800.0 + 50.0 * i as f64, "0.0005"));
    }
    records.push(CellRecord {
        finish_reason: Some("length".into()),
        cost_source: Some(CostSource::Estimated),
        ..graded("sonnet", "a", true, 2500.0, "0.0123")
    });
    records.push(failed("sonnet", "b", Verdict::Timeout, "timeout", "no answer within 60s"));
    records.push(failed("sonnet", "c", Verdict::Error, "provider", "upstream said\u{1b}[2J \"no\""));
    for case in ["a", "b", "c", "d"] {
        let mut record = graded("local/smollm2-135m-instruct-q8", case, case == "a", 90.0, "0");
        record.cost = None;
        record.cost_source = None;
        record.attempts = vec![attempt(), attempt()];
        record.attempts[0].error = Some(ErrorInfo { kind: "connect".into(), message: "refused".into() });
        record.attempts[0].ttft_ms = None;
        record.attempts.iter_mut().for_each(|attempt| attempt.cost = None);
        records.push(record);
    }
    (suite, records)
}

/// The manifest of [`mixed`], one model of which was cut off.
pub(super) fn mixed_manifest(suite: &Suite) -> Manifest<SuiteCases<'_>> {
    Manifest { ended: Some(ending(&[("sonnet", "deadline", "its deadline of 15m passed")])), ..manifest(suite) }
}
