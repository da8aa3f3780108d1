//! Every fault that can be asked for, once over a real socket.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::super::Config;
use super::super::fault::FAULTS;
use super::client::{Got, Sim, question};

/// A streamed answer under this fault.
async fn streamed(sim: &Sim, fault: &str) -> Got {
    sim.chat(&question(true), fault).await.unwrap_or_else(|error| panic!("{fault}: {error:?}"))
}

/// An answer in one piece under this fault.
async fn whole(sim: &Sim, fault: &str) -> Got {
    sim.chat(&question(false), fault).await.unwrap_or_else(|error| panic!("{fault}: {error:?}"))
}

fn error_event(got: &Got) -> Value {
    got.events().into_iter().find_map(|event| event.get("error").cloned()).unwrap_or_else(|| panic!("{}", got.text()))
}

fn finish(got: &Got) -> Vec<Value> {
    let reasons = got.events().into_iter().filter_map(|event| event.pointer("/choices/0/finish_reason").cloned());
    reasons.filter(|reason| !reason.is_null()).collect()
}

fn usage(got: &Got) -> Vec<Value> {
    got.events().into_iter().filter_map(|event| event.get("usage").cloned()).collect()
}

fn done(got: &Got) -> bool {
    got.events().last().is_some_and(|event| event == "[DONE]")
}

