//! Models that grade: they are asked in lanes of their own, whatever happens to them is no model's trouble, and what
//! they cost is told apart.

use std::time::Duration;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::context::Context;
use crate::server::{Answer, Call, End, Reply, Server, ms, refusing_url};
use crate::suite::Suite;

/// A verdict as judges are asked for it, for this much money.
fn verdict(call: &Call, word: &str, cost: f64) -> Reply {
    let text = json!({ "reason": "so it is", "verdict": word }).to_string();
    let usage = json!({ "prompt_tokens": 50, "completion_tokens": 5, "total_tokens": 55, "cost": cost });
    Answer::new(&text).usage(usage).reply(call)
}

fn passes(call: &Call) -> Reply {
    verdict(call, "pass", 0.2)
}

/// An answer of the model under test, for this much money.
fn answers(call: &Call, cost: f64) -> Reply {
    let usage = json!({ "prompt_tokens": 5, "completion_tokens": 1, "total_tokens": 6, "cost": cost });
    call.answer().usage(usage).reply(call)
}

/// A suite whose answers are graded by the model `judge`.
fn judged(server: &Server) -> Suite {
    Suite::at(server).model("m").graders(r#"[{ type: judge, model: judge, rubric: "the answer is the word" }]"#)
}

/// Whether every request to the model had ended before any to the judge did.
fn all_asked_before_any_verdict(server: &Server) -> bool {
    let ended = |model| server.calls_of(model).into_iter().filter_map(|call| call.ended).map(|(at, _)| at);
    ended("m").max().unwrap() < ended("judge").min().unwrap()
}

#[test]
fn a_slow_judge_delays_no_model() {
    let server = Server::with("judge", |call| passes(call).after(ms(1500)));
    let cx = Context::new();
    let suite = judged(&server).cases(12).default("concurrency", "1").line("judges: [{ id: judge, concurrency: 12 }]");
    cx.run(&suite, &[]).code(0);
    assert_eq!(cx.results().holds_the_plan_of(&suite).verdicts("m"), "pass 12");
    assert_eq!((server.most_in_flight("m"), server.most_in_flight("judge")), (1, 12));
    assert!(all_asked_before_any_verdict(&server), "the model waited for its judge");
    let slowest = cx.results().rows.iter().map(|row| row.number("latency_ms")).fold(0.0, f64::max);
    assert!(slowest < 1500.0, "the judge's time is not the model's: {slowest} ms");
}

#[test]
fn a_judge_that_hangs_keeps_no_slot_that_all_models_share() {
    let server = Server::with("judge", |_| Reply::hang());
    let cx = Context::new();
    let suite = judged(&server).model("other").cases(6).line("judges: [{ id: judge, timeout: 2s }]");
    cx.run(&suite, &["--concurrency", "1"]).code(3);
    assert_eq!((server.calls_of("m").len(), server.calls_of("other").len()), (6, 6));
    assert!(all_asked_before_any_verdict(&server), "the models waited for the judge");
    let results = cx.results();
    assert_eq!(results.holds_the_plan_of(&suite).verdicts("m"), "error 6");
    let row = results.one_of("m", "c1");
    assert_eq!((row.get("error_kind"), row.get("output")), ("grader", "w1"));
    assert!(row.get("error").contains("judge") && row.get("error").contains("2.0s"), "{}", row.get("error"));
    assert!(server.calls_of("judge").iter().all(|call| call.ended.unwrap().1 == End::ClosedByClient));
}

#[test]
fn a_dead_judge_throttles_no_model_and_gives_none_up() {
    let server = Server::start();
    let cx = Context::new();
    let judges = format!("judges: [{{ id: judge, base_url: \"{}\", api_key_env: null }}]", refusing_url());
    let suite = judged(&server).cases(40).default("give_up_after", "5").line(&judges);
    cx.run(&suite, &[]).code(3).says("judge").says("was cut off");
    assert_eq!(server.calls_of("m").len(), 40, "the model was given up for its judge");
    let results = cx.results();
    assert_eq!(results.holds_the_plan_of(&suite).verdicts("m"), "error 40");
    assert!(results.rows.iter().all(|row| row.get("error_kind") == "grader" && !row.get("latency_ms").is_empty()));
}

#[test]
fn a_limited_judge_is_asked_again_when_it_said_so_and_only_it_is_slowed_down() {
    let server = Server::with("judge", |call| match call.number {
        1..=2 => {
            Reply::json(429, &[("retry-after", "1")], &json!({ "error": { "code": 429, "message": "slow down" } }))
        }
        _ => passes(call),
    });
    let cx = Context::new();
    let suite = judged(&server).cases(10).line("judges: [{ id: judge, retries: 3 }]");
    cx.run(&suite, &[]).code(0);
    assert_eq!(cx.results().holds_the_plan_of(&suite).verdicts("m"), "pass 10");
    assert!(all_asked_before_any_verdict(&server) || server.calls_of("judge").len() > 10);
    assert_eq!(server.calls_of("m").len(), 10);
    assert_eq!(server.calls_of("judge").len(), 12, "each refused question is asked once more");
}

#[test]
fn what_judging_costs_is_told_apart_from_the_models() {
    let server = Server::with("judge", passes).on("m", |call| answers(call, 0.01));
    let cx = Context::new();
    let suite = judged(&server).cases(5);
    let note = "judged by judge: 5 calls, p50 ";
    cx.run(&suite, &["--json", "run.json"]).code(0).prints(note).prints("$1.00 (not part of the models' cost)");
    assert_eq!(cx.summary().one("m").get("cost_usd"), "0.05");
    assert_eq!(cx.results().one_of("m", "c1").get("cost_usd"), "0.01");
    let document: Value = serde_json::from_str(&cx.read("run.json")).unwrap();
    let judge = &document["runs"][0]["judges"][0];
    assert_eq!((&judge["name"], &judge["summary"]["calls"]), (&json!("judge"), &json!(5)));
    assert_eq!((&judge["summary"]["cost_usd"], &judge["summary"]["failed"]), (&json!("1"), &json!(0)));
    let cell = &document["runs"][0]["cells"][0];
    assert_eq!((&cell["cost_usd"], &cell["grading_cost_usd"]), (&json!("0.01"), &json!("0.2")));
    let ask = &cell["asks"][0];
    assert_eq!(
        (&ask["model"], &ask["kind"], &ask["attempts"][0]["status"]),
        (&json!("judge"), &json!("chat"), &json!(200))
    );
    assert!(ask["output"].as_str().unwrap().contains("so it is"));

    // The same figures again, from the journal.
    let first = cx.bench(&["report", "run", "--json", "-"]).run();
    assert_eq!(first.stdout_text(), cx.read("run.json"));
    cx.bench(&["report", "run"]).run().code(0).prints(note);
    assert_eq!(server.calls().len(), 10, "a report asks nobody");
}

#[test]
fn an_unknown_cost_of_a_judge_is_never_nothing() {
    let server = Server::with("judge", |call| Answer::new(r#"{"reason": "r", "verdict": "pass"}"#).reply(call));
    let cx = Context::new();
    cx.run(&judged(&server), &[]).code(0).prints("cost unknown (not part of the models' cost)");
}

#[test]
fn a_budget_counts_judges_and_what_was_answered_is_still_judged() {
    // Slow enough that verdicts, and what they cost, come in between.
    let slowly = |call: &Call| {
        let usage = json!({ "prompt_tokens": 5, "completion_tokens": 1, "total_tokens": 6, "cost": 0.05 });
        call.answer().usage(usage).delay(ms(100)).reply(call)
    };
    let server = Server::with("judge", passes).on("m", slowly);
    let cx = Context::new();
    let suite = judged(&server).cases(30).default("concurrency", "1").line("budget: $1.00");
    cx.run(&suite, &[]);
    let results = cx.results();
    results.holds_the_plan_of(&suite);
    let (asked, judged) = (server.calls_of("m").len(), server.calls_of("judge").len());
    assert!(asked < 20, "{asked} asked: what the judge costs was not counted");
    assert_eq!(judged, asked, "every answer was judged");
    assert_eq!(results.verdicts("m"), format!("pass {asked}, skipped {}", 30 - asked));
    let skipped = results.rows.iter().filter(|row| row.get("verdict") == "skipped");
    assert!(skipped.clone().all(|row| row.get("error_kind") == "budget"));
}

#[test]
fn a_models_deadline_leaves_its_answers_to_the_judge() {
    let server = Server::with("judge", |call| passes(call).after(ms(2500)))
        .on("m", |call| if call.number == 1 { call.echo() } else { Reply::hang() });
    let cx = Context::new();
    let suite = judged(&server).cases(3).default("deadline", "1s").default("concurrency", "1");
    let suite = suite.line("judges: [{ id: judge, deadline: null }]");
    cx.run(&suite, &[]);
    assert_eq!(cx.results().holds_the_plan_of(&suite).verdicts("m"), "pass 1, skipped 2");
}

#[test]
fn a_judges_own_deadline_makes_errors_that_name_it() {
    let server = Server::with("judge", |_| Reply::hang());
    let cx = Context::new();
    let suite = judged(&server).line("judges: [{ id: author/judge-1, name: judge, deadline: 1s }]");
    let server = server.on("author/judge-1", |_| Reply::hang());
    cx.run(&suite, &[]).code(3).says("its deadline of 1.0s passed");
    let results = cx.results();
    assert_eq!(results.holds_the_plan_of(&suite).verdicts("m"), "error 3");
    let error = results.one_of("m", "c1").get("error");
    assert!(error.contains("`judge` was cut off: its deadline"), "{error}");
    assert_eq!(server.calls_of("judge").len(), 0);
}

/// A run that was interrupted with all its answers at a hanging judge.
fn interrupted_while_judging(cx: &Context) -> (Server, Suite) {
    let server = Server::with("judge", |_| Reply::hang()).on("m", |call| answers(call, 0.01));
    let suite = judged(&server).cases(4);
    let mut running = cx.run_command(&suite, &[]).spawn();
    server.wait_for("the judge to be asked", |calls| calls.iter().filter(|call| call.model == "judge").count() == 4);
    running.signal(Signal::INT);
    running.wait().code(130);
    server.wait_for("the judge's requests to be closed", |calls| calls.iter().all(|call| call.ended.is_some()));
    assert!(server.calls_of("judge").iter().all(|call| call.ended.unwrap().1 == End::ClosedByClient));
    (server, suite)
}

#[test]
fn an_interrupt_keeps_answers_that_were_not_judged_and_a_resumption_only_judges_them() {
    let cx = Context::new();
    let (server, suite) = interrupted_while_judging(&cx);
    let results = cx.results();
    assert_eq!(results.holds_the_plan_of(&suite).verdicts("m"), "skipped 4");
    let row = results.one_of("m", "c2");
    let kept = ["error_kind", "output", "cost_usd", "prompt_tokens"].map(|column| row.get(column));
    assert_eq!(kept, ["interrupted", "w2", "0.01", "5"]);
    assert_ne!(row.get("latency_ms"), "");

    let server = server.on("judge", passes);
    cx.resume(&suite).code(0).prints("judged by judge: 8 calls");
    assert_eq!(server.calls_of("m").len(), 4, "nothing was asked again");
    assert_eq!(server.calls_of("judge").len(), 8);
    let results = cx.results();
    assert_eq!(results.holds_the_plan_of(&suite).verdicts("m"), "pass 4");
    let row = results.one_of("m", "c2");
    assert_eq!((row.get("output"), row.get("attempts"), row.get("cost_usd")), ("w2", "1", "0.01"));
}

#[test]
fn a_resumption_with_retry_errors_judges_again_what_a_judge_has_failed_and_asks_no_model() {
    let server = Server::with("judge", |_| Reply::error(500, "broken"));
    let cx = Context::new();
    let suite = judged(&server).cases(4);
    cx.run(&suite, &[]).code(3);
    assert_eq!(cx.results().verdicts("m"), "error 4");
    let server = server.on("judge", passes);
    cx.resume(&suite).code(3);
    assert_eq!(server.calls().len(), 8, "errors stay without --retry-errors");
    cx.bench(&["run", "suite.yaml", "--resume", "run", "--retry-errors"]).run().code(0);
    assert_eq!((server.calls_of("m").len(), server.calls_of("judge").len()), (4, 8));
    assert_eq!(cx.results().holds_the_plan_of(&suite).verdicts("m"), "pass 4");
}

#[test]
fn a_resumption_refuses_another_judge() {
    let cx = Context::new();
    let (_server, suite) = interrupted_while_judging(&cx);
    let other = suite.line("judges: [{ id: judge, params: { seed: 1 } }]");
    cx.resume(&other).code(2).says("judge `judge`: params.seed: none → 1");
}

#[test]
fn the_command_lines_limits_and_params_are_for_the_models_under_test() {
    let server = Server::with("judge", |call| passes(call).after(ms(1200)));
    let cx = Context::new();
    let suite = judged(&server).default("params", "{ temperature: 1, stop: [x] }");
    cx.run(&suite, &["--timeout", "1s", "--param", "top_p=0.5"]).code(0);
    let (model, judge) = (&server.calls_of("m")[0], &server.calls_of("judge")[0]);
    assert_eq!((&model.body["top_p"], &model.body["stop"]), (&json!(0.5), &json!(["x"])));
    assert_eq!((&judge.body["top_p"], &judge.body["stop"]), (&Value::Null, &Value::Null));
    assert!(model.stream && !judge.stream, "judges are not streamed");
}

#[test]
fn a_judge_has_its_own_endpoint_and_key_which_must_be_there_before_anything_is_sent() {
    let (server, other) = (Server::start(), Server::with("author/judge", passes));
    let cx = Context::new();
    let url = other.base_url();
    let judges = format!("judges: [{{ id: author/judge, name: judge, base_url: \"{url}\", api_key_env: JUDGE_KEY }}]");
    let suite = judged(&server).line(&judges);
    cx.run(&suite, &[]).code(4).says("JUDGE_KEY").says("`judge` needs it");
    assert!(server.calls().is_empty() && other.calls().is_empty());
    cx.run_command(&suite, &[]).env("JUDGE_KEY", "sk-of-the-judge").run().code(0);
    assert_eq!(other.calls_of("author/judge")[0].header("authorization"), Some("Bearer sk-of-the-judge"));
    let shown = cx.read("run/run.json") + &cx.read("run/journal.jsonl");
    assert!(shown.contains("JUDGE_KEY") && !shown.contains("sk-of-the-judge"));
}

#[test]
fn a_judge_that_nobody_asks_is_a_warning_and_needs_no_key() {
    let server = Server::start();
    let cx = Context::new();
    let suite = Suite::at(&server).model("m").line("judges: [{ id: idle, api_key_env: NOT_SET }]");
    cx.run(&suite, &[]).code(0).says("no grader asks the judge `idle`");
    assert_eq!(server.calls().len(), 3);
}

#[test]
fn progress_shows_judges_at_work() {
    let server = Server::with("judge", |call| match call.number {
        1 => Reply::error(500, "broken"),
        _ => passes(call).after(Duration::from_secs(3)),
    });
    let cx = Context::new();
    let suite = judged(&server).line("judges: [{ id: judge, retries: 1 }]");
    let plain = cx.run(&suite, &["--progress", "plain"]);
    plain.code(0).says("judge judge: first server error: broken").says("judge judge, 3 open, 0 done");

    let cx = Context::new();
    let server = Server::with("judge", passes);
    let json = cx.run(&judged(&server), &["--progress", "json"]);
    let events: Vec<Value> = json.stderr_text().lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let of = |word: &str| events.iter().filter(|event| event["event"] == word).collect::<Vec<_>>();
    assert_eq!(of("run_started")[0]["judges"], json!(["judge"]));
    assert_eq!((of("judge_asked").len(), of("judge_answered").len(), of("cell_answered").len()), (3, 3, 3));
    let answered = of("judge_answered")[0];
    assert_eq!((&answered["judge"], &answered["cost_usd"]), (&json!("judge"), &json!("0.2")));
}

#[test]
fn in_a_simulated_run_judges_and_embeddings_are_simulated_too() {
    let cx = Context::new();
    let suite = Suite::at_url(&refusing_url()).model("openai/gpt-4o-mini").cases(8).graders(
        r#"[{ type: judge, model: openai/gpt-4o, rubric: "the answer is the word" },
            { type: embedding, model: openai/text-embedding-3-small, threshold: 0.1 }]"#,
    );
    let outcome = cx.run(&suite, &["--simulate"]);
    outcome
        .code_in(&[0, 1])
        .prints("judged by openai/gpt-4o: 8 calls")
        .prints("embedded by openai/text-embedding-3-small: ");
    let graded = cx.results();
    assert!(graded.holds_the_plan_of(&suite).rows.iter().all(|row| ["pass", "fail"].contains(&row.get("verdict"))));
}
