//! The endpoints, as `openrouter/fixtures.json` shows them.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::{Config, Simulator, SimulatorError};
use super::client::{Sim, question};

#[tokio::test]
async fn a_stream_has_comments_chunks_a_finish_usage_and_an_end() {
    let sim = Sim::quick();
    let got = sim.chat(&question(true), "").await.unwrap();
    assert_eq!((got.status, got.header("content-type")), (200, Some("text/event-stream")));
    assert!(got.text().starts_with(": OPENROUTER PROCESSING\n\n"));
    let events = got.events();
    let (last, events) = events.split_last().unwrap();
    assert_eq!(last, "[DONE]");
    for event in events {
        assert_eq!(event["object"], "chat.completion.chunk");
        assert_eq!(event["id"].as_str(), got.header("x-generation-id"));
        assert_eq!(event["provider"], "SIMULATED Anthropic");
        assert_eq!(event["choices"][0]["delta"]["role"], "assistant");
        assert!(event.get("system_fingerprint").is_none());
    }
    // Shape 2: the usage is on a chunk that repeats the finish reason.
    let finishes: Vec<&Value> = events.iter().filter(|e| e["choices"][0]["finish_reason"] == "stop").collect();
    assert_eq!(finishes.len(), 2);
    assert!(finishes[0].get("usage").is_none());
    assert!(finishes[1]["usage"]["completion_tokens"].as_u64().unwrap() > 10);
    assert!(
        got.content().contains("rivers") || got.content().contains("Norway") || got.content().contains("something")
    );
}

#[tokio::test]
async fn streamed_or_not_the_answer_is_the_same() {
    let mut question = question(true);
    question["temperature"] = 0.into();
    let sim = Sim::quick();
    let streamed = sim.chat(&question, "").await.unwrap();
    question["stream"] = false.into();
    let whole = sim.chat(&question, "").await.unwrap();
    assert_eq!(streamed.content(), whole.content());
    let body = whole.json();
    assert_eq!(body["object"], "chat.completion");
    assert_eq!(body["system_fingerprint"], Value::Null);
    assert_eq!(body["id"].as_str(), whole.header("x-generation-id"));
    let usage = &streamed.events().iter().rev().find_map(|event| event.get("usage").cloned()).unwrap();
    assert_eq!(usage["completion_tokens"], body["usage"]["completion_tokens"]);
}

#[tokio::test]
async fn everything_is_marked_as_simulated_under_both_roots() {
    let sim = Sim::quick();
    for path in [
        "/models",
        "/models/count",
        "/providers",
        "/key",
        "/credits",
        "/generation?id=gen-1",
        "/nothing",
        "/models/openai/gpt-4o-mini/endpoints",
        "/model/openai/gpt-4o-mini",
        "/generation?id=gen-1-x",
        "/models/user",
    ] {
        for root in ["", "/../../v1"] {
            let got = sim.read(sim.get(&format!("{root}{path}"))).await.unwrap();
            assert_eq!(got.header("x-bench-simulated"), Some("1"), "{path}");
            let expected = if path == "/nothing" || path.ends_with("-x") { 404 } else { 200 };
            assert_eq!(got.status, expected, "{root}{path}");
            assert!(got.json().is_object());
        }
    }
}

#[tokio::test]
async fn reasoning_comes_before_the_answer_and_is_counted() {
    let sim = Sim::quick();
    let mut question = question(true);
    question["model"] = "google/gemini-3.1-pro-preview".into();
    let got = sim.chat(&question, "").await.unwrap();
    let reasoning = got.joined("reasoning");
    assert!(reasoning.len() > 50 && !got.content().is_empty());
    let details: String = got
        .events()
        .iter()
        .filter_map(|e| e.pointer("/choices/0/delta/reasoning_details/0/text")?.as_str().map(str::to_owned))
        .collect();
    assert_eq!(details, reasoning);
    let usage = got.events().iter().rev().find_map(|event| event.get("usage").cloned()).unwrap();
    let (thought, all) = (&usage["completion_tokens_details"]["reasoning_tokens"], &usage["completion_tokens"]);
    assert!(thought.as_u64().unwrap() > 10 && thought.as_u64() < all.as_u64());
}

#[tokio::test]
async fn keys_are_heeded() {
    let sim = Sim::quick();
    let status = async |key: &str, path: &str| {
        let request = match path {
            "/chat/completions" => sim.post(path, &question(false)),
            path => sim.get(path),
        };
        sim.read(request.bearer_auth(key)).await.unwrap().status
    };
    assert_eq!(status("sk-or-v1-invalid", "/chat/completions").await, 401);
    assert_eq!(status("sk-or-v1-invalid", "/key").await, 401);
    assert_eq!(status("sk-or-v1-invalid", "/models").await, 200);
    assert_eq!(status("sk-or-v1-broke", "/chat/completions").await, 402);
    assert_eq!(status("sk-or-v1-broke", "/key").await, 200);
    assert_eq!(status("anything", "/chat/completions").await, 200);
}

