//! What a finished cell costs: its line in the journal; and what a report of ten thousand of them costs.

use std::hint::black_box;
use std::io;

use bench::grade::Grade;
use bench::journal::{
    AttemptRecord, CellRecord, CostSource, Index, Locked, Manifest, RunFolder, SuiteCases, Tokens, Verdict,
};
use bench::plan::{Axes, Cell, CellIndex, Plan};
use bench::report::{CsvStyle, Run, results_csv};
use bench::suite::{LoadOptions, Suite, load};
use bench::units::Usd;
use criterion::{Criterion, Throughput};
use tempfile::TempDir;

const MODELS: usize = 10;
const CASES: usize = 1000;
const CELLS: usize = MODELS * CASES;

/// A cell that was answered at the second attempt, with everything known.
fn record(plan: &Plan, index: u32) -> CellRecord {
    let Cell { model, prompt, case, repeat } = plan.cell(CellIndex(index));
    let axes = plan.axes();
    let cost = Usd::from_json("0.0000768");
    let grade = Grade {
        grader: "exact".into(),
        pass: Some(true),
        score: Some(1.0),
        reason: None,
        extracted: Some("billing".into()),
        weight: 1.0,
        nothing: false,
        parts: Vec::new(),
    };
    let attempt = AttemptRecord {
        started_at: "2026-11-21T12:00:00.000Z".into(),
        waited_ms: 1.532,
        duration_ms: 812.404,
        ttft_ms: Some(301.25),
        status: Some(200),
        error: None,
        provider: Some("OpenAI".into()),
        error_type: None,
        raw: None,
        retry_after_ms: None,
        generation_id: Some("gen-1732190400-Qk8sV2mXc1LwT0aZ".into()),
        cost,
    };
    CellRecord {
        cell: plan.id(CellIndex(index)),
        model: axes.models[model].clone(),
        prompt: axes.prompts[prompt].clone(),
        case: axes.cases[case].to_string(),
        repeat: repeat + 1,
        verdict: Verdict::Pass,
        score: Some(1.0),
        output: Some("The customer was charged two times, so this is for \"billing\".".into()),
        reasoning: None,
        tool_calls: Vec::new(),
        refusal: None,
        error: None,
        grades: vec![grade],
        attempts: vec![attempt.clone(), attempt],
        latency_ms: Some(812.404),
        ttft_ms: Some(301.25),
        queue_ms: Some(1.532),
        tokens: Tokens { prompt: Some(312), completion: Some(50), reasoning: Some(0), cached: Some(0) },
        cost,
        cost_source: Some(CostSource::Reported),
        served_model: Some("openai/gpt-4o-mini-2024-07-18".into()),
        provider: Some("OpenAI".into()),
        finish_reason: Some("stop".into()),
        generation_id: Some("gen-1732190400-Qk8sV2mXc1LwT0aZ".into()),
        started_at: Some("2026-11-21T12:00:00.000Z".into()),
        ended_at: "2026-11-21T12:00:00.813Z".into(),
        simulated: false,
        graded_at: None,
        earlier: Vec::new(),
        asks: Vec::new(),
        grading_cost: None,
    }
}

/// A suite of ten models and a thousand cases.
fn suite(folder: &TempDir) -> Suite {
    let models: Vec<String> = (0..MODELS).map(|n| format!("vendor/model-{n}")).collect();
    let case =
        |n: usize| format!("  - {{ id: case-{n:04}, vars: {{ ticket: ticket {n} }}, expect: billing, tags: [en] }}\n");
    let cases: String = (0..CASES).map(case).collect();
    let yaml = format!(
        "name: support-triage\nmodels: [{}]\nprompt: \"Which team? {{{{ ticket }}}}\"\ncases:\n{cases}graders: [exact]\n",
        models.join(", ")
    );
    let path = folder.path().join("suite.yaml");
    std::fs::write(&path, yaml).expect("the temporary folder takes a file");
    load(&path, &LoadOptions::default()).expect("the suite has no mistake").suite
}

fn plan(suite: &Suite) -> Plan {
    let axes = Axes {
        models: suite.models.iter().map(|model| model.name.clone()).collect(),
        prompts: suite.prompts.iter().map(|prompt| prompt.id.clone()).collect(),
        cases: suite.cases.iter().map(|case| case.id.clone()).collect(),
        repeat: suite.repeat,
    };
    Plan::new(axes).expect("ten thousand cells are not too many")
}

/// A finished run, its cells in the order in which ten lanes side by side end them.
fn finished(folder: &TempDir, suite: &Suite, plan: &Plan) -> Locked {
    let run = RunFolder::create(folder.path().join("run")).expect("the temporary folder takes a run");
    let manifest: Manifest<SuiteCases<'_>> = Manifest::of(suite, 1, false, "2026-11-21T12:00:00Z".into());
    run.write_manifest(&manifest).expect("the run's folder takes a manifest");
    let mut lines = Vec::new();
    for at in 0..CELLS {
        let cell = u32::try_from(at % MODELS * CASES + at / MODELS).expect("ten thousand cells");
        record(plan, cell).to_line(&mut lines).expect("a record is JSON");
    }
    std::fs::write(run.folder().journal(), lines).expect("the run's folder takes a journal");
    run
}

/// What is done for every cell that ends.
pub(crate) fn recording(criterion: &mut Criterion) {
    let folder = TempDir::new().expect("a temporary folder");
    let record = record(&plan(&suite(&folder)), 4711);
    let mut group = criterion.benchmark_group("journal");
    group.throughput(Throughput::Elements(1));
    let mut line = Vec::new();
    group.bench_function("line of a record", |bencher| {
        bencher.iter(|| {
            line.clear();
            black_box(&record).to_line(&mut line)
        });
    });
    group.finish();
}

/// What is done when a run is taken up again or reported on.
pub(crate) fn reporting(criterion: &mut Criterion) {
    let folder = TempDir::new().expect("a temporary folder");
    let suite = suite(&folder);
    let plan = plan(&suite);
    let locked = finished(&folder, &suite, &plan);
    let (run, journal) = (locked.folder(), locked.folder().journal());

    let mut group = criterion.benchmark_group("run of 10,000 cells");
    group.throughput(Throughput::Elements(CELLS as u64));
    group.bench_function("read the index of its journal", |bencher| {
        bencher.iter(|| Index::read(black_box(&journal), &plan).expect("a journal without damage"));
    });
    group.bench_function("open it with its summary", |bencher| {
        bencher.iter(|| Run::open(black_box(run)).expect("a whole run"));
    });
    let runs = [Run::open(run).expect("a whole run")];
    group.bench_function("write its results.csv", |bencher| {
        bencher.iter(|| results_csv(black_box(&runs), CsvStyle::default(), &mut io::sink()));
    });
    group.finish();

    let index = Index::read(&journal, &plan).expect("a journal without damage");
    assert_eq!((index.damaged, index.unknown, index.replaced), (0, 0, 0));
    assert!((0..CELLS).all(|cell| u32::try_from(cell).is_ok_and(|cell| index.verdict(CellIndex(cell)).is_some())));
}
