//! The decision on a gate and the line that tells it to people.

use crate::stats::{wilson, wilson_at_rate};
use crate::text::one_line;
use crate::units::{Usd, human_duration, human_usd};

use super::estimate::{Estimate, estimate};
use super::expression::{Counted, Gate, Limit, Metric, Operator, Sample};
use super::measures::Measures;

/// What became of a gate for one model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It holds, whatever the unknown cells would have been.
    Passed,
    /// It does not hold, whatever the unknown cells would have been.
    Failed,
    /// It could be either.
    Inconclusive,
}

impl Outcome {
    /// The word in every output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Inconclusive => "inconclusive",
        }
    }
}

/// A gate judged for one model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// What became of it.
    pub outcome: Outcome,
    /// For people: the gate, the model, the outcome, the value and how sure it is, on one line.
    pub line: String,
}

/// The confidence of the interval that is shown where none is asked for.
const SHOWN_CONFIDENCE: f64 = 0.95;

impl Gate {
    /// Judges the gate for one model. Whether it holds for that model is asked with [`Gate::holds_for`].
    ///
    /// The gate is judged with every unknown cell at its best and at its worst; where the two differ it is
    /// inconclusive. With a `confidence` in (0, 1) an accuracy needs its whole Wilson interval on one side of the
    /// limit; all other metrics go by their value then too.
    pub fn judge(&self, measures: &Measures, confidence: Option<f64>) -> Judged {
        let (outcome, detail) = match estimate(self.metric, self.limit, measures) {
            Err(reason) => (Outcome::Inconclusive, format!("{reason}{}", besides(self.metric, measures))),
            Ok(estimate) => self.weigh(&estimate, measures, confidence),
        };
        let (gate, model) = (one_line(self.text.trim()), one_line(&measures.model));
        Judged { outcome, line: format!("{gate}  {model}  {}: {detail}", outcome.as_str()) }
    }

    fn weigh(&self, estimate: &Estimate, measures: &Measures, confidence: Option<f64>) -> (Outcome, String) {
        let by_cells = self.decide(estimate.low, estimate.high);
        let mut detail = self.value(estimate, measures);
        let judged = measures.judged();
        if self.metric == Metric::Accuracy {
            let level = confidence.unwrap_or(SHOWN_CONFIDENCE);
            if let Some((low, high)) = wilson(measures.pass, judged, level) {
                let (low, high) = (self.share(low), self.share(high));
                let (level, low) = (rounded(level * 100.0, 5), low.trim_end_matches('%'));
                detail.extend([", ", &level, "% interval ", low, "–", &high]);
            }
        }
        detail += &besides(self.metric, measures);
        if by_cells == Outcome::Inconclusive {
            detail += &self.doubt(estimate);
            return (by_cells, detail);
        }
        let Some(confidence) = confidence else { return (by_cells, detail) };
        match self.metric {
            Metric::Accuracy => {
                let outcome = self.with_confidence(measures, confidence);
                if outcome == Outcome::Inconclusive {
                    detail += &self.would_decide(measures, confidence);
                }
                (outcome, detail)
            }
            Metric::Count(_) => (by_cells, detail),
            _ => (by_cells, detail + ", by its value: this metric has no interval"),
        }
    }

    /// The outcome where the metric lies anywhere between two bounds.
    fn decide(&self, low: f64, high: f64) -> Outcome {
        let limit = self.limit.value();
        // Sums of scores carry rounding: a mean of ten scores of 0.1 shall be at least 0.1.
        let slack = if self.metric == Metric::ScoreMean { 1e-9 } else { 0.0 };
        let holds = |x: f64| match self.operator {
            Operator::AtLeast => x >= limit - slack,
            Operator::AtMost => x <= limit + slack,
            Operator::Above => x > limit + slack,
            Operator::Below => x < limit - slack,
            Operator::Equal => (x - limit).abs() <= slack,
        };
        match (holds(low), holds(high)) {
            (true, true) => Outcome::Passed,
            // Equality can hold between two bounds that both miss it.
            (false, false) if self.operator != Operator::Equal || limit < low || limit > high => Outcome::Failed,
            _ => Outcome::Inconclusive,
        }
    }

    /// The outcome where the whole interval has to be on one side, for every reading of the unknown cells.
    fn with_confidence(&self, measures: &Measures, confidence: f64) -> Outcome {
        let n = measures.judged() + measures.unknown();
        let low = wilson(measures.pass, n, confidence).map_or(0.0, |(low, _)| low);
        let high = wilson(measures.pass + measures.unknown(), n, confidence).map_or(1.0, |(_, high)| high);
        self.decide(low, high)
    }

    /// How many more cases at the same rate would put the interval on one side.
    fn would_decide(&self, measures: &Measures, confidence: f64) -> String {
        let judged = measures.judged() as f64;
        let rate = measures.pass as f64 / judged;
        let decided = |n: f64| {
            wilson_at_rate(rate, n, confidence)
                .is_some_and(|(low, high)| self.decide(low, high) != Outcome::Inconclusive)
        };
        let mut enough = judged;
        while !decided(enough) {
            enough *= 2.0;
            if enough > 1e9 {
                return ", no number of cases at this rate would decide it".to_owned();
            }
        }
        let mut too_few = (enough / 2.0).max(judged);
        while enough - too_few > 0.5 {
            let middle = f64::midpoint(too_few, enough);
            if decided(middle) { enough = middle } else { too_few = middle }
        }
        let more = (enough - judged).ceil().max(1.0);
        if more < 1.5 {
            return ", about one more case like these would decide it".to_owned();
        }
        format!(", about {} more cases like these would decide it", rounded(more, 2))
    }

