//! What the repeats of each case tell: pass@k, pass^k, the majority and how often verdicts flip, all for k = `repeat`.
//!
//! A repeat counts where it passed, failed or ran out of time, as in accuracy. Cells are visited in plan order, where the
//! repeats of a case follow each other, so that only sums are kept.

use serde_json::{Value, json};

use crate::journal::Verdict;
use crate::stats::{pass_at_k, pass_hat_k};

/// The repeats of the cases of a group.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Repeats {
    /// How often each case is asked.
    pub k: u32,
    /// Planned cases.
    pub cases: u64,
    /// Cases all of whose repeats count; only these are in pass@k and pass^k.
    pub whole: u64,
    /// Cases with some repeat that counts.
    counted: u64,
    /// Those of them of which more than half of the repeats passed.
    right: u64,
    /// Cases with at least two repeats that count.
    comparable: u64,
    /// Those of them that passed and failed.
    flipped: u64,
    /// Sums of the estimates of each case.
    at_one: f64,
    at_k: f64,
    hat_k: f64,
}

impl Repeats {
    /// The chance that one answer passes: the mean over the cases with some repeat that counts.
    pub fn pass_at_1(&self) -> Option<f64> {
        share(self.at_one, self.counted)
    }

    /// The chance that at least one of k answers passes.
    pub fn pass_at_k(&self) -> Option<f64> {
        share(self.at_k, self.whole)
    }

    /// The chance that all of k answers pass.
    pub fn pass_hat_k(&self) -> Option<f64> {
        share(self.hat_k, self.whole)
    }

    /// The share of cases that most repeats pass; a tie is not right.
    pub fn majority_accuracy(&self) -> Option<f64> {
        share(self.right as f64, self.counted)
    }

    /// The share of cases whose repeats do not all say the same.
    pub fn flip_rate(&self) -> Option<f64> {
        share(self.flipped as f64, self.comparable)
    }

    /// `passed` of the `counted` repeats of a case passed.
    fn add(&mut self, counted: u64, passed: u64) {
        let k = u64::from(self.k);
        let whole = if counted == k { pass_at_k(counted, passed, k).zip(pass_hat_k(counted, passed, k)) } else { None };
        if let Some((at_k, hat_k)) = whole {
            self.whole += 1;
            self.at_k += at_k;
            self.hat_k += hat_k;
        }
        if let Some(at_one) = pass_at_k(counted, passed, 1) {
            self.counted += 1;
            self.at_one += at_one;
            self.right += u64::from(2 * passed > counted);
        }
        self.comparable += u64::from(counted > 1);
        self.flipped += u64::from(0 < passed && passed < counted);
    }

    /// With those of another group.
    pub(super) fn merge(&mut self, other: &Self) {
        self.k = self.k.max(other.k);
        self.cases += other.cases;
        self.whole += other.whole;
        self.counted += other.counted;
        self.right += other.right;
        self.comparable += other.comparable;
        self.flipped += other.flipped;
        self.at_one += other.at_one;
        self.at_k += other.at_k;
        self.hat_k += other.hat_k;
    }

    pub(super) fn to_json(self) -> Value {
        json!({
            "k": self.k,
            "cases": self.cases,
            "whole_cases": self.whole,
            "pass_at_1": self.pass_at_1(),
            "pass_at_k": self.pass_at_k(),
            "pass_hat_k": self.pass_hat_k(),
            "majority_accuracy": self.majority_accuracy(),
            "flip_rate": self.flip_rate(),
        })
    }
}

fn share(sum: f64, of: u64) -> Option<f64> {
    (of > 0).then(|| sum / of as f64)
}

/// Counts the repeats of one case after the other.
#[derive(Debug)]
pub(super) struct Counter {
    repeats: Repeats,
    case: usize,
    counted: u64,
    passed: u64,
}

impl Counter {
    /// For this many cells; `None` where each case is asked once.
    pub(super) fn new(cells: usize, k: u32) -> Option<Self> {
        let repeats = Repeats { k, cases: cells as u64 / u64::from(k.max(1)), ..Repeats::default() };
        (k > 1).then_some(Self { repeats, case: 0, counted: 0, passed: 0 })
    }

    /// The next cell with a record.
    pub(super) fn add(&mut self, case: usize, verdict: Verdict) {
        if case != self.case {
            self.close();
            self.case = case;
        }
        self.counted += u64::from(matches!(verdict, Verdict::Pass | Verdict::Fail | Verdict::Timeout));
        self.passed += u64::from(verdict == Verdict::Pass);
    }

