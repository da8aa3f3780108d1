//! Rate limits, of the server's making and of our own.

use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::context::Context;
use crate::server::{Call, Reply, Server, ms};
use crate::suite::Suite;

/// The shortest time between the first two attempts of any cell.
fn shortest_wait(calls: &[Call]) -> Duration {
    let first = calls.iter().filter(|call| call.attempt == 1);
    let waits = first.filter_map(|call| {
        let second = calls.iter().find(|other| other.attempt == 2 && other.prompt == call.prompt)?;
        second.at.checked_sub(call.at)
    });
    waits.min().expect("nothing was tried again")
}

fn too_many(headers: &[(&str, &str)]) -> Reply {
    Reply::json(429, headers, &json!({ "error": { "code": 429, "message": "Rate limit exceeded" } }))
}

/// Refuses everything for so long after the first request, and then nothing.
fn storm(length: Duration) -> impl Fn(&Call) -> Reply {
    let first = OnceLock::new();
    move |call| if call.at < *first.get_or_init(|| call.at) + length { too_many(&[]) } else { call.echo() }
}

#[test]
fn a_storm_of_429_without_advice_is_weathered_and_delays_nobody() {
    let server = Server::with("limited", storm(ms(2_000)));
    let cx = Context::new();
    let suite = Suite::at(&server).models(&["limited", "free"]).cases(12).default("retries", "8");
    let outcome = cx.run(&suite, &["--progress", "plain"]);
    outcome.code(0).says("limited slowed");
    let results = cx.results();
    results.holds_the_plan_of(&suite);
    assert_eq!((results.verdicts("limited"), results.verdicts("free")), ("pass 12".to_owned(), "pass 12".to_owned()));

    let calls = server.calls();
    let last = |model: &str| calls.iter().filter(|call| call.model == model).map(|call| call.at).max().unwrap();
    assert!(last("free") < last("limited"), "the free model waited for the limited one");
    let limited = server.calls_of("limited");
    assert!(shortest_wait(&limited) > Duration::ZERO);
    // The model as a whole backs off: cells that each backed off alone would ask three times as often.
    let refused = limited.len() - 12;
    assert!((8..=24).contains(&refused), "{refused} requests into a storm of two seconds");
    let attempts: f64 = results.of("limited").iter().map(|row| row.number("attempts")).sum();
    assert!((attempts - limited.len() as f64).abs() < 0.5, "{attempts} attempts recorded of {}", limited.len());
}

#[test]
fn a_cell_that_is_refused_twice_is_asked_a_third_time() {
    let server = Server::with("m", |call| if call.attempt <= 2 { too_many(&[]) } else { call.echo() });
    let cx = Context::new();
    cx.run(&Suite::at(&server).model("m").cases(2).default("retries", "3"), &[]).code(0);
    let results = cx.results();
    assert!(results.rows.iter().all(|row| (row.get("verdict"), row.get("attempts")) == ("pass", "3")), "{results:?}");
}

#[test]
fn concurrency_is_cut_by_a_429_and_won_back_answer_by_answer() {
    let server = Server::with("m", |call| match call.number {
        // Late enough for all eight to be in flight.
        1..=8 => too_many(&[]).after(ms(300)),
        _ => call.answer().delay(ms(40)).reply(call),
    });
    let cx = Context::new();
    let suite = Suite::at(&server).model("m").cases(40).default("retries", "3").default("concurrency", "8");
    let suite = suite.default("stream", "false");
    let outcome = cx.run(&suite, &["--progress", "json"]);
    outcome.code(0);
    assert_eq!(cx.results().verdicts("m"), "pass 40");

    let events = outcome.stderr_text();
    let events = events.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let changes = events.filter(|event| event["event"] == "concurrency_changed");
    let changes: Vec<_> =
        changes.map(|event| (event["before"].as_u64().unwrap(), event["now"].as_u64().unwrap())).collect();
    assert_eq!(changes[0], (8, 4), "{changes:?}");
    let (cuts, gains): (Vec<_>, Vec<_>) = changes.iter().partition(|(before, now)| now < before);
    assert!(cuts.iter().all(|(before, now)| *now == before / 2), "{changes:?}");
    assert!(gains.len() >= 2 && gains.iter().all(|(before, now)| *now == before + 1), "{changes:?}");

    // The eight requests after the cut came before anything was won back.
    let calls = server.calls();
    let in_flight_at = |at| calls.iter().filter(|call| call.at <= at && at < call.ended.unwrap().0).count();
    for call in calls.iter().filter(|call| (9..=16).contains(&call.number)) {
        assert!(in_flight_at(call.at) <= 4, "{} at once after a cut to four", in_flight_at(call.at));
    }
}

