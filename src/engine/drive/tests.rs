use serde_json::{Value, json};

use super::*;
use crate::engine::testserver::{Act, Endpointed};
use crate::grade::GraderSet;
use crate::grade::testing::{Needy, needy};
use crate::journal::RunFolder;
use crate::journal::testing::{plan, suite};
use crate::openrouter::EndpointConfig;

fn said(text: &str) -> Act {
    Act::Answer(json!({"choices": [{"message": {"content": text}, "finish_reason": "stop"}], "usage": {"cost": 0.5}}))
}

/// Runs two cases of a model that says `answer`, graded by this grader; the records, and the events.
async fn run_with(answer: &'static str, grader: Needy) -> (Vec<CellRecord>, Vec<Event>) {
    let server = Endpointed::start(move |_, body| {
        let judged = body["messages"][0]["content"].as_str().is_some_and(|text| text.starts_with("is it right"));
        said(if judged { "yes" } else { answer })
    })
    .await;
    let mut suite = suite(&["m"], &["a", "b"]);
    suite.models[0].stream = false;
    let judge = crate::suite::Model { name: "judge".to_owned(), ..suite.models[0].clone() };
    suite.judges = vec![judge];
    let graders = Arc::new(GraderSet { graders: vec![needy("needy", grader)], own: None });
    suite.cases.iter_mut().for_each(|case| case.graders = Arc::clone(&graders));
    let client = || {
        let base_url = server.url.clone();
        Client::new(&EndpointConfig { base_url, api_key: None, headers: Vec::new(), connections: 2 }).unwrap()
    };
    let (dir, plan) = (tempfile::tempdir().unwrap(), Arc::new(plan(&suite)));
    let locked = RunFolder::create(dir.path().join("run")).unwrap();
    let journal = Writer::open(&locked).unwrap();
    let setup = Setup {
        suite: Arc::new(suite),
        plan: Arc::clone(&plan),
        clients: vec![client()],
        judges: vec![client()],
        programs_allowed: false,
        done: vec![None; plan.len()].into(),
        spent: Usd::ZERO,
        prior: HashMap::new(),
        answered: Answered::default(),
        concurrency: None,
        seed: 1,
    };
    let mut events = Vec::new();
    let outcome = run(setup, &journal, CancellationToken::new(), &mut |event| events.push(event.clone())).await;
    assert!(outcome.stop.is_none());
    journal.close().await.unwrap();
    let index = Index::read(&locked.folder().journal(), &plan).unwrap();
    let records = (0..2).map(|cell| index.get(CellIndex(cell)).unwrap().unwrap()).collect();
    (records, events)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_graders_asked_is_in_the_record_of_its_cell() {
    let (records, events) = run_with("fine", Needy::asking(&["judge"])).await;
    for record in &records {
        assert_eq!((record.verdict, record.output.as_deref()), (Verdict::Pass, Some("fine")));
        assert_eq!((record.asks.len(), record.asks[0].output.as_deref()), (1, Some("yes")));
        assert_eq!((record.cost, record.grading_cost), ("0.5".parse().ok(), "0.5".parse().ok()));
    }
    let asked = events.iter().filter(|event| matches!(event, Event::Judge { event: JudgeEvent::Asked, .. }));
    assert_eq!(asked.count(), 2);
    assert!(matches!(&events[0], Event::RunStarted { judges, .. } if judges == &["judge"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grader_that_panics_loses_neither_its_cell_nor_the_answer() {
    let (records, _) = run_with("panic", Needy::asking(&["judge"])).await;
    for record in &records {
        let error = record.error.as_ref().unwrap();
        assert_eq!((record.verdict, error.kind.as_str()), (Verdict::Error, "grader"));
        assert!(error.message.contains("a grader panicked"), "{}", error.message);
        assert_eq!(record.output.as_deref(), Some("panic"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_judge_that_gives_no_vector_makes_an_error_that_names_it() {
    let (records, _) = run_with("fine", Needy::embedding("judge")).await;
    let error = records[0].error.as_ref().unwrap();
    assert!(error.message.starts_with("needy: `judge`: "), "{}", error.message);
    assert_eq!(serde_json::to_value(records[0].asks[0].kind).unwrap(), Value::from("embedding"));
    assert!(records.iter().all(CellRecord::judge_failed));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_answer_is_judged_as_any_other() {
    let large: &'static str = Box::leak("x".repeat(200 << 10).into_boxed_str());
    let (records, _) = run_with(large, Needy::asking(&["judge"])).await;
    assert!(records.iter().all(|record| record.verdict == Verdict::Pass));
}
