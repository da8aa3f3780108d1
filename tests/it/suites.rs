//! The suites that come with the program: sound, answerable, and played by the simulator from end to end.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::context::Context;
use crate::process::{Outcome, Running};

/// Every suite below `suites/`.
pub(crate) fn shipped() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("suites");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let mut suites: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|end| end == "yaml")).collect();
    suites.sort();
    assert!(suites.len() >= 11, "{suites:?}");
    suites
}

/// The path of one of them.
pub(crate) fn suite(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("suites").join(name);
    path.to_str().unwrap().to_owned()
}

#[test]
fn every_shipped_suite_passes_the_check_without_a_warning() {
    for path in shipped() {
        let outcome = Context::new().bench(&["check", path.to_str().unwrap()]).run();
        outcome.code(0).prints("cells");
        // That a suite runs programs is said, and is no mistake.
        let said = outcome.stderr_text();
        assert!(said.lines().all(|line| line.starts_with("graders run programs")), "{outcome}");
    }
}

#[test]
fn the_quickstart_is_played_in_seconds() {
    let cx = Context::new();
    let outcome = play(&cx, "quickstart");
    // It takes under ten seconds on a machine of its own; here other tests run beside it.
    assert!(outcome.elapsed < Duration::from_secs(45), "{outcome}");
}

/// A whole suite asks a dozen models, runs programs or sends millions of tokens, in a program that is not optimised.
const LONG: Duration = Duration::from_mins(8);

/// Runs a shipped suite with the simulator: every cell stands once, is graded or explained, and models differ.
#[track_caller]
pub(crate) fn play(cx: &Context, name: &str) -> Outcome {
    let args = ["--simulate", "--seed", "1", "--allow-commands", "--out", "run"];
    let outcome = cx.bench(&["run", &suite(&format!("{name}.yaml"))]).args(&args).within(LONG).run();
    outcome.code(0).prints("SIMULATED");
    let rows = cx.results().rows;
    let cells: BTreeSet<[&str; 4]> =
        rows.iter().map(|row| ["model", "prompt", "case", "repeat"].map(|column| row.get(column))).collect();
    assert_eq!(cells.len(), rows.len(), "{name}: a cell stands twice");
    for row in &rows {
        match row.get("verdict") {
            "pass" | "fail" => assert!(!row.get("score").is_empty() && !row.get("grades").is_empty(), "{row:?}"),
            _ => assert!(!row.get("error_kind").is_empty() && !row.get("error").is_empty(), "{row:?}"),
        }
    }
    // A suite that nobody or everybody gets right compares nothing.
    let passes: BTreeSet<String> = cx.summary().rows.iter().map(|row| row.get("pass").to_owned()).collect();
    assert!(passes.len() > 2, "{name}: {passes:?}");
    let graded = rows.iter().filter(|row| !row.get("score").is_empty()).count();
    assert!(graded * 100 >= rows.len() * 95, "{name}: {graded} of {} graded", rows.len());
    outcome
}

