//! Errors that reach further than one cell: the key, the credit, the model.

use serde_json::json;

use crate::context::Context;
use crate::server::{Reply, Server, refusing_url};
use crate::suite::Suite;

#[test]
fn a_refused_key_stops_the_run_with_one_message() {
    let refused = |_: &_| Reply::error(401, "User not found.");
    let (cx, server) = (Context::new(), Server::with("a", refused).on("b", refused));
    let suite = Suite::at(&server).models(&["a", "b"]).cases(200).default("concurrency", "2").default("retries", "3");
    let outcome = cx.run(&suite, &[]);
    outcome.code(4).says("key");
    let told = outcome.stderr_text().matches("User not found").count();
    assert_eq!(told, 1, "the same news {told} times\n{outcome}");
    assert!(server.calls().len() <= 8, "{} requests with a refused key", server.calls().len());
    let results = cx.results();
    results.holds_the_plan_of(&suite);
    assert!(results.rows.iter().all(|row| ["error", "skipped"].contains(&row.get("verdict"))));
}

#[test]
fn no_credit_stops_the_run() {
    let server = Server::with("m", |_| Reply::error(402, "Insufficient credits."));
    let cx = Context::new();
    let suite = Suite::at(&server).model("m").cases(100).default("concurrency", "2").default("retries", "3");
    cx.run(&suite, &[]).code(4).says("credit");
    assert!(server.calls().len() <= 8, "{} requests without credit", server.calls().len());
    cx.results().holds_the_plan_of(&suite);
}

#[test]
fn a_refused_key_at_one_endpoint_leaves_the_others_alone() {
    let other = Server::with("refused", |_| Reply::error(401, "no such user"));
    let (cx, server) =
        (Context::new(), Server::with("m", |call| call.answer().delay(crate::server::ms(30)).reply(call)));
    let elsewhere = format!("base_url: \"{}\"", other.base_url());
    let suite = Suite::at(&server).model("m").model_with("refused", &elsewhere).cases(20);
    cx.run(&suite, &[]).code_in(&[3, 4]);
    assert_eq!(cx.results().holds_the_plan_of(&suite).verdicts("m"), "pass 20");
}

#[test]
fn credit_held_by_requests_in_flight_is_waited_for() {
    let server = Server::with("m", |call| {
        if call.attempt > 1 {
            return call.echo();
        }
        let metadata = json!({ "reason": "in_flight_budget_exhausted", "limit_source": "openrouter_in_flight_budget" });
        let error = json!({ "error": { "code": 402, "message": "Budget in flight exhausted", "metadata": metadata } });
        Reply::json(402, &[("retry-after", "1")], &error)
    });
    let cx = Context::new();
    cx.run(&Suite::at(&server).model("m").default("retries", "2"), &[]).code(0);
    assert_eq!(cx.results().verdicts("m"), "pass 3");
}

#[test]
fn an_unknown_model_stops_that_model_only() {
    let server = Server::with("gone", |_| Reply::error(404, "No endpoints found for gone."));
    let cx = Context::new();
    let suite =
        Suite::at(&server).models(&["gone", "a", "b"]).cases(60).default("concurrency", "3").default("retries", "3");
    cx.run(&suite, &[]).code(3).says("gone");
    let results = cx.results();
    results.holds_the_plan_of(&suite);
    assert_eq!((results.verdicts("a"), results.verdicts("b")), ("pass 60".to_owned(), "pass 60".to_owned()));
    assert!(server.calls_of("gone").len() <= 3, "{} requests for a model that is gone", server.calls_of("gone").len());
    assert!(results.of("gone").iter().all(|row| ["error", "skipped"].contains(&row.get("verdict"))));
}