    /// The metric's value in words.
    fn value(&self, estimate: &Estimate, measures: &Measures) -> String {
        let Some(point) = estimate.point else { return "no cell could be graded".to_owned() };
        match self.metric {
            Metric::Accuracy => format!("{} ({}/{})", self.share(point), measures.pass, measures.judged()),
            Metric::ScoreMean => format!("{} over {}", self.show(point), cells(measures.judged())),
            Metric::Sample(sample, _) => {
                let known = match sample {
                    Sample::Latency => &measures.latencies_ms,
                    Sample::Ttft => &measures.ttfts_ms,
                    Sample::TokensPerSecond => &measures.tokens_per_s,
                };
                format!("{} over {}", self.show(point), cells(known.len() as u64))
            }
            Metric::CostTotal => self.show(point),
            Metric::CostPerPass if measures.pass == 0 => {
                format!("{} and no cell passed", measures.cost.map(human_usd).unwrap_or_default())
            }
            Metric::CostPerPass => {
                let passed = if measures.pass == 1 { "one pass" } else { "passes" };
                let count = if measures.pass == 1 { String::new() } else { format!("{} ", measures.pass) };
                format!(
                    "{} ({} for {count}{passed})",
                    self.show(point),
                    measures.cost.map(human_usd).unwrap_or_default()
                )
            }
            Metric::Count(counted) => {
                let count = match counted {
                    Counted::Errors => measures.error,
                    Counted::Timeouts => measures.timeout,
                    Counted::Skipped => measures.skipped,
                };
                let share = plain_percent(count as f64 / measures.cells as f64);
                format!("{count} of {} ({share})", cells(measures.cells))
            }
        }
    }

    /// What the unknown cells could make of the metric.
    fn doubt(&self, estimate: &Estimate) -> String {
        if estimate.high.is_infinite() {
            format!(", which could make it anything from {} up", self.show(estimate.low))
        } else {
            format!(", which could make it {} to {}", self.show(estimate.low), self.show(estimate.high))
        }
    }

    /// A value in the unit of the limit, with as many digits as tell it from the limit.
    fn show(&self, x: f64) -> String {
        match self.limit {
            Limit::Share(_) if self.metric != Metric::ScoreMean => self.share(x),
            Limit::Share(limit) => tell_apart(x, limit, 3, 6, |x, digits| format!("{x:.digits$}")),
            Limit::Cells(_) => format!("{x:.0}"),
            Limit::Milliseconds(limit) => tell_apart(x, limit, 0, 2, duration),
            Limit::PerSecond(limit) => tell_apart(x, limit, 1, 4, |x, digits| format!("{x:.digits$}/s")),
            Limit::Dollars(limit) => tell_apart(x, limit, 0, 1, money),
        }
    }

    /// A share as a percentage, with as many digits as tell it from the limit.
    fn share(&self, x: f64) -> String {
        tell_apart(x, self.limit.value(), 1, 4, |x, digits| format!("{:.digits$}%", x * 100.0))
    }
}

/// The shortest form from `digits` to `most` that does not make a value look like the limit it misses.
fn tell_apart(x: f64, limit: f64, digits: usize, most: usize, form: impl Fn(f64, usize) -> String) -> String {
    let mut shown = form(x, digits);
    for more in digits + 1..=most {
        if x.total_cmp(&limit).is_eq() || shown != form(limit, more - 1) {
            break;
        }
        shown = form(x, more);
    }
    shown
}

fn plain_percent(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}

/// Milliseconds for a person: short, with two decimals, or to the microsecond.
fn duration(ms: f64, precision: usize) -> String {
    let duration = std::time::Duration::try_from_secs_f64(ms.max(0.0) / 1000.0).unwrap_or(std::time::Duration::MAX);
    match precision {
        0 => human_duration(duration),
        1 if ms >= 1000.0 => format!("{:.2}s", ms / 1000.0),
        _ => format!("{ms:.3}ms"),
    }
}

/// Dollars for a person: short, or to the last digit.
fn money(amount: f64, precision: usize) -> String {
    let exact = amount.to_string();
    match (precision, Usd::from_json(&exact)) {
        (0, Some(usd)) => human_usd(usd),
        _ => format!("${exact}"),
    }
}

/// A positive number to so many significant digits, without an exponent.
fn rounded(x: f64, significant: i32) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "the logarithm of a finite number is small")]
    let magnitude = x.max(1e-9).log10().floor() as i32;
    let scale = 10_f64.powi(significant - 1 - magnitude);
    ((x * scale).round() / scale).to_string()
}

fn cells(n: u64) -> String {
    if n == 1 { "one cell".to_owned() } else { format!("{n} cells") }
}

/// The cells that the metric leaves out, to stand beside its value.
fn besides(metric: Metric, measures: &Measures) -> String {
    let timed_out = matches!(metric, Metric::Sample(..)).then_some((measures.timeout, "timed out"));
    let is_count = matches!(metric, Metric::Count(_));
    let in_error = (!is_count).then_some((measures.error, "in error"));
    let skipped = (metric != Metric::Count(Counted::Skipped)).then_some((measures.skipped, "skipped"));
    let uncosted =
        matches!(metric, Metric::CostTotal | Metric::CostPerPass).then_some((measures.cost_unknown, "of unknown cost"));
    let parts: Vec<String> = [timed_out, in_error, skipped, uncosted]
        .into_iter()
        .flatten()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if parts.is_empty() { String::new() } else { format!(", besides {}", parts.join(", ")) }
}