/// `bench simulate` for a suite, at once, and its address without `http://`.
fn simulate(cx: &Context, suite: &str) -> (Running, String) {
    let args = ["simulate", "--addr", "127.0.0.1:0", "--speed", "inf", "--suite", suite];
    let mut running = cx.bench(&args).through_shell("exec >served.txt").spawn();
    let started = Instant::now();
    loop {
        let said = fs::read_to_string(cx.work().join("served.txt")).unwrap_or_default();
        if let Some((_, rest)) = said.split_once("http://")
            && let Some((address, _)) = rest.split_once("/api/v1\n")
        {
            return (running, address.to_owned());
        }
        assert!(!running.has_ended() && started.elapsed() < Duration::from_secs(30), "not served: {said:?}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// What a client without any library gets for a question.
fn asked_plainly(address: &str, model: &str, messages: &serde_json::Value) -> String {
    let body = serde_json::json!({ "model": model, "temperature": 0, "messages": messages }).to_string();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    write!(
        stream,
        "POST /api/v1/chat/completions HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    assert!(response.to_lowercase().contains("x-bench-simulated: 1"), "{response}");
    let json = &response[response.find('{').unwrap()..=response.rfind('}').unwrap()];
    let json: serde_json::Value = serde_json::from_str(json).unwrap();
    json["choices"][0]["message"]["content"].as_str().unwrap().to_owned()
}

#[test]
fn the_simulator_serves_the_answers_of_a_suite_to_any_client() {
    let cx = Context::new();
    let codes = ["amber", "birch", "cedar", "daisy", "elder", "fir", "gorse", "hazel", "ivy", "juniper"];
    let cases: Vec<String> =
        (0..40).map(|i| format!("  - {{ vars: {{ n: {i} }}, expect: {}-{i} }}\n", codes[i % codes.len()])).collect();
    let system = "Answer with the code only.";
    cx.write(
        "codes.yaml",
        format!(
            "name: codes\nmodels: [google/gemini-3.1-pro-preview]\nprompt:\n  system: {system}\n  \
             user: \"The code of room {{{{ n }}}}?\"\ngraders: [exact]\ncases:\n{}",
            cases.concat()
        ),
    );
    let (_running, address) = simulate(&cx, "codes.yaml");
    let right = (0..40).filter(|i| {
        let messages = serde_json::json!([
            { "role": "system", "content": system },
            { "role": "user", "content": format!("The code of room {i}?") },
        ]);
        asked_plainly(&address, "google/gemini-3.1-pro-preview", &messages) == format!("{}-{i}", codes[i % codes.len()])
    });
    // The best of the twelve is wrong now and then; a simulator that did not know the suite would never be right.
    let right = right.count();
    assert!(right >= 30, "{right} of 40 are right");
    let unknown = serde_json::json!([{ "role": "user", "content": "The code of room 99?" }]);
    assert!(!asked_plainly(&address, "google/gemini-3.1-pro-preview", &unknown).contains("-99"));
}

/// A module that uses OpenRouter's own JavaScript client, which refuses what its schemas do not know.
const SDK: &str = r#"
import { OpenRouter } from "@openrouter/sdk";
const client = new OpenRouter({ apiKey: "sk-or-v1-any", serverURL: process.env.SIMULATED });
const request = { model: "google/gemini-3.1-pro-preview", messages: [{ role: "user", content: "Hello" }] };
const answer = await client.chat.send({ chatRequest: { ...request, stream: false } });
let chunks = 0;
for await (const chunk of await client.chat.send({ chatRequest: { ...request, stream: true } })) chunks += chunk.choices.length;
const models = (await client.models.count()).data.count;
console.log("understood", typeof answer.choices[0].message.content === "string", chunks > 0, models >= 12);
"#;

/// `BENCH_SDK` names a folder in which `npm install @openrouter/sdk` was run, if that is not the repository.
#[test]
fn openrouters_own_client_understands_the_simulator() {
    let folder = std::env::var_os("BENCH_SDK").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let node = |script: &str, simulated: &str| {
        let mut node = Command::new("node");
        node.args(["--input-type=module", "-e", script]).env("SIMULATED", simulated).current_dir(&folder).output()
    };
    if !node("import \"@openrouter/sdk\"", "").is_ok_and(|output| output.status.success()) {
        report("skipped: no node with @openrouter/sdk; BENCH_SDK names a folder in which it was installed by npm");
        return;
    }
    let cx = Context::new();
    let (_running, address) = simulate(&cx, &suite("quickstart.yaml"));
    let output = node(SDK, &format!("http://{address}/api/v1")).unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(out.contains("understood true true true"), "{out}\n{err}");
}

/// Says why a test did nothing, also where the output of tests is captured.
fn report(message: &str) {
    let _ = writeln!(std::io::stderr(), "{message}");
}
