//! Agreement with the reference implementations, and what holds for all measures.

mod properties;
mod vectors;

use serde_json::Value;

use crate::grade::tests::{grade, grade_with};

/// The score of an answer by one grader.
fn score(grader: &Value, answer: &str, expected: &Value) -> f64 {
    grade_with(grader, answer, expected).score.expect("a score")
}
