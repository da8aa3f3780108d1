//! Datasets of many rows, and in the formats of tables: Parquet and Excel.

use std::fmt::Write as _;

use crate::context::Context;
use crate::process::Outcome;

/// Rows of the large datasets; a million of them in `benches/end_to_end`.
const ROWS: usize = 300_000;

/// `bench check` of a dataset, without any server.
fn check(cx: &Context, dataset: &str) -> Outcome {
    cx.write(
        "suite.yaml",
        format!("name: t\napi_key_env: null\nmodels: [m]\nprompt: \"{{{{ body }}}}\"\ngraders: [exact]\ndataset: {dataset}\n"),
    );
    cx.bench(&["check", "suite.yaml"]).run()
}

const MAPPED: &str = "id: \"{{ id }}\", vars: { body: \"{{ body }}\" }, expect: \"{{ team }}\"";

fn row(n: usize) -> (String, String, String) {
    (format!("case-{n:07}"), format!("What comes after {n}, and what after that?"), format!("team {}", n % 7))
}

/// Every row becomes a case: its text, 200 bytes, and what a debug build of the program takes without any.
fn held(outcome: &Outcome, rows: usize, file_bytes: usize) {
    let (peak, bound) = (outcome.peak_kib * 1024, (file_bytes + 200 * rows + (48 << 20)) as u64);
    assert!(peak < bound, "{} MB held, {} MB allowed\n{outcome}", peak >> 20, bound >> 20);
}

#[test]
fn many_rows_of_csv_and_json_lines_are_read_in_bounded_memory() {
    let cx = Context::new();
    let (mut csv, mut lines) = ("id,body,team\n".to_owned(), String::new());
    for (id, body, team) in (0..ROWS).map(row) {
        writeln!(csv, "{id},\"{body}\",{team}").unwrap();
        writeln!(lines, r#"{{"id":"{id}","body":"{body}","team":"{team}"}}"#).unwrap();
    }
    cx.write("rows.csv", &csv);
    cx.write("rows.jsonl", &lines);
    for (name, bytes) in [("rows.csv", csv.len()), ("rows.jsonl", lines.len())] {
        let outcome = check(&cx, &format!("{{ path: {name}, {MAPPED} }}"));
        outcome.code(0).prints(&format!("{ROWS} cases"));
        held(&outcome, ROWS, bytes);

        let outcome = check(&cx, &format!("{{ path: {name}, {MAPPED}, limit: 1000 }}"));
        outcome.code(0).prints("1000 cases");
        held(&outcome, 1000, 0);
    }
}

#[test]
#[cfg(feature = "parquet")]
fn parquet_of_every_codec_gives_the_same_cases() {
    let cx = Context::new();
    for codec in ["none", "snappy", "gzip", "brotli", "zstd", "lz4"] {
        let name = format!("{codec}-v2.parquet");
        cx.write(&name, reference(&name));
        let outcome = check(&cx, &format!("{{ path: {name}, {MAPPED}, tags: \"{{{{ tags }}}}\", limit: 35 }}"));
        outcome.code(0).prints("35 cases");
    }
    let server = crate::server::Server::start();
    let suite = format!(
        "name: t\nbase_url: {}\nmodels: [m]\nprompt: \"{{{{ body }}}}\"\ngraders: [exact]\ndataset: {{ path: zstd-v2.parquet, \
         {MAPPED}, tags: \"{{{{ tags }}}}\" }}\n",
        server.base_url()
    );
    cx.write("suite.yaml", suite);
    cx.bench(&["run", "suite.yaml", "--out", "run"]).run().code(0);
    let results = cx.results();
    assert_eq!(results.rows.len(), 40);
    for (n, row) in results.rows.iter().enumerate() {
        let (id, word) = (format!("r{n:03}"), format!("w{n}"));
        assert_eq!((row.get("case"), row.get("verdict"), row.get("output")), (&*id, "pass", &*word), "{row:?}");
        assert_eq!(row.get("tags").contains(&format!("t{}", n % 3)), n % 3 > 0, "{row:?}");
    }
    assert!(cx.read("run/run.json").contains("zstd-v2.parquet"));
}

#[test]
#[cfg(feature = "parquet")]
fn bad_rows_of_parquet_name_the_column() {
    let cx = Context::new();
    let mapped = "vars: { body: \"{{ id }}\" }, expect: x";
    for (name, wanted) in [
        ("nan.parquet", "row 2 of nan.parquet: column `score` is not a number (NaN)"),
        ("image.parquet", "row 1 of image.parquet: column `image` holds an image"),
        ("bytes.parquet", "row 2 of bytes.parquet: column `raw` holds bytes: not UTF-8 at byte 1"),
        ("empty.parquet", "empty.parquet holds no rows"),
    ] {
        cx.write(name, reference(name));
        check(&cx, &format!("{{ path: {name}, {mapped} }}")).code(2).says(wanted).never_shows(b"panicked");
    }
    let whole = reference("gzip-v1.parquet");
    cx.write("cut.parquet", &whole[..whole.len() / 2]);
    check(&cx, &format!("{{ path: cut.parquet, {mapped} }}")).code(2).says("the file is cut off");
    cx.write("text.parquet", "id,body\n1,this is CSV\n");
    check(&cx, &format!("{{ path: text.parquet, {mapped} }}")).code(2).says("not a Parquet file");
}

#[test]
#[cfg(feature = "xlsx")]
fn a_workbook_gives_a_case_for_every_row_of_its_first_sheet() {
    let cx = Context::new();
    cx.write("book.xlsx", reference("book.xlsx"));
    let mapped = "id: \"{{ id }}\", vars: { body: \"{{ n }} on {{ day }}\" }, expect: \"{{ price }}\"";
    check(&cx, &format!("{{ path: book.xlsx, {mapped} }}")).code(0).prints("4 cases");
    cx.write("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    check(&cx, &format!("{{ path: old.xls, {mapped} }}")).code(2).says("save it as .xlsx");
}

/// A file that the usual writers wrote; `tests/reference/tables.py` says what is in it.
#[cfg(any(feature = "parquet", feature = "xlsx"))]
fn reference(name: &str) -> Vec<u8> {
    std::fs::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/tables").join(name)).unwrap()
}
