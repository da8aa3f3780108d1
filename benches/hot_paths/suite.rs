//! Suites: a file → cases whose every template has been rendered; a case → the messages that are sent.

use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use bench::suite::{LoadOptions, Suite, load, render};
use criterion::{Criterion, Throughput};
use tempfile::TempDir;

const CASES: usize = 1000;

/// A prompt that only fills variables in, and one that needs the template engine.
const HEAD: &str = r#"name: support-triage
models: [openai/gpt-4o-mini, anthropic/claude-sonnet-4.5, google/gemini-2.5-flash]
prompts:
  - id: simple
    system: "You are a triage clerk. Answer with one word: billing, tech or sales."
    user: "From {{ customer }}: {{ ticket }}"
  - id: engine
    system: "You are a triage clerk. Answer with one word."
    user: |-
      {% for team in ["billing", "tech", "sales"] %}{{ loop.index }}. {{ team | upper }}
      {% endfor %}{% if customer %}From {{ customer | title }}: {% endif %}{{ ticket | trim }}
graders: [{ type: exact, ignore_case: true }]
"#;

fn ticket(n: usize) -> String {
    format!("My card was charged 2 times for order {n}, and nobody answers the phone. I want my money back!")
}

/// The suite with its cases in the file itself.
fn inline(folder: &Path) -> PathBuf {
    let mut yaml = format!("{HEAD}cases:\n");
    for n in 0..CASES {
        let ticket = ticket(n);
        let case = format!(
            "  - id: case-{n:04}\n    vars: {{ customer: customer {n}, ticket: \"{ticket}\" }}\n    expect: billing\n"
        );
        yaml.push_str(&case);
    }
    written(folder, "inline.yaml", &yaml)
}

/// The same suite with its cases in a CSV beside it.
fn dataset(folder: &Path) -> PathBuf {
    let mut csv = "id,customer,ticket,team\n".to_owned();
    for n in 0..CASES {
        writeln!(csv, "case-{n:04},customer {n},\"{}\",billing", ticket(n)).expect("a string takes all");
    }
    written(folder, "tickets.csv", &csv);
    let yaml = format!("{HEAD}dataset: {{ path: tickets.csv, id: \"{{{{ id }}}}\", expect: \"{{{{ team }}}}\" }}\n");
    written(folder, "dataset.yaml", &yaml)
}

fn written(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).expect("the temporary folder takes a file");
    path
}

fn loaded(path: &Path) -> Suite {
    load(path, &LoadOptions::default()).expect("the suite has no mistake").suite
}

/// The messages of one case.
pub(crate) fn templates(criterion: &mut Criterion) {
    let folder = TempDir::new().expect("a temporary folder");
    let suite = loaded(&inline(folder.path()));
    let case = &suite.cases[CASES / 2];
    let mut group = criterion.benchmark_group("templates");
    group.throughput(Throughput::Elements(1));
    for prompt in &suite.prompts {
        let name = format!("render the {} prompt of a case", prompt.id);
        group.bench_function(name, |bencher| bencher.iter(|| render(black_box(prompt), black_box(case))));
        let sent = render(prompt, case).expect("a loaded case renders").to_string();
        assert!(sent.contains("order 500"), "{sent}");
    }
    group.finish();
}

/// Reading, checking and rendering the whole suite, as every run and `bench check` do at their start.
pub(crate) fn loading(criterion: &mut Criterion) {
    let folder = TempDir::new().expect("a temporary folder");
    let mut group = criterion.benchmark_group("suite of 1,000 cases and two prompts");
    group.throughput(Throughput::Elements(CASES as u64));
    for (name, path) in [("in the YAML", inline(folder.path())), ("in a CSV", dataset(folder.path()))] {
        assert_eq!(loaded(&path).cases.len(), CASES);
        group.bench_function(format!("load, cases {name}"), |bencher| bencher.iter(|| loaded(black_box(&path))));
    }
    group.finish();
}
