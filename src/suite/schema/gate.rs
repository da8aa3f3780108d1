//! Gates.

use serde_json::{Value, json};

use crate::units::{DURATION_PATTERN, USD_PATTERN};

/// A gate.
pub(super) fn gate() -> Value {
    let number = r"\+*(?:\d+\.?\d*|\.\d+)";
    let share = r"(?:\+*0*(?:100(?:\.0*)?|\d{1,2}(?:\.\d*)?|\.\d+)\s*%|\+*0*(?:1(?:\.0*)?|0?\.\d+|0\.?))";
    let duration = inside(DURATION_PATTERN);
    let kinds = [
        (r"(?:accuracy|score\.mean)", share.to_owned()),
        (r"(?:errors|timeouts|skipped)", format!(r"(?:{share}|\+*\d+(?:\.0*)?)")),
        (r"(?:latency|ttft)\.(?:mean|p(?:\d{1,2}(?:\.\d*)?|100(?:\.0*)?))", format!("(?:{duration})")),
        (r"tokens_per_s\.(?:mean|p(?:\d{1,2}(?:\.\d*)?|100(?:\.0*)?))", number.to_owned()),
        (r"cost\.(?:total|per_pass)", format!("(?:{}|{number})", inside(USD_PATTERN))),
    ];
    let kinds = kinds.map(|(metric, value)| format!(r"{metric}\s*(?:\[[\s\S]*\]\s*)?(?:>=|<=|==|>|<)\s*{value}"));
    json!({
        "type": "string",
        "pattern": format!(r"^\s*(?:{})\s*$", kinds.join("|")),
        "examples": ["accuracy >= 90%", "accuracy[sonnet] >= 95%", "latency.p95 <= 5s", "cost.total <= $2", "errors <= 1%"],
    })
}

/// A pattern of a whole text as a part of another.
fn inside(pattern: &str) -> &str {
    pattern.trim_start_matches('^').trim_end_matches('$')
}
