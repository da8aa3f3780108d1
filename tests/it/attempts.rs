//! What is kept of each request, whatever became of it.

use serde_json::{Value, json};

use crate::context::Context;
use crate::server::{Call, Reply, Server, ms};
use crate::suite::Suite;

/// The attempts of each line of the journal.
#[track_caller]
fn attempts(cx: &Context) -> Vec<Vec<Value>> {
    let journal = cx.read("run/journal.jsonl");
    let cells = journal.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    cells.map(|cell| cell["attempts"].as_array().unwrap_or_else(|| panic!("no attempts in {cell}")).clone()).collect()
}

#[test]
fn every_attempt_is_kept_with_its_status_times_and_cause() {
    let overloaded = |call: &Call| match call.attempt {
        1 => {
            let metadata = json!({
                "provider_name": "Flaky", "raw": "upstream blew up", "error_type": "provider_overloaded",
            });
            let error = json!({ "code": 503, "message": "Provider returned error", "metadata": metadata });
            Reply::json(503, &[], &json!({ "error": error })).after(ms(150))
        }
        2 => Reply::json(429, &[("retry-after", "1")], &json!({ "error": { "code": 429, "message": "slow down" } })),
        _ => {
            let usage = json!({ "prompt_tokens": 20, "completion_tokens": 8, "total_tokens": 28, "cost": 0.00025 });
            call.answer().usage(usage).delay(ms(120)).reply(call)
        }
    };
    let (cx, server) = (Context::new(), Server::with("m", overloaded));
    cx.run(&Suite::at(&server).model("m").cases(1).default("retries", "3"), &[]).code(0);

    let [cell] = &attempts(&cx)[..] else { panic!("one cell has one line") };
    let [first, second, third] = &cell[..] else { panic!("three requests are three attempts: {cell:#?}") };
    assert_eq!((&first["status"], &first["error"]["kind"]), (&json!(503), &json!("overloaded")), "{first}");
    assert_eq!((&first["provider"], &first["error_type"]), (&json!("Flaky"), &json!("provider_overloaded")), "{first}");
    assert_eq!(first["raw"], "upstream blew up", "{first}");
    assert_eq!((&second["status"], &second["error"]["kind"]), (&json!(429), &json!("rate_limited")), "{second}");
    assert_eq!(second["retry_after_ms"].as_f64(), Some(1_000.0), "{second}");
    assert_eq!((&third["status"], third.get("error")), (&json!(200), None), "{third}");
    assert_eq!(
        (&third["cost"], &third["generation_id"]),
        (&json!("0.00025"), &json!("gen-1700000000-outside")),
        "{third}"
    );

    let ms_of = |attempt: &Value, key: &str| attempt[key].as_f64().unwrap_or_else(|| panic!("no {key} in {attempt}"));
    assert!(ms_of(first, "duration_ms") >= 145.0 && ms_of(third, "duration_ms") >= 115.0, "{cell:#?}");
    assert!(ms_of(third, "waited_ms") >= 990.0, "asked to wait a second: {third}");
    assert!(ms_of(third, "ttft_ms") >= 115.0 && first.get("ttft_ms").is_none(), "{cell:#?}");
    let sent: Vec<&str> = cell.iter().map(|attempt| attempt["started_at"].as_str().unwrap()).collect();
    assert!(sent.is_sorted() && sent[0] < sent[2], "{sent:?}");
    assert_eq!(cx.results().rows[0].get("started_at"), sent[0]);
}

#[test]
fn an_attempt_that_ran_out_of_time_is_kept_beside_the_one_that_answered() {
    let server = Server::with("m", |call| if call.attempt == 1 { Reply::hang() } else { call.echo() });
    let cx = Context::new();
    let suite = Suite::at(&server).model("m").cases(2).default("timeout", "1s").default("retries", "1");
    cx.run(&suite, &[]).code(0);
    for cell in attempts(&cx) {
        let [late, answered] = &cell[..] else { panic!("two attempts: {cell:#?}") };
        assert_eq!((&late["error"]["kind"], late.get("status")), (&json!("timeout"), None), "{late}");
        assert!(late["duration_ms"].as_f64() >= Some(990.0), "{late}");
        assert!(answered.get("error").is_none() && answered["status"] == 200, "{answered}");
    }
    let summary = cx.summary();
    assert_eq!((summary.one("m").get("attempts"), summary.one("m").get("retries")), ("4", "2"));
}
