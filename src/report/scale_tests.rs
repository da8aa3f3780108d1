//! A million cells: `cargo test --release --lib scale -- --ignored --nocapture`, one test at a time.

use std::io::{BufWriter, Write};
use std::time::Instant;

use super::{CsvStyle, Run, TableStyle, json, results_csv, summary_csv, table};
use crate::journal::testing::{manifest, plan, record, suite};
use crate::journal::{CellRecord, Index, RunFolder, what_changed};
use crate::plan::{Cell, CellIndex};

/// The largest resident size of this process so far in MB, where the system tells.
fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).map_or(0, |kb| kb / 1024)
}

fn scale(models: usize, cases: usize) {
    let dir = tempfile::tempdir().unwrap();
    let models: Vec<String> = (0..models).map(|i| format!("model-{i}")).collect();
    let cases: Vec<String> = (0..cases).map(|i| format!("case-{i:07}")).collect();
    let folder = {
        let names: Vec<&str> = models.iter().map(String::as_str).collect();
        let ids: Vec<&str> = cases.iter().map(String::as_str).collect();
        let suite = suite(&names, &ids);
        let run = RunFolder::create(dir.path().join("run")).unwrap();
        let at = Instant::now();
        run.write_manifest(&manifest(&suite)).unwrap();
        println!("write manifest {:?}, peak {} MB with the suite in memory", at.elapsed(), peak_mb());
        let at = Instant::now();
        assert!(what_changed(&run.folder().read_manifest().unwrap(), &manifest(&suite)).is_empty());
        println!("compare with the suite {:?}, peak {} MB", at.elapsed(), peak_mb());
        let plan = plan(&suite);
        let mut out = BufWriter::new(std::fs::File::create(run.folder().journal()).unwrap());
        let mut line = Vec::new();
        let at = Instant::now();
        let cells = u32::try_from(plan.len()).unwrap();
        for i in 0..cells {
            // All models side by side, as they end in a run.
            let lanes = u32::try_from(models.len()).unwrap();
            let cell = CellIndex(i % lanes * (cells / lanes) + i / lanes);
            let Cell { model, case, .. } = plan.cell(cell);
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
        println!("make {cells} lines {:?}", at.elapsed());
        let at = Instant::now();
        let index = Index::read(&run.folder().journal(), &plan).unwrap();
        println!("index {:?} for {} MB", at.elapsed(), index.bytes_whole >> 20);
        run.folder().clone()
    };
    drop((models, cases));
    // What was needed to make it is given back, and what is measured from here on is the report's.
    let reset = std::fs::write("/proc/self/clear_refs", "5").is_ok();
    println!("report (peak starts at {} MB, reset: {reset})", peak_mb());
    let at = Instant::now();
    let runs = [Run::open(&folder).unwrap()];
    println!("manifest, index and summary {:?}, peak {} MB", at.elapsed(), peak_mb());
    let at = Instant::now();
    let file = |name: &str| std::fs::File::create(folder.path().join(name)).unwrap();
    results_csv(&runs, CsvStyle::default(), &mut file("results.csv")).unwrap();
    println!("results.csv {:?}, peak {} MB", at.elapsed(), peak_mb());
    let at = Instant::now();
    summary_csv(&runs, CsvStyle::default(), &mut file("summary.csv")).unwrap();
    assert!(table(&runs, &TableStyle { width: 120, color: false }).contains("model-0"));
    println!("summary.csv and table {:?}, peak {} MB", at.elapsed(), peak_mb());
    let at = Instant::now();
    json(&runs, &[], &mut file("results.json")).unwrap();
    println!("json {:?}, peak {} MB", at.elapsed(), peak_mb());
    assert_eq!(runs[0].summary().models[0].total.skipped, 0);
    assert!(!reset || peak_mb() <= 300, "peak {} MB", peak_mb());
}

#[test]
#[ignore = "makes a journal of a gigabyte"]
fn scale_ten_models_of_a_hundred_thousand_cases() {
    scale(10, 100_000);
}

#[test]
#[ignore = "makes a journal of a gigabyte"]
fn scale_one_model_of_a_million_cases() {
    scale(1, 1_000_000);
}
