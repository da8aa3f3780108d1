//! The grader: options, expectation, verdict.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::grade::case::{BuildContext, CaseFacts};
use crate::grade::expectation::Need;
use crate::grade::family::Family;
use crate::grade::options::{self, OptionError, OptionErrors, Text, Texts};
use crate::grade::types::{Answer, Grader, Grading, Judgement, Subject};
use crate::grade::words::{any_of, got, quote};

use super::equal::{Room, same};
use super::locate::{LAST_LINE, locate};
use super::meaning::Meaning;
use super::parse::readings;

pub(in crate::grade) const FAMILY: Family = Family {
    name: "math",
    about: "the answer equals the expected one as mathematics, however it is written",
    build,
    schema: options::schema::<Options>,
};

const NEED: Need = Need { grader: "math", what: "a result", option: "value", example: "\\frac{3}{4}" };

/// The options of `math`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Options {
    /// The right result in LaTeX or plain maths; without it the case's `expect`. A list holds alternatives.
    #[schemars(extend("examples" = ["\\frac{3}{4}", "x = 5"]))]
    value: Option<Texts>,
    /// How far off each number of the result may be.
    #[schemars(with = "options::checked::Tolerance")]
    tolerance: Option<Text>,
    /// The same as a share of the expected number: `0.01` or `1%`.
    #[schemars(with = "options::checked::RelativeTolerance")]
    relative_tolerance: Option<Text>,
}

#[derive(Debug)]
struct Math {
    value: Option<Texts>,
    room: Room,
}

/// An expected result in all its readings.
struct Expected<'a> {
    text: std::borrow::Cow<'a, str>,
    readings: Vec<Meaning>,
}

fn build(options: &Value, _: &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors> {
    let options: Options = options::read(options)?;
    let share = |key: &str, text: &Option<Text>, percent: bool| {
        let Some(Text(text)) = text else { return Ok(0.0) };
        let bare = text.trim();
        let value = match bare.strip_suffix('%').filter(|_| percent) {
            Some(bare) => bare.trim().parse::<f64>().map(|value| value / 100.0),
            None => bare.parse::<f64>(),
        };
        let hint = if percent { "write for example `0.01` or `1%`" } else { "write for example `0.01`" };
        match value {
            Ok(value) if value >= 0.0 && value.is_finite() => Ok(value),
            _ => Err(OptionError::at(key, format!("`{text}` is not a tolerance"), Some(hint))),
        }
    };
    let absolute = share("tolerance", &options.tolerance, false).map_err(OptionErrors::from);
    let relative = share("relative_tolerance", &options.relative_tolerance, true).map_err(OptionErrors::from);
    let (absolute, relative) = options::both(absolute, relative)?;
    let grader = Math { value: options.value, room: Room { absolute, relative } };
    if grader.value.is_some() {
        grader.expected(None).map_err(|message| OptionError::at("value", message, Some(HINT)))?;
    }
    Ok(Box::new(grader))
}

const HINT: &str = "write it as LaTeX or as plain maths; for a text use `exact`";

impl Grader for Math {
    fn grade<'a>(&'a self, subject: Subject<'a>) -> Grading<'a> {
        Grading::Ready(match self.expected(subject.expected) {
            Ok(expected) => self.judge(subject.answer, &expected),
            Err(reason) => Judgement::unable(reason),
        })
    }

    fn check(&self, case: &CaseFacts<'_>) -> Result<(), String> {
        self.expected(case.expected()).map(drop)
    }
}

impl Math {
    fn expected<'a>(&'a self, expected: Option<&'a Value>) -> Result<Vec<Expected<'a>>, String> {
        let texts = NEED.texts(self.value.as_ref(), expected)?;
        let read = |text: std::borrow::Cow<'a, str>| {
            // A data set's worked solution names its result as an answer does.
            let located = locate(&text);
            let first = if located.how == LAST_LINE && !text.trim().contains('\n') {
                Some(text.trim().to_owned())
            } else {
                None
            };
            let mut problem = None;
            for candidate in first.iter().chain(&located.texts) {
                match readings(candidate) {
                    Ok(readings) => return Ok(Expected { text: candidate.clone().into(), readings }),
                    Err(error) => problem = problem.or(Some(error.0)),
                }
            }
            let problem = problem.unwrap_or_else(|| "there is nothing".to_owned());
            Err(format!("`math` cannot read {} as mathematics: {problem}", quote(&text)))
        };
        texts.into_iter().map(read).collect()
    }

    fn judge(&self, answer: &Answer, expected: &[Expected<'_>]) -> Judgement {
        let texts: Vec<_> = expected.iter().map(|expected| expected.text.clone()).collect();
        let wanted = any_of(&texts, "or");
        let located = locate(&answer.text);
        let Some(shown) = located.texts.first() else {
            return Judgement::fail(format!("expected {wanted}, got {}", got(answer)));
        };
        let mut problem = None;
        let mut open = false;
        let mut readable = None;
        for text in &located.texts {
            let meanings = match readings(text) {
                Ok(meanings) => meanings,
                Err(error) => {
                    problem = problem.or(Some(error.0));
                    continue;
                }
            };
            let pairs = expected.iter().flat_map(|expected| &expected.readings);
            let mut verdicts = pairs.flat_map(|a| meanings.iter().map(|b| same(a, b, self.room)));
            let right = verdicts.any(|verdict| {
                open |= verdict.is_none();
                verdict == Some(true)
            });
            if right {
                return Judgement::pass(format!("{} equals {wanted}", quote(text))).with_extracted(text);
            }
            readable = readable.or(Some(text));
        }
        if let Some(text) = readable.filter(|_| !open) {
            let how = located.how;
            return Judgement::fail(format!("expected {wanted}, got {}, {how}", quote(text))).with_extracted(text);
        }
        let judgement = match problem {
            _ if open => Judgement::unable(format!("cannot tell whether {} equals {wanted}", quote(shown))),
            // Words without a digit or a sign are no maths, and so are not the result.
            Some(_) if !looks_like_maths(shown, located.how == LAST_LINE) => {
                Judgement::fail(format!("expected {wanted}, but there is no maths in {}", got(answer)))
            }
            problem => {
                let problem = problem.unwrap_or_default();
                Judgement::unable(format!("cannot read {} as mathematics: {problem}", quote(shown)))
            }
        };
        judgement.with_extracted(shown)
    }
}

/// Whether a text that cannot be read may be maths all the same. In prose, brackets and dashes are no sign of it.
fn looks_like_maths(text: &str, prose: bool) -> bool {
    text.contains(|c: char| {
        let punctuation =
            c.is_whitespace() || matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '’' | '"' | '-' | '*');
        let brackets =
            matches!(c, '(' | ')' | '[' | ']' | '/' | '%' | '—' | '–' | '“' | '”' | '`' | '|' | '~' | '#' | '+' | '&');
        !c.is_alphabetic() && !punctuation && !(prose && (brackets || !c.is_ascii()))
    })
}
