//! Datasets as they lie around: packed, in globs and folders, on standard input, in other encodings, and damaged.

use std::io::Write as _;

use serde_json::{Value, json};

use crate::context::Context;
use crate::server::Server;
use crate::suite::Suite;

/// The suite without cases, with this `dataset` at its end. A row has an `id` and a `word`.
fn suite(server: &Server, path: &str, more: &str) -> String {
    let columns = "id: \"{{ id }}\", vars: { word: \"{{ word }}\" }, expect: \"{{ word }}\"";
    let dataset = format!("dataset: {{ path: \"{path}\", {columns}{more} }}\n");
    Suite::at(server).model("m").cases(0).yaml().replace("cases:\n", "") + &dataset
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn packed(content: &str, ending: &str) -> Vec<u8> {
    match ending {
        ".gz" => gzip(content.as_bytes()),
        ".zst" => zstd::stream::encode_all(content.as_bytes(), 0).unwrap(),
        _ => content.as_bytes().to_vec(),
    }
}

/// The same two rows in every format, and how each is said to be read.
const FORMATS: [(&str, &str, &str); 7] = [
    ("csv", "id,word\na,\"one, two\"\nb,three\n", "csv, `,` between fields"),
    ("csv", "id;word\r\na;\"one, two\"\r\nb;three\r\n", "csv, `;` between fields"),
    ("tsv", "id\tword\na\tone, two\nb\tthree\n", "tsv, tabs between fields"),
    ("jsonl", "{\"id\": \"a\", \"word\": \"one, two\"}\n\n{\"id\": \"b\", \"word\": \"three\"}\n", "jsonl"),
    ("ndjson", "{\"id\": \"a\", \"word\": \"one, two\"}\n{\"id\": \"b\", \"word\": \"three\"}", "jsonl"),
    ("json", "[{\"id\": \"a\", \"word\": \"one, two\"},\n {\"id\": \"b\", \"word\": \"three\"}]", "json"),
    ("yaml", "- { id: a, word: \"one, two\" }\n- id: b\n  word: three\n", "yaml"),
];

fn cases(cx: &Context) -> Vec<(String, String)> {
    cx.results().rows.iter().map(|row| (row.get("case").to_owned(), row.get("output").to_owned())).collect()
}

fn two_rows() -> Vec<(String, String)> {
    [("a", "one, two"), ("b", "three")].map(|(id, word)| (id.to_owned(), word.to_owned())).to_vec()
}

fn manifest(cx: &Context) -> Value {
    serde_json::from_str(&cx.read("run/run.json")).unwrap()
}

#[test]
fn every_format_is_read_plain_and_packed() {
    let server = Server::start();
    for (ending, content, format) in FORMATS {
        for (packing, named) in [("", ""), (".gz", ", gzip"), (".zst", ", zstd")] {
            let cx = Context::new();
            let name = format!("rows.{ending}{packing}");
            let bytes = packed(content, packing);
            cx.write(&name, &bytes);
            cx.write("suite.yaml", suite(&server, &name, ""));
            cx.bench(&["run", "suite.yaml", "--out", "run"]).run().code(0);
            assert_eq!(cases(&cx), two_rows(), "{name}");
            let sha256 = sha256(&cx, &name);
            let wanted = json!([{ "path": name, "format": format!("{format}{named}"), "rows": 2, "cases": 2, "sha256": sha256 }]);
            assert_eq!(manifest(&cx)["datasets"], wanted);
        }
    }
}

/// What `sha256sum` says.
fn sha256(cx: &Context, name: &str) -> String {
    let output = std::process::Command::new("sha256sum").arg(cx.work().join(name)).output().unwrap();
    String::from_utf8(output.stdout).unwrap().split_whitespace().next().unwrap().to_owned()
}

#[test]
fn check_says_how_each_file_is_read_and_what_comes_of_it() {
    let (cx, server) = (Context::new(), Server::start());
    cx.write("rows.csv", "\u{feff}id;word\n1;a\n2;b\n3;c\n");
    cx.write("suite.yaml", suite(&server, "rows.csv", ", shuffle: 1, limit: 2"));
    let line = "  rows.csv  csv, `;` between fields, UTF-8 with a byte order mark, 3 rows → 2 cases\n";
    cx.bench(&["check", "suite.yaml"]).run().code(0).prints(line);
}

#[test]
fn standard_input_is_a_dataset_whose_format_its_first_bytes_tell() {
    let server = Server::start();
    for (_, content, format) in FORMATS.into_iter().filter(|(ending, ..)| *ending != "yaml") {
        let cx = Context::new();
        let format = format.replace("tsv", "csv");
        cx.write("suite.yaml", suite(&server, "-", ""));
        for packing in ["", ".gz"] {
            let run = ["run", "suite.yaml", "--out", &format!("run{packing}")];
            cx.bench(&run).stdin(packed(content, packing)).run().code(0);
        }
        assert_eq!(cases(&cx), two_rows(), "{format}");
        assert_eq!(manifest(&cx)["datasets"], json!([{ "path": "-", "format": format, "rows": 2, "cases": 2 }]));
    }
    let cx = Context::new();
    cx.write("suite.yaml", suite(&server, "-", ", format: yaml"));
    cx.bench(&["run", "suite.yaml", "--out", "run"])
        .stdin("- { id: a, word: \"one, two\" }\n- { id: b, word: three }")
        .run()
        .code(0);
    assert_eq!(cases(&cx), two_rows());
}

#[test]
fn a_pipe_of_the_shell_is_a_dataset() {
    let (cx, server) = (Context::new(), Server::start());
    cx.write("suite.yaml", suite(&server, "/dev/fd/0", ""));
    cx.bench(&["run", "suite.yaml", "--out", "run"]).stdin("id\tword\na\tone, two\nb\tthree\n").run().code(0);
    assert_eq!(cases(&cx), two_rows());
    // One whose writer may never come is not waited for.
    let made = std::process::Command::new("mkfifo").arg(cx.work().join("rows.csv")).status().unwrap();
    assert!(made.success());
    cx.write("suite.yaml", suite(&server, "rows.csv", ""));
    cx.bench(&["check", "suite.yaml"]).run().code(2).says("it is a named pipe");
}

#[test]
fn standard_input_is_read_once() {
    let (cx, server) = (Context::new(), Server::start());
    for name in ["one.yaml", "two.yaml"] {
        cx.write(name, suite(&server, "-", ""));
    }
    let check = cx.bench(&["check", "one.yaml", "two.yaml"]).stdin("id,word\na,b\n").run();
    check.code(2).says("two.yaml").says("standard input is read already");
    cx.bench(&["check", "one.yaml"]).stdin("").run().code(2).says("standard input: it is empty");
    cx.bench(&["check", "one.yaml"]).run().code(2).says("standard input: it is empty");
}

#[test]
fn a_glob_takes_files_of_several_formats_in_order_up_to_the_limit() {
    let (cx, server) = (Context::new(), Server::start());
    cx.write("data/2.jsonl.gz", gzip(b"{\"id\": \"c\", \"word\": \"w\"}\n"));
    cx.write("data/1.csv", "id;word\na;w\nb;w\n");
    cx.write("data/3.yaml", "- { id: d, word: w }\n- { id: e, word: w }\n");
    cx.write("suite.yaml", suite(&server, "data/*.*", ", limit: 4"));
    cx.bench(&["run", "suite.yaml", "--out", "run"]).run().code(0);
    let ids: Vec<String> = cases(&cx).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["a", "b", "c", "d"]);
    let datasets = manifest(&cx)["datasets"].clone();
    let facts: Vec<_> = datasets.as_array().unwrap().iter().map(|file| (&file["path"], &file["cases"])).collect();
    assert_eq!(json!(facts), json!([["data/1.csv", 2], ["data/2.jsonl.gz", 1], ["data/3.yaml", 1]]));
    // It was not read to its end.
    assert!(datasets[0]["sha256"].is_string() && datasets[2]["sha256"].is_null(), "{datasets}");

    cx.write("suite.yaml", suite(&server, "data/*.parquet", ""));
    cx.bench(&["check", "suite.yaml"]).run().code(2).says("no file matches").says("`1.csv`, `2.jsonl.gz`, `3.yaml`");
}

