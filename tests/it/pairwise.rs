//! Answers compared two at a time: both orders asked, position bias told, nothing asked twice.

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::context::Context;
use crate::server::{Answer, Call, Reply, Server, ms};
use crate::suite::Suite;

/// The text in a fence of the judge's prompt.
fn fenced<'c>(call: &'c Call, name: &str) -> &'c str {
    let (_, rest) = call.prompt.split_once(&format!("⟦{name} ")).unwrap();
    let (_, rest) = rest.split_once("⟧\n").unwrap();
    rest.split_once(&format!("\n⟦/{name} ")).unwrap().0
}

fn opinion(call: &Call, grade: &str) -> Reply {
    let usage = json!({ "prompt_tokens": 50, "completion_tokens": 5, "total_tokens": 55, "cost": 0.01 });
    Answer::new(&json!({ "reason": "so it is", "grade": grade }).to_string()).usage(usage).reply(call)
}

/// Prefers the longer answer, wherever it stands.
fn fair(call: &Call) -> Reply {
    let (first, second) = (fenced(call, "FIRST ANSWER").len(), fenced(call, "SECOND ANSWER").len());
    opinion(call, if first > second { "first" } else { "second" })
}

/// Says its word as often as its name is far in the alphabet, so that `c` is the longest.
fn wordy(times: usize) -> impl Fn(&Call) -> Reply + Send + Sync + 'static {
    move |call| Answer::new(&vec![call.word(); times].join(" ")).reply(call)
}

fn suite(server: &Server) -> Suite {
    Suite::at(server)
        .models(&["a", "b", "c"])
        .cases(4)
        .graders("[{ type: contains }]")
        .line("pairwise: { model: judge, rubric: \"the longer one is better\" }")
}

fn server(judge: impl Fn(&Call) -> Reply + Send + Sync + 'static) -> Server {
    Server::with("judge", judge).on("a", wordy(1)).on("b", wordy(2)).on("c", wordy(3))
}

/// What `--json` says of the comparisons.
fn report(cx: &Context) -> Value {
    cx.bench(&["report", "run", "--json", "out.json"]).run().code(0);
    let document: Value = serde_json::from_str(&cx.read("out.json")).unwrap();
    document["runs"][0]["pairwise"].clone()
}

#[test]
fn every_two_answers_are_compared_in_both_orders_and_ranked() {
    let server = server(fair);
    let cx = Context::new();
    let suite = suite(&server);
    let run = cx.run(&suite, &[]);
    run.code(0)
        .prints("Pairwise by judge · 12 comparisons, each in both orders")
        .prints("24 calls of the judge, $0.24");
    assert_eq!(cx.results().holds_the_plan_of(&suite).verdicts("a"), "pass 4");
    assert_eq!(server.calls_of("judge").len(), 24);
    let told = report(&cx);
    let names: Vec<&str> =
        told["models"].as_array().unwrap().iter().map(|row| row["model"].as_str().unwrap()).collect();
    assert_eq!(names, ["c", "b", "a"]);
    let rates: Vec<f64> =
        told["models"].as_array().unwrap().iter().map(|row| row["win_rate"].as_f64().unwrap()).collect();
    assert_eq!(rates, [1.0, 0.5, 0.0]);
    assert_eq!((&told["consistent"], &told["first_share"]), (&12.into(), &0.5.into()));
    assert_eq!(told["cost_usd"], "0.24");
    assert!(cx.summary().one("c").get("cost_usd").is_empty(), "what the judge costs is no model's");

    // Taken up again, nothing is asked twice.
    cx.resume(&suite).code(0);
    assert_eq!(server.calls_of("judge").len(), 24);
}

#[test]
fn a_judge_that_likes_a_place_ties_everything_and_is_found_out() {
    let server = server(|call| opinion(call, "first"));
    let cx = Context::new();
    cx.run(&suite(&server), &[])
        .code(0)
        .prints("The answer shown first was picked in 100.0% of the decisions")
        .prints("100.0% of the comparisons turned with the order and count as ties");
    let told = report(&cx);
    assert!(told["models"].as_array().unwrap().iter().all(|row| row["ties"] == 8 && row["win_rate"] == 0.5));
}

#[test]
fn the_same_answer_twice_is_a_tie_that_nobody_is_asked_about() {
    let server = Server::with("judge", fair).on("c", wordy(3));
    let cx = Context::new();
    cx.run(&suite(&server), &[]).code(0).prints("4 were of the same answer twice: ties");
    assert_eq!(server.calls_of("judge").len(), 16, "a and b say the same");
}

