//! What a black-box probe of the contract once found broken.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::context::Context;
use crate::server::{Reply, Server};
use crate::suite::Suite;

#[test]
fn a_parameter_cannot_replace_what_the_suite_says() {
    let (cx, server) = (Context::new(), Server::start());
    let suite = Suite::at(&server).model("m");
    for param in ["model=other", "messages=[]", "stream=maybe"] {
        cx.run(&suite, &["--param", param]).code(2).says("set by the suite");
    }
    assert!(server.calls().is_empty());
}

#[test]
fn no_output_replaces_what_the_run_lives_from() {
    let (cx, server) = (Context::new(), Server::start());
    let suite = Suite::at(&server).model("m");
    for (flag, file) in [("--csv", "suite.yaml"), ("--csv", "run/journal.jsonl"), ("--json", "run/run.json")] {
        cx.run(&suite, &[flag, file]).code(2).says(file);
        let _ = std::fs::remove_dir_all(cx.work().join("run"));
    }
    assert!(server.calls().is_empty());
    cx.run(&suite, &["--csv", "other.csv"]).code(0);
}

#[test]
fn a_model_that_was_only_refused_has_no_cost() {
    let server = Server::with("refused", |_| Reply::error(400, "no")).on("paid", |call| call.answer().reply(call));
    let cx = Context::new();
    let suite = Suite::at(&server).models(&["refused", "paid"]).cases(2);
    cx.run(&suite, &[]);
    for row in cx.summary().rows.iter().filter(|row| row.get("model") == "refused") {
        assert_eq!((row.get("cost_usd"), row.get("cost_per_pass_usd")), ("", ""));
    }
}

#[test]
fn resume_takes_the_last_run_of_the_suite_and_the_hint_names_the_folder() {
    let server = Server::with("m", |_| Reply::error(401, "User not found."));
    let cx = Context::new();
    let suite = Suite::at(&server).model("m");
    cx.run(&suite, &[]).code(4).says("--resume run");
    cx.bench(&["run", "suite.yaml", "--resume"]).run().code(2).says("there is no run of");
}

#[test]
#[cfg(unix)]
fn ctrl_c_ends_a_run_whose_output_nobody_reads() {
    let (cx, server) = (Context::new(), Server::start());
    let suite = Suite::at(&server).model("m").cases(2000);
    cx.write("suite.yaml", suite.yaml());
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("bench"));
    let args = ["run", "suite.yaml", "--out", "run", "--csv", "-", "--progress", "none"];
    let mut child = command
        .args(args)
        .current_dir(cx.work())
        .env("OPENROUTER_API_KEY", "k")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let written = cx.work().join("run/results.csv");
    let started = Instant::now();
    while !written.exists() && started.elapsed() < Duration::from_secs(50) {
        std::thread::sleep(Duration::from_millis(50));
    }
    // Past the folder's own files, it is writing into the pipe that nobody reads.
    std::thread::sleep(Duration::from_secs(1));
    assert!(child.try_wait().unwrap().is_none(), "the pipe takes more than the test thinks");
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let asked = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if asked.elapsed() > Duration::from_secs(20) {
            let _ = child.kill();
            panic!("still there after Ctrl-C");
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(status.code(), Some(130));
}

#[test]
fn the_key_is_not_in_the_names_of_tool_calls() {
    let key = "sk-or-v1-0123456789abcdef0123456789";
    let body = json!({
        "id": "gen-1", "object": "chat.completion", "model": "m",
        "choices": [{ "index": 0, "finish_reason": "tool_calls", "message": { "role": "assistant", "content": null,
            "tool_calls": [{ "id": key, "type": "function", "function": { "name": key, "arguments": "{}" } }] } }],
    });
    let server = Server::with("m", move |_| {
        Reply::full(200, &[("content-type", "application/json")], body.to_string().as_bytes())
    });
    let cx = Context::new();
    let suite = Suite::at(&server).model("m").cases(1);

    let run = cx.run_command(&suite, &["--json", "all.json"]).env("OPENROUTER_API_KEY", key).run();
    for file in ["run/journal.jsonl", "run/results.csv", "all.json"] {
        let text = std::fs::read_to_string(cx.work().join(file)).unwrap();
        assert!(!text.contains(key), "{file} holds the key\n{run}");
        assert!(file.ends_with("csv") || text.contains("tool_calls"), "{file} holds the call");
    }
}
