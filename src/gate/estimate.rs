//! What is known of a metric: its value, and the bounds within which the unknown cells could move it.

use std::str::FromStr;

use crate::stats::{mean, quantile};
use crate::units::Usd;

use super::expression::{Counted, Limit, Metric, Sample, Statistic};
use super::measures::Measures;

/// A metric's value and bounds, in the unit of its limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Estimate {
    /// Of the known cells; `None` where there are none.
    pub(super) point: Option<f64>,
    /// With every unknown cell at its least.
    pub(super) low: f64,
    /// With every unknown cell at its most; may be infinite.
    pub(super) high: f64,
}

/// The metric of a model, in the unit of `limit`.
///
/// # Errors
/// Why nothing is known of it.
pub(super) fn estimate(metric: Metric, limit: Limit, measures: &Measures) -> Result<Estimate, String> {
    if measures.cells == 0 {
        return Err("no cell was asked".to_owned());
    }
    let unknown = measures.unknown() as f64;
    let among_judged = |known: f64| {
        let judged = measures.judged() as f64;
        Estimate {
            point: (judged > 0.0).then(|| known / judged),
            low: known / (judged + unknown),
            high: (known + unknown) / (judged + unknown),
        }
    };
    match metric {
        Metric::Accuracy => Ok(among_judged(measures.pass as f64)),
        Metric::ScoreMean => Ok(among_judged(measures.score_sum)),
        Metric::Sample(sample, statistic) => of_sample(sample, statistic, measures),
        Metric::CostTotal | Metric::CostPerPass => of_cost(metric, measures),
        Metric::Count(counted) => {
            let (known, unknown) = match counted {
                Counted::Errors => (measures.error, measures.skipped),
                Counted::Timeouts => (measures.timeout, measures.skipped),
                Counted::Skipped => (measures.skipped, 0),
            };
            let of = if matches!(limit, Limit::Share(_)) { measures.cells as f64 } else { 1.0 };
            let low = known as f64 / of;
            Ok(Estimate { point: Some(low), low, high: (known + unknown) as f64 / of })
        }
    }
}

fn of_sample(sample: Sample, statistic: Statistic, measures: &Measures) -> Result<Estimate, String> {
    let (sorted, noun) = match sample {
        Sample::Latency => (&measures.latencies_ms, "latency"),
        Sample::Ttft => (&measures.ttfts_ms, "time to first token"),
        Sample::TokensPerSecond => (&measures.tokens_per_s, "token rate"),
    };
    let sum_up = |sorted: &[f64]| match statistic {
        Statistic::Mean => mean(sorted),
        Statistic::Quantile(p) => quantile(sorted, p),
    };
    let Some(point) = sum_up(sorted) else {
        return Err(if measures.answered == 0 {
            "no cell was answered".to_owned()
        } else {
            format!("no {noun} was measured")
        });
    };
    let unknown = usize::try_from(measures.unanswered()).unwrap_or(usize::MAX);
    if unknown == 0 {
        return Ok(Estimate { point: Some(point), low: point, high: point });
    }
    let fastest: Vec<f64> = std::iter::repeat_n(0.0, unknown).chain(sorted.iter().copied()).collect();
    let slowest: Vec<f64> = sorted.iter().copied().chain(std::iter::repeat_n(f64::INFINITY, unknown)).collect();
    let high = match statistic {
        Statistic::Mean => f64::INFINITY,
        Statistic::Quantile(p) => quantile(&slowest, p).unwrap_or(f64::INFINITY),
    };
    Ok(Estimate { point: Some(point), low: sum_up(&fastest).unwrap_or(0.0), high })
}

fn of_cost(metric: Metric, measures: &Measures) -> Result<Estimate, String> {
    let Some(known) = measures.cost else { return Err("no cost was reported".to_owned()) };
    let whole = measures.unknown() == 0 && measures.cost_unknown == 0;
    let per = |amount: Usd, passes: u64| match amount.per(passes) {
        Some(each) => dollars(each),
        None => f64::INFINITY,
    };
    let (point, low) = match metric {
        Metric::CostPerPass if measures.pass == 0 && whole && known == Usd::ZERO => {
            return Err("no cell passed, and nothing was paid".to_owned());
        }
        Metric::CostPerPass => (per(known, measures.pass), per(known, measures.pass + measures.unknown())),
        _ => (dollars(known), dollars(known)),
    };
    Ok(Estimate { point: Some(point), low, high: if whole { point } else { f64::INFINITY } })
}

/// Through text, which rounds to the nearest, as limits are read.
fn dollars(amount: Usd) -> f64 {
    f64::from_str(&amount.decimal().to_string()).unwrap_or(f64::NAN)
}
