//! What a suite brings in from beside it: datasets of every format, images and PDFs.

use serde_json::json;

use crate::context::Context;
use crate::server::{Answer, Server};
use crate::suite::Suite;
use crate::table::Table;

/// The suite without cases, with these lines at its end.
fn suite(server: &Server, lines: &str) -> String {
    Suite::at(server).model("m").cases(0).yaml().replace("cases:\n", "") + lines
}

#[test]
fn datasets_of_every_format_give_the_same_cases() {
    let (cx, server) = (Context::new(), Server::start());
    let rows = [("x1", "alpha", "de"), ("x2", "be,ta \"quoted\"", "en"), ("x3", "g\u{e4}mma", "de")];
    let separated = |by: char| {
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let line = |(id, body, lang): &(&str, &str, &str)| format!("{id}{by}{}{by}{lang}\r\n", quoted(body));
        format!("id{by}body{by}lang\r\n") + &rows.iter().map(line).collect::<Vec<_>>().concat()
    };
    let objects: Vec<_> = rows.iter().map(|(id, body, lang)| json!({ "id": id, "body": body, "lang": lang })).collect();
    let lines = objects.iter().map(|object| format!("{object}\n")).collect::<Vec<_>>().concat();
    let whole = serde_json::to_string_pretty(&objects).unwrap();
    let yaml = objects
        .iter()
        .map(|row| format!("- id: {}\n  body: {}\n  lang: {}\n", row["id"], row["body"], row["lang"]))
        .collect::<Vec<_>>()
        .concat();
    let files = [
        ("csv", separated(',')),
        ("tsv", separated('\t')),
        ("jsonl", lines.clone()),
        ("ndjson", lines),
        ("json", whole),
        ("yaml", yaml.clone()),
        ("yml", yaml),
    ];
    let mut datasets = "dataset:\n".to_owned();
    for (ending, content) in &files {
        cx.write(&format!("rows.{ending}"), content);
        let columns = "vars: { word: \"{{ body }}\" }, expect: \"{{ body }}\", tags: [\"{{ lang }}\", imported]";
        let path = format!("path: rows.{ending}, id: \"{ending}-{{{{ id }}}}\"");
        datasets += &["  - { ", &path, ", ", columns, " }\n"].concat();
    }
    cx.write("suite.yaml", suite(&server, &datasets));
    cx.bench(&["run", "suite.yaml", "--out", "run"]).run().code(0);

    let results = cx.results();
    assert_eq!(results.rows.len(), files.len() * rows.len());
    let wanted = files.iter().flat_map(|(ending, _)| rows.iter().map(move |row| (ending, row)));
    for (row, (ending, (id, body, lang))) in results.rows.iter().zip(wanted) {
        assert_eq!(row.get("case"), format!("{ending}-{id}"));
        assert_eq!((row.get("verdict"), row.get("expected"), row.get("output")), ("pass", *body, *body), "{row:?}");
        let tags: Vec<&str> = row.get("tags").split([',', ';', ' ']).filter(|tag| !tag.is_empty()).collect();
        assert_eq!(tags, [*lang, "imported"], "{row:?}");
    }
}

#[test]
fn a_dataset_is_shuffled_by_its_seed_and_cut() {
    let (cx, server) = (Context::new(), Server::start());
    let rows = (0..40).map(|n| format!("r{n:02},w{n}\n")).collect::<Vec<_>>().concat();
    cx.write("rows.csv", format!("id,word\n{rows}"));
    let cases = |how: &str| -> Vec<String> {
        let dataset = format!("dataset: {{ path: rows.csv, id: \"{{{{ id }}}}\", expect: \"{{{{ word }}}}\"{how} }}\n");
        cx.write("suite.yaml", suite(&server, &dataset));
        let outcome = cx.bench(&["run", "suite.yaml", "--csv", "-"]).run();
        outcome.code(0);
        Table::parse(&outcome.stdout).rows.iter().map(|row| row.get("case").to_owned()).collect()
    };
    assert_eq!(cases(", limit: 3"), ["r00", "r01", "r02"]);
    let shuffled = cases(", limit: 6, shuffle: 42");
    assert_eq!(shuffled, cases(", limit: 6, shuffle: 42"));
    assert_ne!(shuffled, cases(", limit: 6, shuffle: 43"));
    assert!(shuffled.len() == 6 && !shuffled.is_sorted(), "{shuffled:?}");
}

/// The first nine bytes of a PNG and of a PDF, and what they are in base64.
const PNG: (&[u8], &str) = (b"\x89PNG\r\n\x1a\n\0", "iVBORw0KGgoA");
const PDF: (&[u8], &str) = (b"%PDF-1.4\n", "JVBERi0xLjQK");

const PARTS: &str = "prompt:
  messages:
    - role: user
      content:
        - { type: text, text: \"What is {{ word }}?\" }
        - { type: image_url, image_url: { url: \"scans/{{ word }}.png\" } }
        - { type: image_url, image_url: { url: \"https://example.com/{{ word }}.png\" } }
        - { type: file, file: { file_data: terms.pdf } }
";

#[test]
fn local_images_and_pdfs_are_sent_as_data_urls() {
    let (cx, server) = (Context::new(), Server::with("m", |call| Answer::new("w1").reply(call)));
    cx.write("deep/scans/w1.png", PNG.0);
    cx.write("deep/terms.pdf", PDF.0);
    let yaml = Suite::at(&server).model("m").cases(1).yaml();
    cx.write("deep/suite.yaml", yaml.replace("prompt: \"say {{ word }}\"\n", PARTS));
    cx.bench(&["run", "deep/suite.yaml", "--out", "run"]).run().code(0);
    assert_eq!(cx.results().verdicts("m"), "pass 1");
    let image = format!("data:image/png;base64,{}", PNG.1);
    let pdf = format!("data:application/pdf;base64,{}", PDF.1);
    let wanted = json!([
        { "type": "text", "text": "What is w1?" },
        { "type": "image_url", "image_url": { "url": image } },
        { "type": "image_url", "image_url": { "url": "https://example.com/w1.png" } },
        { "type": "file", "file": { "filename": "terms.pdf", "file_data": pdf } },
    ]);
    assert_eq!(server.calls()[0].body["messages"][0]["content"], wanted);
}

#[test]
fn files_that_cannot_be_attached_are_found_before_anything_is_sent() {
    let (cx, server) = (Context::new(), Server::start());
    let yaml = Suite::at(&server).model("m").cases(2).yaml();
    cx.write("suite.yaml", yaml.replace("prompt: \"say {{ word }}\"\n", PARTS));
    cx.write("scans/w1.png", PNG.0);
    // What a file is, its bytes say: a private key is not sent because it is called an image.
    cx.write("terms.pdf", "-----BEGIN OPENSSH PRIVATE KEY-----");
    for command in ["check", "run"] {
        cx.bench(&[command, "suite.yaml"]).run().code(2).says("scans/w2.png").says("c2").says("terms.pdf");
    }
    assert!(server.calls().is_empty());
}
