//! Files that are damaged, random or made to do harm, of every format: they cost their rows, never the program.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::support::{Told, told};

/// Names of every format that this build reads.
fn names() -> Vec<&'static str> {
    let mut names = vec!["a.csv", "a.tsv", "a.jsonl", "a.json", "a.yaml"];
    if cfg!(feature = "parquet") {
        names.push("a.parquet");
    }
    if cfg!(feature = "xlsx") {
        names.push("a.xlsx");
    }
    names
}

/// A good file of each format.
fn good(name: &str) -> Vec<u8> {
    match name {
        "a.csv" => b"id,body\n1,\"a \"\"b\"\"\nc\"\n2,\xc3\xa9\n3,\n".to_vec(),
        "a.tsv" => b"id\tbody\n1\tx\n2\t\"a\tb\"\n".to_vec(),
        "a.jsonl" => b"{\"id\":1,\"body\":\"\\u00e9\"}\n\n{\"id\":1.50,\"body\":[1,{\"a\":null}]}\n".to_vec(),
        "a.json" => b"[{\"id\":1,\"body\":\"x\"},{\"id\":-1e5,\"body\":[true,{}]}]".to_vec(),
        "a.yaml" => b"- &a { id: 1, body: \"x\" }\n- id: 0x10\n  body: |\n    text\n- <<: *a\n  id: 3\n".to_vec(),
        _ => tables(name).swap_remove(0),
    }
}

/// Files that the usual writers wrote.
fn tables(name: &str) -> Vec<Vec<u8>> {
    let files = match name {
        "a.parquet" => {
            &["types", "snappy-v1", "gzip-v2", "brotli-v1", "zstd-v2", "lz4-v1", "delta-v1", "delta-v2", "none-v2"][..]
        }
        _ => &["book"],
    };
    let ending = name.trim_start_matches("a.");
    let read = |file: &&str| std::fs::read(super::support::reference(&format!("{file}.{ending}"))).unwrap();
    files.iter().map(read).collect()
}

/// One change to a file.
#[derive(Debug, Clone)]
enum Change {
    Set(Index, u8),
    Cut(Index),
    Remove(Index, usize),
    Insert(Index, Vec<u8>),
    Repeat(Index, usize),
}

fn change() -> impl Strategy<Value = Change> {
    let telling = select(vec![0, 1, 0x7f, 0x80, 0xff, b'"', b'\n', b',', b'[', b'{', b'-', b'9', b'&', b'*', b'<']);
    prop_oneof![
        4 => (any::<Index>(), prop_oneof![any::<u8>(), telling]).prop_map(|(at, byte)| Change::Set(at, byte)),
        1 => any::<Index>().prop_map(Change::Cut),
        1 => (any::<Index>(), 1_usize..40).prop_map(|(at, count)| Change::Remove(at, count)),
        1 => (any::<Index>(), prop::collection::vec(any::<u8>(), 1..40)).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        1 => (any::<Index>(), 1_usize..40).prop_map(|(at, count)| Change::Repeat(at, count)),
    ]
}

fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        if bytes.is_empty() {
            break;
        }
        let end = |at: usize, count: usize| (at + count).min(bytes.len());
        match change {
            Change::Set(at, byte) => {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            Change::Cut(at) => bytes.truncate(at.index(bytes.len())),
            Change::Remove(at, count) => {
                let at = at.index(bytes.len());
                bytes.drain(at..end(at, *count));
            }
            Change::Insert(at, more) => {
                let at = at.index(bytes.len());
                bytes.splice(at..at, more.iter().copied());
            }
            Change::Repeat(at, count) => {
                let at = at.index(bytes.len());
                let more = bytes[at..end(at, *count)].to_vec();
                bytes.splice(at..at, more);
            }
        }
    }
    bytes
}

/// Reads a file, which takes no longer than a machine that is busy with other things may take.
fn told_soon(name: &str, content: &[u8]) -> Told {
    let started = Instant::now();
    let told = told(name, content);
    let took = started.elapsed();
    assert!(took < Duration::from_secs(20), "{name}: {} bytes took {took:?}", content.len());
    told
}

