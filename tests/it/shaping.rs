//! What is really asked where a suite shapes its cases: filters, samples, examples, matrices, files, includes and
//! variables of the environment.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::context::Context;
use crate::server::{Call, Server};
use crate::suite::Suite;

/// The suite without cases, with another prompt and these lines at its end.
fn suite(server: &Server, prompt: &str, lines: &str) -> String {
    let yaml = Suite::at(server).model("m").cases(0).yaml().replace("cases:\n", "");
    yaml.replace("prompt: \"say {{ word }}\"", &format!("prompt: {prompt}")) + lines + "\n"
}

/// What the user messages said, in no order.
fn asked(calls: &[Call]) -> Vec<String> {
    let text = |call: &Call| call.body["messages"][0]["content"].as_str().map(str::to_owned);
    let mut asked: Vec<String> = calls.iter().filter_map(text).collect();
    asked.sort();
    asked
}

fn manifest(cx: &Context) -> Value {
    serde_json::from_str(&cx.read("run/run.json")).unwrap()
}

const ROWS: &str = "id,word,lang,score\nr1,w1,de,5\nr2,w2,en,9\nr3,w3,de,4\nr4,w4,de,1\nr5,w5,de,8\n";

#[test]
fn only_what_is_picked_is_asked() {
    let (cx, server) = (Context::new(), Server::start());
    cx.write("rows.csv", ROWS);
    let entry = |how: &str| {
        let entry = format!("dataset: {{ path: rows.csv, id: \"{{{{ id }}}}\", expect: \"{{{{ word }}}}\"{how} }}");
        suite(&server, "\"say {{ word }}\"", &entry)
    };
    cx.write("suite.yaml", entry(", where: \"lang == 'de' and score | int > 3\", limit: 2"));
    cx.bench(&["run", "suite.yaml", "--out", "run"]).run().code(0);
    assert_eq!(asked(&server.calls()), ["say w1", "say w3"]);
    assert_eq!(manifest(&cx)["datasets"][0]["cases"], 2);

    cx.write("suite.yaml", entry(", where: \"lang == 'de' and score > 3\""));
    cx.bench(&["run", "suite.yaml"]).run().code(2).says("`score | int > 3`").says("row 1 of rows.csv and 4 more rows");
    cx.write("suite.yaml", entry(", where: \"lang == 'it'\""));
    cx.bench(&["check", "suite.yaml"]).run().code(2).says("all 5 were dropped");
    assert_eq!(server.calls().len(), 2);

    cx.write("suite.yaml", entry(", sample: { size: 2, by: lang, seed: 4 }"));
    cx.bench(&["check", "suite.yaml"]).run().code(0).prints("2 cases");
    cx.bench(&["run", "suite.yaml"]).run().code(0);
    let sampled = asked(&server.calls()[2..]);
    assert!(sampled.len() == 2 && sampled.contains(&"say w2".to_owned()), "one of each language: {sampled:?}");
    cx.write("suite.yaml", entry(", sample: 50"));
    cx.bench(&["check", "suite.yaml"]).run().code(0).prints("5 cases").says("there are only 5 rows: all are asked");
}

const SHOTS: &str = "\"{% for shot in examples %}{{ shot.word }}={{ shot.expect }} {% endfor %}say {{ word }}\"";

