//! How long one verdict of each grader takes: on a short answer, as most suites ask for, and on two kilobytes of
//! reasoning with the result at its end.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bench::grade::{Answer, Ask, BuildContext, Measured, Reply, ServiceError, Services, Subject, build};
use criterion::{Criterion, Throughput};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Map, Value, json};

const SUMMARY: &str = "The refund was issued on 3 May.\nIt will reach the account within 5 to 7 business days.";
const ANSWER: &str = "On 3 May a refund was issued, which takes five to seven business days to reach your account.";

/// Grader, expectation, final line of the answer.
fn families() -> Vec<(&'static str, Value, Value, &'static str)> {
    vec![
        ("exact", json!("exact"), json!("billing"), "billing"),
        (
            "exact, normalised",
            json!({"type": "exact", "ignore_case": true, "ignore_punctuation": true}),
            json!("billing"),
            "Billing.",
        ),
        ("contains", json!({"type": "contains", "ignore_case": true}), json!(["refund", "billing"]), "Ask Billing."),
        (
            "regex",
            json!({"type": "regex", "pattern": r"(?i)\bteam:\s*(billing|sales)\b"}),
            Value::Null,
            "Team: billing",
        ),
        ("starts_with", json!({"type": "starts_with", "value": ["First", "bill"]}), Value::Null, "billing"),
        ("ends_with", json!("ends_with"), json!("billing."), "Ask billing."),
        ("length, words", json!({"type": "length", "unit": "words", "max": 1000}), Value::Null, "billing"),
        ("latency", json!({"type": "latency", "max": "5s"}), Value::Null, "billing"),
        ("refusal", json!("refusal"), Value::Null, "billing"),
        (
            "exact, extracted",
            json!({"type": "exact", "extract": {"after": "Team:"}}),
            json!("billing"),
            "Team: billing",
        ),
        (
            "any of two, nested",
            json!({"type": "any", "of": [{"type": "exact"}, {"type": "not", "of": {"type": "contains", "value": "zz"}}]}),
            json!("sales"),
            "billing",
        ),
        ("number", json!("number"), json!(1234.5), "So the total is $1,234.50."),
        (
            "number, in a unit",
            json!({"type": "number", "unit": {"km": 1, "m": 0.001}}),
            json!(1.5),
            "So the distance is 1500 m.",
        ),
        ("math", json!("math"), json!("\\frac{1+\\sqrt{5}}{2}"), "So $x = \\boxed{\\frac{\\sqrt{5}+1}{2}}$."),
        ("math, polynomial", json!("math"), json!("(x+1)^2"), "The answer is $x^2 + 2x + 1$."),
        (
            "choice, several",
            json!({"type": "choice", "multiple": true, "options": ["London", "Paris", "Rome", "Madrid"]}),
            json!(["A", "C"]),
            "Answer: A, C",
        ),
        (
            "choice",
            json!({"type": "choice", "options": ["London", "Paris", "Rome", "Madrid"]}),
            json!("B"),
            "The answer is **B**.",
        ),
        (
            "json",
            json!({"type": "json", "mode": "subset"}),
            json!({"team": "billing", "tags": ["refund", "card"]}),
            "{\"team\": \"billing\", \"urgent\": false, \"tags\": [\"refund\", \"card\"]}",
        ),
        (
            "json_schema",
            json!({"type": "json_schema", "schema": {
                "type": "object",
                "properties": {"team": {"enum": ["billing", "sales"]}, "tags": {"type": "array", "items": {"type": "string"}}},
                "required": ["team"],
            }}),
            Value::Null,
            "{\"team\": \"billing\", \"urgent\": false, \"tags\": [\"refund\", \"card\"]}",
        ),
        (
            "json_path",
            json!({"type": "json_path", "path": "$.tags[*]"}),
            json!("card"),
            "{\"team\": \"billing\", \"urgent\": false, \"tags\": [\"refund\", \"card\"]}",
        ),
        (
            "tool_call",
            json!({"type": "tool_call", "tool": "get_weather", "arguments": {"city": "Paris"}}),
            Value::Null,
            "I will look it up.",
        ),
        (
            "xml",
            json!({"type": "xml", "root": "answer"}),
            Value::Null,
            "<answer><team>billing</team><tag>refund</tag></answer>",
        ),
        (
            "yaml",
            json!({"type": "yaml", "keys": "team"}),
            Value::Null,
            "```yaml\nteam: billing\ntags: [refund, card]\n```",
        ),
        ("csv", json!({"type": "csv", "rows": 2}), Value::Null, "```csv\nteam,tag\nbilling,refund\nsales,card\n```"),
        ("levenshtein", json!("levenshtein"), json!("Hauptbahnhof Köln"), "Hauptbanhof Koeln"),
        ("rouge", json!({"type": "rouge", "stemmer": true}), json!(SUMMARY), ANSWER),
        ("rouge, by line", json!({"type": "rouge", "variant": "rougeLsum"}), json!(SUMMARY), ANSWER),
        ("bleu", json!("bleu"), json!(SUMMARY), ANSWER),
        ("chrf", json!({"type": "chrf", "word_order": 2}), json!(SUMMARY), ANSWER),
        ("f1", json!("f1"), json!("Denver Broncos"), "The Broncos of Denver."),
        ("squad_em", json!("squad_em"), json!(["Denver Broncos", "Broncos"]), "The Broncos."),
        (
            "judge",
            json!({"type": "judge", "model": "m", "rubric": "It names {{ team }}.", "reference": true}),
            json!("billing"),
            "Ask Billing.",
        ),
        ("embedding", json!({"type": "embedding", "model": "e"}), json!("billing"), "Ask Billing."),
        (
            "instructions",
            json!({"type": "instructions", "instructions": [
                "punctuation:no_comma",
                {"id": "length_constraints:number_words", "num_words": 300, "relation": "at least"},
                {"id": "length_constraints:number_sentences", "num_sentences": 5, "relation": "less than"},
                {"id": "change_case:capital_word_frequency", "capital_frequency": 2, "capital_relation": "at least"},
                {"id": "language:response_language", "language": "en"},
            ]}),
            Value::Null,
            "The team that answers for THIS is BILLING.",
        ),
    ]
}