#[tokio::test]
async fn a_generation_is_what_was_really_generated_and_is_charged() {
    let sim = Sim::quick();
    let body = sim.chat(&question(false), "").await.unwrap().json();
    let path = format!("/generation?id={}", body["id"].as_str().unwrap());
    let found = sim.read(sim.get(&path)).await.unwrap().json()["data"].clone();
    assert_eq!(found["native_tokens_completion"], body["usage"]["completion_tokens"]);
    assert_eq!(found["native_tokens_prompt"], body["usage"]["prompt_tokens"]);
    assert_eq!(found["total_cost"], body["usage"]["cost"]);
    assert_eq!((&found["cancelled"], &found["streamed"]), (&json!(false), &json!(false)));
    let key = sim.read(sim.get("/key")).await.unwrap().json();
    assert_eq!(key["data"]["usage"], body["usage"]["cost"]);
}

#[tokio::test]
async fn a_client_that_hangs_up_stops_the_generation() {
    let sim = Sim::start(Config { speed: 0.5, ..Config::default() });
    for stream in [true, false] {
        let request = sim.post("/chat/completions", &question(stream));
        let id = if stream {
            let mut response = request.send().await.unwrap();
            let id = response.headers()["x-generation-id"].to_str().unwrap().to_owned();
            while !String::from_utf8_lossy(&response.chunk().await.unwrap().unwrap()).contains("\"content\"") {}
            id
        } else {
            let hasty = request.timeout(Duration::from_millis(100)).send().await;
            assert!(hasty.is_err_and(|error| error.is_timeout()));
            // Nobody was told its id: what was charged tells that it was entered.
            String::new()
        };
        let mut cancelled = false;
        for _ in 0..200 {
            tokio::time::sleep(Duration::from_millis(10)).await;
            if stream {
                let found = sim.read(sim.get(&format!("/generation?id={id}"))).await.unwrap();
                cancelled = found.status == 200 && found.json()["data"]["cancelled"] == true;
            } else {
                let key = sim.read(sim.get("/key")).await.unwrap().json();
                cancelled = key["data"]["usage"].as_f64().unwrap() > 0.0;
            }
            if cancelled {
                break;
            }
        }
        assert!(cancelled, "stream: {stream}");
    }
}

#[tokio::test]
async fn a_request_that_cannot_be_heeded_is_refused_as_openrouter_does() {
    let sim = Sim::quick();
    let mut body = question(false);
    body["model"] = "acme/does-not-exist".into();
    let got = sim.chat(&body, "").await.unwrap();
    assert_eq!((got.status, &got.json()["error"]["code"]), (404, &json!(404)));
    body["messages"] = json!([]);
    assert_eq!(sim.chat(&body, "").await.unwrap().status, 400);
    let unknown = sim.chat(&question(false), "no-such-fault").await.unwrap();
    assert_eq!(unknown.status, 400);
    assert!(unknown.json()["error"]["message"].as_str().unwrap().contains("no-such-fault"));
}

#[tokio::test]
async fn embeddings_come_as_numbers_or_base64() {
    let sim = Sim::quick();
    let ask = async |extra: Value| {
        let mut body =
            json!({"model": "openai/text-embedding-3-small", "input": ["a river", "a lake"], "dimensions": 8});
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        sim.read(sim.post("/embeddings", &body)).await.unwrap()
    };
    let numbers = ask(json!({})).await.json();
    assert_eq!(numbers["data"][1]["embedding"].as_array().unwrap().len(), 8);
    assert!(ask(json!({"encoding_format": "base64"})).await.json()["data"][0]["embedding"].is_string());
    assert_eq!(ask(json!({"input": []})).await.status, 400);
}

#[tokio::test]
async fn it_stops_though_clients_hang_on_it() {
    let sim = Sim::quick();
    let url = sim.url("/chat/completions");
    let hanging =
        tokio::spawn(reqwest::Client::new().post(url).header("x-bench-fault", "hang").json(&question(true)).send());
    let stalled = sim.post("/chat/completions", &question(true)).header("x-bench-fault", "stall").send().await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let addr = sim.simulator.addr();
    tokio::time::timeout(Duration::from_secs(10), sim.simulator.shutdown()).await.unwrap();
    assert!(hanging.await.unwrap().is_err());
    assert!(stalled.bytes().await.is_err());
    assert!(tokio::net::TcpStream::connect(addr).await.is_err());
}

#[tokio::test]
async fn what_cannot_be_started_is_told() {
    let taken = Sim::quick();
    let addr = taken.simulator.addr();
    let again = Simulator::start(Config { addr, ..Config::default() });
    assert!(matches!(again, Err(SimulatorError::Listen { .. })));
    for speed in [0.0, -1.0, f64::NAN] {
        assert!(matches!(Simulator::start(Config { speed, ..Config::default() }), Err(SimulatorError::Speed(_))));
    }
}

#[test]
fn without_a_runtime_it_does_not_start() {
    assert!(matches!(Simulator::start(Config::default()), Err(SimulatorError::NoRuntime)));
}
