//! Runs graded again: what changes, what is kept, and what is never asked.

use serde_json::{Value, json};

use crate::context::Context;
use crate::server::{Reply, Server};
use crate::suite::Suite;

/// The records of the journal, oldest first.
fn records(cx: &Context) -> Vec<Value> {
    cx.read("run/journal.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A run in which "a" answers every second case in capitals, and "b" answers nothing but its last case.
fn mixed() -> (Context, Server, Suite) {
    let capitals = |call: &crate::server::Call| {
        let word = call.word().to_owned();
        let even = word.trim_start_matches('w').parse::<u32>().unwrap().is_multiple_of(2);
        if even { crate::server::Answer::new(&word.to_uppercase()).reply(call) } else { call.echo() }
    };
    let broken = |call: &crate::server::Call| {
        if call.word() == "w6" { call.echo() } else { Reply::error(400, "no such thing") }
    };
    let (cx, server) = (Context::new(), Server::with("a", capitals).on("b", broken));
    let suite = Suite::at(&server).models(&["a", "b"]).cases(6);
    cx.run(&suite, &[]).code(0);
    (cx, server, suite)
}

/// The suite's text with other graders.
fn regraded(suite: &Suite, graders: &str) -> String {
    suite.yaml().replace("graders: [exact]", &format!("graders: {graders}"))
}

#[test]
fn changed_graders_change_the_verdicts_of_answers_and_ask_nothing() {
    let (cx, server, suite) = mixed();
    let calls = server.calls().len();
    cx.write("other.yaml", regraded(&suite, "[{ type: exact, ignore_case: true }]"));
    cx.bench(&["grade", "run", "--suite", "other.yaml"])
        .run()
        .code(0)
        .says("graded 7 answers again in ")
        .says(": 3 verdicts changed")
        .says("a: 3 fail → pass")
        .says("a · c2: fail → pass");
    assert_eq!(server.calls().len(), calls, "nothing is asked");
    let results = cx.results();
    results.holds_the_plan_of(&suite);
    assert_eq!((results.verdicts("a"), results.verdicts("b")), ("pass 6".to_owned(), "error 5, pass 1".to_owned()));
    assert_eq!(cx.summary().one("a").get("accuracy"), "1");

    let journal = records(&cx);
    assert_eq!(journal.len(), 12 + 3, "a further line for each cell whose grades changed");
    let last = journal.last().unwrap();
    assert_eq!((&last["verdict"], &last["earlier"][0]["verdict"]), (&"pass".into(), &"fail".into()));
    assert!(last["earlier"][0]["grades"][0]["reason"].as_str().unwrap().contains("ignore_case"));

    // The same again changes nothing, and going back brings the old verdicts back.
    assert!(!cx.bench(&["report", "run"]).run().stdout_text().contains("after a resumption"), "grading again is none");
    let again = cx.bench(&["grade", "run", "--suite", "other.yaml"]).run();
    again.code(0).says("no verdict changed");
    assert_eq!(records(&cx).len(), 15);
    cx.bench(&["grade", "run", "--suite", "suite.yaml"]).run().code(0).says("a: 3 pass → fail");
    assert_eq!(cx.results().verdicts("a"), "fail 3, pass 3");
    assert_eq!(records(&cx).last().unwrap()["earlier"].as_array().unwrap().len(), 2);
}

#[test]
fn the_manifest_says_by_what_a_run_was_graded_and_the_run_can_be_taken_up_with_it() {
    let (cx, server, suite) = mixed();
    cx.write(
        "other.yaml",
        regraded(&suite, "[{ type: exact, ignore_case: true }]").replace("expect: w3", "expect: x3"),
    );
    cx.bench(&["grade", "run", "--suite", "other.yaml"]).run().code(0).says("a: 1 pass → fail, 3 fail → pass");
    let manifest: Value = serde_json::from_str(&cx.read("run/run.json")).unwrap();
    assert_eq!(manifest["graders"][0]["ignore_case"], true);
    assert_eq!(manifest["regraded"][0]["graders_before"][0], "exact");
    assert_eq!(manifest["regraded"][0]["suite_path"], "other.yaml");
    assert_eq!(cx.results().of("a")[2].get("expected"), "x3");

    let calls = server.calls().len();
    let resume = ["run", "other.yaml", "--resume", "run", "--retry-errors"];
    cx.bench(&resume).run().code(0);
    assert_eq!(server.calls().len(), calls + 5, "only the cells in error are asked again");
    cx.bench(&["run", "suite.yaml", "--resume", "run"]).run().code(2).says("was made with another suite: graders");
}

#[test]
fn a_suite_that_asks_something_else_is_refused_and_nothing_is_touched() {
    let (cx, _server, suite) = mixed();
    let before = (cx.read("run/journal.jsonl"), cx.read("run/run.json"));
    for (old, new, says) in [
        ("word: w2", "word: w22", "case `c2` asks something else now: its variable `word` was changed"),
        ("say {{ word }}", "tell {{ word }}", "prompt `default` was changed after the run"),
        ("id: c", "id: other", "no case of the run is in the suite"),
        ("graders: [exact]", "graders: [exat]", "did you mean `exact`?"),
    ] {
        cx.write("other.yaml", suite.yaml().replace(old, new));
        cx.bench(&["grade", "run", "--suite", "other.yaml"]).run().code(2).says(says);
    }
    cx.bench(&["grade", "run", "--suite", "none.yaml"]).run().code(2).says("none.yaml");
    cx.bench(&["grade", "nowhere", "--suite", "suite.yaml"]).run().code(2).says("nowhere holds no run");
    assert_eq!((cx.read("run/journal.jsonl"), cx.read("run/run.json")), before);
}

#[test]
fn cases_may_gain_variables_and_those_the_suite_lacks_keep_their_grades() {
    let (cx, _server, suite) = mixed();
    let yaml = regraded(&suite, "[{ type: exact, ignore_case: true }]")
        .lines()
        .filter(|line| !line.contains("id: c2,"))
        .collect::<Vec<_>>()
        .join("\n")
        .replace("word: w4 }", "word: w4, note: new }");
    cx.write("other.yaml", yaml);
    cx.bench(&["grade", "run", "--suite", "other.yaml"])
        .run()
        .code(0)
        .says("1 of the run's cases is not in the suite")
        .says("a: 2 fail → pass");
    let results = cx.results();
    assert_eq!(results.of("a")[1].get("verdict"), "fail");
    assert_eq!(results.verdicts("a"), "fail 1, pass 5");
}

#[test]
fn without_a_suite_the_file_that_was_run_is_read_again() {
    let (cx, _server, suite) = mixed();
    cx.write("suite.yaml", regraded(&suite, "[{ type: contains, value: w, ignore_case: true }]"));
    cx.bench(&["grade", "run", "--csv", "-"]).run().code(0).prints("pass");
    assert_eq!(cx.results().verdicts("a"), "pass 6");
}

/// A judge that passes words with an odd number.
fn odd(call: &crate::server::Call) -> Reply {
    let (_, answer) = call.prompt.split_once("⟦ANSWER ").unwrap();
    let word = answer.lines().nth(1).unwrap().to_lowercase();
    let is_odd = word.trim_start_matches('w').parse::<u32>().unwrap() % 2 == 1;
    let text = json!({ "reason": "counted", "verdict": if is_odd { "pass" } else { "fail" } }).to_string();
    let usage = json!({ "prompt_tokens": 5, "completion_tokens": 1, "total_tokens": 6, "cost": 0.25 });
    crate::server::Answer::new(&text).usage(usage).reply(call)
}

const JUDGED: &str = "[{ type: judge, model: judge, rubric: its number is odd }]";

#[test]
fn a_judge_can_grade_a_run_that_is_over() {
    let (cx, server) = (Context::new(), Server::with("judge", odd));
    let suite = Suite::at(&server).model("a").cases(6);
    cx.run(&suite, &[]).code(0);
    let asked = server.calls_of("a").len();
    cx.write("other.yaml", regraded(&suite, JUDGED));
    let graded = cx.bench(&["grade", "run", "--suite", "other.yaml"]).run();
    graded.code(0).says("a: 3 pass → fail").prints("judged by judge: 6 calls").prints("$1.50");
    assert_eq!((server.calls_of("judge").len(), server.calls_of("a").len()), (6, asked));
    let last = records(&cx).pop().unwrap();
    assert_eq!((&last["asks"][0]["model"], &last["grading_cost"]), (&"judge".into(), &"0.25".into()));
    assert!(cx.summary().one("a").get("cost_usd").is_empty());
    // Asked again it says the same, and is paid again.
    cx.bench(&["grade", "run", "--suite", "other.yaml"])
        .run()
        .code(0)
        .says("no verdict changed")
        .prints("judged by judge: 12 calls");
}

#[test]
fn programs_run_in_grade_only_where_they_may() {
    let (cx, _server, suite) = mixed();
    let before = cx.read("run/journal.jsonl");
    cx.write("grade.py", "raise SystemExit('never to be run')");
    cx.write("other.yaml", regraded(&suite, "[{ type: command, run: [python3, grade.py] }]"));
    cx.bench(&["grade", "run", "--suite", "other.yaml"]).run().code(2).says("--allow-commands");
    assert_eq!(cx.read("run/journal.jsonl"), before);
}

#[test]
fn an_interrupted_grading_shows_how_far_it_came_and_is_taken_up_where_it_stopped() {
    let cx = Context::new();
    let verdict = |call: &crate::server::Call| {
        let text = r#"{"reason": "so it is", "verdict": "fail"}"#;
        if call.number <= 2 { crate::server::Answer::new(text).reply(call) } else { Reply::hang() }
    };
    let server = Server::with("judge", verdict);
    let suite = Suite::at(&server).model("m").cases(4).line("judges: [{ id: judge, concurrency: 1, timeout: 5m }]");
    cx.run(&suite, &[]).code(0);
    cx.write("other.yaml", regraded(&suite, r#"[exact, { type: judge, model: judge, rubric: "is long" }]"#));
    let command = ["grade", "run", "--suite", "other.yaml"];
    let mut running = cx.bench(&command).spawn();
    server.wait_for("two verdicts and a third question", |calls| {
        calls.iter().filter(|call| call.model == "judge").count() == 3
    });
    running.signal(rustix::process::Signal::INT);
    let stopped = running.wait();
    stopped.code(130).says("2 of the answers are not graded").prints("grading again was stopped before its end");
    assert_eq!(cx.results().holds_the_plan_of(&suite).verdicts("m"), "fail 2, pass 2");

    let fails = |call: &crate::server::Call| {
        crate::server::Answer::new(r#"{"reason": "so it is", "verdict": "fail"}"#).reply(call)
    };
    let server = server.on("judge", fails);
    let rest = cx.bench(&command).run();
    rest.code(0).says("graded 4 answers again in ").says("m: 4 pass → fail");
    assert_eq!(server.calls_of("judge").len(), 3 + 2, "what was judged is not judged again");
    assert!(!rest.stdout_text().contains("stopped before its end"), "{rest}");
    assert_eq!(cx.results().verdicts("m"), "fail 4");
    let manifest: Value = serde_json::from_str(&cx.read("run/run.json")).unwrap();
    assert_eq!(manifest["regraded"].as_array().unwrap().len(), 1);

    cx.bench(&command).run().code(0).says("no verdict changed");
    assert_eq!(server.calls_of("judge").len(), 5 + 4, "once finished, the same command grades all of them again");
}
