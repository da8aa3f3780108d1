//! Comparisons → win rates, a ranking and what the order of the answers did.

use std::collections::HashMap;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::record::{PairRecord, Pick};
use crate::stats::{Ranking, Wins, bradley_terry, quantile};

/// Resamples of the bootstrap.
const RESAMPLES: usize = 1000;

/// Comparisons that the bootstrap draws at most in all: with more of them intervals are narrow anyway.
const DRAWS: usize = 50_000_000;

/// One comparison between two models.
#[derive(Debug, Clone, Copy)]
struct Game {
    a: u16,
    b: u16,
    winner: Pick,
}

/// Collects comparisons.
#[derive(Debug)]
pub struct Tally {
    models: Vec<String>,
    index: HashMap<String, u16>,
    /// Games of one case: the case is what is drawn by the bootstrap, as its games are not independent.
    cases: HashMap<String, Vec<Game>>,
    failed: u64,
    order: OrderEffect,
}

/// What the order of the two answers did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OrderEffect {
    /// Comparisons with a winner or a tie.
    pub compared: u64,
    /// Of those: of two different answers, so that the judge was asked in both orders.
    pub asked: u64,
    /// Of those asked: the same winner, or a tie, in both orders.
    pub consistent: u64,
    /// Opinions, two a comparison, for the answer that stood first.
    pub first: u64,
    /// Opinions for the answer that stood second.
    pub second: u64,
}

impl OrderEffect {
    /// How often the answer that stood first was picked, of all opinions that picked one. Without a bias ½: every pair
    /// was shown in both orders.
    pub fn first_share(&self) -> Option<f64> {
        let picked = self.first + self.second;
        (picked > 0).then(|| self.first as f64 / picked as f64)
    }
}

/// How a model did.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// The model's name.
    pub model: String,
    /// Comparisons it won.
    pub wins: u64,
    /// Comparisons it lost.
    pub losses: u64,
    /// Comparisons nobody won.
    pub ties: u64,
    /// (wins + ties / 2) / comparisons.
    pub win_rate: Option<f64>,
    /// Its 95 % interval.
    pub win_rate_interval: Option<(f64, f64)>,
    /// Bradley–Terry strength on the scale of Elo: 1000 on average, 400 more is 10 : 1.
    pub rating: Option<f64>,
    /// Its 95 % interval.
    pub rating_interval: Option<(f64, f64)>,
}

/// All models, the strongest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Standings {
    /// By rating, then by name.
    pub rows: Vec<Standing>,
    /// What the order of the answers did.
    pub order: OrderEffect,
    /// Comparisons without an opinion in some order: they count for nobody.
    pub failed: u64,
}

impl Tally {
    /// For these models, in plan order.
    pub fn new(models: &[String]) -> Self {
        let index = models.iter().cloned().zip(0..).collect();
        Self { models: models.to_vec(), index, cases: HashMap::new(), failed: 0, order: OrderEffect::default() }
    }

    /// Takes in a comparison; one of a model that is not there is left out.
    pub fn add(&mut self, record: &PairRecord) {
        let (Some(&a), Some(&b)) = (self.index.get(&record.a), self.index.get(&record.b)) else { return };
        let Some(winner) = record.winner() else {
            self.failed += 1;
            return;
        };
        let order = &mut self.order;
        order.compared += 1;
        // Of the same answer twice there is no opinion.
        if let (Some(a_first), Some(b_first)) = (&record.a_first, &record.b_first) {
            order.asked += 1;
            order.consistent += u64::from(a_first.pick == b_first.pick);
            order.first += u64::from(a_first.pick == Pick::A) + u64::from(b_first.pick == Pick::B);
            order.second += u64::from(a_first.pick == Pick::B) + u64::from(b_first.pick == Pick::A);
        }
        self.cases.entry(record.case.clone()).or_default().push(Game { a, b, winner });
    }

