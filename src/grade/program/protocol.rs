//! What a `command` program is told and what it says: one JSON object a line, each way.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::grade::types::{Judgement, Subject};
use crate::text::{excerpt, one_line};

/// The version of the protocol. Grows when a program written for an older one would no longer do.
const VERSION: u8 = 1;

/// The bytes of a reason that are kept.
const REASON: usize = 1_000;

/// What a program is told of one answer.
#[derive(Debug, Serialize)]
struct Request<'a> {
    protocol: u8,
    id: u64,
    output: &'a str,
    expected: Option<&'a Value>,
    vars: &'a Map<String, Value>,
    case: &'a str,
    reasoning: Option<&'a str>,
    tool_calls: &'a [Value],
    refusal: Option<&'a str>,
    finish_reason: Option<&'a str>,
    latency_ms: Option<f64>,
    ttft_ms: Option<f64>,
    cost_usd: Option<f64>,
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    reasoning_tokens: Option<u64>,
}

/// The line a program is told, its line break included.
pub(super) fn request(id: u64, subject: &Subject<'_>) -> Vec<u8> {
    let Subject { answer, measured, .. } = subject;
    let ms = |duration: Option<Duration>| duration.map(|duration| duration.as_secs_f64() * 1000.0);
    let request = Request {
        protocol: VERSION,
        id,
        output: &answer.text,
        expected: subject.expected,
        vars: subject.vars,
        case: subject.case,
        reasoning: answer.reasoning.as_deref(),
        tool_calls: &answer.tool_calls,
        refusal: answer.refusal.as_deref(),
        finish_reason: answer.finish_reason.as_deref(),
        latency_ms: ms(measured.latency),
        ttft_ms: ms(measured.ttft),
        cost_usd: measured.cost.and_then(|cost| cost.to_string().parse().ok()),
        prompt_tokens: measured.prompt_tokens,
        completion_tokens: measured.completion_tokens,
        reasoning_tokens: measured.reasoning_tokens,
    };
    // Texts, numbers and JSON: these always serialise.
    let mut line = serde_json::to_vec(&request).unwrap_or_default();
    line.push(b'\n');
    line
}

/// What a program says. Keys that are not known are for the program's own use.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Verdict {
    id: Option<u64>,
    pass: Option<bool>,
    score: Option<f64>,
    reason: Option<String>,
    error: Option<String>,
    extracted: Option<String>,
}