#[test]
fn examples_are_sent_and_never_the_case_itself() {
    let (cx, server) = (Context::new(), Server::with("m", Call::echo));
    let rows: String = (1..=12).map(|n| format!("w{n},w{n}\n")).collect::<Vec<_>>().concat();
    cx.write("rows.csv", format!("word,answer\n{rows}"));
    let entry = |seed: u32, fixed: bool| {
        suite(
            &server,
            SHOTS,
            &format!(
                "dataset:\n  path: rows.csv\n  vars: {{ word: \"{{{{ word }}}}\" }}\n  expect: \"{{{{ answer }}}}\"\n  few_shot: {{ path: rows.csv, count: 3, seed: {seed}, fixed: {fixed} }}"
            ),
        )
    };
    cx.write("suite.yaml", entry(7, false));
    cx.bench(&["run", "suite.yaml", "--out", "run"]).run().code_in(&[0, 1]);
    let sent = asked(&server.calls());
    assert_eq!(sent.len(), 12);
    let mut sets = HashSet::new();
    for text in &sent {
        let (shots, word) = text.split_once("say ").unwrap();
        let shots: Vec<&str> = shots.split_whitespace().collect();
        let different: HashSet<&&str> = shots.iter().collect();
        assert!(different.len() == 3 && !shots.contains(&format!("{word}={word}").as_str()), "{text}");
        assert!(shots.iter().all(|shot| shot.split_once('=').is_some_and(|(word, expect)| word == expect)), "{text}");
        sets.insert(shots.join(" "));
    }
    assert!(sets.len() > 4, "each case has its own: {sets:?}");

    // The same again says the same; another seed is another question, which a run is not taken up with.
    cx.bench(&["run", "suite.yaml", "--resume", "run"]).run().code_in(&[0, 1]);
    assert_eq!(server.calls().len(), 12);
    cx.write("other.yaml", entry(8, false));
    cx.bench(&["run", "other.yaml", "--resume", "run"]).run().code_in(&[2, 4]).says("12 cases were changed");
    cx.bench(&["grade", "run", "--suite", "other.yaml"]).run().code(2).says("its variable `examples` was changed");

    cx.write("suite.yaml", entry(7, true));
    cx.bench(&["run", "suite.yaml"]).run().code_in(&[0, 1]);
    let fixed: Vec<String> = asked(&server.calls()[12..]);
    let sets: HashSet<&str> = fixed.iter().filter_map(|text| Some(text.split_once("say ")?.0)).collect();
    assert_eq!(sets.len(), 4, "the same for all, but for the three that are among them: {sets:?}");
}

#[test]
fn every_combination_is_asked() {
    let (cx, server) = (Context::new(), Server::start());
    cx.write("rows.csv", "word\nw8\nw9\n");
    let lines = "cases:\n  - { id: c, vars: { word: w1 }, matrix: { lang: [en, de], loud: [true, false] }, expect: \"{{ word }}\" }\ndataset: { path: rows.csv, id: \"{{ word }}\", expect: \"{{ word }}\", matrix: { lang: [fr], loud: [false] } }";
    cx.write("suite.yaml", suite(&server, "\"{{ lang }} {{ loud }} say {{ word }}\"", lines));
    cx.bench(&["check", "suite.yaml"]).run().code(0).prints("6 cases");
    cx.bench(&["run", "suite.yaml", "--out", "run"]).run().code(0);
    assert_eq!(
        asked(&server.calls()),
        [
            "de false say w1",
            "de true say w1",
            "en false say w1",
            "en true say w1",
            "fr false say w8",
            "fr false say w9"
        ]
    );
    let results = cx.results();
    let cases: Vec<&str> = results.rows.iter().map(|row| row.get("case")).collect();
    assert_eq!(
        cases,
        [
            "c/lang=en/loud=true",
            "c/lang=en/loud=false",
            "c/lang=de/loud=true",
            "c/lang=de/loud=false",
            "w8/lang=fr/loud=false",
            "w9/lang=fr/loud=false"
        ]
    );
    cx.bench(&["run", "suite.yaml", "--case", "c/lang=de/*"]).run().code(0);
    assert_eq!(server.calls().len(), 8);
}

/// The first nine bytes of a PNG, and what they are in base64.
const PNG: (&[u8], &str) = (b"\x89PNG\r\n\x1a\n\0", "iVBORw0KGgoA");

#[test]
fn files_are_sent_as_text_and_as_images() {
    let (cx, server) = (Context::new(), Server::with("m", Call::echo));
    cx.write("deep/docs/w1.txt", "text of w1");
    cx.write("deep/docs/w1.png", PNG.0);
    cx.write("outside.txt", "from outside");
    cx.write("deep/rows.csv", "word,at\nw1,../outside.txt\n");
    let prompt = "\n  messages:\n    - role: user\n      content:\n        - { type: text, text: \"say {{ word }}: {{ doc }}\" }\n        - { type: image_url, image_url: { url: \"{{ scan }}\" } }";
    let lines = "cases: [{ vars: { word: w1 }, files: { doc: \"docs/{{ word }}.txt\", scan: \"docs/{{ word }}.png\" }, expect: \"{{ doc }}\" }]\ndataset: { path: rows.csv, files: { doc: \"{{ at }}\", scan: docs/w1.png }, expect: \"{{ doc }}\" }";
    cx.write("deep/suite.yaml", suite(&server, prompt, lines));
    cx.bench(&["run", "deep/suite.yaml", "--out", "run"]).run().code_in(&[0, 1]);
    let mut sent: Vec<Value> = server.calls().iter().map(|call| call.body["messages"][0]["content"].clone()).collect();
    sent.sort_by_key(ToString::to_string);
    let wanted = |text: &str| {
        json!([
            { "type": "text", "text": format!("say w1: {text}") },
            { "type": "image_url", "image_url": { "url": format!("data:image/png;base64,{}", PNG.1) } },
        ])
    };
    assert_eq!(sent, [wanted("from outside"), wanted("text of w1")]);
    let results = cx.results();
    assert_eq!(results.rows.iter().map(|row| row.get("expected")).collect::<Vec<_>>(), ["text of w1", "from outside"]);
    // A file that was changed is another question.
    cx.write("deep/docs/w1.txt", "other text");
    cx.bench(&["run", "deep/suite.yaml", "--resume", "run"]).run().code_in(&[2, 4]).says("case");
}

