use std::time::Duration;

use futures::future::join_all;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::engine::JudgeEvent;
use crate::engine::testserver::{Act, Endpointed};
use crate::grade::{Ask, Reply, ServiceError, Services};
use crate::journal::AskKind;
use crate::openrouter::{Client, EndpointConfig};
use crate::suite::{Endpoint, Limits, Model};

fn said(text: &str, cost: &str) -> Act {
    let cost: Value = serde_json::from_str(cost).unwrap();
    Act::Answer(json!({"choices": [{"message": {"content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 2, "cost": cost}}))
}

/// A vector a text: its length.
fn vectors(body: &Value, cost: &str) -> Act {
    let texts = body["input"].as_array().unwrap().iter().enumerate();
    let data: Vec<Value> =
        texts.map(|(i, text)| json!({"index": i, "embedding": [text.as_str().unwrap().len(), 1]})).collect();
    let cost: Value = serde_json::from_str(cost).unwrap();
    Act::Answer(json!({"data": data, "usage": {"prompt_tokens": 7, "cost": cost}}))
}

fn model(name: &str, url: &str, limits: Limits) -> Model {
    Model {
        id: format!("author/{name}"),
        name: name.to_owned(),
        endpoint: Endpoint { base_url: url.to_owned(), api_key_env: None, headers: Vec::new() },
        limits,
        stream: false,
        params: Map::new(),
        provider: None,
        fallbacks: Vec::new(),
    }
}

fn limits() -> Limits {
    Limits { retries: 0, ..Limits::default() }
}

fn asker_of(models: Vec<Model>, cancel: &CancellationToken) -> Asker {
    let client = |model: &Model| {
        let base_url = model.endpoint.base_url.clone();
        Client::new(&EndpointConfig { base_url, api_key: None, headers: Vec::new(), connections: 4 }).unwrap()
    };
    let judges = models.into_iter().map(|model| (model.clone(), client(&model))).collect();
    Asker::new(judges, false, cancel.clone(), 1, None)
}

fn asker(server: &Endpointed, limits: Limits) -> Asker {
    asker_of(vec![model("judge", &server.url, limits)], &CancellationToken::new())
}

fn question(model: &str, text: &str) -> Ask {
    Ask {
        model: model.to_owned(),
        messages: json!([{"role": "user", "content": text}]),
        params: json!({"temperature": 0, "max_tokens": 99, "seed": 4}).as_object().unwrap().clone(),
    }
}

async fn ask(cell: &CellServices, text: &str) -> Result<Reply, ServiceError> {
    cell.ask(question("judge", text)).await
}

#[tokio::test]
async fn what_a_cell_asked_is_answered_and_recorded_in_order() {
    let server = Endpointed::start(|_, body| {
        let text = body["messages"][0]["content"].as_str().unwrap();
        said(&format!("{text}!"), "0.25")
    })
    .await;
    let asker = asker(&server, limits());
    let cell = asker.for_cell();
    let replies = join_all(["a", "b", "c"].map(|text| ask(&cell, text))).await;
    let texts: Vec<String> = replies.iter().map(|reply| reply.as_ref().unwrap().text.clone()).collect();
    assert_eq!(texts, ["a!", "b!", "c!"]);
    let records = cell.asked().await;
    let outputs: Vec<&str> = records.iter().map(|record| record.output.as_deref().unwrap()).collect();
    assert_eq!(outputs, ["a!", "b!", "c!"]);
    let first = &records[0];
    assert_eq!((first.model.as_str(), first.kind, first.attempts.len()), ("judge", AskKind::Chat, 1));
    assert_eq!((first.tokens.prompt, first.cost.unwrap().to_string().as_str()), (Some(10), "0.25"));
    assert!(first.latency_ms.is_some() && first.queue_ms.is_some() && first.error.is_none());
    let totals = &asker.totals()[0];
    assert_eq!((totals.asked, totals.answered, totals.failed, totals.cost_unknown), (3, 3, 0, 0));
    assert_eq!((totals.cost.to_string().as_str(), totals.latencies_ms.len()), ("0.75", 3));
    assert!(asker.for_cell().asked().await.is_empty(), "another cell has asked nothing");
}

#[tokio::test]
async fn a_judges_own_params_go_over_those_of_the_question() {
    let server = Endpointed::start(|_, _| said("yes", "0")).await;
    let params = json!({"temperature": 1, "seed": null, "reasoning": {"effort": "low"}});
    let judge = Model { params: params.as_object().unwrap().clone(), ..model("judge", &server.url, limits()) };
    let cell = asker_of(vec![judge], &CancellationToken::new()).for_cell();
    ask(&cell, "a").await.unwrap();
    let (path, body) = server.bodies().remove(0);
    assert_eq!(path, "/v1/chat/completions");
    let sent = (&body["model"], &body["temperature"], &body["max_tokens"], &body["seed"], &body["stream"]);
    assert_eq!(sent, (&json!("author/judge"), &json!(1), &json!(99), &Value::Null, &json!(false)));
    assert_eq!(body["reasoning"], json!({"effort": "low"}));
}

#[tokio::test]
async fn a_failure_is_tried_again_and_all_attempts_are_kept() {
    let server = Endpointed::start(|number, _| match number {
        0 => Act::Refuse(502, "down"),
        _ => said("yes", "0.5"),
    })
    .await;
    let asker = asker(&server, Limits { retries: 2, ..limits() });
    let cell = asker.for_cell();
    assert_eq!(ask(&cell, "a").await.unwrap().text, "yes");
    let record = cell.asked().await.remove(0);
    let kinds: Vec<Option<&str>> =
        record.attempts.iter().map(|attempt| Some(attempt.error.as_ref()?.kind.as_str())).collect();
    assert_eq!(kinds, [Some("provider"), None]);
}

#[tokio::test]
async fn no_more_than_its_concurrency_is_in_flight() {
    let server = Endpointed::start(|_, _| said("yes", "0")).await;
    let asker = asker(&server, Limits { concurrency: 2, ..limits() });
    let cells: Vec<CellServices> = (0..12).map(|_| asker.for_cell()).collect();
    let replies = join_all(cells.iter().map(|cell| ask(cell, "a"))).await;
    assert!(replies.iter().all(Result::is_ok));
    assert_eq!(server.most_in_flight(), 2);
}

#[tokio::test]
async fn a_dropped_question_closes_its_connection_and_leaves_its_place_to_the_next() {
    let server = Endpointed::start(|number, _| if number == 0 { Act::Hang } else { said("yes", "0") }).await;
    let asker = asker(&server, Limits { concurrency: 1, ..limits() });
    let (first, second) = (asker.for_cell(), asker.for_cell());
    let mut hanging = Box::pin(ask(&first, "a"));
    tokio::select! {
        _ = &mut hanging => panic!("it hangs"),
        () = server.wait_for(1, 1) => {}
    }
    drop(hanging);
    assert_eq!(ask(&second, "b").await.unwrap().text, "yes");
    server.wait_for(2, 0).await;
    let record = first.asked().await.remove(0);
    assert_eq!(record.error.unwrap().kind, "cancelled");
    assert!(record.attempts[0].cost_unknown(), "the model may have been at work");
}

#[tokio::test]
async fn a_question_dropped_in_line_is_never_asked() {
    let server = Endpointed::start(|number, _| if number == 0 { Act::Hang } else { said("yes", "0") }).await;
    let asker = asker(&server, Limits { concurrency: 1, ..limits() });
    let (first, second, third) = (asker.for_cell(), asker.for_cell(), asker.for_cell());
    let mut hanging = Box::pin(ask(&first, "a"));
    let mut waiting = Box::pin(ask(&second, "b"));
    tokio::select! {
        biased;
        _ = &mut hanging => panic!("it hangs"),
        _ = &mut waiting => panic!("there is no slot"),
        () = server.wait_for(1, 1) => {}
    }
    drop(waiting);
    assert!(second.asked().await.is_empty(), "it took nothing");
    drop(hanging);
    ask(&third, "c").await.unwrap();
    let asked: Vec<Value> = server.bodies().iter().map(|(_, body)| body["messages"][0]["content"].clone()).collect();
    assert_eq!(asked, ["a", "c"]);
}

#[tokio::test]
async fn a_cancellation_ends_everything_at_once_and_for_good() {
    let server = Endpointed::start(|_, _| Act::Hang).await;
    let cancel = CancellationToken::new();
    let asker = asker_of(vec![model("judge", &server.url, Limits { concurrency: 2, ..limits() })], &cancel);
    let cells: Vec<CellServices> = (0..5).map(|_| asker.for_cell()).collect();
    let all = join_all(cells.iter().map(|cell| ask(cell, "a")));
    let (results, ()) = tokio::join!(all, async {
        server.wait_for(2, 2).await;
        cancel.cancel();
    });
    assert!(results.iter().all(|result| result.as_ref().unwrap_err().kind == "cancelled"));
    assert!(cells.iter().all(CellServices::was_cancelled));
    server.wait_for(2, 0).await;
    let late = asker.for_cell();
    assert_eq!(ask(&late, "b").await.unwrap_err().kind, "cancelled");
    let mut recorded = 0;
    for cell in cells {
        recorded += cell.asked().await.len();
    }
    assert_eq!(recorded, 2, "only what was sent");
    assert_eq!(asker.totals()[0].failed, 0, "no failure of the judge");
    assert_eq!(server.bodies().len(), 2);
}

#[tokio::test]
async fn a_judge_that_is_gone_answers_every_further_question_at_once_with_the_reason() {
    let server = Endpointed::start(|_, _| Act::Refuse(404, "no such model")).await;
    let (teller, mut news) = unbounded_channel();
    let judge = model("judge", &server.url, limits());
    let client = EndpointConfig { base_url: server.url.clone(), api_key: None, headers: Vec::new(), connections: 1 };
    let judges = vec![(judge, Client::new(&client).unwrap())];
    let asker = Asker::new(judges, false, CancellationToken::new(), 1, Some(teller));
    let cell = asker.for_cell();
    let first = ask(&cell, "a").await.unwrap_err();
    assert_eq!((first.kind.as_str(), first.message.as_str()), ("not_found", "`judge`: no such model"));
    let second = ask(&cell, "b").await.unwrap_err();
    assert_eq!(second.kind, "model_gone");
    assert_eq!(second.message, "`judge` was cut off: no such model");
    assert_eq!(cell.embed("judge", "text").await.unwrap_err().kind, "model_gone");
    assert_eq!(server.bodies().len(), 1);
    let records = cell.asked().await;
    let errors: Vec<&str> = records.iter().map(|record| record.error.as_ref().unwrap().kind.as_str()).collect();
    assert_eq!(errors, ["not_found", "model_gone", "model_gone"]);
    let mut told = Vec::new();
    while let Ok(JudgeNews { judge: 0, event }) = news.try_recv() {
        told.push(event);
    }
    assert!(matches!(told[0], JudgeEvent::Asked));
    assert!(told.iter().any(|event| matches!(event, JudgeEvent::Stopped { .. })), "{told:?}");
}

#[tokio::test]
async fn a_deadline_counts_from_the_first_question_and_names_the_judge() {
    let server = Endpointed::start(|_, _| Act::Hang).await;
    let deadline = Some(Duration::from_millis(100));
    let asker = asker(&server, Limits { deadline, concurrency: 1, ..limits() });
    tokio::time::sleep(Duration::from_millis(150)).await;
    let (cell, other) = (asker.for_cell(), asker.for_cell());
    let (hanging, waiting) = tokio::join!(ask(&cell, "a"), ask(&other, "b"));
    for error in [hanging.unwrap_err(), waiting.unwrap_err()] {
        assert_eq!(error.kind, "deadline");
        assert!(error.message.starts_with("`judge` was cut off: its deadline of"), "{}", error.message);
    }
    server.wait_for(1, 0).await;
}

#[tokio::test]
async fn judges_do_not_wait_for_each_other() {
    let server = Endpointed::start(|_, body| match body["model"].as_str() {
        Some("author/slow") => Act::Hang,
        _ => said("yes", "0"),
    })
    .await;
    let models = ["slow", "quick"].map(|name| model(name, &server.url, Limits { concurrency: 1, ..limits() }));
    let asker = asker_of(models.to_vec(), &CancellationToken::new());
    let cells: Vec<CellServices> = (0..20).map(|_| asker.for_cell()).collect();
    let slow = join_all(cells.iter().map(|cell| cell.ask(question("slow", "a"))));
    let quick = join_all(cells.iter().map(|cell| cell.ask(question("quick", "a"))));
    tokio::select! {
        _ = slow => panic!("it hangs"),
        replies = quick => assert!(replies.iter().all(Result::is_ok)),
    }
}

#[tokio::test]
async fn a_model_that_nobody_declared_cannot_be_asked() {
    let asker = asker_of(Vec::new(), &CancellationToken::new());
    let cell = asker.for_cell();
    assert_eq!(ask(&cell, "a").await.unwrap_err().kind, "unavailable");
    assert!(!cell.programs_allowed());
}

#[tokio::test]
async fn a_text_is_embedded_once_a_run_and_the_cells_that_asked_first_pay_to_the_last_digit() {
    let server = Endpointed::start(|_, body| vectors(body, "0.000001")).await;
    let asker = asker(&server, limits());
    let cells: Vec<CellServices> = (0..3).map(|_| asker.for_cell()).collect();
    let wanted = [(0, "a"), (0, "bb"), (1, "a"), (1, "ccc"), (2, "bb")];
    let vectors = join_all(wanted.map(|(cell, text)| cells[cell].embed("judge", text))).await;
    for (vector, (_, text)) in vectors.iter().zip(wanted) {
        assert_eq!(**vector.as_ref().unwrap(), [text.len() as f32, 1.0]);
    }
    let late = asker.for_cell();
    assert_eq!(*late.embed("judge", "ccc").await.unwrap(), [3.0, 1.0]);
    assert!(late.asked().await.is_empty(), "what is known costs nothing");
    assert_eq!(server.bodies().len(), 1);
    let (path, body) = server.bodies().remove(0);
    assert_eq!((path.as_str(), &body["input"]), ("/v1/embeddings", &json!(["a", "bb", "ccc"])));

    let mut records = Vec::new();
    for cell in cells {
        records.push(cell.asked().await);
    }
    assert!(records[2].is_empty(), "the third cell asked nothing first");
    let paid: Vec<(Option<u32>, String, Option<u64>)> = records[..2]
        .iter()
        .map(|records| (records[0].texts, records[0].cost.unwrap().to_string(), records[0].tokens.prompt))
        .collect();
    let want = [(Some(2), "0.000000666667", Some(5)), (Some(1), "0.000000333333", Some(2))];
    assert_eq!(paid, want.map(|(texts, cost, tokens)| (texts, cost.to_owned(), tokens)));
    assert_eq!(records[0][0].attempts[0].cost, records[0][0].cost);
    assert_eq!(asker.totals()[0].cost.to_string(), "0.000001");
}

#[tokio::test]
async fn a_text_that_is_refused_costs_no_other_its_vector() {
    let server = Endpointed::start(|_, body| {
        let refused = body["input"].as_array().unwrap().contains(&json!("bad"));
        if refused { Act::Refuse(400, "too long") } else { vectors(body, "0.1") }
    })
    .await;
    let asker = asker(&server, Limits { give_up_after: 2, ..limits() });
    let cell = asker.for_cell();
    let texts = ["a", "b", "bad", "c", "d"];
    let vectors = join_all(texts.map(|text| cell.embed("judge", text))).await;
    let failed: Vec<&str> =
        texts.into_iter().zip(&vectors).filter(|(_, vector)| vector.is_err()).map(|(text, _)| text).collect();
    assert_eq!(failed, ["bad"]);
    assert_eq!(cell.embed("judge", "e").await.unwrap().len(), 2, "the judge was not given up");
}

#[tokio::test]
async fn vectors_that_do_not_fit_their_texts_are_an_error() {
    let server = Endpointed::start(|_, _| Act::Answer(json!({"data": []}))).await;
    let asker = asker(&server, limits());
    let cell = asker.for_cell();
    let error = cell.embed("judge", "a").await.unwrap_err();
    assert_eq!(error.kind, "protocol");
    assert!(error.message.contains("0 vectors for 1 texts"), "{}", error.message);
    let record = cell.asked().await.remove(0);
    assert_eq!((record.kind, record.error.unwrap().kind.as_str()), (AskKind::Embedding, "protocol"));
}

#[tokio::test]
async fn a_request_whose_texts_nobody_wants_any_more_is_cancelled() {
    let server = Endpointed::start(|_, _| Act::Hang).await;
    let asker = asker(&server, limits());
    let (one, two) = (asker.for_cell(), asker.for_cell());
    let mut first = Box::pin(one.embed("judge", "a"));
    let mut second = Box::pin(two.embed("judge", "b"));
    tokio::select! {
        _ = &mut first => panic!("it hangs"),
        _ = &mut second => panic!("it hangs"),
        () = server.wait_for(1, 1) => {}
    }
    drop(first);
    tokio::time::sleep(Duration::from_millis(50)).await;
    server.wait_for(1, 1).await;
    drop(second);
    server.wait_for(1, 0).await;
}