/// The judgement in a program's line. With a `threshold`, a score below it is a fail whatever `pass` says; without, a
/// score by itself passes from one half on.
///
/// # Errors
/// What is wrong with the line: after that the program cannot be trusted to be in step.
pub(super) fn judgement(line: &[u8], id: u64, threshold: Option<f64>) -> Result<Judgement, String> {
    let shown = || one_line(&excerpt(&String::from_utf8_lossy(line), 200)).into_owned();
    if !line.trim_ascii_start().starts_with(b"{") {
        return Err(format!("answered with something else than a JSON object: {}", shown()));
    }
    let verdict: Verdict = serde_json::from_slice(line)
        .map_err(|error| format!("answered with a line that cannot be read ({error}): {}", shown()))?;
    if let Some(other) = verdict.id.filter(|other| *other != id) {
        return Err(format!("answered question {other} when asked question {id}: it has to answer in turn, once each"));
    }
    let kept = |text: &str| one_line(&excerpt(text.trim(), REASON)).into_owned();
    if let Some(error) = verdict.error.as_deref().filter(|error| !error.trim().is_empty()) {
        return Ok(Judgement::unable(kept(error)));
    }
    if let Some(score) = verdict.score.filter(|score| !(0.0..=1.0).contains(score)) {
        return Err(format!("answered with the score {score}, which is not between 0 and 1"));
    }
    let enough = verdict.score.map(|score| score >= threshold.unwrap_or(0.5));
    let pass = match (verdict.pass, enough) {
        (Some(pass), Some(enough)) if threshold.is_some() => pass && enough,
        (Some(pass), _) => pass,
        (None, Some(enough)) => enough,
        (None, None) => return Err(format!("answered with neither `pass` nor `score` nor `error`: {}", shown())),
    };
    let reason = verdict.reason.as_deref().map(kept).filter(|reason| !reason.is_empty());
    let reason = reason.unwrap_or_else(|| match (verdict.score, threshold) {
        (Some(score), _) => format!("the program gave {score} of 1, {} needed", threshold.unwrap_or(0.5)),
        (None, _) => format!("the program says {}, without a reason", if pass { "pass" } else { "fail" }),
    });
    let judgement = if pass { Judgement::pass(reason) } else { Judgement::fail(reason) };
    let judgement = Judgement { score: verdict.score, ..judgement };
    Ok(match verdict.extracted {
        Some(extracted) => judgement.with_extracted(&extracted),
        None => judgement,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::grade::types::Answer;

    #[test]
    fn a_request_is_one_line_with_all_there_is() {
        let answer = Answer { text: "a\nb".to_owned(), reasoning: Some("hm".to_owned()), ..Answer::default() };
        let (vars, expected) = (Map::from_iter([("q".to_owned(), json!("?"))]), json!("a"));
        let line = request(3, &Subject { case: "c1", ..Subject::new(&answer, Some(&expected), &vars) });
        assert_eq!(line.iter().position(|byte| *byte == b'\n'), Some(line.len() - 1));
        let read: Value = serde_json::from_slice(&line).unwrap();
        assert_eq!(read["protocol"], 1);
        assert_eq!(read["output"], "a\nb");
        assert_eq!((&read["id"], &read["expected"], &read["vars"]["q"]), (&json!(3), &json!("a"), &json!("?")));
        assert_eq!(
            (&read["case"], &read["reasoning"], &read["latency_ms"]),
            (&json!("c1"), &json!("hm"), &json!(null))
        );
    }

    #[test]
    fn a_verdict_is_a_pass_a_score_or_an_error() {
        for (line, threshold, pass, score) in [
            (json!({"pass": true}), None, Some(true), None),
            (json!({"pass": false, "score": 0.9}), None, Some(false), Some(0.9)),
            (json!({"score": 0.5}), None, Some(true), Some(0.5)),
            (json!({"score": 0.4}), None, Some(false), Some(0.4)),
            (json!({"score": 0.4}), Some(0.3), Some(true), Some(0.4)),
            (json!({"pass": true, "score": 0.4}), Some(0.5), Some(false), Some(0.4)),
            (json!({"pass": true, "score": 0}), None, Some(true), Some(0.0)),
            (json!({"error": "no model", "pass": true}), None, None, None),
            (json!({"pass": true, "error": "", "id": 7, "more": [1]}), None, Some(true), None),
            (json!({"pass": true, "score": null, "reason": null}), None, Some(true), None),
        ] {
            let said = judgement(line.to_string().as_bytes(), 7, threshold).unwrap();
            assert_eq!((said.pass, said.score), (pass, score), "{line}");
            assert!(!said.reason.is_empty());
        }
    }

    #[test]
    fn a_line_that_says_nothing_is_told_as_it_came() {
        for (line, part) in [
            ("Loading…", "something else than a JSON object: Loading…"),
            ("", "something else"),
            ("[true]", "something else"),
            ("{\"pass\": ", "cannot be read"),
            ("{\"pass\": \"yes\"}", "cannot be read"),
            ("{}", "neither `pass` nor"),
            ("{\"score\": 7}", "not between 0 and 1"),
            ("{\"score\": -0.1}", "not between 0 and 1"),
            ("{\"id\": 6, \"pass\": true}", "question 6 when asked question 7"),
        ] {
            let error = judgement(line.as_bytes(), 7, None).unwrap_err();
            assert!(error.contains(part), "{line}: {error}");
        }
        assert!(judgement(&[b'{', 0xff, 0xfe], 7, None).is_err());
    }
}
