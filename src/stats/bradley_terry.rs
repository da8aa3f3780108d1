//! Strengths from who beat whom: the Bradley–Terry model.
//!
//! In: (weighted) wins and ties between models. Out: each model's strength with its uncertainty, on a logarithmic and on
//! an Elo-like scale; and plain win rates. The chance that i beats j is σ(θᵢ − θⱼ), σ(x) = 1 / (1 + e⁻ˣ).
//!
//! R. A. Bradley, M. E. Terry, "Rank Analysis of Incomplete Block Designs: I", Biometrika 39, 1952, 324–345.

mod laplacian;

use self::laplacian::Laplacian;
use super::{inverse_normal, wilson_at_rate};

/// The wins that every model has for a start, and as many losses, against an imagined average model of strength 0: so a
/// model that never lost stays finite, and models that never met can be compared, with wide intervals. One half is what
/// is usually added to counts for the same reason (J. B. S. Haldane, Annals of Human Genetics 20, 1956, 309–311).
const PRIOR: f64 = 0.5;

/// The Elo points of the average model, and the points that make the odds ten to one.
const ELO_MEAN: f64 = 1000.0;
const ELO_TENFOLD: f64 = 400.0;

/// Who beat whom how often.
#[derive(Debug, Clone, PartialEq)]
pub struct Wins {
    models: usize,
    wins: Vec<f64>,
}

impl Wins {
    /// Nobody has met yet.
    pub fn new(models: usize) -> Self {
        Self { models, wins: vec![0.0; models * models] }
    }

    /// How many models there are.
    pub fn models(&self) -> usize {
        self.models
    }

    /// Adds a win; the weight is 1 for one comparison, ½ for one of two that are made of the same pair of answers.
    /// `false`, and nothing is added, for a model that is not there, for one against itself, and for a weight that is
    /// not a positive number.
    #[must_use = "a comparison that cannot be is not counted"]
    pub fn win(&mut self, winner: usize, loser: usize, weight: f64) -> bool {
        let valid =
            winner < self.models && loser < self.models && winner != loser && weight > 0.0 && weight.is_finite();
        if valid {
            self.wins[winner * self.models + loser] += weight;
        }
        valid
    }

    /// Adds a tie: half a win for each. `false` as for [`Wins::win`].
    #[must_use = "a comparison that cannot be is not counted"]
    pub fn tie(&mut self, one: usize, other: usize, weight: f64) -> bool {
        self.win(one, other, weight / 2.0) && self.win(other, one, weight / 2.0)
    }

    /// The wins of one model against another, ties as halves.
    pub fn between(&self, winner: usize, loser: usize) -> f64 {
        if winner < self.models && loser < self.models { self.wins[winner * self.models + loser] } else { 0.0 }
    }

    /// The wins of a model against all, ties as halves.
    pub fn won(&self, model: usize) -> f64 {
        (0..self.models).map(|other| self.between(model, other)).sum()
    }

    /// The comparisons a model was in.
    pub fn games(&self, model: usize) -> f64 {
        self.won(model) + (0..self.models).map(|other| self.between(other, model)).sum::<f64>()
    }

    /// The share of its comparisons that a model won, ties as halves, with Wilson's interval; `None` without any. Weights
    /// count as shares of a comparison. The interval takes comparisons for independent.
    pub fn win_rate(&self, model: usize, confidence: f64) -> Option<WinRate> {
        let games = self.games(model);
        let rate = self.won(model) / games;
        let (low, high) = wilson_at_rate(rate, games, confidence)?;
        Some(WinRate { rate, low, high, games })
    }

    /// The comparisons of two models.
    fn met(&self, one: usize, other: usize) -> f64 {
        self.between(one, other) + self.between(other, one)
    }
}

/// How often a model wins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WinRate {
    /// 0 to 1, ties as halves.
    pub rate: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// Of how many comparisons.
    pub games: f64,
}

/// A figure with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// Strengths of models, around a mean of 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    strengths: Vec<f64>,
    /// Of the strengths around their mean, row by row.
    covariance: Vec<f64>,
}

impl Ranking {
    /// The logarithm of a model's strength; the mean of all is 0. `None` for a model that is not there.
    pub fn strength(&self, model: usize) -> Option<f64> {
        self.strengths.get(model).copied()
    }

    /// The standard error of [`Ranking::strength`].
    pub fn standard_error(&self, model: usize) -> Option<f64> {
        self.strength(model).map(|_| self.covariance(model, model).max(0.0).sqrt())
    }

    /// A model's strength in Elo points: 1000 on average, 400 more for odds of ten to one.
    pub fn elo(&self, model: usize, confidence: f64) -> Option<Estimate> {
        let scale = ELO_TENFOLD / std::f64::consts::LN_10;
        let Estimate { value, low, high } = estimate(self.strength(model)?, self.standard_error(model)?, confidence)?;
        let elo = |x: f64| ELO_MEAN + scale * x;
        Some(Estimate { value: elo(value), low: elo(low), high: elo(high) })
    }