/// Whatever a file holds, something is said of it.
fn says_something(told: &Told) -> bool {
    !told.good.is_empty() || !told.bad.is_empty() || told.stopped.is_some()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_bytes_make_a_reader_panic(
        name in select(names()),
        content in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            "[\\[\\]{}\":,a-c0-9.\\n \\\\é&*<>!|\t-]{0,80}".prop_map(String::into_bytes),
        ],
        is_dressed: bool,
    ) {
        // A table's first and last bytes get it past the first door.
        let content = match (name, is_dressed) {
            ("a.parquet", true) => [b"PAR1".to_vec(), content.clone(), u32::try_from(content.len()).unwrap().to_le_bytes().to_vec(), b"PAR1".to_vec()].concat(),
            ("a.xlsx", true) => [b"PK\x03\x04".to_vec(), content].concat(),
            _ => content,
        };
        told_soon(name, &content);
    }

    #[test]
    fn damage_is_no_disaster(name in select(names()), changes in prop::collection::vec(change(), 1..6)) {
        told_soon(name, &changed(good(name), &changes));
    }

    /// Rows before the first damaged byte are read, whatever comes after them. (Between tabs one quote too many says that
    /// quotes are no quoting in the whole file.)
    #[test]
    fn rows_before_damage_are_read(
        name in select(vec!["a.csv", "a.jsonl"]),
        texts in prop::collection::vec("[a-zé \"\\\\]{1,12}", 3..20),
        at in any::<Index>(),
        garbage in prop::collection::vec(select(vec![0, b'a', b'"', b'\n', b'\r', b'\\', 0xff, 0xc3, b'{', b'}', b' ']), 1..60),
    ) {
        let mut bytes = Vec::new();
        let mut ends = Vec::new();
        let mut rows = Vec::new();
        if name != "a.jsonl" {
            bytes.extend(b"id,body\n");
        }
        for (n, text) in texts.iter().enumerate() {
            let (id, text) = (format!("r{n}"), format!("x{text}x"));
            let json = serde_json::json!({ "id": id, "body": text }).to_string();
            let line = match name {
                "a.jsonl" => format!("{json}\n"),
                _ => format!("{id},\"{}\"\n", text.replace('"', "\"\"")),
            };
            bytes.extend(line.bytes());
            ends.push(bytes.len());
            rows.push(json);
        }
        let first = ends[0];
        let at = first + at.index(bytes.len() - first);
        bytes.truncate(at);
        bytes.extend(garbage);
        let whole = ends.iter().filter(|end| **end <= at).count();
        let told = told_soon(name, &bytes);
        prop_assert!(told.good.len() >= whole, "{} of {whole}: {told:?}", told.good.len());
        prop_assert_eq!(&told.good[..whole], &rows[..whole]);
    }
}

#[cfg(feature = "parquet")]
proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn damaged_parquet_is_no_disaster(file in any::<Index>(), changes in prop::collection::vec(change(), 1..4)) {
        let files = tables("a.parquet");
        told_soon("a.parquet", &changed(file.get(&files).clone(), &changes));
    }

    /// Only the pages are damaged: what the file says of itself is true, and gets the damage as far as it goes.
    #[test]
    fn damaged_pages_are_no_disaster(
        file in any::<Index>(),
        edits in prop::collection::vec((any::<Index>(), any::<u8>()), 1..8),
    ) {
        let files = tables("a.parquet");
        let mut bytes = file.get(&files).clone();
        let size = bytes.len();
        let footer = u32::from_le_bytes(bytes[size - 8..size - 4].try_into().unwrap()) as usize;
        for (at, byte) in edits {
            let at = at.index(size - 8 - footer);
            bytes[at] = byte;
        }
        told_soon("a.parquet", &bytes);
    }
}

