//! Assertions → graders, as a suite writes them.

use serde_json::{Map, Value, json};

use crate::suite::read::closest;

use super::assertion::Assertion;

/// Who judges where nobody is named. An entry of `judges` with this name puts another model in its place.
pub(crate) const JUDGE: &str = "openai/gpt-5-mini";

/// Whose embeddings are compared where nobody is named.
pub(crate) const EMBEDDINGS: &str = "openai/text-embedding-3-large";

/// That there is no grader for an assertion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unsupported {
    /// Why: a lower-case fragment that names the assertion.
    pub(crate) message: String,
    /// What to do instead.
    pub(crate) hint: Option<String>,
}

impl Unsupported {
    fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: Some(hint.into()) }
    }
}

/// Types that promptfoo has and this program has not, with what comes near.
const ELSEWHERE: &[(&str, &str)] = &[
    ("javascript", "a program of your own is the grader `command`"),
    ("python", "a program of your own is the grader `command`"),
    ("ruby", "a program of your own is the grader `command`"),
    ("webhook", "a program of your own is the grader `command`"),
    ("is-html", "the graders `xml` and `regex` come near"),
    ("contains-html", "the graders `xml` and `regex` come near"),
    ("is-sql", "the graders `code` and `command` come near"),
    ("contains-sql", "the graders `code` and `command` come near"),
    ("gleu", "the graders `bleu` and `chrf` come near"),
    ("meteor", "the graders `rouge` and `chrf` come near"),
    ("is-valid-function-call", "the grader `tool_call` compares calls of tools"),
    ("is-valid-openai-function-call", "the grader `tool_call` compares calls of tools"),
    ("is-valid-openai-tools-call", "the grader `tool_call` compares calls of tools"),
    ("tool-call-f1", "the grader `tool_call` compares calls of tools"),
    ("answer-relevance", "the grader `judge` with a rubric comes near"),
    ("context-faithfulness", "the grader `judge` with a rubric comes near"),
    ("context-recall", "the grader `judge` with a rubric comes near"),
    ("context-relevance", "the grader `judge` with a rubric comes near"),
    ("conversation-relevance", "the grader `judge` with a rubric comes near"),
    ("moderation", "the grader `judge` with a rubric comes near"),
    ("search-rubric", "the grader `judge` with a rubric comes near"),
    ("agent-rubric", "the grader `judge` with a rubric comes near"),
    ("select-best", "`pairwise` compares the answers of models"),
    ("max-score", "`pairwise` compares the answers of models"),
];

impl Assertion {
    /// The grader that it is, as a suite writes it.
    ///
    /// # Errors
    /// There is none, or it lacks something.
    pub(crate) fn grader(&self) -> Result<Value, Unsupported> {
        let mut options = self.options()?;
        let mut extra = Map::new();
        if self.negated {
            extra.insert("not".to_owned(), true.into());
        }
        if let Some(weight) = self.weight.filter(|weight| (*weight - 1.0).abs() > f64::EPSILON) {
            if weight < 0.0 {
                let shown = self.shown();
                return Err(Unsupported::new(format!("{shown} has a negative weight"), "weights are 0 or more"));
            }
            extra.insert("weight".to_owned(), number(weight));
        }
        if let Some(metric) = self.metric.as_deref().map(str::trim).filter(|metric| !metric.is_empty()) {
            extra.insert("name".to_owned(), metric.into());
        }
        if let Value::Object(options) = &mut options {
            options.extend(extra);
        }
        Ok(options)
    }

    /// What a right answer says, where the assertion names it.
    pub(crate) fn expects(&self) -> Option<&Value> {
        let names =
            ["equals", "contains", "icontains", "starts-with", "factuality", "model-graded-factuality", "similar"];
        let close = ["levenshtein", "rouge-n", "bleu"];
        let tells = names.contains(&self.kind.as_str()) || close.contains(&self.kind.as_str());
        Some(&self.value).filter(|value| tells && !self.negated && !value.is_null())
    }

    /// As it is called in messages.
    fn shown(&self) -> String {
        format!("`{}{}`", if self.negated { "not-" } else { "" }, self.kind)
    }

