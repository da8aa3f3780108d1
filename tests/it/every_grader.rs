//! Every grader once in a suite of its own, from outside: what `results.csv` says of right and of wrong answers, and
//! that `bench grade` says the same again.

use std::collections::{BTreeMap, BTreeSet};

use bench::grade::FAMILIES;
use serde_json::{Value, json};

use crate::context::Context;
use crate::server::{Act, Answer, Call, Reply, Server, event};
use crate::table::Table;

/// What the model is told to say where it is to call a tool instead.
const CALLS: &str = "call get_weather";

const GRADER: &str = r#"
import json, sys
for line in sys.stdin:
    asked = json.loads(line)
    good = asked["output"].endswith(asked["expected"])
    print(json.dumps({"id": asked["id"], "score": 1.0 if good else 0.25, "reason": "by the program"}), flush=True)
"#;

/// An answer, how it is graded, and what has to come out.
#[derive(Debug)]
struct Sample {
    family: &'static str,
    grader: Value,
    expect: Value,
    answer: &'static str,
    score: f64,
}

/// A right answer scores 1, a wrong one 0.
fn sample(family: &'static str, options: Value, expect: impl Into<Value>, answer: &'static str, score: f64) -> Sample {
    let mut grader = options;
    grader["type"] = family.into();
    Sample { family, grader, expect: expect.into(), answer, score }
}

