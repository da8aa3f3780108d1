//! One assertion, read from text or from a map.

use serde_json::Value;

/// Every type of assertion that promptfoo has: a text that begins with one of these and a colon is an assertion of
/// that type, any other is compared as it is.
const KINDS: [&str; 64] = [
    "agent-rubric",
    "answer-relevance",
    "bleu",
    "classifier",
    "contains",
    "contains-all",
    "contains-any",
    "contains-html",
    "contains-json",
    "contains-sql",
    "contains-xml",
    "context-faithfulness",
    "context-recall",
    "context-relevance",
    "conversation-relevance",
    "cost",
    "equals",
    "factuality",
    "finish-reason",
    "g-eval",
    "gleu",
    "guardrails",
    "icontains",
    "icontains-all",
    "icontains-any",
    "is-html",
    "is-json",
    "is-refusal",
    "is-sql",
    "is-valid-function-call",
    "is-valid-openai-function-call",
    "is-valid-openai-tools-call",
    "is-xml",
    "javascript",
    "latency",
    "levenshtein",
    "llm-rubric",
    "max-score",
    "meteor",
    "model-graded-closedqa",
    "model-graded-factuality",
    "moderation",
    "perplexity",
    "perplexity-score",
    "pi",
    "python",
    "regex",
    "rouge-n",
    "ruby",
    "search-rubric",
    "select-best",
    "similar",
    "similar:cosine",
    "similar:dot",
    "similar:euclidean",
    "skill-used",
    "starts-with",
    "tool-call-f1",
    "trace-error-spans",
    "trace-span-count",
    "trace-span-duration",
    "trajectory:goal-success",
    "webhook",
    "word-count",
];

/// What an answer has to be, in promptfoo's words.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Assertion {
    /// Its type without `not-`: `contains`, `llm-rubric` …
    pub(crate) kind: String,
    /// Whether it must not be so.
    pub(crate) negated: bool,
    /// What is compared with; null where nothing is given.
    pub(crate) value: Value,
    /// How much is enough, in the unit of its type.
    pub(crate) threshold: Option<f64>,
    /// How much it counts.
    pub(crate) weight: Option<f64>,
    /// What it is called in reports.
    pub(crate) metric: Option<String>,
    /// The model that is asked, as a suite names it; `None`: [`JUDGE`](super::grader::JUDGE) or [`EMBEDDINGS`](super::grader::EMBEDDINGS).
    pub(crate) model: Option<String>,
}

impl Assertion {
    /// Reads the text of an `__expected` column. A text that is no assertion is what the answer has to equal.
    pub(crate) fn parse(text: &str) -> Self {
        let of =
            |kind: &str, value: &str| Self { kind: kind.to_owned(), value: value.trim().into(), ..Self::default() };
        for (prefix, kind) in [("fn:", "javascript"), ("eval:", "javascript"), ("grade:", "llm-rubric")] {
            if let Some(value) = text.strip_prefix(prefix) {
                return of(kind, value);
            }
        }
        if let Some(path) = text.strip_prefix("file://") {
            let is = |endings: &[&str]| endings.iter().any(|e| path.ends_with(e) || path.contains(&format!("{e}:")));
            match () {
                () if is(&[".py"]) => return of("python", path),
                () if is(&[".js", ".ts", ".mjs", ".cjs"]) => return of("javascript", path),
                () => {}
            }
        }
        Self::typed(text).unwrap_or_else(|| Self { value: text.into(), ..of("equals", "") })
    }

    /// `not-contains-any: a, b`, `similar(0.8): text`, `is-json`.
    fn typed(text: &str) -> Option<Self> {
        let (negated, rest) = text.strip_prefix("not-").map_or((false, text), |rest| (true, rest));
        let starts = |kind: &&str| {
            rest.strip_prefix(kind).is_some_and(|tail| matches!(tail.as_bytes().first(), None | Some(b'(' | b':')))
        };
        // The longest: `similar:dot` before `similar`.
        let kind = KINDS.into_iter().filter(starts).max_by_key(|kind| kind.len())?;
        let mut tail = &rest[kind.len()..];
        let mut threshold = None;
        if let Some(inner) = tail.strip_prefix('(') {
            let (number, after) = inner.split_once(')')?;
            let is_plain = number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
            threshold = Some(number.parse().ok().filter(|_| is_plain)?);
            tail = after;
        }
        let value = match tail.strip_prefix(':') {
            Some(value) if kind.ends_with("-any") || kind.ends_with("-all") => Value::from(parts(value)),
            Some(value) if value.trim().is_empty() => Value::Null,
            Some(value) => Value::from(value.trim()),
            None if tail.is_empty() => Value::Null,
            None => return None,
        };
        Some(Self { kind: kind.to_owned(), negated, value, threshold, ..Self::default() })
    }

    /// Reads an entry of `assert` in a configuration: `{type, value, threshold, weight, metric}`; a text as in tables.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn of(entry: &Value) -> Result<Self, String> {
        let map = match entry {
            Value::String(text) => return Ok(Self::parse(text)),
            Value::Object(map) => map,
            _ => return Err("an assertion is a map with `type`".to_owned()),
        };
        let kind = map.get("type").and_then(Value::as_str).ok_or("an assertion without `type`")?.trim();
        let number = |key: &str| match map.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => {
                let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
                number.filter(|number| number.is_finite()).map(Some).ok_or(format!("`{key}` is no number"))
            }
        };
        let (negated, kind) = kind.strip_prefix("not-").map_or((false, kind), |kind| (true, kind));
        Ok(Self {
            kind: kind.to_owned(),
            negated,
            value: map.get("value").cloned().unwrap_or_default(),
            threshold: number("threshold")?,
            weight: number("weight")?,
            metric: map.get("metric").and_then(Value::as_str).map(str::to_owned),
            model: None,
        })
    }
}

/// What commas divide; in quotes they do not.
fn parts(list: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    let mut characters = list.chars().peekable();
    while let Some(c) = characters.next() {
        let Some(last) = parts.last_mut() else { break };
        match c {
            '"' if quoted && characters.peek() == Some(&'"') => {
                last.push('"');
                characters.next();
            }
            '"' if quoted || last.trim().is_empty() => quoted = !quoted,
            '\\' if !quoted && characters.peek() == Some(&',') => {
                last.push(',');
                characters.next();
            }
            ',' if !quoted => parts.push(String::new()),
            c => last.push(c),
        }
    }
    parts.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}
