//! Parquet, as pyarrow writes it, and as this library's own writer does.

use std::ops::ControlFlow;
use std::sync::Arc;

use insta::assert_snapshot;
use parquet::data_type::{ByteArray, ByteArrayType, Int32Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use super::support::{gathered, reference, told, told_of};
use crate::suite::dataset::parquet::{Limits, read, read_within};

fn all_of(name: &str) -> String {
    let told = told_of(&reference(name));
    let lines = told.good.into_iter().chain(told.bad).chain(told.stopped);
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_type_becomes_json() {
    let told = told_of(&reference("types.parquet"));
    assert_eq!((told.bad.len(), told.stopped), (0, None), "{:?}", told.bad);
    let columns = |json: &str| json.replace(",\"", ",\n\"");
    assert_snapshot!(columns(&told.good[0]), @r#"
    {"text":"grün \"quoted\"\n",
    "large":"a",
    "category":"de",
    "yes":true,
    "i8":-128,
    "i64":-9223372036854775808,
    "u8":0,
    "u32":0,
    "u64":0,
    "f16":1.5,
    "f32":0.1,
    "f64":0.1,
    "price":12.50,
    "huge":100000000000000000000000000000000000000000000000000,
    "day":"2024-03-05",
    "clock":"14:30:15.25",
    "moment_ms":"2024-03-05T14:30:15.25",
    "moment_us_utc":"2024-03-05T14:30:15.25Z",
    "moment_ns":"2024-03-05T14:30:15.250000001",
    "bytes":"plain",
    "fixed":"abc",
    "nothing":null,
    "list":["a",null],
    "nested":[[1,2],[]],
    "struct":{"a":1,
    "b":["x"]},
    "structs":[{"k":1},{"k":null}],
    "map":{"de":1,
    "en":2},
    "numbered":{"1":"x"}}
    "#);
    assert_snapshot!(columns(&told.good[1]), @r#"
    {"text":"",
    "large":"b",
    "category":"en",
    "yes":false,
    "i8":127,
    "i64":9223372036854775807,
    "u8":255,
    "u32":4294967295,
    "u64":18446744073709551615,
    "f16":-0.25,
    "f32":1e+30,
    "f64":1.0,
    "price":-0.05,
    "huge":-1,
    "day":"1969-12-31",
    "clock":"00:00:00",
    "moment_ms":"1969-12-31T23:59:59",
    "moment_us_utc":null,
    "moment_ns":"1970-01-01T00:00:00",
    "bytes":"é",
    "fixed":"def",
    "nothing":null,
    "list":[],
    "nested":[null],
    "struct":{"a":null,
    "b":null},
    "structs":[],
    "map":{},
    "numbered":{}}
    "#);
    assert_snapshot!(told.good[2], @r#"{"text":null,"large":null,"category":"de","yes":null,"i8":null,"i64":null,"u8":null,"u32":null,"u64":null,"f16":null,"f32":null,"f64":null,"price":null,"huge":null,"day":null,"clock":null,"moment_ms":null,"moment_us_utc":null,"moment_ns":null,"bytes":null,"fixed":null,"nothing":null,"list":null,"nested":null,"struct":null,"structs":null,"map":null,"numbered":null}"#);
    assert_eq!(all_of("uuid.parquet"), r#"{"id":"00000000-0000-0000-0000-000000000001"}"#);
}

#[test]
fn every_codec_gives_the_same_rows() {
    let rows: Vec<String> = (0..40)
        .map(|n| {
            let tags = vec![format!("t{}", n % 3); n % 3];
            format!(r#"{{"id":"r{n:03}","body":"say w{n}","team":"w{n}","n":{n},"tags":{tags:?}}}"#)
                .replace("\", ", "\",")
        })
        .collect();
    for codec in ["none", "snappy", "gzip", "brotli", "zstd", "lz4"] {
        for version in ["v1", "v2"] {
            let told = told_of(&reference(&format!("{codec}-{version}.parquet")));
            assert_eq!((told.good, told.bad, told.stopped), (rows.clone(), Vec::new(), None), "{codec} {version}");
        }
    }
}

#[test]
fn differences_are_read() {
    for version in ["v1", "v2"] {
        let told = told_of(&reference(&format!("delta-{version}.parquet")));
        assert_eq!(told.stopped, None);
        assert_eq!(told.good.len(), 300);
        assert_eq!(told.good[299], r#"{"id":"r299","body":"say w299","n":299,"team":"w299"}"#);
    }
}

#[test]
fn mmlu_of_the_hub_has_the_shape_of_its_json() {
    assert_snapshot!(all_of("mmlu.parquet"), @r#"
    {"question":"Which number is even?","subject":"elementary_mathematics","choices":["3","4","5","7"],"answer":1}
    {"question":"Which is a colour?","subject":"miscellaneous","choices":["Seven","Monday","Up","Green"],"answer":3}
    "#);
}

#[test]
fn what_json_cannot_hold_is_a_bad_row_that_names_the_column() {
    assert_snapshot!(all_of("nan.parquet"), @r#"
    {"id":"a","score":1.0}
    2: column `score` is not a number (NaN), which JSON cannot hold
    3: column `score` is infinite, which JSON cannot hold
    "#);
    assert_snapshot!(all_of("image.parquet"), @r#"
    {"id":"b","image":{"bytes":null,"path":"dog.png"}}
    1: column `image` holds an image (`bytes` and `path`, as Hugging Face writes it), not text
    "#);
    assert_snapshot!(all_of("bytes.parquet"), @r#"
    {"id":"a","raw":"ok"}
    2: column `raw` holds bytes: not UTF-8 at byte 1
    "#);
}

#[test]
fn a_file_without_rows_gives_none() {
    assert_eq!(all_of("empty.parquet"), "");
}

#[test]
fn what_is_no_parquet_is_said() {
    let whole = std::fs::read(reference("snappy-v1.parquet")).unwrap();
    let said = |bytes: &[u8]| told("a.parquet", bytes).stopped.unwrap();
    assert_snapshot!(said(b""), @"an empty file");
    assert_snapshot!(said(b"id,body\n1,a\n2,something\n"), @"not a Parquet file (if it is another format, say which: `format: csv`)");
    assert_snapshot!(said(&whole[..whole.len() / 2]), @"the file is cut off: its end is missing (download or write it again)");
    assert_snapshot!(said(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n"), @"not the file itself but where Git LFS keeps it (run `git lfs pull`)");
    let mut encrypted = whole.clone();
    let end = encrypted.len();
    encrypted[end - 4..].copy_from_slice(b"PARE");
    assert_snapshot!(said(&encrypted), @"the file is encrypted (write it without encryption)");
    let mut damaged = whole;
    damaged[end - 8..end - 4].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_snapshot!(said(&damaged), @"the file is damaged: its description cannot be read (download or write it again)");
}

/// A file of one column of texts, and one list of numbers, written page by page by the library.
fn written(texts: &[&[u8]], list: &[(i16, i16)]) -> Vec<u8> {
    let schema = "message m { required binary t (UTF8); optional group l (LIST) { repeated group list { \
                  required int32 element; } } }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let properties = WriterProperties::builder().build();
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties)).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    let texts: Vec<ByteArray> = texts.iter().map(|text| ByteArray::from(text.to_vec())).collect();
    column.typed::<ByteArrayType>().write_batch(&texts, None, None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    let (definition, repetition): (Vec<i16>, Vec<i16>) = list.iter().copied().unzip();
    let values = vec![7; definition.iter().filter(|&&level| level == 2).count()];
    column.typed::<Int32Type>().write_batch(&values, Some(&definition), Some(&repetition)).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
    bytes
}

#[test]
fn a_text_that_is_not_utf8_costs_its_row_only() {
    let bytes = written(&[b"a", b"caf\xe9", b"c"], &[(2, 0), (2, 1), (1, 0), (0, 0)]);
    let told = told("a.parquet", &bytes);
    assert_eq!(told.good, [r#"{"t":"a","l":[7,7]}"#, r#"{"t":"c","l":null}"#]);
    assert_eq!(told.bad, ["2: column `t` holds bytes: not UTF-8 at byte 4"]);
    assert_eq!(told.stopped, None);
}

/// What is said of a file of so many numbers in one list, and a text of so many letters.
fn said_within(limits: Limits, numbers: usize, letters: usize) -> Option<String> {
    let mut list = vec![(2, 1); numbers];
    list[0].1 = 0;
    let bytes = written(&[&vec![b'a'; letters]], &list);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    std::fs::write(&path, bytes).unwrap();
    gathered(|sink| read_within(&path, limits, sink)).stopped
}

#[test]
fn a_row_of_endless_lists_is_refused() {
    // Runs of equal levels take a few bytes, whatever their length.
    let limits = Limits { listed: 1000, ..Limits::default() };
    assert_eq!(said_within(limits, 1000, 1), None);
    assert_eq!(said_within(limits, 1001, 1).unwrap(), "reading stopped: a row with too many values in its lists");
}

#[test]
fn a_page_that_swells_is_refused() {
    let limits = Limits { bytes: 1 << 20, ..Limits::default() };
    assert_eq!(said_within(limits, 1, 900_000), None);
    assert_eq!(said_within(limits, 1, 2_000_000).unwrap(), "reading stopped: one of its pages is larger than 1 MB");
}

#[test]
fn a_file_is_read_as_far_as_it_is_asked_for() {
    let path = reference("none-v1.parquet");
    let mut seen = 0;
    let result = read(&path, &mut |_| {
        seen += 1;
        if seen == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!((result, seen), (Ok(()), 3));
}

#[test]
fn rows_before_damage_are_read() {
    // Three row groups; the third is overwritten.
    let mut bytes = std::fs::read(reference("none-v1.parquet")).unwrap();
    let third = bytes.windows(8).position(|window| window == b"say w30\x07").unwrap();
    bytes[third - 30..third].fill(0xff);
    let told = told("a.parquet", &bytes);
    assert_eq!(told.good.len(), 30, "{told:?}");
    assert!(told.stopped.unwrap().starts_with("after row 30: reading stopped: "));
}
