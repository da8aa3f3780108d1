//! `run.json`: what was run, and how it ended.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::suite::CaseHead;

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ending {
    /// `finished`, `interrupted`, `account`, `sink`; a run without an ending was killed.
    pub reason: String,
    /// For people, where there is more to say (the error that stopped the run).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// When, RFC 3339 UTC.
    pub at: String,
    /// Why each model stopped early, where one did.
    #[serde(default)]
    pub lanes: Vec<LaneEnding>,
}

/// Why a model's run stopped before its cells were done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LaneEnding {
    /// The model's name.
    pub model: String,
    /// `deadline`, `budget`, `give_up`, `model_gone`, `account`, `interrupted`, `sink`.
    pub reason: String,
    /// For people.
    pub message: String,
}

/// A model as the manifest keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelHead {
    /// The unique label.
    pub name: String,
    /// What was sent as `model`.
    pub id: String,
    /// Everything else of the resolved model (endpoint without the key, limits, params …).
    pub settings: Value,
}

/// The manifest of a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this format; 1.
    pub version: u32,
    /// The `bench` that wrote it.
    pub bench: String,
    /// The suite's name.
    pub suite: String,
    /// The suite's description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The suite's path as given.
    pub suite_path: String,
    /// SHA-256 of the suite file.
    pub suite_sha256: String,
    /// Answered by the embedded simulator.
    pub simulated: bool,
    /// Seed of everything random.
    pub seed: u64,
    /// When the run started, RFC 3339 UTC.
    pub started_at: String,
    /// How often it was taken up again.
    #[serde(default)]
    pub resumed: u32,
    /// `None` while it runs, or where it was killed.
    #[serde(default)]
    pub ended: Option<Ending>,
    /// How often each case is asked.
    pub repeat: u32,
    /// The run's budget in US dollars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<crate::units::Usd>,
    /// Gate expressions, from the suite and the command line.
    #[serde(default)]
    pub gates: Vec<String>,
    /// For gates on intervals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// The suite's graders as written.
    pub graders: Value,
    /// The models in plan order.
    pub models: Vec<ModelHead>,
    /// The prompts in plan order, resolved: `{id, messages}`.
    pub prompts: Vec<Value>,
    /// The cases in plan order.
    pub cases: Vec<CaseHead>,
}
