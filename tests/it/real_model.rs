//! A real language model behind a real server: slow, one request at a time, no usage, no provider, often wrong.
//!
//! Skipped, saying so, where none answers. `BENCH_REAL_LLM` names another endpoint than `http://127.0.0.1:8600/v1`;
//! it has to serve a model `smollm2-135m`.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::context::Context;
use crate::server::{End, Reply, Server, refusing_url};
use crate::suite::Suite;

/// It answers one request at a time, so tests that ask it take turns.
static TURN: Mutex<()> = Mutex::new(());

/// The endpoint, where it answers.
fn real_endpoint() -> Option<String> {
    let url = std::env::var("BENCH_REAL_LLM").unwrap_or_else(|_| "http://127.0.0.1:8600/v1".to_owned());
    let answers = || -> std::io::Result<bool> {
        let host = url.trim_start_matches("http://").split('/').next().unwrap_or_default();
        let address = host.to_socket_addrs()?.next().ok_or(std::io::ErrorKind::NotFound)?;
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2))?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        write!(stream, "GET /v1/models HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n")?;
        let mut response = String::new();
        stream.read_to_string(&mut response)?;
        Ok(response.contains("smollm2-135m"))
    };
    match answers() {
        Ok(true) => Some(url),
        other => {
            eprintln!("skipped: no smollm2-135m at {url} ({other:?}); examples/local-model tells how to serve one");
            None
        }
    }
}

#[test]
fn a_real_model_beside_one_that_refuses_and_one_that_hangs() {
    let Some(url) = real_endpoint() else { return };
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let server = Server::with("hanging", |_| Reply::hang());
    let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/local-model/suite.yaml");
    let yaml = std::fs::read_to_string(suite).unwrap();
    let yaml = yaml
        .replace("http://127.0.0.1:8600/v1", &url)
        .replace("http://127.0.0.1:8601/v1", &server.base_url())
        .replace("http://127.0.0.1:8602/v1", &refusing_url());
    let cx = Context::new();
    cx.write("suite.yaml", yaml);
    let outcome = cx.bench(&["run", "suite.yaml", "--out", "run"]).without_env("OPENROUTER_API_KEY").run();
    outcome.code(3).prints("smollm2-135m").prints("refusing").prints("hanging");

    let results = cx.results();
    let cases = results.of("smollm2-135m").len();
    assert!(cases > 0 && results.of("refusing").len() == cases && results.of("hanging").len() == cases);
    for row in results.of("smollm2-135m") {
        assert!(["pass", "fail"].contains(&row.get("verdict")), "{row:?}");
        assert!(!row.get("output").is_empty() && row.number("latency_ms") > 0.0 && row.number("ttft_ms") > 0.0);
        assert_eq!((row.get("cost_usd"), row.get("prompt_tokens"), row.get("provider")), ("", "", ""), "{row:?}");
    }
    assert!(results.of("refusing").iter().all(|row| ["error", "skipped"].contains(&row.get("verdict"))));
    assert!(results.of("hanging").iter().all(|row| ["timeout", "skipped"].contains(&row.get("verdict"))));
    assert!(server.calls().iter().all(|call| matches!(call.ended, Some((_, End::ClosedByClient)))));
}

#[test]
fn an_interrupted_real_answer_is_taken_up_again() {
    let Some(url) = real_endpoint() else { return };
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let cx = Context::new();
    let long = "api_key_env: null, concurrency: 1, params: { temperature: 0, max_tokens: 24 }";
    let suite = Suite::at_url(&url).model_with("smollm2-135m", long).cases(4);
    let mut running = cx.run_command(&suite, &[]).spawn();
    let journal = cx.run_dir().join("journal.jsonl");
    while std::fs::read_to_string(&journal).unwrap_or_default().lines().count() < 1 && !running.has_ended() {
        std::thread::sleep(Duration::from_millis(10));
    }
    running.signal(rustix::process::Signal::INT);
    running.wait().code_in(&[0, 130]);
    cx.results().holds_the_plan_of(&suite);
    cx.resume(&suite).code(0);
    let results = cx.results();
    assert!(results.holds_the_plan_of(&suite).rows.iter().all(|row| ["pass", "fail"].contains(&row.get("verdict"))));
}