/// Asserts that a fault does what its line in the list says.
#[expect(clippy::too_many_lines, reason = "one arm a fault")]
async fn shows(sim: &Sim, name: &str) {
    match name {
        "html" => {
            let got = streamed(sim, "html=524").await;
            assert_eq!((got.status, got.header("content-type")), (524, Some("text/html; charset=UTF-8")));
            assert!(got.text().contains("<html>"));
        }
        "error-body" => {
            let body = whole(sim, "error-body=429").await;
            assert_eq!((body.status, &body.json()["error"]["code"]), (200, &json!(429)));
            assert!(body.json().get("choices").is_none());
        }
        "empty" => assert!(whole(sim, name).await.body.is_empty() && streamed(sim, name).await.body.is_empty()),
        "blank" => assert!(whole(sim, name).await.text().trim().is_empty() && !whole(sim, name).await.body.is_empty()),
        "garbage" => assert!(String::from_utf8(whole(sim, name).await.body).is_err()),
        "cut-json" => {
            let got = whole(sim, name).await;
            assert!(
                !got.broken && got.text().starts_with("{\"id\"") && serde_json::from_slice::<Value>(&got.body).is_err()
            );
            assert!(!streamed(sim, name).await.text().ends_with("\n\n"));
        }
        "padding" => {
            let got = whole(sim, "padding=30").await;
            assert!(got.text().starts_with('\n') && got.json()["choices"].is_array());
            assert_eq!(streamed(sim, "padding=9").await.text().matches(": OPENROUTER").count(), 9);
        }
        "error-first" => {
            let got = streamed(sim, "error-first=429").await;
            assert_eq!((got.events().len(), &error_event(&got)["code"]), (1, &json!(429)));
        }
        "error-mid" => {
            let got = streamed(sim, name).await;
            assert!(!got.content().is_empty() && !done(&got));
            assert_eq!(error_event(&got)["metadata"]["error_type"], "provider_unavailable");
            let choice = whole(sim, name).await.json()["choices"][0].clone();
            assert_eq!((&choice["finish_reason"], &choice["error"]["code"]), (&json!("error"), &json!(502)));
        }
        "error-after" => {
            let got = streamed(sim, name).await;
            assert_eq!(finish(&got), ["stop", "error"]);
            assert_eq!(error_event(&got)["code"], 400);
        }
        "error-bare" => {
            let got = streamed(sim, name).await;
            assert!(got.events().last().unwrap().get("choices").is_none());
            assert_eq!(error_event(&got)["code"], 502);
        }
        "error-code" => assert_eq!(error_event(&streamed(sim, name).await)["code"], "server_error"),
        "error-untyped" => {
            let error = error_event(&streamed(sim, name).await);
            assert!(error["metadata"].get("raw").is_some() && error["metadata"].get("error_type").is_none());
        }
        "malformed" => {
            let got = streamed(sim, name).await;
            assert_eq!(finish(&got), ["error"]);
            assert!(got.text().contains("MALFORMED_FUNCTION_CALL") && !got.text().contains("\"error\":{"));
        }
        "usage" => {
            for (shape, choices, reason) in
                [("1", 0, None), ("2", 1, Some("stop")), ("3", 1, None), ("4", 1, Some("stop"))]
            {
                let got = streamed(sim, &format!("usage={shape}")).await;
                assert_eq!(usage(&got).len(), 1, "{shape}");
                let event = got.events().into_iter().find(|event| event.get("usage").is_some()).unwrap();
                assert_eq!(event["choices"].as_array().unwrap().len(), choices, "{shape}");
                assert_eq!(event.pointer("/choices/0/finish_reason").and_then(Value::as_str), reason, "{shape}");
            }
            assert!(usage(&streamed(sim, "usage=none").await).is_empty());
            assert!(whole(sim, "usage=none").await.json().get("usage").is_none());
        }
        "duplicate-finish" => assert_eq!(finish(&streamed(sim, "duplicate-finish,usage=1").await).len(), 2),
        "no-done" => {
            let got = streamed(sim, name).await;
            assert!(!done(&got) && !finish(&got).is_empty() && !got.broken);
        }
        "no-finish" => {
            let got = streamed(sim, name).await;
            assert!(!done(&got) && finish(&got).is_empty() && usage(&got).is_empty() && !got.broken);
        }
        "crlf" => {
            let got = streamed(sim, name).await;
            assert_eq!(got.text().matches('\n').count(), got.text().matches("\r\n").count());
            assert!(done(&got));
        }
        "bom" => assert!(streamed(sim, name).await.body.starts_with(b"\xef\xbb\xbf:")),
        "multiline" => {
            let got = streamed(sim, name).await;
            assert!(got.text().contains("data: {\ndata:   \"id\"") && done(&got) && !got.content().is_empty());
        }
        "comments" => assert!(streamed(sim, "comments=3").await.text().matches(": OPENROUTER").count() > 9),
        "bytes" => {
            let got = streamed(sim, name).await;
            // The kernel may join a few packets, never most of them.
            assert!(got.pieces > got.body.len() / 4, "{} pieces of {}", got.pieces, got.body.len());
            assert!(done(&got));
        }
        "drip" => {
            let since = Instant::now();
            let got = sim.read(sim.get("/models/count").header("x-bench-fault", "drip=20ms")).await.unwrap();
            assert_eq!(got.json()["data"]["count"], 12);
            assert!(since.elapsed() > Duration::from_millis(10) * u32::try_from(got.body.len()).unwrap());
        }
        "slow" => {
            let since = Instant::now();
            streamed(sim, "slow=300ms").await;
            assert!(since.elapsed() >= Duration::from_millis(300));
        }
        "hang" => {
            let hung = sim.post("/chat/completions", &question(true)).header("x-bench-fault", name);
            assert!(hung.timeout(Duration::from_millis(300)).send().await.is_err_and(|error| error.is_timeout()));
        }
        "stall" => {
            let stalled = sim.post("/chat/completions", &question(true)).header("x-bench-fault", name);
            let got = sim.read(stalled.timeout(Duration::from_millis(300))).await.unwrap();
            assert!(got.broken && !got.content().is_empty() && finish(&got).is_empty());
            let since = Instant::now();
            assert!(done(&streamed(sim, "stall=200ms").await) && since.elapsed() >= Duration::from_millis(200));
        }
        "close" | "reset" => {
            let error = sim.chat(&question(true), name).await.unwrap_err();
            let reset = format!("{error:?}").contains("ConnectionReset");
            assert_eq!(reset, name == "reset", "{error:?}");
        }
        "cut" | "reset-mid" => {
            for got in [streamed(sim, name).await, whole(sim, name).await] {
                assert!(got.broken && !got.body.is_empty());
            }
        }
        "endless" => {
            let got = streamed(sim, name).await;
            assert!(got.body.len() >= 2_000_000 && got.text().matches('\n').count() < 200);
        }
        "endless-space" => assert!(whole(sim, name).await.body.len() >= 2_000_000),
        "endless-events" => assert!(streamed(sim, name).await.events().len() > 1000),
        "reasoning-only" => {
            let got = streamed(sim, name).await;
            assert!(got.content().is_empty() && !got.joined("reasoning").is_empty());
        }
        "think-tags" => assert!(whole(sim, name).await.content().starts_with("<think>\n")),
        "null-content" => {
            let body = whole(sim, name).await.json();
            assert!(
                body["choices"][0]["message"]["content"].is_null() && body["choices"][0]["finish_reason"].is_null()
            );
            assert_eq!(body["usage"]["completion_tokens"], 0);
        }
        "empty-content" => {
            let body = whole(sim, name).await.json();
            assert_eq!(
                (&body["choices"][0]["message"]["content"], &body["choices"][0]["finish_reason"]),
                (&json!(""), &json!("stop"))
            );
        }
        "refusal" => {
            let got = streamed(sim, name).await;
            assert!(!got.joined("refusal").is_empty() && got.content().is_empty());
            assert_eq!(finish(&got)[0], "content_filter");
        }
        "tool-call" => {
            let got = streamed(sim, name).await;
            assert_eq!(got.joined("tool_calls/0/function/arguments"), "{\"query\":\"weather in Paris\"}");
            assert_eq!((got.joined("tool_calls/0/id").as_str(), &finish(&got)[0]), ("", &json!("stop")));
        }
        "length" => {
            let body = whole(sim, "length=3").await.json();
            assert_eq!(
                (&body["usage"]["completion_tokens"], &body["choices"][0]["finish_reason"]),
                (&json!(3), &json!("length"))
            );
        }
        "finish" => assert_eq!(finish(&streamed(sim, "finish=kaput").await)[0], "kaput"),
        "renamed" => assert_eq!(whole(sim, name).await.json()["model"], "anthropic/claude-opus-4.5-20261101"),
        "minimal" => {
            let body = whole(sim, name).await.json();
            assert!(["id", "provider", "usage"].iter().all(|field| body.get(field).is_none()));
            assert!(usage(&streamed(sim, name).await).is_empty());
        }
        "no-cost" => assert!(whole(sim, name).await.json()["usage"].get("cost").is_none()),
        "byok" => {
            let usage = whole(sim, name).await.json()["usage"].clone();
            assert_eq!((&usage["cost"], &usage["is_byok"]), (&json!(0), &json!(true)));
            assert!(usage["cost_details"]["upstream_inference_cost"].as_f64().unwrap() > 0.0);
        }
        "cache-hit" => {
            let got = whole(sim, name).await;
            assert_eq!(got.header("x-openrouter-cache-status"), Some("HIT"));
            assert_eq!(got.json()["usage"]["total_tokens"], 0);
        }
        "reasoning-exceeds" => {
            let usage = whole(sim, name).await.json()["usage"].clone();
            let reasoning = usage["completion_tokens_details"]["reasoning_tokens"].as_u64();
            assert!(reasoning > usage["completion_tokens"].as_u64());
        }
        "generation-late" => {
            let id = whole(sim, "generation-late=1").await.json()["id"].as_str().unwrap().to_owned();
            let look = async || sim.read(sim.get(&format!("/generation?id={id}"))).await.unwrap().status;
            assert_eq!((look().await, look().await), (404, 200));
        }
        "credits-403" => {
            assert_eq!(sim.read(sim.get("/credits").header("x-bench-fault", name)).await.unwrap().status, 403);
        }
        "key-unlimited" => {
            let key = sim.read(sim.get("/key").header("x-bench-fault", name)).await.unwrap().json();
            assert!(key["data"]["limit"].is_null() && key["data"]["limit_remaining"].is_null());
        }
        "price-unknown" => {
            let models = sim.read(sim.get("/models").header("x-bench-fault", name)).await.unwrap().json();
            assert_eq!(models["data"][0]["pricing"]["prompt"], "-1");
        }
        other => panic!("no test shows the fault `{other}`"),
    }
}

