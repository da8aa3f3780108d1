//! The grader: options, expectation, verdict.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::grade::case::{BuildContext, CaseFacts};
use crate::grade::example::Example;
use crate::grade::expectation::Need;
use crate::grade::family::Family;
use crate::grade::options::{self, Literal, OptionError, OptionErrors, Texts};
use crate::grade::types::{Grader, Grading, Judgement, Subject};
use crate::grade::words::{got, quote};

use super::compare::{Comparison, brief, tolerance};
use super::extract::{self, Found, Kind};
use super::ignore::IgnoredKeys;

pub(in crate::grade) const FAMILY: Family = Family {
    name: "json",
    about: "the answer holds JSON equal to the expected value, or with it as a part",
    build,
    schema: options::schema::<Options>,
};

const NEED: Need = Need { grader: "json", what: "a JSON value", option: "value", example: "{ team: billing }" };

/// The options of `json`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "they are the flags that a user sets one by one")]
struct Options {
    /// Any value, or a text that is JSON; without it the case's `expect`.
    value: Literal,
    /// What is asked of the value.
    mode: Mode,
    /// The answer has to be pure JSON: no fence, no prose.
    strict: bool,
    /// A fail scores the share of values that are right.
    partial: bool,
    /// Lists are compared as bags.
    ignore_order: bool,
    /// Keys that are not looked at: by name at any depth, or by a path such as `$.items[*].created`.
    ignore_keys: Option<Texts>,
    /// Case does not count in texts; it does in keys.
    ignore_case: bool,
    /// How far apart two numbers may be.
    #[schemars(range(min = 0))]
    tolerance: Option<f64>,
}

/// What is asked of the value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
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
    /// Whether a fail scores the share of leaves that are right.
    partial: bool,
    comparison: Comparison,
    ignored: IgnoredKeys,
}

fn build(options: &Value, _: &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors> {
    let options: Options = options::read(options)?;
    let tolerance = tolerance(options.tolerance)?;
    let valid = options.mode == Mode::Valid;
    if valid && options.value.0.is_some() {
        return Err(OptionError::at("value", "`mode: valid` compares with nothing", Some("leave `value` out")).into());
    }
    if valid && options.partial {
        let message = "`mode: valid` compares with nothing that could be right in part";
        return Err(OptionError::at("partial", message, Some("leave `partial` out")).into());
    }
    let ignored = IgnoredKeys::read(options.ignore_keys)?;
    let comparison = Comparison {
        subset: options.mode == Mode::Subset,
        ignore_order: options.ignore_order,
        ignore_keys: ignored.names.clone(),
        ignore_case: options.ignore_case,
        tolerance,
    };
    let Options { value, mode, strict, partial, .. } = options;
    let grader = Json { value: value.0, mode, strict, partial, comparison, ignored };
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

    fn example(&self, case: &CaseFacts<'_>) -> Option<Example> {
        self.expected(case.expected()).ok()?.map(|value| Example::Json(value.into_owned()))
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
        let Found { value, text: part } = found;
        let judgement = match expected {
            None => Judgement::pass(format!("{} is JSON", quote(part))),
            Some(expected) => self.compare(expected, value),
        };
        if part.len() == text.len() { judgement } else { judgement.with_extracted(part) }
    }

    fn compare(&self, expected: &Value, got: Value) -> Judgement {
        let stripped;
        let (expected, got) = if self.ignored.has_paths() {
            match (self.ignored.strip(expected.clone()), self.ignored.strip(got)) {
                (Ok(expected), Ok(got)) => {
                    stripped = expected;
                    (&stripped, got)
                }
                (Err(error), _) | (_, Err(error)) => return Judgement::unable(format!("`ignore_keys`: {error}")),
            }
        } else {
            (expected, got)
        };
        let Some(difference) = self.comparison.difference(expected, &got) else {
            return Judgement::pass(format!("the answer's JSON is as expected: {}", brief(&got)));
        };
        if !self.partial {
            return Judgement::fail(difference.to_string());
        }
        let (right, all) = self.comparison.leaves(expected, &got);
        let reason = format!("{right} of {all} values as expected; {difference}");
        Judgement { score: Some(right as f64 / all.max(1) as f64), ..Judgement::fail(reason) }
    }
}
