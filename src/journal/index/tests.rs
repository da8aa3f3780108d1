use proptest::prelude::*;

use super::super::testing::{lines, plan, record, suite};
use super::*;

const MODELS: [&str; 2] = ["m", "n"];
const CASES: [&str; 3] = ["a", "b", "c"];

fn small_plan() -> Plan {
    plan(&suite(&MODELS, &CASES))
}

fn read(bytes: &[u8]) -> Result<Index, IndexError> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    Index::read(file.path(), &small_plan())
}

/// The last records of all cells, as they are read back.
fn contents(index: &Index) -> Vec<Option<CellRecord>> {
    (0..6).map(|cell| index.get(CellIndex(cell)).unwrap()).collect()
}

fn some_records() -> Vec<CellRecord> {
    [("m", "a", Verdict::Error), ("n", "c", Verdict::Fail), ("m", "a", Verdict::Pass), ("x", "a", Verdict::Pass)]
        .into_iter()
        .map(|(model, case, verdict)| CellRecord {
            verdict,
            output: Some("häh\n".repeat(3)),
            ..record(model, "default", case, 1)
        })
        .collect()
}

#[test]
fn the_last_record_of_a_cell_counts() {
    let records = some_records();
    let index = read(&lines(&records)).unwrap();
    assert_eq!((index.len(), index.replaced, index.unknown, index.damaged), (6, 1, 1, 0));
    assert_eq!(index.verdict(CellIndex(0)), Some(Verdict::Pass));
    assert_eq!(index.verdict(CellIndex(5)), Some(Verdict::Fail));
    assert_eq!(index.verdict(CellIndex(1)), None);
    assert_eq!(contents(&index)[0].as_ref(), Some(&records[2]));
    assert_eq!(index.spent.to_string(), "0.0015", "the later record carries the cost of the one it replaces");
}

#[test]
fn damage_in_the_middle_is_skipped_and_counted() {
    let records = some_records();
    let whole = lines(&records);
    let first = lines(&records[..1]).len();
    let mut bytes = whole.clone();
    bytes[first + 40] ^= 1;
    bytes.splice(0..0, *b"not ours\n\n");
    let index = read(&bytes).unwrap();
    assert_eq!(index.damaged, 2);
    assert_eq!(index.verdict(CellIndex(5)), None);
    assert_eq!(contents(&index)[0].as_ref(), Some(&records[2]));
    assert_eq!(index.bytes_whole, bytes.len() as u64);
}

#[test]
fn a_missing_journal_has_no_lines_and_a_newer_one_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let index = Index::read(&dir.path().join("journal.jsonl"), &small_plan()).unwrap();
    assert_eq!(contents(&index), vec![None; 6]);
    let body = br#""v":2,"cell":{}}"#;
    let line = format!("{{\"crc\":\"{:08x}\",{}\n", crc32fast::hash(body), String::from_utf8_lossy(body));
    assert!(matches!(read(line.as_bytes()), Err(IndexError::Newer { version: 2, .. })));
}

#[test]
fn a_line_without_end_does_not_fill_memory() {
    let mut bytes = lines(&some_records()[..1]);
    let whole = bytes.len() as u64;
    bytes.resize(bytes.len() + MAX_LINE + 10, b'x');
    assert_eq!(read(&bytes).unwrap().bytes_whole, whole);
    bytes.push(b'\n');
    bytes.extend(lines(&some_records()[1..2]));
    let index = read(&bytes).unwrap();
    assert_eq!((index.bytes_whole, index.damaged), (bytes.len() as u64, 1));
    assert_eq!(index.verdict(CellIndex(5)), Some(Verdict::Fail));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_truncation_reads_as_a_prefix(cut in 0.0..=1.0_f64, garbage in proptest::collection::vec(any::<u8>(), 0..40)) {
        let records = some_records();
        let mut bytes = lines(&records);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place inside a short file")]
        bytes.truncate((bytes.len() as f64 * cut) as usize);
        let kept = bytes.split_inclusive(|&b| b == b'\n').filter(|line| line.ends_with(b"\n")).count();
        let prefix = read(&lines(&records[..kept])).unwrap();
        // Whatever a crash left behind the last whole line, as long as it is not a line itself.
        bytes.extend(garbage.into_iter().filter(|&b| b != b'\n'));
        let index = read(&bytes).unwrap();
        prop_assert_eq!(contents(&index), contents(&prefix));
        prop_assert_eq!(index.bytes_whole, prefix.bytes_whole);
        prop_assert_eq!(index.damaged, 0);
    }

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let index = read(&bytes).unwrap();
        prop_assert_eq!(contents(&index), vec![None; 6]);
    }

    #[test]
    fn random_changes_never_panic(at in 0..1000_usize, with in any::<[u8; 3]>()) {
        let mut bytes = lines(&some_records());
        let at = at % (bytes.len() - 3);
        bytes[at..at + 3].copy_from_slice(&with);
        let index = read(&bytes).unwrap();
        contents(&index);
    }
}
