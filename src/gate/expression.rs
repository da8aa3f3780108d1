//! A gate as it was understood: metric, models, operator, limit.

use std::fmt;
use std::ops::Range;

/// A gate that can be judged. Made by [`Gate::parse`].
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    /// As it was written.
    pub text: String,
    pub(super) metric: Metric,
    /// The models named in brackets; `None`: every model.
    pub(super) models: Option<Vec<String>>,
    pub(super) operator: Operator,
    pub(super) limit: Limit,
}

impl Gate {
    /// Whether the gate holds for a model: it stands in the brackets, or there are none.
    pub fn holds_for(&self, model: &str) -> bool {
        self.models.as_ref().is_none_or(|models| models.iter().any(|name| name == model))
    }

    /// The models named in brackets, globs resolved; `None` where the gate holds for every model.
    pub fn models(&self) -> Option<&[String]> {
        self.models.as_deref()
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text.trim())
    }
}

/// A mistake in a gate, with the byte range of its text to underline.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct GateError {
    /// What is wrong.
    pub message: String,
    /// The part of the text that is wrong.
    pub span: Range<usize>,
    /// What to write instead.
    pub hint: Option<String>,
}

/// What is compared with the limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Metric {
    Accuracy,
    ScoreMean,
    Sample(Sample, Statistic),
    CostTotal,
    CostPerPass,
    Count(Counted),
}

/// Something measured of every answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sample {
    Latency,
    Ttft,
    TokensPerSecond,
}

/// How a sample is summed up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Statistic {
    Mean,
    /// From 0 to 1.
    Quantile(f64),
}

/// A verdict that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    Errors,
    Timeouts,
    Skipped,
}

/// How metric and limit are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    AtLeast,
    AtMost,
    Above,
    Below,
    Equal,
}

impl Operator {
    pub(super) const ALL: [(&'static str, Self); 5] =
        [(">=", Self::AtLeast), ("<=", Self::AtMost), (">", Self::Above), ("<", Self::Below), ("==", Self::Equal)];
}

/// The right side, in the unit of its metric.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Limit {
    /// A share of 1: of accuracy, mean score and rates of errors.
    Share(f64),
    /// A number of cells.
    Cells(f64),
    /// Milliseconds.
    Milliseconds(f64),
    /// Tokens a second.
    PerSecond(f64),
    /// US dollars.
    Dollars(f64),
}

impl Limit {
    pub(super) const fn value(self) -> f64 {
        match self {
            Self::Share(x) | Self::Cells(x) | Self::Milliseconds(x) | Self::PerSecond(x) | Self::Dollars(x) => x,
        }
    }
}
