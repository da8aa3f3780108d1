//! Files that their owners meant well.

use proptest::prelude::*;
use sha2::{Digest, Sha256};

use crate::suite::dataset::compression::tests::{gzip, zstandard};
use crate::suite::dataset::options::Options;
use crate::suite::dataset::rows::read;
use crate::suite::dataset::{parquet, workbook};
use crate::suite::log::Log;

use super::support::{data_file, read_with, told};

/// The rows of a file as JSON, and what was wrong.
fn rows(name: &str, content: &[u8]) -> (Vec<String>, Vec<String>) {
    let (good, bad, _) = read_with(name, content, Options::default());
    (good, bad)
}

#[test]
fn csv_values_are_texts() {
    let (good, bad) = rows("a.csv", b"\xef\xbb\xbfid, q ,\n1,\"a \"\"b\"\"\nc\",x\n\n2,,\n");
    assert_eq!(good, [r#"{"id":"1","q":"a \"b\"\nc"}"#, r#"{"id":"2","q":""}"#]);
    assert_eq!(bad, [""; 0]);
    assert_eq!(rows("a.tsv", b"a\tb\n1,5\t\"x\"\n").0, [r#"{"a":"1,5","b":"x"}"#]);
}

#[test]
fn a_hundred_thousand_columns_are_no_trouble() {
    let names: Vec<String> = (0..100_000).map(|number| format!("c{number}")).collect();
    let (good, bad) = rows("a.csv", format!("{}\n{}\n", names.join(","), names.join(",")).as_bytes());
    assert_eq!((good.len(), bad.len()), (1, 0));
    let twice = format!("{},c7\n", names.join(","));
    assert_eq!(rows("a.csv", twice.as_bytes()).1.len(), 1);
}

#[test]
fn json_lines_keep_types_and_spelling() {
    let (good, bad) = rows("a.jsonl", b"\xef\xbb\xbf{\"n\": 1.10, \"l\": [1, null]}\r\n\n  {\"b\":true}");
    assert_eq!(good, [r#"{"n":1.10,"l":[1,null]}"#, r#"{"b":true}"#]);
    assert_eq!(bad, [""; 0]);
}

#[test]
fn a_bad_row_does_not_hide_the_others() {
    let (good, bad) = rows("a.jsonl", b"{\"a\":1}\n{\"a\"\n\xff\n{\"a\":\"\\ud800\"}\n{\"a\":2}\n");
    assert_eq!(good, [r#"{"a":1}"#, r#"{"a":2}"#]);
    assert_eq!(bad.len(), 3, "{bad:?}");
    assert!(bad[1].starts_with("3: the line is not UTF-8"), "{bad:?}");
}

#[test]
fn json_arrays_and_yaml_lists() {
    assert_eq!(rows("a.json", b" [ {\"a\": 1.50} ,{} ] ").0, [r#"{"a":1.50}"#, "{}"]);
    assert_eq!(
        rows("a.yaml", b"- a: 1.50\n  b: no\n- &x { c: [0x10] }\n- <<: *x\n  d: ~\n").0,
        [r#"{"a":1.50,"b":"no"}"#, r#"{"c":[16]}"#, r#"{"d":null,"c":[16]}"#]
    );
}

#[test]
fn utf16_is_named() {
    assert!(rows("a.csv", b"\xff\xfea\0").1[0].contains("UTF-16"));
}

#[test]
fn packed_files_are_read_as_their_content() {
    let content = b"\xef\xbb\xbfid;q\r\n1;\"a;b\"\r\n";
    let wanted = [r#"{"id":"1","q":"a;b"}"#];
    for (name, bytes, format) in [
        ("a.csv", content.to_vec(), "csv, `;` between fields, UTF-8 with a byte order mark"),
        ("a.csv.gz", gzip(content), "csv, `;` between fields, gzip, UTF-8 with a byte order mark"),
        ("a.csv.zst", zstandard(content), "csv, `;` between fields, zstd, UTF-8 with a byte order mark"),
        // Names lie: browsers unpack what they download, and keep its name.
        ("a.csv.gz", content.to_vec(), "csv, `;` between fields, UTF-8 with a byte order mark"),
        ("a.csv", gzip(content), "csv, `;` between fields, gzip, UTF-8 with a byte order mark"),
    ] {
        let (good, bad, facts) = read_with(name, &bytes, Options::default());
        assert_eq!((&good[..], &bad[..]), (&wanted.map(str::to_owned)[..], &[][..]), "{name}");
        assert_eq!(facts.format, format);
        assert_eq!(facts.sha256, Some(crate::plan::hex(&Sha256::digest(&bytes))), "{name}");
    }
}

#[test]
fn an_archive_that_is_cut_is_told_with_the_row_reached() {
    let lines: Vec<u8> = (0..20_000_u32)
        .flat_map(|n| format!("{{\"n\": {n}, \"x\": \"{:x}\"}}\n", n.wrapping_mul(2_654_435_761)).into_bytes())
        .collect();
    for (name, packed) in [("a.jsonl.gz", gzip(&lines)), ("a.jsonl.zst", zstandard(&lines))] {
        let (good, bad, facts) = read_with(name, &packed[..packed.len() / 2], Options::default());
        let last = bad.last().unwrap();
        assert!(good.len() > 100, "{name}: {} rows, {bad:?}", good.len());
        assert!(last.starts_with(&format!("after line {}: ", good.len())) && last.contains("cut off"), "{last}");
        assert_eq!(facts.sha256, None);
    }
}

#[test]
fn reading_stops_early_without_a_sum() {
    let folder = tempfile::tempdir().unwrap();
    let file = data_file(&folder, "a.csv", b"a\n1\n2\n", Options::default());
    let facts = read(&file, &mut |_| std::ops::ControlFlow::Break(()), &Log::default());
    assert_eq!((facts.sha256, facts.failure), (None, None));
}

#[test]
fn options_say_how_a_delimited_file_is_read() {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    let headless = Options { columns: names(&["q", "a"]), ..Options::default() };
    let wanted = [r#"{"q":"x","a":"y"}"#];
    for content in [&b"x;y\n"[..], b"Q;A\nx;y\n"] {
        let (good, bad, facts) = read_with("a.csv", content, headless.clone());
        assert_eq!((&good[..], &bad[..]), (&wanted.map(str::to_owned)[..], &[][..]));
        assert_eq!(facts.format, "csv, `;` between fields, columns named by the suite");
    }
    let odd = Options { delimiter: Some(b'~'), quote: Some(None), ..Options::default() };
    let (good, _, facts) = read_with("a.csv", b"q~a\n\"x~y\n", odd);
    assert_eq!(good, [r#"{"q":"\"x","a":"y"}"#]);
    assert_eq!(facts.format, "csv, `~` between fields, no quotes");
    let quoted = read_with("a.csv", b"'q';'a'\n'x;1';'it''s'\n", Options::default());
    assert_eq!(quoted.0, [r#"{"q":"x;1","a":"it's"}"#]);
    assert_eq!(quoted.2.format, "csv, `;` between fields, `'` around them");
}

#[test]
fn the_line_in_which_a_spreadsheet_names_its_delimiter_is_no_row() {
    let (good, bad, facts) = read_with("a.csv", b"sep=|\r\nq|a\r\nx,y|z\r\n", Options::default());
    assert_eq!((&good[..], &bad[..]), (&[r#"{"q":"x,y","a":"z"}"#.to_owned()][..], &[][..]));
    assert_eq!(facts.format, "csv, `|` between fields");
}

/// Parts that are not asked for may be of any size.
#[test]
fn what_stands_beside_the_rows_of_a_document_is_passed_over() {
    let text = [&b"\""[..], &b"x".repeat(1 << 20), b"\","].concat().repeat(70);
    let document = [&b"{\"other\": ["[..], &text, b"0], \"data\": [{\"a\": 1}]}"].concat();
    let keys = Options { rows: vec!["data".to_owned()], ..Options::default() };
    assert_eq!(read_with("a.json", &document, keys).0, [r#"{"a":1}"#]);
    assert!(rows("a.json", &document).1[0].starts_with("expected a list of objects, found one object"));
}

#[test]
fn a_quote_that_is_never_closed_swallows_nothing_silently() {
    let (good, bad) = rows("a.csv", b"id,q\n1,a\n2,\"b\n3,c\n");
    assert_eq!(good.len(), 1);
    assert_eq!(bad, ["after row 1: a `\"` that opens in the row of line 3 is never closed"]);
}

#[test]
fn keys_lead_to_the_rows_of_a_document() {
    let keys = |keys: &str| Options { rows: keys.split('.').map(str::to_owned).collect(), ..Options::default() };
    let json = br#"{"version": "1", "data": {"more": [[1]], "items": [{"a": 1.50}, {}]}, "x": null}"#;
    let yaml = b"version: 1\ndata:\n  more: [[1]]\n  items: [{ a: 1.50 }, {}]\n";
    for (name, content) in [("a.json", &json[..]), ("a.yaml", yaml)] {
        assert_eq!(read_with(name, content, keys("data.items")).0, [r#"{"a":1.50}"#, "{}"], "{name}");
        let said = |options| {
            let (good, bad, facts) = read_with(name, content, options);
            assert!(good.is_empty());
            (bad.concat(), facts.failure.and_then(|failure| failure.hint).unwrap())
        };
        let (message, hint) = said(keys("data.itms"));
        assert_eq!(message, "there is no key `itms` under `data`");
        assert_eq!(hint, "did you mean `items`?");
        assert!(said(keys("version")).0.contains("under `version`, found "), "{:?}", said(keys("version")));
        assert!(said(Options::default()).1.ends_with("`rows: data.items`"), "{:?}", said(Options::default()));
        assert!(said(keys("data")).1.ends_with("`rows: data.items`"), "{:?}", said(keys("data")));
    }
    let several = br#"{"train": [{"a": 1}], "test": [{"a": 2}]}"#;
    let (_, _, facts) = read_with("a.json", several, Options::default());
    assert_eq!(facts.failure.unwrap().hint.unwrap(), "`rows` beside `path` names the list: `train` and `test`");
}

#[test]
fn encodings_that_are_not_utf8_are_told_with_row_and_column() {
    for (name, content, said) in [
        (
            "a.csv",
            &b"id,q\n1,caf\xe9 au lait\n"[..],
            "1: column `q` is not UTF-8: byte 0xe9 (byte 4) looks like Windows-1252, where it is `\u{e9}`",
        ),
        (
            "a.csv",
            b"id,\xfcber\n1,2\n",
            "the name of column 2 is not UTF-8: byte 0xfc (byte 1) looks like Windows-1252, where it is `\u{fc}`",
        ),
        ("a.csv", b"id,q\n1,a\0b\n", "1: column `q` holds a NUL byte (0x00, byte 2)"),
        (
            "a.json",
            b"[{\"a\": 1},\n{\"a\": \"caf\xe9, closed\"}]",
            "after row 1: line 2 is not UTF-8: byte 0xe9 looks like Windows-1252, where it is `\u{e9}` (byte 11 of the line)",
        ),
        (
            "a.yaml",
            b"- a: caf\xe9 au lait\n",
            "it is not UTF-8: byte 0xe9 (byte 9) looks like Windows-1252, where it is `\u{e9}`, on line 1",
        ),
        ("a.csv", b"\xff\xfei\0d\0", "it is UTF-16, not UTF-8"),
        ("a.jsonl", b"{\0\"\0a\0\"\0:\x001\0}\0\n\0", "it is UTF-16, not UTF-8"),
    ] {
        let (good, bad, _) = read_with(name, content, Options::default());
        assert!(bad.concat().starts_with(said), "{name}: {bad:?}");
        assert!(good.len() <= 1);
    }
}

#[test]
fn other_archives_and_empty_files_are_named() {
    for (name, content, said) in [
        ("a.csv", &b"PK\x03\x04rest"[..], "it is packed with zip, which cannot be read"),
        ("a.jsonl.gz", b"BZh91AY", "it is packed with bzip2, which cannot be read"),
        ("a.csv", b"PAR1\x15\x04", "it is a Parquet file"),
        ("a.csv", b"\n\r\n", "it is empty"),
        ("a.csv", b",,\n", "the first row names no column"),
        ("a.json", b"", "it is empty"),
        ("a.yaml", b"\xef\xbb\xbf\n", "it is empty"),
    ] {
        assert_eq!(rows(name, content).1, [said], "{name}");
    }
}

/// What a document of this size leaves in memory is not its size.
#[test]
fn a_row_that_inflates_without_end_is_refused() {
    let bomb = gzip(&[&b"[{\"a\": \""[..], &vec![b'x'; 70 << 20]].concat());
    assert!(bomb.len() < 1 << 20);
    assert_eq!(rows("a.json.gz", &bomb).1, ["more than 64 MB without the end of a row"]);
    assert!(rows("a.jsonl.gz", &bomb).1[0].contains("line 1 is longer than 64 MB"));
    let csv = gzip(&[&b"a,b\n1,\""[..], &vec![b'x'; 20 << 20]].concat());
    assert_eq!(rows("a.csv.gz", &csv).1, ["the row that begins on line 2 is larger than 16 MB"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_make_a_reader_panic(
        name in prop::sample::select(vec!["a.csv", "a.tsv", "a.jsonl", "a.json", "a.yaml", "a.csv.gz", "a.json.zst"]),
        content in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            prop::collection::vec(any::<u8>(), 0..200).prop_map(|content| gzip(&content)),
            (prop::collection::vec(any::<u8>(), 1..200), any::<prop::sample::Index>(), any::<u8>()).prop_map(
                |(content, at, byte)| {
                    let mut packed = zstandard(&content);
                    let at = at.index(packed.len());
                    packed[at] = byte;
                    packed
                },
            ),
            "[\\[\\]{}\":,a-c0-9.\\n \\\\é-]{0,80}".prop_map(String::into_bytes),
        ],
    ) {
        rows(name, &content);
    }
}

#[test]
fn a_build_without_a_format_says_how_to_come_to_one_with_it() {
    let (has_parquet, has_xlsx) = (cfg!(feature = "parquet"), cfg!(feature = "xlsx"));
    for (name, error, feature, has_it) in
        [("a.parquet", parquet::absent(), "parquet", has_parquet), ("a.xlsx", workbook::absent(), "xlsx", has_xlsx)]
    {
        let hint = error.hint.unwrap();
        assert!(error.message.starts_with("this build cannot read "), "{}", error.message);
        assert!(hint.starts_with(&format!("build it with `--features {feature}`, or ")), "{hint}");
        let said = told(name, b"x").stopped.unwrap();
        assert_eq!(said == format!("{} ({hint})", error.message), !has_it, "{said}");
    }
}