/// The same grader with an answer that passes and one that fails.
fn both(
    family: &'static str,
    options: Value,
    expect: impl Into<Value>,
    [right, wrong]: [&'static str; 2],
) -> [Sample; 2] {
    let expect = expect.into();
    [sample(family, options.clone(), expect.clone(), right, 1.0), sample(family, options, expect, wrong, 0.0)]
}

fn texts() -> Vec<Sample> {
    [
        both("exact", json!({ "ignore_case": true }), "billing", ["Billing", "sales"]),
        both("contains", json!({ "any": ["refund", "reimburse"] }), Value::Null, ["we refund you", "no money"]),
        both("starts_with", json!({}), "Dear", ["Dear Ann", "Hi Ann"]),
        both("ends_with", json!({}), "Ann", ["Yours, Ann", "Yours, Bob"]),
        both("regex", json!({ "pattern": r"\d{4}" }), Value::Null, ["in 1969", "long ago"]),
        both("length", json!({ "unit": "words", "max": 2 }), Value::Null, ["two words", "three words now"]),
        both("number", json!({ "tolerance": 0.01 }), 2.5, ["it is 2.501", "it is 2.6"]),
        both("math", json!({}), r"\frac{1}{2}", [r"\boxed{0.5}", r"\boxed{2}"]),
        both("choice", json!({ "extract": "letter" }), "C", ["The answer is **C**.", "(B)"]),
        both("instructions", json!({ "instructions": ["punctuation:no_comma"] }), Value::Null, ["none", "one, two"]),
        both("refusal", json!({}), Value::Null, ["I'm sorry, but I can't help with that.", "Sure."]),
        both("squad_em", json!({}), "the fox", ["A fox.", "A dog."]),
        both("levenshtein", json!({}), "abcd", ["abcd", "efgh"]),
        both("rouge", json!({}), "red fox", ["red fox", "big dog"]),
        both("bleu", json!({}), "the quick brown fox", ["the quick brown fox", "nothing"]),
        both("chrf", json!({}), "abc", ["abc", "xyz"]),
        both("f1", json!({}), "red fox", ["the red fox", "big dog"]),
    ]
    .into_iter()
    .flatten()
    .chain([
        sample("levenshtein", json!({}), "abcd", "abxy", 0.5),
        sample("f1", json!({ "threshold": 0.7 }), "red fox", "red dog", 0.5),
    ])
    .collect()
}

fn structures() -> Vec<Sample> {
    let schema = json!({ "type": "object", "required": ["team"], "properties": { "team": { "enum": ["billing"] } } });
    let call = |city: &str| json!({ "tool": "get_weather", "arguments": { "city": city } });
    let right_call = sample("tool_call", call("Paris"), Value::Null, CALLS, 1.0);
    let wrong_call = sample("tool_call", call("Rome"), Value::Null, CALLS, 0.0);
    [
        both("json", json!({}), json!({ "team": "billing" }), [r#"Here: {"team": "billing"}"#, r#"{"team": "sales"}"#]),
        both("json_schema", json!({ "schema": schema }), Value::Null, [r#"{"team": "billing"}"#, r#"{"team": 1}"#]),
        both("json_path", json!({ "path": "$.n", "less_than": 5 }), Value::Null, [r#"{"n": 4}"#, r#"{"n": 5}"#]),
        both("xml", json!({ "root": "a" }), Value::Null, ["<a><b/></a>", "<a><b></a>"]),
        both("yaml", json!({ "keys": ["a"] }), Value::Null, ["a: 1", "b: 1"]),
        both("csv", json!({ "rows": 1 }), Value::Null, ["a,b\n1,2", "a,b\n1,2\n3,4"]),
        [right_call, wrong_call],
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn measures() -> Vec<Sample> {
    let bounds = |family, generous: Value, tight: Value| {
        [sample(family, generous, Value::Null, "hi", 1.0), sample(family, tight, Value::Null, "hi", 0.0)]
    };
    [
        bounds("latency", json!({ "max": "10m" }), json!({ "max": "1us" })),
        bounds("ttft", json!({ "max": "10m" }), json!({ "max": "1us" })),
        bounds("cost", json!({ "max": "$0.05" }), json!({ "max": "$0.005" })),
        bounds("tokens", json!({ "max": 7 }), json!({ "max": 6 })),
        bounds("finish_reason", json!({}), json!({ "is": "length" })),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn combinations() -> Vec<Sample> {
    let parts = json!([{ "type": "contains", "value": "a", "weight": 3 }, { "type": "contains", "value": "b" }]);
    let of = |options: Value| {
        let mut options = options;
        options["of"] = parts.clone();
        options
    };
    vec![
        sample("all", of(json!({})), Value::Null, "ab", 1.0),
        sample("all", of(json!({})), Value::Null, "a", 0.75),
        sample("any", of(json!({})), Value::Null, "b", 1.0),
        sample("any", of(json!({ "threshold": 0.5 })), Value::Null, "b", 0.25),
        sample("not", json!({ "of": "exact" }), "a", "b", 1.0),
        sample("not", json!({ "of": "exact" }), "a", "a", 0.0),
    ]
}

fn asked_elsewhere() -> Vec<Sample> {
    let rubric = json!({ "model": "judge", "rubric": "is good", "scale": "1-5", "threshold": 4 });
    let code = json!({ "tests": "assert add(2, 3) == 5", "timeout": "30s" });
    let run = json!({ "run": ["python3", "grader.py"], "timeout": "30s" });
    let added =
        ["```python\ndef add(a, b):\n    return a + b\n```", "```python\ndef add(a, b):\n    return a - b\n```"];
    let [right, wrong] = both("judge", rubric, Value::Null, ["a good answer", "a bad answer"]);
    let embedded = both("embedding", json!({ "model": "letters" }), "listen", ["silent", "aaa"]);
    let [said, unsaid] = both("command", run, "yes", ["I say yes", "I say no"]);
    let judged = [Sample { score: 0.75, ..right }, wrong];
    [judged, embedded, [said, Sample { score: 0.25, ..unsaid }], both("code", code, Value::Null, added)]
        .into_iter()
        .flatten()
        .collect()
}

fn samples() -> Vec<Sample> {
    [texts(), structures(), measures(), combinations(), asked_elsewhere()].into_iter().flatten().collect()
}

/// Which of them pass: those that score their best, and the judge's 4 of 5.
fn passes(sample: &Sample) -> bool {
    sample.score >= 1.0 || sample.family == "judge" && sample.score >= 0.75
}

/// Says what it is told to, or calls a tool; each answer is of 7 tokens and costs a cent.
fn plays_the_model(call: &Call) -> Reply {
    let usage = json!({ "prompt_tokens": 3, "completion_tokens": 7, "total_tokens": 10, "cost": 0.01 });
    if call.word() != CALLS {
        return call.answer().usage(usage).reply(call);
    }
    let function = json!({ "name": "get_weather", "arguments": r#"{"city": "Paris"}"# });
    let delta = json!({ "tool_calls": [{ "index": 0, "id": "call_1", "type": "function", "function": function }] });
    let reply = Reply::open("text/event-stream").chunk(event(&delta, None, None));
    let reply = reply.chunk(event(&json!({}), Some("tool_calls"), Some(&usage)));
    reply.chunk("data: [DONE]\n\n").then(Act::Send(b"0\r\n\r\n".to_vec()))
}

/// Gives 4 of 5 for what calls itself good, else 1.
fn plays_the_judge(call: &Call) -> Reply {
    let verdict = if call.prompt.contains("a good answer") { 4 } else { 1 };
    Answer::new(&json!({ "reason": "so it is", "verdict": verdict }).to_string()).reply(call)
}

fn suite(samples: &[Sample], server: &Server) -> Value {
    let case = |(n, sample): (usize, &Sample)| {
        let mut case =
            json!({ "id": format!("c{n}"), "vars": { "answer": sample.answer }, "graders": [sample.grader] });
        if !sample.expect.is_null() {
            case["expect"] = sample.expect.clone();
        }
        case
    };
    json!({
        "name": "every grader", "base_url": server.base_url(), "models": ["m"], "prompt": "say {{ answer }}",
        "defaults": { "retries": 0, "give_up_after": 1000 }, "cases": samples.iter().enumerate().map(case).collect::<Vec<_>>(),
    })
}

#[track_caller]
fn says_what_it_should(results: &Table, samples: &[Sample]) {
    assert_eq!(results.rows.len(), samples.len());
    for (n, sample) in samples.iter().enumerate() {
        let row = results.one_of("m", &format!("c{n}"));
        let grades: Vec<Value> = serde_json::from_str(row.get("grades")).unwrap();
        assert_eq!(grades.len(), 1, "{sample:?}\n{grades:?}");
        let grade = &grades[0];
        let told = (row.get("verdict"), &grade["grader"], &grade["pass"]);
        let verdict = if passes(sample) { "pass" } else { "fail" };
        assert_eq!(told, (verdict, &json!(sample.family), &json!(passes(sample))), "{sample:?}\n{grade}");
        let scores = (row.number("score"), grade["score"].as_f64().unwrap());
        assert!(
            (scores.0 - sample.score).abs() < 1e-6 && (scores.1 - sample.score).abs() < 1e-6,
            "{sample:?}\n{grade}"
        );
        assert_eq!(grade["reason"].is_string(), !passes(sample), "a fail says why: {sample:?}\n{grade}");
    }
}

#[test]
fn every_family_grades_from_outside_and_again_as_it_did() {
    let samples = samples();
    let server = Server::with("m", plays_the_model).on("judge", plays_the_judge);
    let cx = Context::new();
    cx.write("grader.py", GRADER);
    // JSON is YAML.
    cx.write("suite.yaml", serde_json::to_string_pretty(&suite(&samples, &server)).unwrap());
    cx.bench(&["check", "suite.yaml"]).run().code(0);
    cx.bench(&["run", "suite.yaml", "--out", "run"]).run().code(2).says("--allow-commands");
    assert!(server.calls().is_empty(), "something was sent before leave was given");

    cx.bench(&["run", "suite.yaml", "--out", "run", "--allow-commands"]).run().code(0);
    let results = cx.read("run/results.csv");
    says_what_it_should(&cx.results(), &samples);
    let asked = server.calls_of("m").len();
    assert_eq!(asked, samples.len());

    let again = cx.bench(&["grade", "run", "--suite", "suite.yaml", "--allow-commands"]).run();
    again.code(0).says("no verdict changed");
    assert_eq!(server.calls_of("m").len(), asked, "only judges and embeddings are asked again");
    assert_eq!(server.calls_of("judge").len(), 4);
    assert_eq!(cx.read("run/results.csv"), results);
}

#[test]
fn every_family_is_sampled_with_a_right_and_a_wrong_answer() {
    let mut verdicts: BTreeMap<&str, BTreeSet<bool>> = BTreeMap::new();
    for sample in samples() {
        verdicts.entry(sample.family).or_default().insert(passes(&sample));
    }
    let families: BTreeSet<&str> = FAMILIES.iter().map(|family| family.name).collect();
    assert_eq!(verdicts.keys().copied().collect::<BTreeSet<_>>(), families);
    let one_sided: Vec<_> = verdicts.iter().filter(|(_, verdicts)| verdicts.len() < 2).collect();
    assert!(one_sided.is_empty(), "{one_sided:?}");
}