#[test]
fn a_folder_of_texts_is_a_case_each() {
    let (cx, server) = (Context::new(), Server::start());
    cx.write("letters/b.md", "\u{feff}three");
    cx.write("letters/a.txt", "one, two");
    cx.write("letters/.notes", "not this");
    let columns = "id: \"{{ stem }}\", vars: { word: \"{{ text }}\" }, expect: \"{{ text }}\", tags: [\"{{ path }}\"]";
    let yaml = Suite::at(&server).model("m").cases(0).yaml().replace("cases:\n", "");
    for path in ["letters", "letters/*"] {
        cx.write("suite.yaml", format!("{yaml}dataset: {{ path: \"{path}\", {columns} }}\n"));
        cx.bench(&["check", "suite.yaml"]).run().code(0).prints(&format!("  {path}  files, 2 files → 2 cases\n"));
    }
    cx.bench(&["run", "suite.yaml", "--out", "run"]).run().code(0);
    assert_eq!(cases(&cx), two_rows());
    let tags: Vec<_> = cx.results().rows.iter().map(|row| row.get("tags").to_owned()).collect();
    assert_eq!(tags, ["letters/a.txt", "letters/b.md"]);
}

#[test]
fn what_is_wrong_with_a_file_is_told_with_file_and_row() {
    let (cx, server) = (Context::new(), Server::start());
    let line = |n: u32| json!({ "id": n.to_string(), "word": format!("{:x}", n * 7919 % 104_729) }).to_string() + "\n";
    let lines = (0..5000).map(line).collect::<Vec<_>>().concat();
    let cut = gzip(lines.as_bytes());
    let utf16: Vec<u8> = "id,word\n1,a\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (name, content, said) in [
        ("rows.jsonl.gz", &cut[..cut.len() / 2], &["rows.jsonl.gz: after line ", "the gzip archive is cut off"][..]),
        (
            "rows.csv",
            b"id,word\n1,caf\xe9 noir\n2,b\n",
            &["row 1 of rows.csv", "`word`", "0xe9", "Windows-1252", "iconv -f windows-1252 -t utf-8 rows.csv"],
        ),
        ("rows.tsv", &utf16, &["rows.tsv: it is UTF-16", "iconv -f UTF-16LE -t utf-8 rows.tsv"]),
        (
            "rows.csv",
            b"id,word\n1,a\n2\n3,c\n",
            &["row 2 of rows.csv: 1 field where there are 2 columns", "rows.csv:3:1"],
        ),
        (
            "rows.csv",
            b"id,word\r\n1,\"a\r\n2,b\r\n",
            &["rows.csv: a `\"` that opens in the row of line 2 is never closed", "rows.csv:2:1"],
        ),
        (
            "rows.csv",
            b"text\nHello, world\nBye\n",
            &["row 1 of rows.csv: 2 fields where there is 1 column", "`delimiter: tab`"],
        ),
        ("rows.csv", b"id,id\n1,2\n", &["rows.csv: two columns are named `id`"]),
        ("rows.csv", b"", &["rows.csv: it is empty"]),
        ("rows.csv", b"id,word\n", &["rows.csv holds no rows"]),
        ("rows.jsonl", b"", &["rows.jsonl holds no lines"]),
        ("rows.json", b"[]", &["rows.json holds no rows"]),
        ("rows.jsonl", b"{\"id\": 1, \"word\": 1}\n{\"id\": \n", &["line 2 of rows.jsonl: not JSON", "rows.jsonl:2:1"]),
        (
            "rows.json",
            b"{\"data\": [{\"id\": 1, \"word\": 2}]}",
            &["rows.json: expected a list of objects, found one object", "`rows: data`"],
        ),
        (
            "rows.json",
            b"{\"id\": 1}\n{\"id\": 2}\n",
            &["rows.json: expected a list of objects, found one object", "jsonl"],
        ),
        ("rows.yaml", b"a: [{ id: 1 }]", &["rows.yaml: expected a list of maps, found one map", "`rows: a`"]),
    ] {
        cx.write(name, content);
        cx.write("suite.yaml", suite(&server, name, ""));
        let check = cx.bench(&["check", "suite.yaml"]).run();
        check.code(2);
        for part in said {
            check.says(part);
        }
    }
    assert!(server.calls().is_empty());
}

#[test]
fn rows_of_a_document_are_found_by_their_keys() {
    let (cx, server) = (Context::new(), Server::start());
    let document = json!({ "version": 1, "data": { "items": [{ "id": "a", "word": "one, two" }, { "id": "b", "word": "three" }] } });
    cx.write("rows.json", document.to_string());
    cx.write("suite.yaml", suite(&server, "rows.json", ", rows: data.items"));
    cx.bench(&["run", "suite.yaml", "--out", "run"]).run().code(0);
    assert_eq!(cases(&cx), two_rows());
}
