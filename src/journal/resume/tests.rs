use std::time::Duration;

use serde_json::json;

use super::super::testing::{lines, manifest, plan, record, suite};
use super::super::{CellRecord, RunFolder};
use super::*;
use crate::suite::{Messages, Suite};

/// What changed between a run of `old` and `new`, through the file.
fn between(old: &Suite, new: &Suite) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let run = RunFolder::create(dir.path()).unwrap();
    run.write_manifest(&manifest(old)).unwrap();
    what_changed(&run.folder().read_manifest().unwrap(), &manifest(new))
}

fn old() -> Suite {
    suite(&["m", "n"], &["a", "b", "c"])
}

#[test]
fn pace_money_gates_and_order_are_no_change() {
    let mut new = old();
    new.budget = Some(crate::units::Usd::ZERO);
    new.confidence = Some(0.9);
    new.sha256 = "ff".into();
    new.description = Some("reworded".into());
    new.models.reverse();
    new.cases.reverse();
    for model in &mut new.models {
        model.limits.concurrency = 99;
        model.limits.requests_per_minute = Some(1);
        model.limits.tokens_per_minute = Some(1);
        model.limits.retries = 0;
        model.limits.deadline = Some(Duration::from_secs(1));
        model.limits.give_up_after = 1;
        model.endpoint.api_key_env = None;
        model.params = model.params.clone().into_iter().rev().collect();
    }
    new.cases[0].tags = Box::default();
    assert_eq!(between(&old(), &new), [""; 0]);
}

#[test]
fn what_is_measured_is_named_where_it_changed() {
    let mut new = old();
    new.repeat = 2;
    new.graders = json!(["exact", { "type": "contains" }]);
    new.models.remove(1);
    new.models.push(suite(&["o"], &[]).models.remove(0));
    new.models[0].params.insert("temperature".into(), json!(1));
    new.models[0].params.insert("seed".into(), json!(7));
    new.models[0].limits.timeout = Duration::from_secs(90);
    new.models[0].fallbacks.push("author/other".into());
    let Messages::Listed(messages) = &mut new.prompts[0].messages else { panic!() };
    messages[0].role = "system".into();
    new.cases.remove(2);
    new.cases[1].vars = r#"{"ticket":"new"}"#.into();
    new.cases.push(suite(&[], &["d"]).cases.remove(0));
    insta::assert_snapshot!(between(&old(), &new).join("\n"), @r#"
    repeat: 1 → 2
    graders: ["exact"] → ["exact",{"type":"contains"}]
    model `m`: limits.timeout: 1m → 1m 30s
    model `m`: params.temperature: 0 → 1
    model `m`: params.seed: none → 7
    model `m`: fallbacks: [] → ["author/other"]
    model `n` was removed
    model `o` was added
    prompt `default` was changed
    1 case was added: `d`
    1 case was removed: `c`
    1 case was changed: `b`
    "#);
}

#[test]
fn many_changed_cases_are_counted_and_only_a_few_named() {
    let mut new = old();
    new.cases = suite(&[], &["p", "q", "r", "s\n"]).cases;
    assert_eq!(between(&old(), &new), ["4 cases were added: `p`, `q`, `r` …", "3 cases were removed: `a`, `b`, `c`"]);
}

#[test]
fn the_simulator_may_have_another_port() {
    let (mut one, mut two) = (old(), old());
    one.models[0].endpoint.base_url = "http://127.0.0.1:1/v1".into();
    two.models[0].endpoint.base_url = "http://127.0.0.1:2/v1".into();
    assert_eq!(between(&one, &two), ["model `m`: endpoint.base_url: http://127.0.0.1:1/v1 → http://127.0.0.1:2/v1"]);
    let dir = tempfile::tempdir().unwrap();
    let run = RunFolder::create(dir.path()).unwrap();
    let simulated = |suite| Manifest { simulated: true, ..manifest(suite) };
    run.write_manifest(&simulated(&one)).unwrap();
    assert_eq!(what_changed(&run.folder().read_manifest().unwrap(), &simulated(&two)), [""; 0]);
    assert_eq!(what_changed(&run.folder().read_manifest().unwrap(), &manifest(&one)), ["simulated: true → false"]);
}

#[test]
fn only_unfinished_cells_are_asked_again() {
    let suite = suite(&["m"], &["a", "b", "c", "d", "e", "f"]);
    let plan = plan(&suite);
    let records: Vec<CellRecord> = [
        ("a", Verdict::Pass),
        ("b", Verdict::Fail),
        ("c", Verdict::Timeout),
        ("d", Verdict::Error),
        ("e", Verdict::Error),
        ("e", Verdict::Skipped),
    ]
    .into_iter()
    .map(|(case, verdict)| CellRecord { verdict, ..record("m", "default", case, 1) })
    .collect();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), lines(&records)).unwrap();
    let index = Index::read(file.path(), &plan).unwrap();
    let left = |retry| cells_left(&index, retry).map(|CellIndex(cell)| cell).collect::<Vec<_>>();
    assert_eq!(left(false), [4, 5]);
    assert_eq!(left(true), [3, 4, 5]);
    assert_eq!(cells_done(&index, plan.cells_of(0), false), [1, 1, 1, 1, 0]);
    assert_eq!(cells_done(&index, 1..4, true), [0, 1, 1, 0, 0]);
}
