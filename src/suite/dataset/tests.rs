use proptest::prelude::*;

use super::rows::{Format, read};
use crate::suite::log::Log;

/// The rows of a file as JSON, and what was wrong.
fn rows(name: &str, content: &[u8]) -> (Vec<String>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    let result = read(
        &path,
        Format::of(name).unwrap(),
        &mut |row| {
            match row {
                Ok(row) => good.push(row.json),
                Err(row) => bad.push(format!("{}: {}", row.number, row.message)),
            }
            std::ops::ControlFlow::Continue(())
        },
        &Log::default(),
    );
    bad.extend(result.err().map(|error| error.message));
    for json in &good {
        assert!(serde_json::from_str::<serde_json::Value>(json).unwrap().is_object());
    }
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
    assert!(bad[1].starts_with("3: not UTF-8"), "{bad:?}");
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_make_a_reader_panic(
        name in prop::sample::select(vec!["a.csv", "a.tsv", "a.jsonl", "a.json", "a.yaml"]),
        content in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            "[\\[\\]{}\":,a-c0-9.\\n \\\\é-]{0,80}".prop_map(String::into_bytes),
        ],
    ) {
        rows(name, &content);
    }
}
