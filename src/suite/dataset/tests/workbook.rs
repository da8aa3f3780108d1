//! Workbooks, as openpyxl writes them, and made by hand.

use std::io::{Cursor, Write as _};

use insta::assert_snapshot;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::support::{gathered, reference, told};
use crate::suite::dataset::workbook::{Sheet, read};

/// What is read of a sheet of the reference workbook.
fn sheet(sheet: Option<&Sheet>, columns: Option<&[&str]>) -> String {
    let columns: Option<Vec<String>> = columns.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
    let told = gathered(|sink| read(&reference("book.xlsx"), sheet, columns.as_deref(), sink));
    told.good.into_iter().chain(told.bad).chain(told.stopped).collect::<Vec<_>>().join("\n")
}

fn named(name: &str) -> Sheet {
    Sheet::Name(name.to_owned())
}

/// A workbook with this one sheet, and these texts.
fn book(rows: &str, texts: &str) -> Vec<u8> {
    let parts = [
        (
            "_rels/.rels",
            r#"<Relationships><Relationship Id="a" Type="x/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
        ),
        ("xl/workbook.xml", r#"<workbook><sheets><sheet name="S" sheetId="1" r:id="b"/></sheets></workbook>"#),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<Relationships><Relationship Id="b" Type="x/relationships/worksheet" Target="worksheets/s.xml"/></Relationships>"#,
        ),
        ("xl/sharedStrings.xml", texts),
        ("xl/worksheets/s.xml", &format!("<worksheet><sheetData>{rows}</sheetData></worksheet>")),
    ];
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        archive.write_all(content.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn cells_keep_their_types() {
    assert_snapshot!(sheet(None, None), @r#"
    {"id":"a","body":"grün \"x\"\ny","n":3,"yes":true,"day":"2024-03-05","at":"2024-03-05T14:30:00","clock":"09:05:00","price":12.5}
    {"id":"b","body":"","n":-0.125,"yes":false,"day":"","at":"","clock":"","price":""}
    {"id":"c","body":"merged","n":1000000000000000,"yes":"","day":"","at":"","clock":"","price":""}
    {"id":"d","body":"","n":"","yes":"","day":"","at":"","clock":"","price":""}
    "#);
    assert_eq!(sheet(Some(&named("Tickets")), None), sheet(Some(&Sheet::Number(2)), None));
}

#[test]
fn bad_cells_are_named_and_hide_no_other_row() {
    assert_snapshot!(sheet(Some(&named("Bad cells")), None), @r#"
    {"id":"ok","value":1}
    {"id":"also ok","value":2}
    3: cell B3 (column `value`) holds the error #N/A
    4: cell B4 (column `value`) holds a formula that was never computed
    "#);
}

#[test]
fn a_sheet_without_a_header_takes_its_names_from_the_suite() {
    assert_snapshot!(sheet(Some(&named("Bare")), Some(&["id", "n"])), @r#"
    {"id":"x","n":1}
    {"id":"y","n":2}
    "#);
    assert_snapshot!(sheet(Some(&named("Bare")), Some(&["id"])), @r#"
    1: cell B1 stands behind the last of `columns`
    2: cell B2 stands behind the last of `columns`
    "#);
}

#[test]
fn sheets_that_are_not_there_are_told_with_those_that_are() {
    assert_snapshot!(sheet(Some(&named("tickets")), None), @"there is no sheet `tickets` (did you mean `Tickets`?)");
    assert_snapshot!(sheet(Some(&named("Answers")), None), @"there is no sheet `Answers` (the sheets are `Secret`, `Tickets`, `Bad cells`, `Bare` and `Empty`)");
    assert_snapshot!(sheet(Some(&Sheet::Number(6)), None), @"there is no sheet 6 (the sheets are `Secret`, `Tickets`, `Bad cells`, `Bare` and `Empty`)");
    assert_snapshot!(sheet(Some(&Sheet::Number(0)), None), @"there is no sheet 0 (the sheets are `Secret`, `Tickets`, `Bad cells`, `Bare` and `Empty`)");
    assert_snapshot!(sheet(Some(&named("Empty")), None), @"sheet `Empty` is empty (the first row names the columns)");
}

#[test]
fn what_is_no_workbook_is_said() {
    let said = |bytes: &[u8]| told("a.xlsx", bytes).stopped.unwrap();
    let whole = std::fs::read(reference("book.xlsx")).unwrap();
    assert_snapshot!(said(b""), @"an empty file");
    assert_snapshot!(said(b"id,body\n"), @"not an Excel workbook (if it is another format, say which: `format: csv`)");
    assert_snapshot!(said(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and so on"), @"an old workbook (.xls), or one with a password (save it as .xlsx without a password, or as .csv)");
    assert_snapshot!(said(&whole[..whole.len() / 2]), @"the workbook is damaged: invalid Zip archive: Could not find EOCD (save it again)");
    let mut ods = ZipWriter::new(Cursor::new(Vec::new()));
    ods.start_file("content.xml", SimpleFileOptions::default()).unwrap();
    assert_snapshot!(said(&ods.finish().unwrap().into_inner()), @"a workbook of another kind (.ods) (save it as .xlsx or .csv)");
}

#[test]
fn a_workbook_made_by_hand_is_read() {
    let rows = r#"<row r="1"><c r="A1" t="s"><v>0</v></c></row><row><c t="inlineStr"><is><t>x</t></is></c></row>"#;
    let told = told("a.xlsx", &book(rows, r#"<sst uniqueCount="1"><si><t>q</t></si></sst>"#));
    assert_eq!((told.good.join(" "), told.stopped), (r#"{"q":"x"}"#.to_owned(), None));
}

#[test]
fn a_table_of_texts_that_lies_is_refused() {
    let lie = book("", r#"<sst count="1" uniqueCount="99999999999999"><si><t>q</t></si></sst>"#);
    assert_snapshot!(told("a.xlsx", &lie).stopped.unwrap(), @"the workbook is damaged: its table of texts is said to be larger than it is (save it again)");
}

#[test]
fn cells_out_of_order_and_out_of_the_sheet_are_refused() {
    let cells = |places: &[&str]| {
        let row = |place: &&str| format!(r#"<row><c r="{place}"><v>1</v></c></row>"#);
        told("a.xlsx", &book(&places.iter().map(row).collect::<String>(), "<sst/>"))
    };
    assert_eq!(cells(&["A1", "A2", "A3"]).good, [r#"{"1":1}"#, r#"{"1":1}"#]);
    let told = cells(&["A1", "A3", "A2", "A4"]);
    assert_eq!(told.good, [""; 0]);
    assert_snapshot!(told.stopped.unwrap(), @"the workbook is damaged: cell A2 is out of order (save it again)");
    assert!(cells(&["A1", "A2", "XFE3"]).stopped.is_some());
    assert!(cells(&["A1", "A2", "ZZZZZZZZZZ3"]).stopped.is_some());
    assert!(cells(&["A1", "A2", "A99999999999"]).stopped.is_some());
}

#[test]
fn an_error_that_the_library_does_not_know_is_told_with_its_place() {
    let rows = r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c><c r="B2" t="e"><v>#SPILL!</v></c></row>"#;
    let told = told("a.xlsx", &book(rows, "<sst/>"));
    assert_snapshot!(told.stopped.unwrap(), @"reading stopped behind cell A2: the next cell holds the error #SPILL! (correct the cell or empty it)");
}