    fn options(&self) -> Result<Value, Unsupported> {
        let judge = || self.model.as_deref().unwrap_or(JUDGE);
        let share = |default: f64| number(self.threshold.unwrap_or(default));
        Ok(match self.kind.as_str() {
            "equals" if self.value.is_object() || self.value.is_array() => {
                json!({ "type": "json", "value": self.value })
            }
            "equals" => json!({ "type": "exact", "value": self.text()? }),
            "contains" => json!({ "type": "contains", "value": self.text()? }),
            "icontains" => json!({ "type": "contains", "value": self.text()?, "ignore_case": true }),
            "contains-any" => json!({ "type": "contains", "any": self.texts()? }),
            "contains-all" => json!({ "type": "contains", "all": self.texts()? }),
            "icontains-any" => json!({ "type": "contains", "any": self.texts()?, "ignore_case": true }),
            "icontains-all" => json!({ "type": "contains", "all": self.texts()?, "ignore_case": true }),
            "starts-with" => json!({ "type": "starts_with", "value": self.text()? }),
            "regex" => json!({ "type": "regex", "pattern": self.text()? }),
            "is-json" => self.json(true)?,
            "contains-json" => self.json(false)?,
            "is-xml" => self.xml(true),
            "contains-xml" => self.xml(false),
            "is-refusal" => json!({ "type": "refusal" }),
            "finish-reason" => json!({ "type": "finish_reason", "is": self.text()? }),
            "word-count" => self.words()?,
            "levenshtein" => {
                let edits = self.threshold.unwrap_or(5.0);
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count, saturating")]
                let edits = edits.max(0.0) as u64;
                json!({ "type": "levenshtein", "value": self.text()?, "max_distance": edits })
            }
            "rouge-n" => {
                json!({ "type": "rouge", "variant": "rouge1", "value": self.text()?, "threshold": share(0.75) })
            }
            "bleu" => json!({ "type": "bleu", "value": self.texts()?, "threshold": share(0.5) }),
            "similar" | "similar:cosine" => {
                let model = self.model.as_deref().unwrap_or(EMBEDDINGS);
                json!({ "type": "embedding", "model": model, "value": self.texts()?, "threshold": share(0.75) })
            }
            "llm-rubric" | "model-graded-closedqa" => match self.threshold {
                None => json!({ "type": "judge", "model": judge(), "rubric": self.text()? }),
                Some(share) => self.scaled(judge(), share)?,
            },
            "g-eval" => self.scaled(judge(), self.threshold.unwrap_or(0.7))?,
            "factuality" | "model-graded-factuality" => {
                json!({ "type": "judge", "model": judge(), "reference": self.text()? })
            }
            "latency" => json!({ "type": "latency", "max": format!("{}ms", self.limit()?) }),
            "cost" => json!({ "type": "cost", "max": format!("${}", self.limit()?) }),
            other => return Err(unknown(other, &self.shown())),
        })
    }

    /// A judge's score from 0 to 10 that has to reach a share.
    fn scaled(&self, judge: &str, share: f64) -> Result<Value, Unsupported> {
        let share = format!("{}%", (share.clamp(0.0, 1.0) * 1000.0).round() / 10.0);
        Ok(json!({ "type": "judge", "model": judge, "rubric": self.texts()?, "scale": "0-10", "threshold": share }))
    }

    fn json(&self, strict: bool) -> Result<Value, Unsupported> {
        let schema = match &self.value {
            Value::Null => None,
            Value::String(text) if text.trim_start().starts_with('{') => {
                let parsed = serde_json::from_str::<Value>(text);
                Some(parsed.map_err(|error| {
                    let message = format!("{} has a schema that is no JSON: {error}", self.shown());
                    Unsupported::new(message, "write the JSON Schema as JSON")
                })?)
            }
            Value::Object(_) => Some(self.value.clone()),
            _ => {
                let hint = "write the schema itself, or use the grader `json_schema` with `file`";
                return Err(Unsupported::new(format!("{} takes a JSON Schema", self.shown()), hint));
            }
        };
        let mut grader = match schema {
            Some(schema) => json!({ "type": "json_schema", "schema": schema }),
            None => json!({ "type": "json", "mode": "valid" }),
        };
        if strict {
            grader["strict"] = true.into();
        }
        Ok(grader)
    }