    /// The standings. Intervals are percentiles of a bootstrap over cases (B. Efron, "Bootstrap Methods: Another Look at
    /// the Jackknife", Annals of Statistics 7, 1979), drawn by the seed: the comparisons of one case go together.
    pub fn standings(&self, seed: u64) -> Standings {
        // In an order of their own, so that the same comparisons give the same figures however they arrived.
        let mut cases: Vec<(&String, &Vec<Game>)> = self.cases.iter().collect();
        cases.sort_unstable_by_key(|&(case, _)| case);
        let cases: Vec<&[Game]> = cases.into_iter().map(|(_, games)| games.as_slice()).collect();
        let mut wins = Wins::new(self.models.len());
        for games in &cases {
            count(games, &mut wins);
        }
        let ranking = bradley_terry(&wins);
        let spread = self.bootstrap(&cases, seed);
        let mut rows: Vec<Standing> = self
            .models
            .iter()
            .enumerate()
            .map(|(at, model)| {
                let win_rate = win_rate(&wins, at);
                let (wins, losses, ties) = self.record(at);
                Standing {
                    model: model.clone(),
                    wins,
                    losses,
                    ties,
                    win_rate,
                    win_rate_interval: spread.win_rates[at],
                    rating: win_rate.and_then(|_| rating(ranking.as_ref()?, at)),
                    rating_interval: spread.ratings[at],
                }
            })
            .collect();
        rows.sort_by(|one, other| {
            let key = |row: &Standing| row.rating.unwrap_or(f64::NEG_INFINITY);
            key(other).total_cmp(&key(one)).then_with(|| one.model.cmp(&other.model))
        });
        Standings { rows, order: self.order, failed: self.failed }
    }

    /// A model's wins, losses and ties.
    fn record(&self, model: usize) -> (u64, u64, u64) {
        let (mut wins, mut losses, mut ties) = (0, 0, 0);
        for game in self.cases.values().flatten() {
            let (is_a, is_b) = (usize::from(game.a) == model, usize::from(game.b) == model);
            match game.winner {
                Pick::Tie => ties += u64::from(is_a || is_b),
                Pick::A => (wins, losses) = (wins + u64::from(is_a), losses + u64::from(is_b)),
                Pick::B => (wins, losses) = (wins + u64::from(is_b), losses + u64::from(is_a)),
            }
        }
        (wins, losses, ties)
    }

    fn bootstrap(&self, cases: &[&[Game]], seed: u64) -> Spread {
        let n = self.models.len();
        let games: usize = cases.iter().map(|games| games.len()).sum();
        let resamples = RESAMPLES.min(DRAWS / games.max(1)).max(100);
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let (mut rates, mut ratings) = (vec![Vec::new(); n], vec![Vec::new(); n]);
        // One case says nothing of how cases differ.
        for _ in 0..if cases.len() > 1 { resamples } else { 0 } {
            let mut wins = Wins::new(n);
            (0..cases.len()).for_each(|_| count(cases[rng.random_range(0..cases.len())], &mut wins));
            let ranking = bradley_terry(&wins);
            for model in 0..n {
                let Some(rate) = win_rate(&wins, model) else { continue };
                rates[model].push(rate);
                ratings[model].extend(ranking.as_ref().and_then(|ranking| rating(ranking, model)));
            }
        }
        let intervals = |samples: Vec<Vec<f64>>| samples.into_iter().map(middle_of).collect();
        Spread { win_rates: intervals(rates), ratings: intervals(ratings) }
    }
}

/// Intervals by model.
struct Spread {
    win_rates: Vec<Option<(f64, f64)>>,
    ratings: Vec<Option<(f64, f64)>>,
}

/// The middle 95 % of a sample.
fn middle_of(mut sample: Vec<f64>) -> Option<(f64, f64)> {
    sample.sort_unstable_by(f64::total_cmp);
    Some((quantile(&sample, 0.025)?, quantile(&sample, 0.975)?))
}

