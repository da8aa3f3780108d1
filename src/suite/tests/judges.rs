//! `judges`, and the models that graders name.

use std::time::Duration;

use serde_json::{Value, json};

use super::support::{folder, loaded, said};
use crate::suite::{Model, Overrides, Selection};

fn suite(lines: &str) -> String {
    format!("name: t\nmodels: [m]\nprompt: hi\n{lines}")
}

fn names(judges: &[Model]) -> Vec<&str> {
    judges.iter().map(|judge| judge.name.as_str()).collect()
}

#[test]
fn judges_are_those_that_graders_need_in_the_order_of_first_need() {
    let loaded = loaded(suite(
        "judges: [{ id: x/b, name: second }, { id: x/a, name: first }]
graders: [{ type: needy, ask: [first] }]
cases:
  - { graders: [{ type: needy, ask: [plain/id, second], embed: first }] }
  - { graders: [{ type: needy, ask: [second] }] }
",
    ));
    let judges = &loaded.suite.judges;
    assert_eq!(names(judges), ["first", "plain/id", "second"]);
    assert_eq!(judges.iter().map(|judge| judge.id.as_str()).collect::<Vec<_>>(), ["x/a", "plain/id", "x/b"]);
    assert!(loaded.warnings.items.iter().all(|item| !item.message.contains("judge")), "{:?}", loaded.warnings.items);
}

#[test]
fn a_judge_has_the_defaults_but_for_what_is_asked_of_models_under_test() {
    let yaml = suite(
        "base_url: http://127.0.0.1:1/v1
defaults: { timeout: 30s, concurrency: 3, params: { max_tokens: 5 }, provider: { data_collection: deny } }
judges: [{ id: x/a, name: own, timeout: 90s, params: { seed: 1, temperature: null } }]
graders: [{ type: needy, ask: [own, x/plain] }]
cases: [{}]
",
    );
    let overrides = Overrides {
        timeout: Some(Duration::from_secs(1)),
        deadline: Some(Duration::from_secs(2)),
        params: vec![("top_p".to_owned(), json!(0.5))],
        base_url: Some("http://127.0.0.1:2/v1".to_owned()),
        ..Overrides::default()
    };
    let suite = folder(yaml).load(overrides).unwrap().suite;
    let [own, plain] = suite.judges.as_slice() else { panic!("{:?}", suite.judges) };
    assert_eq!((own.limits.timeout, plain.limits.timeout), (Duration::from_secs(90), Duration::from_secs(30)));
    assert_eq!((own.limits.deadline, own.limits.concurrency, own.stream), (None, 3, false));
    assert_eq!(Value::from(own.params.clone()), json!({"seed": 1, "temperature": null}));
    assert!(plain.params.is_empty());
    assert_eq!(plain.provider, Some(json!({"data_collection": "deny"})));
    assert!(suite.judges.iter().all(|judge| judge.endpoint.base_url == "http://127.0.0.1:2/v1"));
    assert_eq!(suite.models[0].limits.timeout, Duration::from_secs(1));
}

#[test]
fn only_the_judges_of_selected_cases_are_kept() {
    let suite = loaded(suite(
        "cases:
  - { id: a, graders: [{ type: needy, ask: [x/a] }] }
  - { id: b, graders: [{ type: needy, ask: [x/b] }] }
",
    ))
    .suite;
    let picked = suite.select(&Selection { cases: vec!["b".to_owned()], ..Selection::default() }).unwrap();
    assert_eq!(names(&picked.judges), ["x/b"]);
}

#[test]
fn a_judge_that_nobody_asks_and_a_models_name_taken_for_a_judges_are_warned_of() {
    let said = said(
        "name: t
models: [{ id: a/long, name: short }]
prompt: hi
judges: [{ id: x/idle }]
graders: [{ type: needy, ask: [short] }]
cases: [{}]
",
    );
    assert!(said.contains("warning: judges[0].id: no grader asks the judge `x/idle`"), "{said}");
    assert!(said.contains("warning: graders[0].ask[0]: `short` is asked as a model id"), "{said}");
}

#[test]
fn mistakes_in_judges_are_told_at_their_place() {
    let said = said(suite(
        "judges: [{ id: a, name: n }, { id: b, name: n }, { id: c, timout: 3s }]
cases: [{}]
",
    ));
    assert!(said.contains("judges[1].name: a second judge named `n`"), "{said}");
    assert!(said.contains("judges[2].timout: unknown key"), "{said}");
}
