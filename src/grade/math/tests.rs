//! Results as models really write them, and agreement with the reference.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::grade::tests::grade_with;

/// A verdict of math-verify, made by `tests/reference/math_verify.py`.
#[derive(Debug, Deserialize)]
struct Vector {
    kind: String,
    expected: String,
    given: String,
    /// `null` where it reads nothing.
    verdict: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct Reference {
    vectors: Vec<Vector>,
}

fn verdict(expected: &str, given: &str) -> Option<bool> {
    grade_with(&json!("math"), &format!("$\\boxed{{{given}}}$"), &json!(expected)).pass
}

#[test]
fn verdicts_agree_with_math_verify() {
    let reference: Reference = serde_json::from_str(include_str!("../../../tests/reference/math_verify.json")).unwrap();
    let mut out = Vec::new();
    for Vector { kind, expected, given, verdict: theirs } in &reference.vectors {
        let ours = verdict(expected, given);
        if ours != *theirs {
            out.push(format!(
                "{kind}: {expected} vs {given}: ours {ours:?}, theirs {theirs:?} {:?}",
                grade_with(&json!("math"), &format!("$\\boxed{{{given}}}$"), &json!(expected)).reason
            ));
        }
    }
    panic!("{}\n{} of {}", out.join("\n"), out.len(), reference.vectors.len());
}

fn _unused(_: Value) {}