/// Models that answer at once: what is measured is the grader's own work, from the prompt to the verdict.
#[derive(Debug)]
struct Prompt;

impl Services for Prompt {
    fn ask(&self, _: Ask) -> BoxFuture<'_, Result<Reply, ServiceError>> {
        let text = "{\"reason\": \"It names the team that bills.\", \"verdict\": \"pass\"}".to_owned();
        std::future::ready(Ok(Reply { text, ..Reply::default() })).boxed()
    }

    fn embed<'a>(&'a self, _: &'a str, _: &'a str) -> BoxFuture<'a, Result<Arc<[f32]>, ServiceError>> {
        std::future::ready(Ok(Arc::from([0.5; 1536]))).boxed()
    }

    fn programs_allowed(&self) -> bool {
        false
    }
}

/// A grader a figure, twice.
pub(crate) fn grading(c: &mut Criterion) {
    let reasoning = "First, I look at what the customer wrote: the card was charged 2 times, 19.99 each. ".repeat(24);
    let vars = Map::from_iter([("team".to_owned(), json!("billing"))]);
    for (length, lead) in [("short", ""), ("2 KB", reasoning.as_str())] {
        let mut group = c.benchmark_group(format!("grade {length} answer"));
        for (name, entry, expected, end) in families() {
            let built = build(&entry, &BuildContext { folder: Path::new("") }).expect("the grader is written rightly");
            let call = json!({"id": "call_0", "name": "get_weather", "arguments": "{\"city\": \"Paris\"}"});
            let answer = Answer { text: format!("{lead}\n{end}"), tool_calls: vec![call], ..Answer::default() };
            group.throughput(Throughput::Elements(1));
            group.bench_function(name, |bencher| {
                bencher.iter(|| {
                    let subject = Subject {
                        services: &Prompt,
                        measured: Measured { latency: Some(Duration::from_secs(2)), ..Measured::default() },
                        ..Subject::new(&answer, Some(&expected), &vars)
                    };
                    let grade = built.grade(black_box(subject)).now_or_never().expect("nobody has to be waited for");
                    assert!(grade.pass.is_some(), "{name}");
                    grade
                });
            });
        }
        group.finish();
    }
}