    fn close(&mut self) {
        self.repeats.add(std::mem::take(&mut self.counted), std::mem::take(&mut self.passed));
    }

    pub(super) fn finish(mut self) -> Repeats {
        self.close();
        self.repeats
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::{Repeat, RepeatSummary};

    fn count(k: u32, cases: &[&[Verdict]]) -> Repeats {
        let mut counter = Counter::new(cases.len() * k as usize, k).unwrap();
        for (case, verdicts) in cases.iter().enumerate() {
            verdicts.iter().for_each(|verdict| counter.add(case, *verdict));
        }
        counter.finish()
    }

    #[track_caller]
    fn near(found: Option<f64>, wanted: f64) {
        assert!((found.unwrap() - wanted).abs() < 1e-12, "{found:?}, not {wanted}");
    }

    #[test]
    fn repeats_are_counted_case_by_case() {
        use Verdict::{Error, Fail, Pass, Skipped, Timeout};
        let repeats = count(
            3,
            &[
                &[Pass, Pass, Pass],
                &[Pass, Fail, Pass],
                &[Fail, Timeout, Pass],
                &[Fail, Fail, Fail],
                // Not whole: one that says nothing of the model, and one without a record.
                &[Pass, Error, Fail],
                &[Pass, Skipped],
                &[],
            ],
        );
        assert_eq!((repeats.cases, repeats.whole), (7, 4));
        near(repeats.pass_at_k(), 3.0 / 4.0);
        near(repeats.pass_hat_k(), 1.0 / 4.0);
        near(repeats.pass_at_1(), (1.0 + 2.0 / 3.0 + 1.0 / 3.0 + 0.0 + 0.5 + 1.0) / 6.0);
        near(repeats.majority_accuracy(), 3.0 / 6.0);
        near(repeats.flip_rate(), 3.0 / 5.0);
    }

    #[test]
    fn without_repeats_nothing_is_said_of_them() {
        assert!(Counter::new(10, 1).is_none());
        let none = count(3, &[&[], &[Verdict::Error]]);
        let said = [none.pass_at_1(), none.pass_at_k(), none.pass_hat_k(), none.majority_accuracy(), none.flip_rate()];
        assert_eq!(said, [None; 5]);
    }

    #[test]
    fn groups_add_up() {
        use Verdict::{Fail, Pass};
        let (one, other): (&[Verdict], &[Verdict]) = (&[Pass, Fail], &[Pass, Pass]);
        let mut both = count(2, &[one]);
        both.merge(&count(2, &[other]));
        assert_eq!(both, count(2, &[one, other]));
    }

    fn verdict() -> impl Strategy<Value = Verdict> {
        prop_oneof![Just(Verdict::Pass), Just(Verdict::Fail), Just(Verdict::Timeout), Just(Verdict::Error)]
    }

    proptest! {
        /// Sums kept on the way say what the statistics say of all repeats at once.
        #[test]
        fn sums_are_as_good_as_lists(k in 2_usize..6, verdicts in prop::collection::vec(verdict(), 0..60)) {
            let cases: Vec<&[Verdict]> = verdicts.chunks_exact(k).collect();
            let pass = |verdict: &Verdict| match verdict {
                Verdict::Pass => Some(true),
                Verdict::Fail | Verdict::Timeout => Some(false),
                Verdict::Error | Verdict::Skipped => None,
            };
            let lists = cases.iter().map(|case| {
                case.iter().map(|verdict| Repeat { pass: pass(verdict), answer: None }).collect::<Vec<_>>()
            });
            let (ours, theirs) = (count(u32::try_from(k).unwrap(), &cases), RepeatSummary::of(lists));
            let at = |wanted: u64| theirs.at_k.iter().find(|at| at.k == wanted);
            let pairs = [
                (ours.pass_at_1(), at(1).and_then(|at| at.pass_at)),
                (ours.pass_at_k(), at(k as u64).and_then(|at| at.pass_at)),
                (ours.pass_hat_k(), at(k as u64).and_then(|at| at.pass_hat)),
                (ours.majority_accuracy(), theirs.verdicts.accuracy()),
                (ours.flip_rate(), theirs.flip_rate()),
            ];
            for (ours, theirs) in pairs {
                prop_assert_eq!(ours.is_some(), theirs.is_some());
                prop_assert!((ours.unwrap_or_default() - theirs.unwrap_or_default()).abs() < 1e-9);
            }
        }
    }
}