/// Enters games: one point each, half of one for a tie.
fn count(games: &[Game], wins: &mut Wins) {
    for game in games {
        let (a, b) = (usize::from(game.a), usize::from(game.b));
        // Both are models that are there, and two different ones.
        let _ = match game.winner {
            Pick::A => wins.win(a, b, 1.0),
            Pick::B => wins.win(b, a, 1.0),
            Pick::Tie => wins.tie(a, b, 1.0),
        };
    }
}

fn win_rate(wins: &Wins, model: usize) -> Option<f64> {
    let games = wins.games(model);
    (games > 0.0).then(|| wins.won(model) / games)
}

fn rating(ranking: &Ranking, model: usize) -> Option<f64> {
    ranking.elo(model, 0.95).map(|estimate| estimate.value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pairwise::record::Opinion;

    fn record(case: usize, a: &str, b: &str, a_first: Pick, b_first: Pick) -> PairRecord {
        let opinion = |pick| Some(Opinion { pick, reason: None });
        PairRecord {
            by: String::new(),
            answers: String::new(),
            prompt: "p".into(),
            case: format!("c{case}"),
            repeat: 1,
            a: a.into(),
            b: b.into(),
            a_first: opinion(a_first),
            b_first: opinion(b_first),
            same: false,
            error: None,
            asks: Vec::new(),
        }
    }

    fn names() -> Vec<String> {
        ["x", "y", "z"].map(String::from).to_vec()
    }

    #[test]
    fn an_opinion_that_turns_with_the_order_is_a_tie_and_counted() {
        let mut tally = Tally::new(&names());
        tally.add(&record(1, "x", "y", Pick::A, Pick::A));
        // Always the one that stands first.
        tally.add(&record(2, "x", "y", Pick::A, Pick::B));
        tally.add(&record(3, "x", "y", Pick::Tie, Pick::A));
        let standings = tally.standings(1);
        assert_eq!(standings.order, OrderEffect { compared: 3, asked: 3, consistent: 1, first: 3, second: 2 });
        let x = &standings.rows[0];
        assert_eq!((x.model.as_str(), x.wins, x.losses, x.ties), ("x", 1, 0, 2));
        assert!((x.win_rate.unwrap() - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(standings.rows[2].win_rate, None, "z was never compared");
        assert_eq!(standings.rows[2].rating, None);
    }

    #[test]
    fn a_comparison_without_an_opinion_in_some_order_counts_for_nobody() {
        let mut tally = Tally::new(&names());
        tally.add(&PairRecord { b_first: None, ..record(1, "x", "y", Pick::A, Pick::A) });
        let standings = tally.standings(1);
        assert_eq!((standings.failed, standings.order.compared, standings.rows[0].wins), (1, 0, 0));
    }

    #[test]
    fn the_ranking_is_by_strength_and_the_same_whatever_the_order_of_records() {
        let mut records = Vec::new();
        for case in 0..60 {
            let of = |win| if win { Pick::A } else { Pick::B };
            for (a, b, win) in [("x", "y", case % 10 < 8), ("x", "z", case % 10 < 9), ("y", "z", case % 10 < 7)] {
                records.push(record(case, a, b, of(win), of(win)));
            }
        }
        let standings = |records: &[PairRecord]| {
            let mut tally = Tally::new(&names());
            for record in records {
                tally.add(record);
            }
            tally.standings(7)
        };
        let one = standings(&records);
        assert_eq!(one.rows.iter().map(|row| row.model.as_str()).collect::<String>(), "xyz");
        for row in &one.rows {
            let (low, high) = row.win_rate_interval.unwrap();
            let rate = row.win_rate.unwrap();
            assert!(low < rate && rate < high && high - low < 0.3, "{row:?}");
            let (low, high) = row.rating_interval.unwrap();
            let rating = row.rating.unwrap();
            assert!(low < rating && rating < high, "{row:?}");
        }
        records.reverse();
        assert_eq!(standings(&records), one);
    }
}
