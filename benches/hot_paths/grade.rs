//! How long one verdict of each grader takes: on a short answer, as most suites ask for, and on two kilobytes of
//! reasoning with the result at its end.

use std::hint::black_box;
use std::path::Path;

use bench::grade::{Answer, BuildContext, Grading, Subject, build};
use criterion::{Criterion, Throughput};
use serde_json::{Map, Value, json};

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
        ("number", json!("number"), json!(1234.5), "So the total is $1,234.50."),
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
    ]
}

/// A grader a figure, twice.
pub(crate) fn grading(c: &mut Criterion) {
    let reasoning = "First, I look at what the customer wrote: the card was charged 2 times, 19.99 each. ".repeat(24);
    let vars = Map::new();
    for (length, lead) in [("short", ""), ("2 KB", reasoning.as_str())] {
        let mut group = c.benchmark_group(format!("grade {length} answer"));
        for (name, entry, expected, end) in families() {
            let built = build(&entry, &BuildContext { folder: Path::new("") }).expect("the grader is written rightly");
            let answer = Answer { text: format!("{lead}\n{end}"), ..Answer::default() };
            group.throughput(Throughput::Elements(1));
            group.bench_function(name, |bencher| {
                bencher.iter(|| {
                    let subject = Subject::new(&answer, Some(&expected), &vars);
                    matches!(built.grader.grade(black_box(subject)), Grading::Ready(judgement) if judgement.pass.is_some())
                });
            });
        }
        group.finish();
    }
}