#[test]
fn retry_after_in_seconds_is_honoured() {
    let server = Server::with("m", |call| match call.attempt {
        1 => too_many(&[("retry-after", "2")]),
        _ => call.echo(),
    });
    let cx = Context::new();
    cx.run(&Suite::at(&server).model("m").default("retries", "1"), &[]).code(0);
    let wait = shortest_wait(&server.calls());
    assert!(wait >= ms(1_900), "asked again after {wait:?}");
    assert!(cx.results().rows.iter().all(|row| row.number("queue_ms") >= 1_900.0), "the wait is part of the queue");
}

#[test]
fn retry_after_as_a_date_is_honoured() {
    let server = Server::with("m", |call| match call.attempt {
        1 => too_many(&[("retry-after", &httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(3)))]),
        _ => call.echo(),
    });
    let cx = Context::new();
    cx.run(&Suite::at(&server).model("m").default("retries", "1"), &[]).code(0);
    // A date has whole seconds: up to one of the three is lost.
    let wait = shortest_wait(&server.calls());
    assert!(wait >= ms(1_900), "asked again after {wait:?}");
}

#[test]
fn advice_that_stands_only_in_the_metadata_is_honoured() {
    let server = Server::with("m", |call| {
        if call.attempt > 1 {
            return call.echo();
        }
        let reset = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + Duration::from_secs(2);
        let headers = json!({ "X-RateLimit-Limit": "20", "X-RateLimit-Reset": reset.as_millis().to_string() });
        let error = json!({ "code": 429, "message": "Rate limit exceeded", "metadata": { "headers": headers } });
        Reply::json(429, &[], &json!({ "error": error }))
    });
    let cx = Context::new();
    cx.run(&Suite::at(&server).model("m").default("retries", "1"), &[]).code(0);
    let wait = shortest_wait(&server.calls());
    assert!(wait >= ms(1_800), "asked again after {wait:?}");
}

#[test]
fn a_model_that_is_always_limited_ends_in_errors() {
    let server = Server::with("m", |_| too_many(&[]));
    let cx = Context::new();
    let suite = Suite::at(&server).model("m").default("retries", "1");
    cx.run(&suite, &[]).code(3);
    for row in &cx.results().holds_the_plan_of(&suite).rows {
        assert_eq!((row.get("verdict"), row.get("error_kind")), ("error", "rate_limited"), "{row:?}");
        assert_eq!(row.get("attempts"), "2");
    }
}

#[test]
fn concurrency_of_a_model_is_used_and_kept() {
    let server = Server::with("m", |call| call.answer().delay(ms(60)).reply(call));
    let cx = Context::new();
    cx.run(&Suite::at(&server).model("m").cases(18).default("concurrency", "3"), &[]).code(0);
    assert_eq!(server.most_in_flight("m"), 3);
}

#[test]
fn concurrency_of_all_models_together_is_kept() {
    let slow = |call: &Call| call.answer().delay(ms(60)).reply(call);
    let server = Server::with("a", slow).on("b", slow).on("c", slow);
    let cx = Context::new();
    let suite = Suite::at(&server).models(&["a", "b", "c"]).cases(8);
    cx.run(&suite, &["--concurrency", "4"]).code(0);
    assert_eq!(server.most_in_flight_together(), 4);
    cx.results().holds_the_plan_of(&suite);
}

#[test]
fn models_are_asked_at_the_same_time() {
    let slow = |call: &Call| call.answer().delay(ms(400)).reply(call);
    let names: Vec<String> = (0..12).map(|n| format!("m{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let server = names.iter().fold(Server::start(), |server, name| server.on(name, slow));
    let cx = Context::new();
    cx.run(&Suite::at(&server).models(&names).cases(2).default("concurrency", "1"), &[]).code(0);
    assert_eq!(server.most_in_flight_together(), 12);
}

#[test]
fn our_own_limit_on_requests_spreads_them_out_and_holds_up_no_other_model() {
    let (cx, server) = (Context::new(), Server::start());
    let suite = Suite::at(&server).models(&["limited", "free"]).cases(6);
    let yaml = suite.yaml().replace("  - limited", "  - { id: limited, requests_per_minute: 240 }");
    cx.write("suite.yaml", yaml);
    cx.bench(&["run", "suite.yaml", "--out", "run"]).run().code(0);
    let span = |model: &str| {
        let calls = server.calls_of(model);
        calls.last().unwrap().at.checked_sub(calls[0].at).unwrap()
    };
    // Four a second: five gaps of a quarter.
    assert!(span("limited") >= ms(1200), "six requests at four a second took {:?}", span("limited"));
    assert!(span("free") < span("limited"), "{:?}", span("free"));
    cx.results().holds_the_plan_of(&suite);
}