#[test]
fn against_one_model_and_some_cases_only_those_are_asked() {
    let server = server(fair);
    let cx = Context::new();
    let suite = Suite::at(&server)
        .models(&["a", "b", "c"])
        .cases(6)
        .graders("[{ type: contains }]")
        .line("pairwise: { model: judge, rubric: x, against: a, cases: 2 }");
    cx.run(&suite, &[]).code(0).prints("4 comparisons");
    assert_eq!(server.calls_of("judge").len(), 8);
}

#[test]
fn what_cannot_be_read_counts_for_nobody_and_is_asked_again_on_resume() {
    let server = server(|call| if call.number <= 24 { Answer::new("I cannot say.").reply(call) } else { fair(call) });
    let cx = Context::new();
    let suite = suite(&server);
    cx.run(&suite, &[]).code(0).says("of 12 comparisons 12 failed").prints("nothing was compared");
    cx.resume(&suite).code(0).prints("12 comparisons");
    assert_eq!(server.calls_of("judge").len(), 48);
}

#[test]
fn an_interrupt_keeps_what_was_compared() {
    let server = server(|call| if call.number > 8 { Reply::hang() } else { fair(call) });
    let cx = Context::new();
    let suite = suite(&server).line("judges: [{ id: judge, concurrency: 4 }]");
    let mut running = cx.run_command(&suite, &[]).spawn();
    // Two comparisons are under way, each with at least one of its two orders hanging.
    server.wait_for("the judge to hang", |calls| calls.iter().filter(|call| call.model == "judge").count() >= 10);
    let file = cx.run_dir().join("pairwise.jsonl");
    let is_kept = || std::fs::read_to_string(&file).is_ok_and(|text| text.contains("b_first"));
    for _ in 0..200 {
        if is_kept() {
            break;
        }
        std::thread::sleep(ms(50));
    }
    running.signal(Signal::INT);
    running.wait().code(130).says("comparisons left");
    let kept = cx.read("run/pairwise.jsonl").lines().filter(|line| line.contains("b_first")).count();
    assert!(kept >= 1, "what was compared is on disk");
    assert_eq!(cx.results().holds_the_plan_of(&suite).verdicts("c"), "pass 4");
}

#[test]
fn a_spent_budget_starts_no_further_comparison() {
    let server = server(fair);
    let cx = Context::new();
    let suite = suite(&server).line("budget: $0.05").line("judges: [{ id: judge, concurrency: 2 }]");
    let run = cx.run(&suite, &[]);
    run.says("pairwise: the budget is spent").prints("comparisons, each in both orders");
    let asked = server.calls_of("judge").len();
    assert!((5..=8).contains(&asked), "a cent each, five cents to spend: {asked} calls");
    assert_eq!(cx.results().holds_the_plan_of(&suite).verdicts("c"), "pass 4");
}

#[test]
fn comparisons_that_cannot_be_kept_leave_the_run_reported() {
    let server = server(fair);
    let cx = Context::new();
    std::fs::create_dir_all(cx.run_dir().join("pairwise.jsonl")).unwrap();
    let suite = suite(&server);
    cx.run(&suite, &[]).code(4).says("pairwise.jsonl").prints("12 cells");
    assert_eq!(cx.results().holds_the_plan_of(&suite).verdicts("c"), "pass 4");
}

#[test]
fn a_finished_run_can_be_compared_later() {
    let server = server(fair);
    let cx = Context::new();
    let suite = suite(&server);
    let yaml = suite.yaml();
    let without: String = yaml.lines().filter(|line| !line.starts_with("pairwise")).collect::<Vec<_>>().join("\n");
    cx.write("plain.yaml", without);
    cx.write("paired.yaml", yaml);
    cx.bench(&["run", "plain.yaml", "--out", "run"]).run().code(0);
    assert_eq!(server.calls_of("judge").len(), 0);
    cx.bench(&["grade", "run", "--suite", "paired.yaml"]).run().code(0).prints("Pairwise by judge · 12 comparisons");
    assert_eq!((server.calls_of("judge").len(), server.calls_of("a").len()), (24, 4));
}

#[test]
fn mistakes_in_pairwise_are_underlined() {
    let server = Server::start();
    let cx = Context::new();
    let with = |pairwise: &str| {
        let suite = Suite::at(&server).models(&["a", "b"]).line(&format!("pairwise: {pairwise}"));
        cx.write("suite.yaml", suite.yaml());
        cx.bench(&["check", "suite.yaml"]).run()
    };
    with("{ model: judge }").code(2).says("needs a `rubric`");
    with("{ model: judge, rubric: x, againts: a }").code(2).says("unknown option `againts`");
    with("{ model: judge, rubric: x, against: bb }").code(2).says("no model is named `bb`").says("did you mean `b`?");
    with("{ model: judge, rubric: \"{{ nothing }}\" }").code(2).says("nothing");
    with("{ model: judge, rubric: x, cases: 0 }").code(2).says("at least 1");
    with("{ model: judge, rubric: x }").code(0).prints("judge");
}