#[test]
fn a_daily_cap_is_not_waited_for() {
    let server = Server::with("free", |_| {
        let metadata = json!({ "limit_source": "openrouter_free_tier_daily" });
        let message = "Rate limit exceeded: free-models-per-day";
        Reply::json(
            429,
            &[("retry-after", "40000")],
            &json!({ "error": { "code": 429, "message": message, "metadata": metadata } }),
        )
    });
    let cx = Context::new();
    let suite =
        Suite::at(&server).models(&["free", "paid"]).cases(40).default("retries", "3").default("concurrency", "2");
    cx.run(&suite, &[]).code(3);
    assert!(server.calls_of("free").len() <= 4, "{} requests past the cap", server.calls_of("free").len());
    assert_eq!(cx.results().holds_the_plan_of(&suite).verdicts("paid"), "pass 40");
}

#[test]
fn a_moderated_prompt_is_the_trouble_of_its_cell_only() {
    let server = Server::with("m", |call| match call.word() {
        "w2" => {
            let metadata = json!({ "reasons": ["violence"], "flagged_input": "say w2" });
            Reply::json(403, &[], &json!({ "error": { "code": 403, "message": "flagged", "metadata": metadata } }))
        }
        _ => call.echo(),
    });
    let cx = Context::new();
    cx.run(&Suite::at(&server).model("m").cases(6).default("retries", "2"), &[]).code(0);
    assert_eq!(cx.results().verdicts("m"), "error 1, pass 5");
    assert_eq!(server.calls().iter().filter(|call| call.word() == "w2").count(), 1, "asked again in vain");
}

#[test]
fn a_model_that_only_fails_is_given_up() {
    let server = Server::with("bad", |_| Reply::error(500, "Internal Server Error"));
    let cx = Context::new();
    let suite =
        Suite::at(&server).models(&["bad", "good"]).cases(30).default("give_up_after", "4").default("concurrency", "1");
    cx.run(&suite, &[]).code(3).says("bad");
    let results = cx.results();
    assert_eq!(results.holds_the_plan_of(&suite).verdicts("bad"), "error 4, skipped 26");
    assert_eq!(results.verdicts("good"), "pass 30");
    assert_eq!(server.calls_of("bad").len(), 4);
    let skipped = results.of("bad")[29].clone();
    assert_eq!((skipped.get("error_kind"), skipped.get("attempts")), ("give_up", "0"));
}

#[test]
fn an_answer_now_and_then_keeps_a_model_in_the_run() {
    let server = Server::with("shaky", |call| match call.number % 3 {
        0 => call.echo(),
        _ => Reply::error(500, "Internal Server Error"),
    });
    let cx = Context::new();
    let suite = Suite::at(&server).model("shaky").cases(30).default("give_up_after", "3").default("concurrency", "1");
    cx.run(&suite, &[]).code(0);
    assert_eq!(cx.results().verdicts("shaky"), "error 20, pass 10");
}

#[test]
fn a_server_that_is_down_from_the_start_is_said_to_be() {
    let cx = Context::new();
    let suite = Suite::at_url(&refusing_url()).models(&["a", "b"]).cases(4).default("retries", "1");
    cx.run(&suite, &[]).code(3);
    let results = cx.results();
    results.holds_the_plan_of(&suite);
    assert!(results.rows.iter().all(|row| row.get("verdict") == "error" && row.get("error_kind") == "connect"));
    assert!(results.rows.iter().all(|row| row.get("attempts") == "2"));
}

#[test]
fn a_run_without_a_key_is_refused_with_both_ways_on() {
    let (cx, server) = (Context::new(), Server::start());
    let suite = Suite::at(&server).model("m");
    let outcome = cx.run_command(&suite, &[]).without_env("OPENROUTER_API_KEY").run();
    outcome.code(4).says("OPENROUTER_API_KEY").says("--simulate");
    assert!(server.calls().is_empty());
}

#[test]
fn an_endpoint_without_a_key_is_asked_without_one() {
    let (cx, server) = (Context::new(), Server::start());
    let suite = Suite::at(&server).model("m").line("api_key_env: null");
    cx.run_command(&suite, &[]).without_env("OPENROUTER_API_KEY").run().code(0);
    assert!(server.calls().iter().all(|call| call.header("authorization").is_none()));
    assert_eq!(server.calls().len(), 3);
}
