//! The key appears nowhere but in the request that needs it.

use std::fs;

use serde_json::json;

use crate::context::{Context, KEY, contains_bytes};
use crate::process::Outcome;
use crate::server::{Reply, Server};
use crate::suite::Suite;

#[track_caller]
fn is_nowhere(cx: &Context, outcome: &Outcome) {
    outcome.never_shows(KEY.as_bytes());
    for (path, bytes) in cx.all_files() {
        assert!(!contains_bytes(&bytes, KEY.as_bytes()), "the key stands in {}", path.display());
    }
}

#[test]
fn a_run_leaves_no_trace_of_the_key() {
    let (cx, server) = (Context::new(), Server::start());
    let suite = Suite::at(&server).model("m").line("headers: { X-Team: evals }");
    let outcome = cx.run(&suite, &["-v", "--json", "out.json", "--progress", "plain"]);
    outcome.code(0);
    is_nowhere(&cx, &outcome);
    assert_eq!(server.calls().len(), 3);
    assert!(server.calls().iter().all(|call| call.header("authorization").is_some_and(|value| value.contains(KEY))));
}

#[test]
fn a_server_that_says_the_key_is_not_quoted() {
    let echoed = json!({ "code": 401, "message": format!("invalid key: Bearer {KEY}"), "metadata": { "raw": KEY } });
    let server = Server::with("m", move |_| Reply::json(401, &[], &json!({ "error": echoed })));
    let cx = Context::new();
    let outcome = cx.run(&Suite::at(&server).model("m"), &["-v"]);
    outcome.code(4);
    is_nowhere(&cx, &outcome);
    for status in [400, 500] {
        let server = Server::with("m", move |_| Reply::full(status, &[("content-type", "text/html")], KEY.as_bytes()));
        let cx = Context::new();
        let outcome = cx.run(&Suite::at(&server).model("m"), &["-v"]);
        is_nowhere(&cx, &outcome);
    }
}

#[test]
fn the_list_of_processes_does_not_show_the_key() {
    let (cx, server) = (Context::new(), Server::with("m", |_| Reply::hang()));
    let mut running = cx.run_command(&Suite::at(&server).model("m"), &[]).spawn();
    server.wait_for("a request", |calls| !calls.is_empty());
    if let Ok(line) = fs::read(format!("/proc/{}/cmdline", running.pid())) {
        assert!(!contains_bytes(&line, KEY.as_bytes()));
    }
    running.signal(rustix::process::Signal::INT);
    is_nowhere(&cx, &running.wait());
}

#[test]
fn a_key_in_a_base_url_is_refused() {
    let (cx, server) = (Context::new(), Server::start());
    let url = server.base_url().replace("http://", &format!("http://user:{KEY}@"));
    let outcome = cx.run(&Suite::at(&server).model("m"), &["--base-url", &url]);
    outcome.code(2).never_shows(KEY.as_bytes());
    assert!(server.calls().is_empty());
}

#[test]
fn an_endpoint_of_its_own_does_not_get_the_key_of_another() {
    let (ours, other) = (Server::start(), Server::start());
    let cx = Context::new();
    let apart = format!("base_url: \"{}\", api_key_env: OTHER_KEY", other.base_url());
    let suite = Suite::at(&ours).model("a").model_with("b", &apart);
    let outcome = cx.run_command(&suite, &[]).env("OTHER_KEY", "another-secret").run();
    outcome.code(0);
    is_nowhere(&cx, &outcome);
    assert!(other.calls().iter().all(|call| call.header("authorization") == Some("Bearer another-secret")));
    assert_eq!(other.calls().len(), 3);
}

#[test]
fn a_redirect_is_not_followed_with_the_key() {
    let other = Server::start();
    let location = format!("{}/chat/completions", other.base_url());
    let server = Server::with("m", move |_| Reply::full(307, &[("location", &location)], b""));
    let cx = Context::new();
    // One at a time: the first redirect ends the model, and what else is in flight by then is a matter of moments.
    let suite = Suite::at(&server).model("m").default("concurrency", "1");
    let outcome = cx.run(&suite, &[]);
    is_nowhere(&cx, &outcome);
    assert_eq!(cx.results().holds_the_plan_of(&suite).verdicts("m"), "error 1, skipped 2");
    assert!(other.calls().is_empty() && other.others().is_empty(), "a redirect was followed");
}