#[tokio::test]
async fn every_fault_does_what_the_list_says() {
    let sim = Sim::quick();
    for listed in FAULTS {
        let shown = tokio::time::timeout(Duration::from_mins(1), shows(&sim, listed.1));
        shown.await.unwrap_or_else(|_| panic!("{} takes too long", listed.1));
    }
}

#[tokio::test]
async fn every_status_comes_as_json_even_to_a_stream() {
    let sim = Sim::quick();
    for status in [400_u16, 401, 402, 403, 404, 408, 413, 422, 429, 500, 502, 503, 504, 524, 529] {
        let got = streamed(&sim, &status.to_string()).await;
        assert_eq!((got.status, got.header("content-type")), (status, Some("application/json")));
        assert_eq!(got.json()["error"]["code"], status);
    }
    assert_eq!(streamed(&sim, "429=7").await.header("retry-after"), Some("7"));
    assert_eq!(streamed(&sim, "503").await.header("retry-after"), None);
}

#[tokio::test]
async fn a_fault_is_asked_for_by_header_by_model_or_for_all() {
    let sim = Sim::start(Config {
        speed: f64::INFINITY,
        faults: vec!["no-done".parse().unwrap(), "502*1".parse().unwrap()],
        ..Config::default()
    });
    assert_eq!(streamed(&sim, "").await.status, 502);
    assert!(!done(&streamed(&sim, "").await));
    let mut body = question(true);
    body["model"] = "anthropic/claude-opus-4.5+fault-finish=odd+fault-usage=1".into();
    assert_eq!(sim.chat(&body, "").await.unwrap().status, 502);
    let got = sim.chat(&body, "crlf").await.unwrap();
    assert_eq!(finish(&got), ["odd"]);
    assert!(got.text().contains("\r\n") && !done(&got));
    assert_eq!(got.events()[0]["model"], "anthropic/claude-opus-4.5");
}
