//! `bench check` of a dataset of a million rows: how fast they are read, and what each takes.

use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::Result;
use crate::measure::{Took, measure};
use crate::print;

/// Runs it for each format that is read row by row.
pub(crate) fn main(program: &str, quick: bool) -> Result<()> {
    let rows = if quick { 10_000 } else { 1_000_000 };
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
    println!("rows: bench check of {rows} rows of three columns");
    for name in ["rows.csv", "rows.jsonl"] {
        let path = folder.path().join(name);
        write(&path, rows)?;
        let bytes = fs::metadata(&path)?.len();
        let all = check(program, folder.path(), name, rows, "")?;
        let few = check(program, folder.path(), name, 1000, ", limit: 1000")?;
        let rate = rows as f64 / all.wall.as_secs_f64();
        let each = (all.peak_kib.saturating_sub(few.peak_kib) * 1024) as f64 / rows as f64;
        println!(
            "  {name:<10} {rate:>9.0} rows/s   {each:>4.0} bytes a row, {:.0} of them as text",
            bytes as f64 / rows as f64
        );
        print::target("peak memory of 1,000 rows", few.peak_kib as f64 / 1024.0, " MiB", true, 40.0);
        let bound = (bytes + 200 * rows) as f64 / f64::from(1 << 20) + 40.0;
        print::target("peak memory", all.peak_kib as f64 / 1024.0, " MiB", true, bound.round());
    }
    Ok(())
}

fn write(path: &Path, rows: u64) -> Result<()> {
    let mut file = BufWriter::new(fs::File::create(path)?);
    let is_csv = path.extension().is_some_and(|ending| ending == "csv");
    if is_csv {
        writeln!(file, "id,body,team")?;
    }
    for n in 0..rows {
        let body = format!("What comes after {n}, and what after that?");
        if is_csv {
            writeln!(file, "case-{n:07},\"{body}\",team {}", n % 7)?;
        } else {
            writeln!(file, r#"{{"id":"case-{n:07}","body":"{body}","team":"team {}"}}"#, n % 7)?;
        }
    }
    file.flush()?;
    Ok(())
}

fn check(program: &str, folder: &Path, name: &str, cases: u64, more: &str) -> Result<Took> {
    let yaml = format!(
        "name: rows\napi_key_env: null\nmodels: [m]\nprompt: \"{{{{ body }}}}\"\ngraders: [exact]\ndataset: {{ path: {name}, \
         id: \"{{{{ id }}}}\", vars: {{ body: \"{{{{ body }}}}\" }}, expect: \"{{{{ team }}}}\"{more} }}\n"
    );
    fs::write(folder.join("suite.yaml"), yaml)?;
    let output = folder.join("output");
    let mut command = Command::new(program);
    command.current_dir(folder).env_clear().env("HOME", folder).args(["check", "suite.yaml"]);
    let took = measure(&mut command, &output)?;
    let printed = fs::read_to_string(&output)?;
    if printed.contains(&format!("{cases} cases")) {
        Ok(took)
    } else {
        Err(format!("bench check does not tell of {cases} cases: {printed}").into())
    }
}
