//! The same seed gives the same answers, whatever the order and the timing of requests.

use std::collections::BTreeMap;

use futures::stream::{self, StreamExt};
use serde_json::{Value, json};

use super::super::roster::roster;
use super::super::{Config, Oracle, OracleEntry, request_key};
use super::client::Sim;

fn messages(case: u32) -> Value {
    json!([{"role": "user", "content": format!("Reply with only the number: {case} + 1?")}])
}

fn oracle(cases: u32) -> Oracle {
    Oracle::new((0..cases).map(|case| (request_key(&messages(case)), OracleEntry::new(&json!(case + 1)))))
}

/// Asks all models all cases, so many at once, in one order or the other; a failed request once more.
async fn run(seed: u64, at_once: usize, backwards: bool) -> BTreeMap<(String, u32), (u16, String)> {
    let sim = Sim::start(Config { seed, oracle: oracle(12), speed: f64::INFINITY, ..Config::default() });
    let mut cells: Vec<(String, u32)> =
        roster().iter().flat_map(|model| (0..12).map(|case| (model.id.to_string(), case))).collect();
    if backwards {
        cells.reverse();
    }
    let ask = async |(model, case): (String, u32)| {
        let body = json!({"model": model, "messages": messages(case), "stream": case % 2 == 0});
        let mut got = sim.chat(&body, "").await.unwrap();
        if got.status != 200 {
            got = sim.chat(&body, "").await.unwrap();
        }
        let content = if got.status == 200 { got.content() } else { String::new() };
        ((model, case), (got.status, content))
    };
    stream::iter(cells).map(ask).buffer_unordered(at_once).collect().await
}

#[tokio::test]
async fn a_run_repeated_gives_the_same_answers_in_any_order() {
    let one = run(1, 1, false).await;
    let other = run(1, 32, true).await;
    assert_eq!(one, other);
    assert_ne!(one, run(2, 32, false).await);
}

#[tokio::test]
async fn most_answers_are_right_and_bare_and_some_are_not() {
    let answers = run(1, 32, false).await;
    let right = answers.iter().filter(|((_, case), (_, text))| *text == (case + 1).to_string()).count();
    assert!((answers.len() / 2..answers.len()).contains(&right), "{right} of {}", answers.len());
    let failed = answers.values().filter(|(status, _)| *status != 200).count();
    assert!(failed < answers.len() / 20, "{failed}");
}
