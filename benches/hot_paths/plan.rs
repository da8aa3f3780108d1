//! Models × prompts × cases × repeats, and the names of one cell of them.

use std::hint::black_box;

use bench::plan::{Axes, CellIndex, Plan};
use criterion::{Criterion, Throughput};

/// Twelve models, two prompts and ten thousand cases.
fn axes() -> Axes {
    Axes {
        models: (0..12).map(|n| format!("vendor/model-{n}")).collect(),
        prompts: vec!["terse".into(), "few-shot".into()],
        cases: (0..10_000).map(|n| format!("case-{n:06}").into()).collect(),
        repeat: 1,
    }
}

/// Multiplying a suite out, naming a cell, finding a cell of a journal again.
pub(crate) fn planning(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("planning");
    let axes = axes();
    group.throughput(Throughput::Elements(240_000));
    group.bench_function("plan of 240,000 cells", |bencher| bencher.iter(|| Plan::new(black_box(axes.clone()))));
    let plan = Plan::new(axes).expect("240,000 cells are not too many");
    assert_eq!(plan.find("vendor/model-7", "few-shot", "case-004711", 0).map(|cell| plan.cell(cell).case), Some(4711));
    group.throughput(Throughput::Elements(1));
    group.bench_function("id of a cell", |bencher| bencher.iter(|| plan.id(black_box(CellIndex(123_456)))));
    group.bench_function("find a cell by its names", |bencher| {
        bencher.iter(|| plan.find(black_box("vendor/model-7"), "few-shot", black_box("case-004711"), 0));
    });
    group.finish();
}
