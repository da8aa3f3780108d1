//! Hand-built records for the tests of the journal and of the reports.

use std::path::Path;
use std::sync::Arc;

use super::{AttemptRecord, CellRecord, CostSource, Manifest, RunFolder, SuiteCases, Tokens, Verdict};
use crate::plan::{Axes, Plan};
use crate::suite::{Case, Endpoint, Limits, Model, Prompt, Suite};
use crate::units::Usd;

/// A cell that was answered rightly at the first attempt, with everything known.
pub(crate) fn record(model: &str, prompt: &str, case: &str, repeat: u32) -> CellRecord {
    let cost = Usd::from_json("0.0005");
    CellRecord {
        cell: "0123456789abcdef".into(),
        model: model.into(),
        prompt: prompt.into(),
        case: case.into(),
        repeat,
        verdict: Verdict::Pass,
        score: Some(1.0),
        output: Some("billing".into()),
        reasoning: None,
        tool_calls: Vec::new(),
        refusal: None,
        error: None,
        grades: Vec::new(),
        attempts: vec![attempt()],
        latency_ms: Some(800.0),
        ttft_ms: Some(300.0),
        queue_ms: Some(1.5),
        tokens: Tokens { prompt: Some(20), completion: Some(11), reasoning: None, cached: None },
        cost,
        cost_source: Some(CostSource::Reported),
        served_model: None,
        provider: Some("Provider".into()),
        finish_reason: Some("stop".into()),
        generation_id: Some("gen-1".into()),
        started_at: Some("2026-11-21T12:00:00.000Z".into()),
        ended_at: "2026-11-21T12:00:00.800Z".into(),
        simulated: false,
        graded_at: None,
        earlier: Vec::new(),
        asks: Vec::new(),
        grading_cost: None,
    }
}

/// An attempt that gave the answer, its cost reported.
pub(crate) fn attempt() -> AttemptRecord {
    AttemptRecord {
        started_at: "2026-11-21T12:00:00.000Z".into(),
        waited_ms: 1.5,
        duration_ms: 800.0,
        ttft_ms: Some(300.0),
        status: Some(200),
        error: None,
        provider: Some("Provider".into()),
        error_type: None,
        raw: None,
        retry_after_ms: None,
        generation_id: Some("gen-1".into()),
        cost: Usd::from_json("0.0005"),
    }
}

/// A suite with these models and cases and one prompt `default`.
pub(crate) fn suite(models: &[&str], cases: &[&str]) -> Suite {
    let model = |&name: &&str| Model {
        id: format!("author/{name}"),
        name: name.into(),
        endpoint: Endpoint {
            base_url: "https://openrouter.ai/api/v1".into(),
            api_key_env: Some("OPENROUTER_API_KEY".into()),
            headers: vec![("X-Team".into(), "hush-hush".into())],
        },
        limits: Limits::default(),
        stream: true,
        params: [("temperature".to_owned(), 0.into()), ("max_tokens".to_owned(), 512.into())].into_iter().collect(),
        provider: None,
        fallbacks: Vec::new(),
    };
    let tags = [Arc::from("refund"), Arc::from("en")];
    let graders: Arc<crate::grade::GraderSet> = Arc::default();
    let case = |&id: &&str| Case {
        id: id.into(),
        vars: serde_json::json!({"ticket": format!("about {id}")}).to_string().into(),
        expect: Some(serde_json::json!(id).to_string().into()),
        tags: tags.clone().into(),
        graders: graders.clone(),
        prompt: None,
    };
    Suite {
        name: "triage".into(),
        description: None,
        path: "triage.yaml".into(),
        sha256: "00".into(),
        models: models.iter().map(model).collect(),
        judges: Vec::new(),
        prompts: vec![Prompt::of_text("default", "Which team? {{ ticket }}").unwrap()],
        cases: cases.iter().map(case).collect(),
        repeat: 1,
        graders: serde_json::json!(["exact"]),
        datasets: Vec::new(),
        env: std::collections::BTreeMap::new(),
        pairwise: None,
        budget: None,
        gates: Vec::new(),
        confidence: None,
    }
}

/// The plan of a suite.
pub(crate) fn plan(suite: &Suite) -> Plan {
    Plan::new(Axes {
        models: suite.models.iter().map(|model| model.name.clone()).collect(),
        prompts: suite.prompts.iter().map(|prompt| prompt.id.clone()).collect(),
        cases: suite.cases.iter().map(|case| case.id.clone()).collect(),
        repeat: suite.repeat,
    })
    .unwrap()
}

/// The manifest of a suite that was started at noon.
pub(crate) fn manifest(suite: &Suite) -> Manifest<SuiteCases<'_>> {
    Manifest::of(suite, 1, false, "2026-11-21T12:00:00Z".into())
}

/// A run's folder with this manifest and journal.
pub(crate) fn run(dir: &Path, manifest: &Manifest<SuiteCases<'_>>, records: &[CellRecord]) -> RunFolder {
    let run = RunFolder::create(dir).unwrap();
    run.write_manifest(manifest).unwrap();
    std::fs::write(run.folder().journal(), lines(records)).unwrap();
    run.folder().clone()
}

/// The records as lines of a journal.
pub(crate) fn lines(records: &[CellRecord]) -> Vec<u8> {
    let mut lines = Vec::new();
    for record in records {
        record.to_line(&mut lines).unwrap();
    }
    lines
}
