//! Models that are slow, stuck or dripping, and what that does to the others.

use std::time::Duration;

use serde_json::json;

use crate::context::Context;
use crate::server::{Act, Call, End, Reply, Server, chunk, ms, token};
use crate::suite::Suite;

/// What OpenRouter sends to keep a stream alive.
const KEEP_ALIVE: &str = ": OPENROUTER PROCESSING\n\n";

/// A stream that repeats an event for ever, twenty times a second.
fn drip(event: &str) -> Reply {
    Reply::open("text/event-stream").then(Act::Repeat(chunk(event.as_bytes()), ms(50)))
}

/// When the last answer of these models was sent, counted from the first request of any.
fn last_answer(calls: &[Call], wanted: impl Fn(&Call) -> bool) -> Duration {
    let first = calls.iter().map(|call| call.at).min().unwrap();
    let ends = calls.iter().filter(|call| wanted(call)).map(|call| call.ended.unwrap().0);
    ends.max().unwrap().checked_sub(first).unwrap()
}

#[test]
fn a_hanging_model_delays_nobody() {
    let names: Vec<String> = (0..11).map(|n| format!("pace{n}")).collect();
    let paced = |server: Server| {
        names.iter().zip(0..).fold(server, |server, (name, n)| {
            server.on(name, move |call| call.answer().delay(ms(10 + 5 * n)).reply(call))
        })
    };
    let suite = |server: &Server| {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Suite::at(server).models(&names).cases(12).default("timeout", "2s").default("concurrency", "4")
    };

    let (cx, alone) = (Context::new(), paced(Server::start()));
    cx.run(&suite(&alone), &[]).code(0);
    let without = last_answer(&alone.calls(), |_| true);

    let (cx, server) = (Context::new(), paced(Server::with("stuck", |_| Reply::hang())));
    let twelve = suite(&server).model("stuck");
    cx.run(&twelve, &[]).code_in(&[0, 3]);
    let results = cx.results();
    results.holds_the_plan_of(&twelve);
    for name in &names {
        assert_eq!(results.verdicts(name), "pass 12");
    }
    assert_eq!(results.verdicts("stuck"), "timeout 12");
    assert_eq!(results.of("stuck")[0].get("error_kind"), "timeout");

    let with = last_answer(&server.calls(), |call| call.model != "stuck");
    let stuck = last_answer(&server.calls(), |call| call.model == "stuck");
    assert!(stuck >= ms(5_500), "three rounds of two seconds were over after {stuck:?}");
    assert!(with < without * 5 + ms(1_000), "others took {with:?} beside a hanging model, {without:?} without it");

    // The hung requests were really cancelled: by the client, at the timeout, one by one.
    for call in server.calls_of("stuck") {
        let (at, end) = call.ended.unwrap();
        assert_eq!(end, End::ClosedByClient);
        let held = at.checked_sub(call.at).unwrap();
        assert!(held >= ms(1_900) && held < ms(8_000), "a request was held for {held:?}");
    }
}

#[test]
fn a_slow_drip_passes_the_idle_timeout_but_not_the_whole() {
    let server = Server::with("comments", |_| drip(KEEP_ALIVE)).on("tokens", |_| drip(&token("x")));
    let cx = Context::new();
    let suite =
        Suite::at(&server).models(&["comments", "tokens"]).default("timeout", "2s").default("idle_timeout", "1s");
    let outcome = cx.run(&suite, &[]);
    assert!(outcome.elapsed >= ms(1_900), "the drip was cut before its time\n{outcome}");
    let results = cx.results();
    results.holds_the_plan_of(&suite);
    for row in &results.rows {
        assert_eq!((row.get("verdict"), row.get("error_kind")), ("timeout", "timeout"), "{row:?}");
    }
    assert!(server.calls().iter().all(|call| matches!(call.ended, Some((_, End::ClosedByClient)))));
}

#[test]
fn whitespace_that_keeps_a_body_alive_ends_at_the_timeout() {
    let server =
        Server::with("padded", |_| Reply::open("application/json").then(Act::Repeat(b"1\r\n\n\r\n".to_vec(), ms(40))));
    let cx = Context::new();
    let suite = Suite::at(&server).model("padded").default("timeout", "1s").default("stream", "false");
    cx.run(&suite, &[]);
    assert_eq!(cx.results().holds_the_plan_of(&suite).verdicts("padded"), "timeout 3");
}

#[test]
fn a_padded_body_that_ends_in_an_answer_counts() {
    let server = Server::with("padded", |call| {
        let mut reply = Reply::open("application/json");
        for _ in 0..5 {
            reply = reply.chunk("\n   \n").then(Act::Wait(ms(20)));
        }
        reply.chunk(call.answer().body().to_string()).then(Act::Send(b"0\r\n\r\n".to_vec()))
    });
    let cx = Context::new();
    let suite = Suite::at(&server).model("padded").default("stream", "false");
    cx.run(&suite, &[]).code(0);
    assert_eq!(cx.results().verdicts("padded"), "pass 3");
}

#[test]
fn the_first_token_has_a_limit_of_its_own() {
    let server = Server::with("thinking", |_| drip(KEEP_ALIVE));
    let cx = Context::new();
    let suite = Suite::at(&server).model("thinking").default("first_token_timeout", "1s");
    let outcome = cx.run(&suite, &[]);
    assert!(outcome.elapsed < Duration::from_secs(25), "the limit on the first token was not used\n{outcome}");
    for row in cx.results().rows {
        assert_eq!((row.get("verdict"), row.get("error_kind")), ("timeout", "first_token_timeout"), "{row:?}");
    }
}

