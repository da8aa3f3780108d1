//! A run's gates, judged from its summary.

use serde_json::{Value, json};

use crate::gate::{Gate, Measures, Outcome};

use super::figures::ModelSummary;
use super::run::Run;

/// One gate and what it came to for one model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateResult {
    /// The gate as it was written.
    pub gate: String,
    /// The model it was judged for; `None` where the gate itself could not be read.
    pub model: Option<String>,
    /// Passed, failed or inconclusive.
    pub outcome: Outcome,
    /// For people, on one line.
    pub line: String,
}

impl GateResult {
    /// The gate as `--json` carries it.
    pub fn to_json(&self) -> Value {
        json!({ "gate": self.gate, "model": self.model, "outcome": self.outcome, "detail": self.line })
    }
}

/// Judges every gate of a run for every model it holds for, in the order of the gates, then of the models.
///
/// A gate that cannot be read (a manifest edited by hand) is inconclusive, never passed.
pub fn judge_gates(run: &Run) -> Vec<GateResult> {
    let (manifest, summary) = (run.manifest(), run.summary());
    let names: Vec<&str> = summary.models.iter().map(|model| model.name.as_str()).collect();
    let judge = |text: &String| match Gate::parse(text, &names) {
        Ok(gate) => {
            let held = summary.models.iter().filter(|model| gate.holds_for(&model.name));
            held.map(|model| result(&gate, model, manifest.confidence)).collect()
        }
        Err(error) => vec![GateResult {
            gate: text.clone(),
            model: None,
            outcome: Outcome::Inconclusive,
            line: format!("{}  inconclusive: {error}", crate::text::one_line(text)),
        }],
    };
    manifest.gates.iter().flat_map(judge).collect()
}

fn result(gate: &Gate, model: &ModelSummary, confidence: Option<f64>) -> GateResult {
    let judged = gate.judge(&measures(model), confidence);
    GateResult { gate: gate.text.clone(), model: Some(model.name.clone()), outcome: judged.outcome, line: judged.line }
}

fn measures(model: &ModelSummary) -> Measures {
    let total = &model.total;
    Measures {
        model: model.name.clone(),
        cells: total.cells,
        pass: total.pass,
        fail: total.fail,
        timeout: total.timeout,
        error: total.error,
        skipped: total.skipped,
        answered: total.answered,
        score_sum: total.score_sum,
        latencies_ms: total.latencies_ms.to_vec(),
        ttfts_ms: total.ttfts_ms.to_vec(),
        tokens_per_s: total.tokens_per_s.to_vec(),
        cost: (total.cost_reported > 0).then_some(total.cost_known),
        cost_unknown: total.cost_unknown,
    }
}