    /// How much stronger one model is than another, with an interval: where it leaves out 0, they differ.
    pub fn difference(&self, one: usize, other: usize, confidence: f64) -> Option<Estimate> {
        let value = self.strength(one)? - self.strength(other)?;
        let (own, shared) = (self.covariance(one, one) + self.covariance(other, other), self.covariance(one, other));
        estimate(value, (own - 2.0 * shared).max(0.0).sqrt(), confidence)
    }

    /// The chance that one model beats another.
    pub fn beats(&self, one: usize, other: usize) -> Option<f64> {
        Some(sigmoid(self.strength(one)? - self.strength(other)?))
    }

    /// The models from the strongest to the weakest; equals in the order they were given.
    pub fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.strengths.len()).collect();
        order.sort_by(|&a, &b| self.strengths[b].total_cmp(&self.strengths[a]));
        order
    }

    fn covariance(&self, one: usize, other: usize) -> f64 {
        self.covariance[one * self.strengths.len() + other]
    }
}

fn estimate(value: f64, error: f64, confidence: f64) -> Option<Estimate> {
    let z = inverse_normal(f64::midpoint(1.0, confidence)).filter(|z| *z > 0.0 && z.is_finite())?;
    Some(Estimate { value, low: value - z * error, high: value + z * error })
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// The strengths that make the outcomes most likely, the prior's among them; `None` without models, and where the weights add up to
/// infinity.
///
/// Found by Newton's method, no strength moving by more than ½ a step: the likelihood is strictly concave and changes its
/// curvature so slowly (F. Bach, "Self-concordant analysis for logistic regression", Electronic Journal of Statistics 4,
/// 2010, 384–414, proposition 1) that each such step climbs, from any start. D. R. Hunter's MM algorithm (Annals of
/// Statistics 32, 2004, 384–406) climbs to the same place, but needs thousands of rounds where outcomes are one-sided.
///
/// The covariance is the inverse of the observed information, projected on strengths of mean 0.
pub fn bradley_terry(wins: &Wins) -> Option<Ranking> {
    /// The largest step, and how many: strengths beyond their product have odds of e^1000.
    const STEP: f64 = 0.5;
    const STEPS: usize = 2000;
    if wins.models == 0 {
        return None;
    }
    let mut strengths = vec![0.0; wins.models];
    for _ in 0..STEPS {
        let step = information(wins, &strengths)?.solve(&gradient(wins, &strengths));
        let largest = step.iter().fold(0.0, |largest: f64, step| largest.max(step.abs()));
        let part = (STEP / largest).min(1.0);
        for (strength, step) in strengths.iter_mut().zip(&step) {
            *strength += part * step;
        }
        if largest < 1e-10 {
            break;
        }
    }
    let n = wins.models;
    let inverse = information(wins, &strengths)?.inverse();
    let row_means: Vec<f64> = inverse.chunks(n).map(|row| row.iter().sum::<f64>() / n as f64).collect();
    let grand = row_means.iter().sum::<f64>() / n as f64;
    let centred = |at: usize| inverse[at] - row_means[at / n] - row_means[at % n] + grand;
    let covariance = (0..n * n).map(centred).collect();
    let mean = strengths.iter().sum::<f64>() / n as f64;
    Some(Ranking { strengths: strengths.into_iter().map(|strength| strength - mean).collect(), covariance })
}

/// Wins beyond those expected: each unexpected win less each unexpected loss, so that large numbers do not cancel.
fn gradient(wins: &Wins, strengths: &[f64]) -> Vec<f64> {
    let of = |model: usize| {
        let surprise = |other: usize| {
            let ahead = strengths[model] - strengths[other];
            wins.between(model, other) * sigmoid(-ahead) - wins.between(other, model) * sigmoid(ahead)
        };
        let own = strengths[model];
        (0..wins.models).map(surprise).sum::<f64>() + PRIOR * (sigmoid(-own) - sigmoid(own))
    };
    (0..wins.models).map(of).collect()
}

/// The observed information: minus the second derivatives of the log-likelihood.
fn information(wins: &Wins, strengths: &[f64]) -> Option<Laplacian> {
    let n = wins.models;
    let spread = |difference: f64| sigmoid(difference) * sigmoid(-difference);
    let weight = |one: usize, other: usize| wins.met(one, other) * spread(strengths[one] - strengths[other]);
    let weights = (0..n * n).map(|at| weight(at / n, at % n)).collect();
    Laplacian::of(weights, strengths.iter().map(|&strength| 2.0 * PRIOR * spread(strength)).collect())
}

#[cfg(test)]
mod tests;