#[cfg(feature = "xlsx")]
proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// The archive is good, a part in it is not: checksums do not help.
    #[test]
    fn damaged_parts_of_a_workbook_are_no_disaster(
        part in any::<Index>(),
        changes in prop::collection::vec(change(), 1..5),
    ) {
        use std::io::{Cursor, Read as _, Write as _};
        use zip::write::SimpleFileOptions;

        let mut archive = zip::ZipArchive::new(Cursor::new(good("a.xlsx"))).unwrap();
        let chosen = part.index(archive.len());
        let mut made = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for index in 0..archive.len() {
            let mut part = archive.by_index(index).unwrap();
            let mut bytes = Vec::new();
            part.read_to_end(&mut bytes).unwrap();
            let bytes = if index == chosen { changed(bytes, &changes) } else { bytes };
            made.start_file(part.name().unwrap().into_owned(), SimpleFileOptions::default()).unwrap();
            made.write_all(&bytes).unwrap();
        }
        told_soon("a.xlsx", &made.finish().unwrap().into_inner());
    }
}

#[test]
fn nesting_without_end_is_refused() {
    let deep = |open: &str, close: &str, inner: &str| {
        format!("{}{inner}{}", open.repeat(200_000), close.repeat(200_000)).into_bytes()
    };
    for bytes in [deep("[", "]", ""), deep("{\"a\":", "}", "1"), deep("- ", "", "a"), deep("[{\"a\":", "}]", "1")] {
        for name in ["a.jsonl", "a.json", "a.yaml"] {
            let told = told_soon(name, &bytes);
            assert!(told.good.is_empty() && says_something(&told), "{name} {:?}", &bytes[..8]);
        }
    }
    let within = format!("{{\"a\":{}1{}}}\n", "[".repeat(100), "]".repeat(100));
    assert_eq!(told("a.jsonl", within.as_bytes()).good.len(), 1);
}

#[test]
fn long_lines_many_fields_and_long_numbers() {
    let long = "x".repeat(4 << 20);
    assert_eq!(told_soon("a.csv", format!("id,body\n1,{long}\n2,b\n").as_bytes()).good.len(), 2);
    assert_eq!(told_soon("a.jsonl", format!("{{\"a\":\"{long}\"}}\n{{}}\n").as_bytes()).good.len(), 2);
    assert_eq!(told_soon("a.json", format!("[{{\"a\":\"{long}\"}},{{}}]").as_bytes()).good.len(), 2);
    let told = told_soon("a.csv", format!("id\n1{}\n2\n", ",".repeat(1 << 20)).as_bytes());
    assert_eq!((told.good.len(), told.bad.len()), (1, 1));

    let digits = "9".repeat(100_000);
    for number in [digits.as_str(), "1e999999999", "-0.00000000000000000000000000000000001e-400"] {
        for name in ["a.jsonl", "a.json", "a.yaml"] {
            let text = match name {
                "a.yaml" => format!("- a: {number}\n- a: 1\n"),
                "a.json" => format!("[{{\"a\":{number}}},{{\"a\":1}}]"),
                _ => format!("{{\"a\":{number}}}\n{{\"a\":1}}\n"),
            };
            let told = told_soon(name, text.as_bytes());
            assert_eq!(told.good.last().map(String::as_str), Some(r#"{"a":1}"#), "{name} {number:.20} {told:?}");
        }
    }
}

#[test]
fn zero_bytes_and_other_encodings_cost_their_row() {
    for (name, content, good) in [
        ("a.csv", &b"id,body\n1,a\0b\n2,\xff\n3,c\n"[..], 1),
        ("a.tsv", b"id\tbody\n1\ta\0b\n2\t\xff\n3\tc\n", 1),
        ("a.jsonl", b"{\"a\":\"\\u0000\"}\n{\"a\":\"\0\"}\n{\"a\":\"\xff\"}\n{\"a\":1}\n", 2),
    ] {
        let told = told(name, content);
        assert_eq!((told.good.len(), told.stopped), (good, None), "{name} {:?}", told.bad);
    }
    // In CSV that is a column's name, and no row.
    for name in names().into_iter().filter(|name| !matches!(*name, "a.csv" | "a.tsv")) {
        assert!(says_something(&told(name, &[0; 4096])), "{name}");
    }
}

#[test]
fn a_quote_that_is_never_closed_does_not_hide_the_rows_before_it() {
    let told = told("a.csv", format!("id,body\n1,a\n2,\"b\n{}", "3,c\n".repeat(10_000)).as_bytes());
    assert_eq!(told.good[0], r#"{"id":"1","body":"a"}"#);
}
