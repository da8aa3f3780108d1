use proptest::prelude::*;
use serde_json::json;

use super::read::{Table, read};
use crate::grade::tests::{build, grade};

#[test]
fn tables_are_read_as_rfc_4180_has_them() {
    let of = |text| read(text, b',').map(|Table { first, records }| (first.join("|"), records));
    for (text, first, records) in [
        ("a,b\n1,2\n", "a|b", 2),
        ("a,b\r\n1,2\r\n3,4", "a|b", 3),
        ("\"a,x\",\"b\"\"c\"\n\"1\n2\",", "a,x|b\"c", 2),
        ("a,\n,", "a|", 2),
        ("ü,漢\n1,2", "ü|漢", 2),
        ("a\rb,c", "a\rb|c", 1),
    ] {
        assert_eq!(of(text), Ok((first.to_owned(), records)), "{text:?}");
    }
    for (text, line, part) in [
        ("a,b\n1", 2, "1 field where the first line has 2"),
        ("a,b\n1,2,3", 2, "3 fields where the first line has 2"),
        ("a,b\n\"1\n2\",3\n4", 4, "1 field"),
        ("a,b\n\n1,2", 2, "1 field"),
        ("a,\"b", 1, "never closed"),
        ("a,b\"c\"", 1, "a quote inside"),
        ("\"a\"b,c", 1, "behind a closing quote"),
        ("", 1, "nothing"),
    ] {
        let mistake = read(text, b',').unwrap_err();
        assert_eq!((mistake.line, mistake.message.contains(part)), (line, true), "{text:?}: {mistake:?}");
    }
}

proptest! {
    #[test]
    fn what_the_csv_crate_writes_is_a_table(rows in prop::collection::vec(prop::collection::vec("\\PC{0,8}|[\",\r\n]{0,4}", 3), 1..6)) {
        let mut writer = ::csv::WriterBuilder::new().quote_style(::csv::QuoteStyle::Always).from_writer(Vec::new());
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        let table = read(&text, b',').unwrap();
        prop_assert_eq!(table.records, rows.len());
        prop_assert_eq!(&table.first, &rows[0]);
    }

    #[test]
    fn no_text_makes_it_panic(text in "[a\",;\r\n漢]{0,40}") {
        let _ = read(&text, b',');
    }
}

#[test]
fn a_table_is_found_and_its_shape_compared() {
    let with = |key: &str, value: serde_json::Value| json!({"type": "csv", key: value});
    let table = "name,age\nAda,36\nAlan,41\n";
    for (grader, answer, want) in [
        (json!("csv"), table, true),
        (json!("csv"), "Here:\n```csv\nname,age\nAda,36\n```\nDone, I hope, ok", true),
        (json!("csv"), "just a line", false),
        (json!("csv"), "Sure, here it is\na,b,c", false),
        (with("columns", json!(["name", "age"])), table, true),
        (with("columns", json!(["age", "name"])), table, false),
        (with("columns", json!("n")), "n\n1\n2", true),
        (with("rows", json!(2)), table, true),
        (with("rows", json!({"min": 3})), table, false),
        (json!({"type": "csv", "rows": 3, "header": false}), table, true),
        (with("delimiter", json!(";")), "a;b\n1;2", true),
        (with("delimiter", json!("tab")), "a\tb\n1\t2", true),
        (with("delimiter", json!(";")), table, false),
        (with("strict", json!(true)), "```\na,b\n```", false),
    ] {
        let grade = grade(&grader, answer);
        assert_eq!(grade.pass, Some(want), "{grader:?} {answer}: {:?}", grade.reason);
    }
    let reason = |grader, answer| grade(&grader, answer).reason.unwrap();
    assert_eq!(reason(with("rows", json!({"min": 3})), table), "expected at least 3 rows, got 2");
    assert_eq!(
        reason(with("columns", json!(["a", "b"])), table),
        "expected the columns \"a\" and \"b\", got \"name\" and \"age\""
    );
    assert_eq!(
        reason(json!("csv"), "a,b\n1"),
        "expected CSV, but line 2: 1 field where the first line has 2: \"a,b 1\""
    );
}

#[test]
fn wrong_options_are_told_where_they_stand() {
    for (options, path) in [
        (json!({"type": "csv", "header": false, "columns": "a"}), "header"),
        (json!({"type": "csv", "delimiter": "ab"}), "delimiter"),
        (json!({"type": "csv", "delimiter": "\""}), "delimiter"),
        (json!({"type": "csv", "rows": "many"}), "rows"),
    ] {
        assert_eq!(build(&options).unwrap_err().0.remove(0).path, path, "{options}");
    }
}