    fn xml(&self, strict: bool) -> Value {
        let list = match &self.value {
            Value::Null => Vec::new(),
            Value::String(names) => names.split(',').map(|name| name.trim().to_owned()).collect(),
            Value::Object(map) => strings(map.get("requiredElements").unwrap_or(&Value::Null)),
            other => strings(other),
        };
        // Elements are named by their path there, by their name here.
        let names: Vec<&str> = list.iter().filter_map(|path| path.rsplit('.').next()).collect();
        let mut grader = json!({ "type": "xml" });
        if strict {
            grader["strict"] = true.into();
        }
        if !names.is_empty() {
            grader["elements"] = names.into();
        }
        grader
    }

    fn words(&self) -> Result<Value, Unsupported> {
        let count = |value: &Value| value.as_u64().or_else(|| value.as_str()?.trim().parse().ok());
        if let Some(exactly) = count(&self.value) {
            return Ok(json!({ "type": "length", "unit": "words", "exactly": exactly }));
        }
        let bound = |key| self.value.get(key).and_then(count);
        let mut grader = json!({ "type": "length", "unit": "words" });
        let bounds = [("min", bound("min")), ("max", bound("max"))];
        if bounds.iter().all(|(_, bound)| bound.is_none()) {
            return Err(Unsupported::new(
                format!("{} needs a number, or `min` and `max`", self.shown()),
                "for example 50",
            ));
        }
        for (key, bound) in bounds {
            if let Some(bound) = bound {
                grader[key] = bound.into();
            }
        }
        Ok(grader)
    }

    /// The value as a text that says something.
    fn text(&self) -> Result<String, Unsupported> {
        let text = match &self.value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(truth) => truth.to_string(),
            _ => String::new(),
        };
        self.read_from_file(&text)?;
        if text.is_empty() {
            let hint = format!("write for example `{}: text`", self.kind);
            return Err(Unsupported::new(format!("{} has nothing to compare with", self.shown()), hint));
        }
        Ok(text)
    }

    /// The value as a list of texts.
    fn texts(&self) -> Result<Vec<String>, Unsupported> {
        match &self.value {
            Value::Array(_) => {
                let list = strings(&self.value);
                if list.is_empty() {
                    let hint = format!("write for example `{}: one, two`", self.kind);
                    return Err(Unsupported::new(format!("{} has nothing to compare with", self.shown()), hint));
                }
                Ok(list)
            }
            Value::String(text) if self.kind.ends_with("-any") || self.kind.ends_with("-all") => {
                Ok(text.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect())
            }
            _ => self.text().map(|text| vec![text]),
        }
    }

    fn read_from_file(&self, text: &str) -> Result<(), Unsupported> {
        if !text.starts_with("file://") {
            return Ok(());
        }
        let hint = "write its content in its place, or `files` on the dataset and a grader that names the variable";
        Err(Unsupported::new(format!("{} takes its value from a file", self.shown()), hint))
    }

    /// A limit as plain digits.
    fn limit(&self) -> Result<String, Unsupported> {
        if let Some(limit) = self.threshold.filter(|limit| limit.is_finite() && *limit > 0.0) {
            return Ok(format!("{limit}"));
        }
        let example = if self.kind == "cost" { "cost(0.01)" } else { "latency(5000)" };
        Err(Unsupported::new(format!("{} needs a limit", self.shown()), format!("write for example `{example}`")))
    }
}

fn unknown(kind: &str, shown: &str) -> Unsupported {
    let message = format!("there is no grader for {shown}");
    if let Some((_, instead)) = ELSEWHERE.iter().find(|(name, _)| *name == kind) {
        let hint = format!("{instead}; leave the assertion out, and write `graders` beside `path`");
        return Unsupported::new(message, hint);
    }
    let names = ["equals", "contains", "icontains", "regex", "is-json", "similar", "llm-rubric", "starts-with"];
    let hint = match closest(kind, names) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "leave the assertion out, and write `graders` beside `path`".to_owned(),
    };
    Unsupported::new(message, hint)
}

fn strings(value: &Value) -> Vec<String> {
    let text = |item: &Value| super::super::raw::text_of(item);
    value.as_array().into_iter().flatten().filter_map(text).collect()
}

/// Whole numbers without a point.
fn number(value: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "whole and small")]
    if value.fract() == 0.0 && value.abs() < 1e15 { Value::from(value as i64) } else { Value::from(value) }
}
