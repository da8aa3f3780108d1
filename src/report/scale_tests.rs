//! A million cells: `cargo test --release --lib scale -- --ignored --nocapture --test-threads 1`.

use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use super::{CsvStyle, Run, TableStyle, json, results_csv, summary_csv, table};
use crate::journal::testing::{manifest, plan, record, suite};
use crate::journal::{CellRecord, Index, RunFolder, what_changed};
use crate::plan::{Cell, CellIndex};

/// Names the folder to report on: memory is measured in a process that has done nothing else.
const FOLDER: &str = "BENCH_SCALE_FOLDER";

/// The largest resident size of this process so far in MB, where the system tells.
fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).map_or(0, |kb| kb / 1024)
}

/// CPU seconds of this process so far, where the system counts a hundred ticks a second.
fn cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let (at, cpu) = (Instant::now(), cpu_s());
    let done = work();
    println!("{what}: {:.1?}, CPU {:.2} s, peak {} MB", at.elapsed(), cpu_s() - cpu, peak_mb());
    done
}

fn scale(test: &str, models: usize, cases: usize) {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return report(Path::new(&folder));
    }
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("run");
    make(&folder, models, cases);
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("{}::{test}", module_path!().split_once("::").unwrap().1)])
        .args(["--ignored", "--nocapture"])
        .env(FOLDER, &folder)
        .status();
    assert!(child.unwrap().success());
}

fn make(folder: &Path, models: usize, cases: usize) {
    let models: Vec<String> = (0..models).map(|i| format!("model-{i}")).collect();
    let cases: Vec<String> = (0..cases).map(|i| format!("case-{i:07}")).collect();
    let names: Vec<&str> = models.iter().map(String::as_str).collect();
    let ids: Vec<&str> = cases.iter().map(String::as_str).collect();
    let suite = timed("make a suite", || suite(&names, &ids));
    let run = RunFolder::create(folder).unwrap();
    timed("write its manifest", || run.write_manifest(&manifest(&suite)).unwrap());
    let changes = timed("compare them", || what_changed(&run.folder().read_manifest().unwrap(), &manifest(&suite)));
    assert!(changes.is_empty());
    let plan = plan(&suite);
    let cells = u32::try_from(plan.len()).unwrap();
    timed("write the journal", || {
        let mut out = BufWriter::new(std::fs::File::create(run.folder().journal()).unwrap());
        let mut line = Vec::new();
        for i in 0..cells {
            // All models side by side, as they end in a run.
            let lanes = u32::try_from(models.len()).unwrap();
            let Cell { model, case, .. } = plan.cell(CellIndex(i % lanes * (cells / lanes) + i / lanes));
            let record = CellRecord {
                latency_ms: Some(f64::from(i % 9973) + 0.25),
                output: Some("The team that handles this is billing, as it is about money.".repeat(3)),
                ..record(&models[model], "default", &cases[case], 1)
            };
            line.clear();
            record.to_line(&mut line).unwrap();
            out.write_all(&line).unwrap();
        }
        out.flush().unwrap();
    });
    let index = timed("index it", || Index::read(&run.folder().journal(), &plan).unwrap());
    println!("{cells} cells, {} MB of journal", index.bytes_whole >> 20);
}

fn report(folder: &Path) {
    let runs = timed("read manifest and journal", || [Run::open(&RunFolder::at(folder)).unwrap()]);
    let file = |name: &str| std::fs::File::create(folder.join(name)).unwrap();
    let style = CsvStyle::default();
    timed("results.csv", || results_csv(&runs, style, &mut file("results.csv")).unwrap());
    timed("summary.csv", || summary_csv(&runs, style, &mut file("summary.csv")).unwrap());
    let table = timed("table", || table(&runs, &TableStyle { width: 120, color: false }));
    timed("json", || json(&runs, &[], &mut file("results.json")).unwrap());
    assert!(table.contains("model-0"));
    assert_eq!(runs[0].summary().models[0].total.skipped, 0);
    assert!(peak_mb() <= 300, "peak {} MB", peak_mb());
}

#[test]
#[ignore = "makes a journal of a gigabyte"]
fn scale_ten_models_of_a_hundred_thousand_cases() {
    scale("scale_ten_models_of_a_hundred_thousand_cases", 10, 100_000);
}

#[test]
#[ignore = "makes a journal of a gigabyte"]
fn scale_one_model_of_a_million_cases() {
    scale("scale_one_model_of_a_million_cases", 1, 1_000_000);
}