#[test]
fn cases_are_shared_between_suites() {
    let (cx, server) = (Context::new(), Server::start());
    cx.write("shared/cases.yaml", "include: more.yaml\ncases: [{ id: a, vars: { word: w1 }, expect: w1 }]\ndataset: { path: rows.csv, expect: \"{{ word }}\" }\n");
    cx.write(
        "shared/more.yaml",
        "- { id: b, files: { word: w2.txt }, expect: w2, graders: [{ type: contains, any: [w2] }] }\n",
    );
    cx.write("shared/w2.txt", "w2");
    cx.write("shared/rows.csv", "word\nw3\n");
    let own = "include: [../shared/cases.yaml]\ncases: [{ id: own, vars: { word: w4 }, expect: w4 }]";
    cx.write("one/suite.yaml", suite(&server, "\"say {{ word }}\"", own));
    cx.write("two/suite.yaml", suite(&server, "\"please say {{ word }}\"", "include: ../shared/cases.yaml"));
    cx.bench(&["check", "one/suite.yaml", "two/suite.yaml"]).run().code(0).prints("4 cases").prints("3 cases");
    cx.bench(&["run", "one/suite.yaml", "--out", "run"]).run().code(0);
    assert_eq!(asked(&server.calls()), ["say w1", "say w2", "say w3", "say w4"]);
    let manifest = manifest(&cx);
    let files: Vec<&str> =
        manifest["datasets"].as_array().unwrap().iter().filter_map(|file| file["path"].as_str()).collect();
    assert_eq!(files, ["../shared/cases.yaml", "../shared/more.yaml", "../shared/rows.csv"]);
    assert_eq!(manifest["datasets"][1]["format"], "yaml, included");
    assert_eq!(manifest["datasets"][1]["sha256"].as_str().map(str::len), Some(64));
    let results = cx.results();
    assert_eq!(results.rows.iter().map(|row| row.get("case")).take(2).collect::<Vec<_>>(), ["b", "a"]);

    cx.bench(&["run", "one/suite.yaml", "--resume", "run"]).run().code(0);
    cx.bench(&["grade", "run", "--suite", "one/suite.yaml"]).run().code(0);
    assert_eq!(server.calls().len(), 4);
    // An expectation that is changed in the included file is graded; another question is refused.
    let cases = cx.read("shared/cases.yaml");
    cx.write("shared/cases.yaml", cases.replace("expect: w1", "expect: other"));
    cx.bench(&["grade", "run"]).run().says("pass → fail");
    cx.write("shared/cases.yaml", cases.replace("word: w1", "word: w9"));
    cx.bench(&["run", "one/suite.yaml", "--resume", "run"]).run().code_in(&[2, 4]).says("`a`");
    cx.write("shared/cases.yaml", cases.replace("expect: w1", "expekt: w1"));
    cx.bench(&["check", "one/suite.yaml"]).run().code(2).says("shared/cases.yaml:2:38").says("did you mean `expect`?");
    assert_eq!(server.calls().len(), 4);
}

