//! What a judge may say, and how it maps to a score from 0 to 1.

use std::fmt;
use std::sync::LazyLock;

use ::regex::Regex;
use serde_json::{Value, json};

use crate::grade::options::{OptionError, noun};
use crate::grade::words::quote;
use crate::text::closest;

/// The most steps of a range that are sent as a list of choices; a finer one is sent as a number.
const MOST_STEPS: f64 = 100.0;

/// A comparison of means may lose this much in rounding.
const ROUNDING: f64 = 1e-9;

/// What a judge may say.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scale {
    /// `pass` or `fail`.
    PassFail,
    /// A number.
    Range {
        /// The worst.
        low: f64,
        /// The best.
        high: f64,
    },
    /// A name and its score, the best first.
    Named(Vec<(String, f64)>),
}

/// One judge's verdict, mapped.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Said {
    /// In the scale's own words.
    pub(super) shown: String,
    /// 0 to 1.
    pub(super) score: f64,
}

/// The lowest score that passes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Threshold {
    /// 0 to 1.
    pub(super) score: f64,
    /// As the user would write it.
    pub(super) shown: String,
}

impl Threshold {
    /// Whether a score passes.
    pub(super) fn met(&self, score: f64) -> bool {
        score >= self.score - ROUNDING
    }
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PassFail => f.write_str("pass/fail"),
            Self::Range { low, high } => write!(f, "{low}-{high}"),
            Self::Named(grades) => {
                let names: Vec<&str> = grades.iter().map(|(name, _)| name.as_str()).collect();
                f.write_str(&names.join(", "))
            }
        }
    }
}

const EXAMPLES: &str =
    "write `pass/fail`, a range such as `1-5`, or names with their scores: `{ good: 1, fair: 0.5, poor: 0 }`";

impl Scale {
    /// Reads the option `scale`.
    ///
    /// # Errors
    /// Every mistake in it.
    pub(super) fn parse(written: &Value) -> Result<Self, Vec<OptionError>> {
        let wrong = |message: String| vec![OptionError::at("scale", message, Some(EXAMPLES))];
        match written {
            Value::String(text) => Self::from_text(text).ok_or_else(|| wrong(format!("{} is no scale", quote(text)))),
            Value::Array(items) => match items.iter().map(Value::as_f64).collect::<Option<Vec<f64>>>().as_deref() {
                Some(&[low, high]) => Self::range(low, high)
                    .ok_or_else(|| wrong(format!("a range goes up, this one from {low} to {high}"))),
                _ => Err(wrong("a list is a range: two numbers, the worst and the best".to_owned())),
            },
            Value::Object(map) => Self::named(map),
            other => Err(wrong(format!("expected a scale, got {}", noun(other)))),
        }
    }

