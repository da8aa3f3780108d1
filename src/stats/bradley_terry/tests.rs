use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn matrix(rows: &Value) -> Wins {
    let rows = rows.as_array().unwrap();
    let mut wins = Wins::new(rows.len());
    for (winner, row) in rows.iter().enumerate() {
        for (loser, count) in row.as_array().unwrap().iter().enumerate() {
            let count = count.as_f64().unwrap();
            assert!(count == 0.0 || wins.win(winner, loser, count));
        }
    }
    wins
}

#[test]
fn strengths_and_their_errors_are_those_of_choix() {
    let all: Value = serde_json::from_str(include_str!("../../../tests/reference/statistics.json")).unwrap();
    let (mut rows, mut errors) = (0, 0);
    for row in all["bradley_terry"].as_array().unwrap() {
        let ranking = bradley_terry(&matrix(&row["wins"])).unwrap();
        rows += 1;
        for (model, theirs) in row["strengths"].as_array().unwrap().iter().enumerate() {
            let (ours, theirs) = (ranking.strength(model).unwrap(), theirs.as_f64().unwrap());
            assert!((ours - theirs).abs() < 1e-7, "{}: {model}: {ours} {theirs}", row["name"]);
        }
        for (model, theirs) in row["standard_errors"].as_array().into_iter().flatten().enumerate() {
            errors += 1;
            let (ours, theirs) = (ranking.standard_error(model).unwrap(), theirs.as_f64().unwrap());
            assert!((ours - theirs).abs() < 1e-6, "{}: {model}: {ours} {theirs}", row["name"]);
        }
    }
    assert!(rows >= 13 && errors >= 50, "{rows} {errors}");
}

#[test]
fn an_undefeated_model_is_finite_and_ahead() {
    let mut wins = Wins::new(3);
    for _ in 0..50 {
        assert!(wins.win(0, 1, 1.0) && wins.win(0, 2, 1.0) && wins.tie(1, 2, 1.0));
    }
    let ranking = bradley_terry(&wins).unwrap();
    assert_eq!(ranking.order(), [0, 1, 2]);
    let ahead = ranking.difference(0, 1, 0.95).unwrap();
    assert!(ahead.low > 0.0 && ahead.high.is_finite());
    let equal = ranking.difference(1, 2, 0.95).unwrap();
    assert!(equal.value.abs() < 1e-9 && equal.low < 0.0 && equal.high > 0.0);
    let elo = ranking.elo(0, 0.95).unwrap();
    assert!(elo.low < elo.value && elo.value < elo.high && elo.value > 1000.0);
    let mean = (0..3).map(|model| ranking.elo(model, 0.95).unwrap().value).sum::<f64>() / 3.0;
    assert!((mean - 1000.0).abs() < 1e-9);
}

#[test]
fn four_hundred_points_are_ten_to_one() {
    let mut wins = Wins::new(2);
    assert!(wins.win(0, 1, 1e9) && wins.win(1, 0, 1e8));
    let ranking = bradley_terry(&wins).unwrap();
    let points = ranking.elo(0, 0.95).unwrap().value - ranking.elo(1, 0.95).unwrap().value;
    assert!((points - 400.0).abs() < 1e-3, "{points}");
    assert!((ranking.beats(0, 1).unwrap() - 10.0 / 11.0).abs() < 1e-6);
}

#[test]
fn comparisons_that_cannot_be_are_not_counted() {
    let mut wins = Wins::new(2);
    for (winner, loser, weight) in [(0, 0, 1.0), (0, 2, 1.0), (2, 0, 1.0), (0, 1, 0.0), (0, 1, -1.0), (0, 1, f64::NAN)]
    {
        assert!(!wins.win(winner, loser, weight) && !wins.tie(winner, loser, weight));
    }
    assert_eq!(wins, Wins::new(2));
    assert_eq!(wins.win_rate(0, 0.95), None);
    assert_eq!(bradley_terry(&Wins::new(0)), None);
    let alone = bradley_terry(&Wins::new(1)).unwrap();
    assert_eq!((alone.strength(0), alone.standard_error(0), alone.strength(1)), (Some(0.0), Some(0.0), None));
    assert_eq!(alone.elo(0, 1.0), None);
}

#[test]
fn a_win_rate_counts_ties_as_halves() {
    let mut wins = Wins::new(2);
    for _ in 0..6 {
        assert!(wins.win(0, 1, 1.0) && wins.tie(0, 1, 1.0));
    }
    let rate = wins.win_rate(0, 0.95).unwrap();
    assert_eq!((rate.rate, rate.games), (0.75, 12.0));
    assert_eq!(Some((rate.low, rate.high)), crate::stats::wilson(9, 12, 0.95));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever the outcomes.
    #[test]
    fn strengths_are_at_the_top_of_the_likelihood(
        n in 1_usize..8,
        counts in prop::collection::vec(prop_oneof![Just(0.0), 0.0_f64..30.0, Just(1e6)], 64),
    ) {
        let mut wins = Wins::new(n);
        let mut mirrored = Wins::new(n);
        for winner in 0..n {
            for loser in (0..n).filter(|&loser| loser != winner) {
                let count = counts[winner * 8 + loser];
                let _ = wins.win(winner, loser, count);
                let _ = mirrored.win(n - 1 - winner, n - 1 - loser, count);
            }
        }
        let (ranking, turned) = (bradley_terry(&wins).unwrap(), bradley_terry(&mirrored).unwrap());
        for model in 0..n {
            let (strength, error) = (ranking.strength(model).unwrap(), ranking.standard_error(model).unwrap());
            prop_assert!(strength.is_finite() && error.is_finite());
            let turned = turned.strength(n - 1 - model).unwrap();
            prop_assert!((strength - turned).abs() < 1e-6, "{strength} {turned} {counts:?}");
        }
        // Each has won what is expected of it, but for half a game that the prior may pull it towards the average.
        let games: f64 = (0..n).map(|model| wins.games(model)).sum();
        for model in 0..n {
            let expected: f64 = (0..n).filter(|&other| other != model)
                .map(|other| wins.met(model, other) * ranking.beats(model, other).unwrap()).sum();
            prop_assert!((wins.won(model) - expected).abs() <= 0.5 + 1e-9 * games, "the prior is worth one game");
        }
    }
}