#[test]
fn declared_variables_of_the_environment_are_sent_and_recorded() {
    let (cx, server) = (Context::new(), Server::with("m", Call::echo));
    let lines = "env: [REGION, { name: TEAM, default: core }]\ncases: [{ id: a, vars: { word: w1 }, expect: \"{{ env.REGION }}\" }]";
    let yaml = suite(&server, "\"{{ env.TEAM }} in {{ env.REGION }}: say {{ word }}\"", lines);
    cx.write("suite.yaml", &yaml);
    cx.bench(&["run", "suite.yaml"]).run().code(2).says("`REGION` is not set").says("env[0]");
    cx.bench(&["run", "suite.yaml", "--out", "run"]).env("REGION", "eu").run().code_in(&[0, 1]);
    assert_eq!(asked(&server.calls()), ["core in eu: say w1"]);
    assert_eq!(manifest(&cx)["env"], json!({ "REGION": "eu", "TEAM": "core" }));
    assert_eq!(cx.results().rows[0].get("expected"), "eu");

    cx.bench(&["run", "suite.yaml", "--resume", "run"]).env("REGION", "eu").run().code_in(&[0, 1]);
    let refused = cx.bench(&["run", "suite.yaml", "--resume", "run"]).env("REGION", "us").run();
    refused.code_in(&[2, 4]).says("env `REGION`: eu → us");
    let refused = cx.bench(&["grade", "run"]).env("REGION", "us").run();
    refused.code(2).says("the environment variable `REGION` is `us` now, and was `eu` in the run");
    cx.bench(&["grade", "run"]).env("REGION", "eu").run().code_in(&[0, 1]);

    // What is not declared is not read, and what looks like a key is not declared.
    cx.write("suite.yaml", yaml.replace("env: [REGION, ", "env: ["));
    let undeclared = cx.bench(&["check", "suite.yaml"]).env("REGION", "hush-hush").run();
    undeclared.code(2).says("declare it: `env: [REGION]`").never_shows(b"hush-hush");
    cx.write("suite.yaml", yaml.replace("[REGION, ", "[REGION, OPENAI_API_KEY, "));
    let secret = cx.bench(&["check", "suite.yaml"]).env("REGION", "eu").env("OPENAI_API_KEY", "hush-hush").run();
    secret.code(2).says("secrets are never in a suite").never_shows(b"hush-hush");
    assert_eq!(server.calls().len(), 1);
}

#[test]
fn examples_that_no_prompt_shows_are_told() {
    let cx = Context::new();
    cx.write(
        "gsm8k.jsonl",
        "{\"question\": \"1+1?\", \"answer\": \"#### 2\"}\n{\"question\": \"1+2?\", \"answer\": \"#### 3\"}\n",
    );
    let suite = |more: &str| {
        format!(
            "name: t\nmodels: [m]\ndataset: {{ path: gsm8k.jsonl, format: gsm8k, few_shot: {{ path: gsm8k.jsonl, count: 1 }} }}\n{more}"
        )
    };
    let told = "dataset.few_shot: the examples are in `examples`, which no prompt names: they are not sent";
    for (more, is_told) in [
        ("", true),
        ("prompt: \"{{ question }}\"\n", true),
        ("prompts: [\"{{ question }}\", \"{{ examples }} {{ question }}\"]\n", false),
    ] {
        cx.write("suite.yaml", suite(more));
        let outcome = cx.bench(&["check", "suite.yaml"]).run();
        let stderr = String::from_utf8_lossy(&outcome.code(0).stderr).into_owned();
        assert_eq!(stderr.contains(told), is_told, "{more}\n{stderr}");
    }
}

#[test]
fn what_comes_of_a_variable_that_is_not_set_is_not_told() {
    let cx = Context::new();
    cx.write("rows.csv", ROWS);
    cx.write(
        "suite.yaml",
        "name: t\nmodels: [m]\nprompt: \"{{ word }} {{ note }}\"\nenv: [PLACE_OF_NOTES]\n\
         cases: [{ vars: { word: w }, files: { note: \"notes/{{ env.PLACE_OF_NOTES }}.txt\" } }]\n\
         dataset: { path: rows.csv, where: \"lang == env.PLACE_OF_NOTES\", files: { note: \"{{ env.PLACE_OF_NOTES }}/x\" } }\n",
    );
    let outcome = cx.bench(&["check", "suite.yaml"]).run();
    outcome.code(2).says("the environment variable `PLACE_OF_NOTES` is not set");
    assert_eq!(String::from_utf8_lossy(&outcome.stderr).matches("error:").count(), 1, "{outcome}");
}

#[test]
fn including_nothing_is_a_mistake() {
    let cx = Context::new();
    cx.write("suite.yaml", "name: t\nmodels: [m]\nprompt: x\ninclude: []\n");
    cx.bench(&["check", "suite.yaml"]).run().code(2).says("include: no files to include");
}

#[test]
fn an_address_is_no_file() {
    let cx = Context::new();
    cx.write("suite.yaml", "name: t\nmodels: [m]\nprompt: x\ndataset: https://example.org/rows.csv\n");
    cx.bench(&["check", "suite.yaml"]).run().code(2).says("there is no file").says("download it");
}