#[test]
fn silence_between_two_chunks_has_a_limit_of_its_own() {
    let server = Server::with("stalls", |call| call.answer().unfinished().then(Act::Hang));
    let cx = Context::new();
    let suite = Suite::at(&server).model("stalls").default("idle_timeout", "1s");
    let outcome = cx.run(&suite, &[]);
    assert!(outcome.elapsed < Duration::from_secs(25), "the limit on silence was not used\n{outcome}");
    for row in cx.results().rows {
        assert_eq!((row.get("verdict"), row.get("error_kind")), ("timeout", "idle_timeout"), "{row:?}");
    }
}

#[test]
fn a_timeout_is_tried_again_as_often_as_allowed() {
    let server = Server::with("late", |call| if call.attempt == 1 { Reply::hang() } else { call.echo() });
    let cx = Context::new();
    let suite = Suite::at(&server).model("late").default("timeout", "1s").default("retries", "1");
    cx.run(&suite, &[]).code(0);
    for row in cx.results().rows {
        assert_eq!((row.get("verdict"), row.get("attempts")), ("pass", "2"), "{row:?}");
        // The latency is that of the attempt that answered.
        assert!(row.number("latency_ms") < 900.0, "{row:?}");
    }
}

#[test]
fn latency_is_the_answer_and_not_the_queue() {
    let server = Server::with("m", |call| call.answer().delay(ms(150)).pieces(2, ms(300)).reply(call));
    let cx = Context::new();
    cx.run(&Suite::at(&server).model("m").cases(4).default("concurrency", "1"), &[]).code(0);
    let rows = cx.results().rows;
    for row in &rows {
        let (latency, ttft) = (row.number("latency_ms"), row.number("ttft_ms"));
        assert!(ttft >= 440.0 && latency >= 740.0 && ttft + 80.0 <= latency, "{row:?}");
    }
    // The last of four in a row waited for three answers, and none of that is latency.
    let queue = rows.iter().map(|row| row.number("queue_ms")).fold(0.0, f64::max);
    let quickest = rows.iter().map(|row| row.number("latency_ms")).fold(f64::INFINITY, f64::min);
    assert!(queue >= 2_200.0 && quickest < queue, "queue {queue}, latency {quickest}");
}

#[test]
fn a_deadline_skips_what_is_left() {
    let server = Server::with("slow", |call| call.answer().delay(ms(300)).reply(call));
    let cx = Context::new();
    // Its own deadline wins: on a busy machine sixty quick answers may take more than two seconds.
    let suite = Suite::at(&server).model("slow").model_with("quick", "deadline: 50s").cases(60);
    let suite = suite.default("concurrency", "1").default("deadline", "2s");
    let outcome = cx.run(&suite, &[]);
    outcome.code(0);
    assert!(outcome.elapsed < Duration::from_secs(15), "60 cells of 300 ms each were waited for\n{outcome}");
    let results = cx.results();
    assert_eq!(results.holds_the_plan_of(&suite).verdicts("quick"), "pass 60");
    let slow = results.of("slow");
    let skipped: Vec<_> = slow.iter().filter(|row| row.get("verdict") == "skipped").collect();
    assert!(skipped.len() >= 50 && skipped.len() < 60, "{}", results.verdicts("slow"));
    assert!(skipped.iter().all(|row| row.get("error_kind") == "deadline"), "{:?}", skipped[0]);
}

#[test]
fn a_deadline_makes_a_gate_inconclusive() {
    let server = Server::with("slow", |call| call.answer().delay(ms(300)).reply(call));
    let cx = Context::new();
    let suite = Suite::at(&server).model("slow").cases(40).default("concurrency", "1");
    cx.run(&suite.line("gates: [\"accuracy >= 90%\"]"), &["--deadline", "1s"]).code(3);
}

#[test]
fn a_budget_stops_launching_once_it_is_spent() {
    let server = Server::with("dear", |call| {
        let usage = json!({ "prompt_tokens": 10, "completion_tokens": 3, "total_tokens": 13, "cost": 0.01 });
        call.answer().usage(usage).reply(call)
    });
    let cx = Context::new();
    let suite = Suite::at(&server).model("dear").cases(50).default("concurrency", "1").line("budget: $0.05");
    cx.run(&suite, &[]).code(0);
    let results = cx.results();
    results.holds_the_plan_of(&suite);
    let asked = server.calls().len();
    assert!((5..=7).contains(&asked), "{asked} requests of a cent each for five cents");
    let skipped: Vec<_> = results.rows.iter().filter(|row| row.get("verdict") == "skipped").collect();
    assert_eq!(skipped.len(), 50 - asked);
    assert!(skipped.iter().all(|row| row.get("error_kind") == "budget"));
}

#[test]
fn a_timeout_on_the_command_line_wins() {
    let server = Server::with("stuck", |_| Reply::hang());
    let cx = Context::new();
    cx.run(&Suite::at(&server).model("stuck"), &["--timeout", "1s"]);
    assert_eq!(cx.results().verdicts("stuck"), "timeout 3");
}
