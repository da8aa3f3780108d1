use serde_json::Value;

use super::super::testing::{mixed, mixed_manifest, open};
use super::*;
use crate::journal::Manifest;

fn document(runs: &[Run], gates: &[Vec<Value>]) -> Value {
    let mut out = Vec::new();
    super::json(runs, gates, &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

#[test]
fn the_document_holds_run_figures_gates_notes_and_every_cell_in_order() {
    let (suite, records) = mixed();
    let (_dir, run) = open(&mixed_manifest(&suite), &records);
    let gates = vec![json!({"gate": "accuracy >= 90%", "outcome": "failed"})];
    let document = document(&[run], std::slice::from_ref(&gates));
    assert_eq!((&document["version"], &document["simulated"]), (&json!(1), &json!(false)));
    let run = &document["runs"][0];
    assert_eq!(run["gates"], Value::from(gates));
    assert_eq!(run["models"][1]["stopped"]["reason"], "deadline");
    let figures = &run["models"][1]["summary"];
    assert_eq!(figures["cost_usd"], Value::Null);
    assert_eq!((&figures["cost_known_usd"], &figures["cost_unknown_cells"]), (&json!("0.0123"), &json!(1)));
    assert_eq!(figures["troubles"][1]["example"], "upstream said\u{fffd}[2J \"no\"");
    assert_eq!(run["models"][1]["prompts"][0]["summary"], *figures);
    let cells = run["cells"].as_array().unwrap();
    let order: Vec<(&str, &str)> =
        cells.iter().map(|cell| (cell["model"].as_str().unwrap(), cell["case"].as_str().unwrap())).collect();
    assert_eq!(order.len(), 12);
    assert_eq!(&order[4..8], [("sonnet", "a"), ("sonnet", "b"), ("sonnet", "c"), ("sonnet", "d")]);
    assert_eq!(cells[7]["error"], json!({"kind": "deadline", "message": "its deadline of 15m passed"}));
    assert!(cells[7].get("latency_ms").is_none(), "unknown is left out");
    assert_eq!(cells[8]["attempts"].as_array().unwrap().len(), 2);
    assert!(run["notes"].as_array().unwrap().iter().any(|note| note["kind"] == "stopped" && note["model"] == "sonnet"));
}

#[test]
fn a_simulated_run_says_so_at_the_top() {
    let (suite, records) = mixed();
    let (_dir, run) = open(&Manifest { simulated: true, ..mixed_manifest(&suite) }, &records);
    let (_dir2, real) = open(&mixed_manifest(&suite), &records);
    let document = document(&[real, run], &[]);
    assert_eq!(document["simulated"], true);
    assert_eq!(document["runs"][0]["simulated"], false);
    assert_eq!(document["runs"][1]["simulated"], true);
}

#[test]
fn a_journal_that_vanishes_half_way_is_named() {
    let (suite, records) = mixed();
    let (_dir, run) = open(&mixed_manifest(&suite), &records);
    std::fs::write(run.folder().journal(), "").unwrap();
    let error = super::json(&[run], &[], &mut Vec::new()).unwrap_err();
    assert!(matches!(error, ReportError::Index(_)), "{error}");
    assert!(error.to_string().contains("journal.jsonl"), "{error}");
}

#[test]
fn a_full_disk_is_told_as_such() {
    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let (suite, records) = mixed();
    let (_dir, run) = open(&mixed_manifest(&suite), &records);
    let error = super::json(&[run], &[], &mut Full).unwrap_err();
    assert!(matches!(&error, ReportError::Write(cause) if cause.kind() == io::ErrorKind::StorageFull), "{error:?}");
}