    fn from_text(text: &str) -> Option<Self> {
        static RANGE: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"^(-?\d+(?:\.\d+)?)\s*(?:-|–|—|\.\.|to)\s*(-?\d+(?:\.\d+)?)$").ok());
        let text = text.trim();
        if ["pass/fail", "pass-fail", "pass_fail", "binary"].contains(&text.to_lowercase().as_str()) {
            return Some(Self::PassFail);
        }
        let found = RANGE.as_ref()?.captures(text)?;
        Self::range(found.get(1)?.as_str().parse().ok()?, found.get(2)?.as_str().parse().ok()?)
    }

    fn range(low: f64, high: f64) -> Option<Self> {
        (low < high && low.abs() < 1e9 && high.abs() < 1e9).then_some(Self::Range { low, high })
    }

    fn named(map: &serde_json::Map<String, Value>) -> Result<Self, Vec<OptionError>> {
        let mut errors = Vec::new();
        let mut grades: Vec<(String, f64)> = Vec::new();
        for (name, score) in map {
            let path = format!("scale.{name}");
            if plain(name).is_empty() || name.len() > 60 {
                errors.push(OptionError::at(&path, "a grade needs a short name with letters or digits in it", None));
            } else if let Some((other, _)) = grades.iter().find(|(other, _)| plain(other) == plain(name)) {
                errors.push(OptionError::at(&path, format!("cannot be told from the grade `{other}`"), None));
            }
            match score.as_f64() {
                Some(score) if (0.0..=1.0).contains(&score) => grades.push((name.trim().to_owned(), score)),
                _ => errors.push(OptionError::at(
                    &path,
                    format!("expected a score from 0 to 1, got {score}"),
                    Some("the best grade has 1, the worst 0"),
                )),
            }
        }
        grades.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        let best = grades.first().map(|(_, score)| *score);
        if errors.is_empty() && best == grades.last().map(|(_, score)| *score) {
            errors.push(OptionError::at("scale", "needs at least two grades with different scores", Some(EXAMPLES)));
        }
        if errors.is_empty() { Ok(Self::Named(grades)) } else { Err(errors) }
    }

    /// The key of a reply that holds the verdict.
    pub(super) const fn key(&self) -> &'static str {
        match self {
            Self::PassFail => "verdict",
            Self::Range { .. } => "score",
            Self::Named(_) => "grade",
        }
    }

    /// What else a judge that was not constrained may call it, as [`plain`] words.
    pub(super) const fn other_keys(&self) -> &'static [&'static str] {
        match self {
            Self::PassFail => {
                &["finalverdict", "result", "grade", "decision", "judgement", "judgment", "pass", "passed"]
            }
            Self::Range { .. } => &["finalscore", "verdict", "rating", "grade", "result"],
            Self::Named(_) => &["finalgrade", "verdict", "rating", "result", "choice", "label"],
        }
    }

    /// The values in order, where they can be listed.
    fn choices(&self) -> Option<Vec<String>> {
        match self {
            Self::PassFail => Some(vec!["pass".to_owned(), "fail".to_owned()]),
            Self::Named(grades) => Some(grades.iter().map(|(name, _)| name.clone()).collect()),
            Self::Range { low, high } => {
                let steps = high - low;
                // From 0 to 1 people mean everything between.
                let listed = low.fract() == 0.0 && high.fract() == 0.0 && steps > 1.0 && steps <= MOST_STEPS;
                let values = std::iter::successors(Some(*low), |value| Some(value + 1.0));
                listed.then(|| values.take_while(|value| value <= high).map(|value| value.to_string()).collect())
            }
        }
    }

    /// The JSON Schema of the verdict. Only what every provider's constrained output knows: texts to choose from, as
    /// bounds of numbers are refused by some.
    pub(super) fn schema(&self) -> Value {
        match self.choices() {
            Some(choices) => json!({"type": "string", "enum": choices}),
            None => json!({"type": "number", "description": self.meaning()}),
        }
    }

    /// What the verdict may be, for the judge.
    pub(super) fn meaning(&self) -> String {
        match self {
            Self::PassFail => "\"pass\" if the answer meets the criterion, \"fail\" if it does not".to_owned(),
            Self::Range { low, high } => {
                let number = if self.choices().is_some() { "whole number" } else { "number" };
                format!("a {number} from {low} (worst) to {high} (best)")
            }
            Self::Named(grades) => {
                let names: Vec<String> = grades.iter().map(|(name, _)| format!("\"{name}\"")).collect();
                format!("one of {}, from best to worst", names.join(", "))
            }
        }
    }

    /// Reads what a judge said.
    ///
    /// # Errors
    /// Where it is not on this scale: a lower-case fragment.
    pub(super) fn read(&self, said: &Value) -> Result<Said, String> {
        let text = match said {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(pass) if *self == Self::PassFail => (if *pass { "pass" } else { "fail" }).to_owned(),
            other => return Err(format!("{} is not on the scale {self}", quote(&other.to_string()))),
        };
        self.read_text(&text)
    }

    /// The same of a text.
    ///
    /// # Errors
    /// Where it is not on this scale: a lower-case fragment.
    pub(super) fn read_text(&self, text: &str) -> Result<Said, String> {
        let off = || format!("{} is not on the scale {self}", quote(text.trim()));
        match self {
            Self::PassFail => match plain(text).as_str() {
                "pass" | "passed" | "passes" | "true" | "yes" | "correct" => {
                    Ok(Said { shown: "pass".into(), score: 1.0 })
                }
                "fail" | "failed" | "fails" | "false" | "no" | "incorrect" => {
                    Ok(Said { shown: "fail".into(), score: 0.0 })
                }
                _ => Err(off()),
            },
            Self::Range { low, high } => {
                let value = number(text, *high).ok_or_else(off)?;
                if !(*low..=*high).contains(&value) {
                    return Err(off());
                }
                Ok(Said { shown: value.to_string(), score: (value - low) / (high - low) })
            }
            Self::Named(grades) => {
                let wanted = plain(text);
                let (name, score) = grades.iter().find(|(name, _)| plain(name) == wanted).ok_or_else(off)?;
                Ok(Said { shown: name.clone(), score: *score })
            }
        }
    }

    /// The option `threshold`; without it the middle.
    ///
    /// # Errors
    /// Where it is not on the scale, or cannot fail.
    pub(super) fn threshold(&self, written: Option<&Value>) -> Result<Threshold, OptionError> {
        let wrong = |message: String, hint: String| Err(OptionError::at("threshold", message, Some(&hint)));
        let Some(written) = written else { return Ok(self.middle()) };
        if let Some(share) = written.as_str().and_then(|text| text.trim().strip_suffix('%')) {
            return match share.trim().parse::<f64>() {
                Ok(share) if share > 0.0 && share <= 100.0 => {
                    Ok(Threshold { score: share / 100.0, shown: format!("{share}%") })
                }
                _ => wrong(format!("{written} is no share"), "from above 0% to 100%".to_owned()),
            };
        }
        let value = written.as_f64().or_else(|| written.as_str()?.trim().parse().ok());
        match (self, value) {
            (Self::Named(grades), None) => {
                let text = written.as_str().unwrap_or_default();
                let lowest = grades.last().map(|(_, score)| *score);
                match self.read_text(text) {
                    Ok(said) if Some(said.score) == lowest => {
                        wrong(format!("every answer reaches `{}`, the worst grade", said.shown), self.to_string())
                    }
                    Ok(Said { shown, score }) => Ok(Threshold { score, shown }),
                    Err(_) => {
                        let names: Vec<&str> = grades.iter().map(|(name, _)| name.as_str()).collect();
                        let hint = match closest(text, names.iter().copied()) {
                            Some(meant) => format!("did you mean `{meant}`?"),
                            None => format!("one of {}, or a score from 0 to 1", names.join(", ")),
                        };
                        wrong(format!("{written} is none of the grades"), hint)
                    }
                }
            }
            (Self::PassFail | Self::Named(_), Some(value)) if value > 0.0 && value <= 1.0 => {
                Ok(Threshold { score: value, shown: value.to_string() })
            }
            (Self::Range { low, high }, Some(value)) => {
                let share = (value - low) / (high - low);
                // `0.7` on a scale from 0 to 10 is a share that was meant, and would pass nearly everything.
                let mistaken = *low >= 0.0 && *high > 1.0 && value > 0.0 && value < 1.0;
                if share > 0.0 && share <= 1.0 && !mistaken {
                    return Ok(Threshold { score: share, shown: value.to_string() });
                }
                if (value - low).abs() < ROUNDING {
                    return wrong(format!("every answer reaches {low}, the worst score"), "it has to be higher".into());
                }
                let hint = if value > 0.0 && value < 1.0 {
                    let percent = (value * 100.0 * 1e6).round() / 1e6;
                    let same = ((low + value * (high - low)) * 1e6).round() / 1e6;
                    format!("a threshold is in the scale's own unit: `{same}`, or `{percent}%` for a share")
                } else {
                    format!("above {low} and at most {high}; or a share of the scale, such as `70%`")
                };
                wrong(format!("{value} is not a threshold on the scale {self}"), hint)
            }
            _ => wrong(
                format!("expected a threshold, got {written}"),
                "a number above 0 and at most 1, or a share such as `70%`".to_owned(),
            ),
        }
    }

    fn middle(&self) -> Threshold {
        let shown = match self {
            Self::Range { low, high } => f64::midpoint(*low, *high).to_string(),
            _ => "0.5".to_owned(),
        };
        Threshold { score: 0.5, shown }
    }
}

/// A word as it is compared: lower case, letters and digits only.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A number by itself: `4`, `4/5`, `4 out of 5`, with signs of emphasis around it. Of another whole than the scale's it
/// is none.
fn number(text: &str, high: f64) -> Option<f64> {
    static NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"(?i)^[\s"'(\[]*(-?\d+(?:\.\d+)?)(?:\s*(?:/|of|out of)\s*(\d+(?:\.\d+)?))?[\s"')\].]*$"#).ok()
    });
    let text = text.replace(['*', '_', '`'], "");
    let found = NUMBER.as_ref()?.captures(&text)?;
    let whole = found.get(2).map(|whole| whole.as_str().parse::<f64>());
    match whole {
        Some(Ok(whole)) if (whole - high).abs() > ROUNDING => None,
        Some(Err(_)) => None,
        _ => found.get(1)?.as_str().parse().ok(),
    }
}
