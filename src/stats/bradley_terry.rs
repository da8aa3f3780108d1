//! Strengths from who beat whom: the Bradley–Terry model.
//!
//! In: (weighted) wins and ties between models. Out: each model's strength with its uncertainty, on a logarithmic and on
//! an Elo-like scale; and plain win rates. The chance that i beats j is σ(θᵢ − θⱼ), σ(x) = 1 / (1 + e⁻ˣ).
//!
//! R. A. Bradley, M. E. Terry, "Rank Analysis of Incomplete Block Designs: I", Biometrika 39, 1952, 324–345.

mod matrix;

use self::matrix::Cholesky;
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

/// The strengths that make the outcomes most likely, the prior's among them; `None` without models.
///
/// Found by the MM algorithm of D. R. Hunter, "MM algorithms for generalized Bradley–Terry models", Annals of Statistics
/// 32, 2004, 384–406, which always climbs but slowly where outcomes are one-sided, and finished by Newton's method. The
/// covariance is the inverse of the observed information, projected on strengths of mean 0.
pub fn bradley_terry(wins: &Wins) -> Option<Ranking> {
    /// Rounds of the MM algorithm: enough for Newton's method to start well.
    const CLIMBS: usize = 50;
    const STEPS: usize = 100;
    if wins.models == 0 {
        return None;
    }
    let mut strengths = vec![0.0; wins.models];
    for _ in 0..CLIMBS {
        climb(wins, &mut strengths);
    }
    for _ in 0..STEPS {
        let gradient = gradient(wins, &strengths);
        let step = Cholesky::of(&information(wins, &strengths), wins.models)?.solve(&gradient);
        let Some(better) = line_search(wins, &strengths, &step) else { break };
        strengths = better;
        if step.iter().all(|step| step.abs() < 1e-13) {
            break;
        }
    }
    let n = wins.models;
    let inverse = Cholesky::of(&information(wins, &strengths), n)?.inverse();
    let row_means: Vec<f64> = inverse.chunks(n).map(|row| row.iter().sum::<f64>() / n as f64).collect();
    let grand = row_means.iter().sum::<f64>() / n as f64;
    let centred = |at: usize| inverse[at] - row_means[at / n] - row_means[at % n] + grand;
    let covariance = (0..n * n).map(centred).collect();
    let mean = strengths.iter().sum::<f64>() / n as f64;
    Some(Ranking { strengths: strengths.into_iter().map(|strength| strength - mean).collect(), covariance })
}

/// One round: each strength is set to what its wins ask for, given the others.
fn climb(wins: &Wins, strengths: &mut [f64]) {
    for model in 0..wins.models {
        let own = strengths[model].exp();
        let others = (0..wins.models).filter(|&other| other != model);
        let met: f64 = others.map(|other| wins.met(model, other) / (own + strengths[other].exp())).sum();
        strengths[model] = ((wins.won(model) + PRIOR) / (met + 2.0 * PRIOR / (own + 1.0))).ln();
    }
}

/// Wins beyond those expected.
fn gradient(wins: &Wins, strengths: &[f64]) -> Vec<f64> {
    let of = |model: usize| {
        let expected = |other: usize| wins.met(model, other) * sigmoid(strengths[model] - strengths[other]);
        let met: f64 = (0..wins.models).filter(|&other| other != model).map(expected).sum();
        wins.won(model) + PRIOR - met - 2.0 * PRIOR * sigmoid(strengths[model])
    };
    (0..wins.models).map(of).collect()
}

/// The observed information, row by row: minus the second derivatives of the log-likelihood.
fn information(wins: &Wins, strengths: &[f64]) -> Vec<f64> {
    let n = wins.models;
    let spread = |difference: f64| sigmoid(difference) * sigmoid(-difference);
    let mut information = vec![0.0; n * n];
    for one in 0..n {
        information[one * n + one] += 2.0 * PRIOR * spread(strengths[one]);
        for other in (0..n).filter(|&other| other != one) {
            let weight = wins.met(one, other) * spread(strengths[one] - strengths[other]);
            information[one * n + one] += weight;
            information[one * n + other] -= weight;
        }
    }
    information
}

fn log_likelihood(wins: &Wins, strengths: &[f64]) -> f64 {
    // ln σ(x), exact at both ends.
    let log_sigmoid = |x: f64| x.min(0.0) - (-x.abs()).exp().ln_1p();
    let games = (0..wins.models).flat_map(|one| (0..wins.models).map(move |other| (one, other)));
    let played = games.map(|(one, other)| wins.between(one, other) * log_sigmoid(strengths[one] - strengths[other]));
    let prior = strengths.iter().map(|&strength| PRIOR * (log_sigmoid(strength) + log_sigmoid(-strength)));
    played.sum::<f64>() + prior.sum::<f64>()
}

/// The strengths a step further, or a part of it where the whole leads downhill; `None` at the top.
fn line_search(wins: &Wins, strengths: &[f64], step: &[f64]) -> Option<Vec<f64>> {
    let here = log_likelihood(wins, strengths);
    // At the top, rounding alone decides which of two is higher.
    let slack = 1e-12 * (1.0 + here.abs());
    let parts = std::iter::successors(Some(1.0), |part| Some(part / 2.0)).take(40);
    let tried =
        parts.map(|part: f64| strengths.iter().zip(step).map(|(x, step)| x + part * step).collect::<Vec<f64>>());
    tried.into_iter().find(|there| log_likelihood(wins, there) >= here - slack)
}

#[cfg(test)]
mod tests;
