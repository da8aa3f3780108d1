//! The grader: options, expectation, verdict.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;

use crate::grade::case::{BuildContext, CaseFacts};
use crate::grade::expectation::Need;
use crate::grade::family::Family;
use crate::grade::options::{self, Literal, OptionError, OptionErrors, Texts};
use crate::grade::types::{Grader, Grading, Judgement, Subject};
use crate::grade::words::{got, quote};

use super::compare::{Comparison, brief};
use super::extract::{self, Kind};

pub(in crate::grade) const FAMILY: Family =
    Family { name: "json", about: "the answer holds JSON equal to the expected value, or with it as a part", build };

const NEED: Need = Need { grader: "json", what: "a JSON value", option: "value", example: "{ team: billing }" };

/// The options of `json`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Options {
    value: Literal,
    mode: Mode,
    strict: bool,
    ignore_order: bool,
    ignore_keys: Option<Texts>,
    ignore_case: bool,
    tolerance: Option<f64>,
}

/// What is asked of the value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    /// The same value.
    #[default]
    Equal,
    /// Everything expected is there; more may be.
    Subset,
    /// Any JSON will do.
    Valid,
}

#[derive(Debug)]
struct Json {
    value: Option<Value>,
    mode: Mode,
    strict: bool,
    comparison: Comparison,
}

fn build(options: &Value, _: &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors> {
    let options: Options = options::read(options)?;
    let tolerance = options.tolerance.unwrap_or(0.0);
    if !(tolerance >= 0.0 && tolerance.is_finite()) {
        return Err(
            OptionError::at("tolerance", "a tolerance is not negative", Some("write for example `0.01`")).into()
        );
    }
    if options.mode == Mode::Valid && options.value.0.is_some() {
        return Err(OptionError::at("value", "`mode: valid` compares with nothing", Some("leave `value` out")).into());
    }
    let comparison = Comparison {
        subset: options.mode == Mode::Subset,
        ignore_order: options.ignore_order,
        ignore_keys: options.ignore_keys.into_iter().flat_map(|keys| keys.0).map(|key| key.0).collect(),
        ignore_case: options.ignore_case,
        tolerance,
    };
    let grader = Json { value: options.value.0, mode: options.mode, strict: options.strict, comparison };
    if let Some(value) = &grader.value {
        parsed(value).map_err(|message| OptionError::at("value", message, None))?;
    }
    Ok(Box::new(grader))
}

/// A value as it stands, or what a text holds as JSON.
fn parsed(value: &Value) -> Result<Cow<'_, Value>, String> {
    let Value::String(text) = value else { return Ok(Cow::Borrowed(value)) };
    serde_json::from_str(text).map(Cow::Owned).map_err(|error| {
        format!("`json` compares with a JSON value, but the text {} is not JSON: {error}", quote(text))
    })
}

impl Grader for Json {
    fn grade<'a>(&'a self, subject: Subject<'a>) -> Grading<'a> {
        Grading::Ready(match self.expected(subject.expected) {
            Ok(expected) => self.judge(&subject, expected.as_deref()),
            Err(reason) => Judgement::unable(reason),
        })
    }

    fn check(&self, case: &CaseFacts<'_>) -> Result<(), String> {
        self.expected(case.expected()).map(drop)
    }
}

impl Json {
    /// What is compared with; `None` where any JSON will do.
    fn expected<'a>(&'a self, expected: Option<&'a Value>) -> Result<Option<Cow<'a, Value>>, String> {
        if self.mode == Mode::Valid {
            return Ok(None);
        }
        match self.value.as_ref().or(expected) {
            Some(value) => parsed(value).map(Some),
            None => Err(format!("{}; or set `mode: valid` to accept any JSON", NEED.missing())),
        }
    }

    fn judge(&self, subject: &Subject<'_>, expected: Option<&Value>) -> Judgement {
        let text = subject.answer.text.as_str();
        let found = if self.strict {
            extract::whole(text)
        } else {
            extract::anywhere(text, expected.map_or(Kind::Container, Kind::of))
        };
        let found = match found {
            Ok(found) => found,
            Err(problem) => {
                let expected = expected.map_or_else(|| "JSON".to_owned(), brief);
                return Judgement::fail(format!("expected {expected}, but {problem}: {}", got(subject.answer)));
            }
        };
        let judgement = match expected.map(|expected| self.comparison.difference(expected, &found.value)) {
            None => Judgement::pass(format!("{} is JSON", quote(found.text))),
            Some(None) => Judgement::pass(format!("the answer's JSON is as expected: {}", brief(&found.value))),
            Some(Some(difference)) => Judgement::fail(difference.to_string()),
        };
        if found.text.len() == text.len() { judgement } else { judgement.with_extracted(found.text) }
    }
}
