//! What several answers to the same case tell: pass@k, pass^k, votes, and how often verdicts flip.
//!
//! In: the repeats of each case. A repeat is judged where it has passed or failed (a timeout is a fail); one that ended
//! in an error or was skipped is not, and says nothing about the model. For k of n repeats, only cases with at least k
//! judged repeats count: the others would be guesses. How many those are stands beside every figure.

use std::collections::HashMap;
use std::hash::Hash;

use serde::Serialize;

/// The chance that at least one of `k` repeats passes, where `c` of `n` have: 1 − C(n−c, k) / C(n, k), the unbiased
/// estimator of M. Chen et al., "Evaluating Large Language Models Trained on Code", arXiv:2107.03374, 2021, section 2.1,
/// as a product, which does not overflow. `None` without repeats, for `k` = 0, and for more than there are.
pub fn pass_at_k(n: u64, c: u64, k: u64) -> Option<f64> {
    (c <= n).then(|| none_of(n, c, k)).flatten().map(|none| 1.0 - none)
}

/// The chance that all of `k` repeats pass, where `c` of `n` have: C(c, k) / C(n, k), pass^k of S. Yao et al.,
/// "τ-bench: A Benchmark for Tool-Agent-User Interaction in Real-World Domains", arXiv:2406.12045, 2024, section 3.
/// `None` as for [`pass_at_k`].
pub fn pass_hat_k(n: u64, c: u64, k: u64) -> Option<f64> {
    none_of(n, n.checked_sub(c)?, k)
}

/// The chance that none of `marked` of `n` things is among `k` of them: C(n−marked, k) / C(n, k).
fn none_of(n: u64, marked: u64, k: u64) -> Option<f64> {
    if k == 0 || k > n {
        return None;
    }
    if n - marked < k {
        return Some(0.0);
    }
    // C(n−m, k) / C(n, k) is the same with m and k exchanged: the shorter product is the more exact one.
    let (few, many) = (marked.min(k), marked.max(k));
    Some((0..few).map(|i| (n - many - i) as f64 / (n - i) as f64).product())
}

/// The share of all pairs of repeats whose verdicts differ, where `c` of `n` passed: 0 where all agree, about one half
/// where it is a coin's toss. `None` for fewer than two repeats. It is Gini's index of diversity in the unbiased form of
/// E. H. Simpson, "Measurement of Diversity", Nature 163, 1949, 688.
pub fn disagreement(n: u64, c: u64) -> Option<f64> {
    let failed = n.checked_sub(c).filter(|_| n >= 2)?;
    Some(2.0 * (c as f64) * (failed as f64) / (n as f64 * (n - 1) as f64))
}

/// What most repeats say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vote<T> {
    /// What has most votes: several where it is a tie, in the order in which they came.
    pub leaders: Vec<T>,
    /// How many votes each of them has.
    pub votes: u64,
    /// How many votes there are.
    pub of: u64,
}

impl<T> Vote<T> {
    /// What has more votes than anything else; `None` for a tie.
    pub fn winner(&self) -> Option<&T> {
        match self.leaders.as_slice() {
            [winner] => Some(winner),
            _ => None,
        }
    }
}

/// The most frequent of several answers or verdicts; `None` without any. Over answers this is self-consistency:
/// X. Wang et al., "Self-Consistency Improves Chain of Thought Reasoning in Language Models", arXiv:2203.11171, 2022.
pub fn vote<T: Eq + Hash + Clone>(votes: impl IntoIterator<Item = T>) -> Option<Vote<T>> {
    let mut counts: HashMap<T, u64> = HashMap::new();
    let mut order = Vec::new();
    for vote in votes {
        let count = counts.entry(vote.clone()).or_default();
        if *count == 0 {
            order.push(vote);
        }
        *count += 1;
    }
    let most = counts.values().copied().max()?;
    order.retain(|vote| counts.get(vote) == Some(&most));
    Some(Vote { leaders: order, votes: most, of: counts.values().sum() })
}

/// One answer of several to the same case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Repeat<'a> {
    /// Passed, failed (or timed out), or `None`: not judged.
    pub pass: Option<bool>,
    /// What was taken out of the answer, for a vote over answers; two are alike where these are equal.
    pub answer: Option<&'a str>,
}

/// The figures for one k.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AtK {
    /// How many repeats are drawn.
    pub k: u64,
    /// The mean of [`pass_at_k`] over the cases that count; `None` where there are none.
    pub pass_at: Option<f64>,
    /// The mean of [`pass_hat_k`] over the same cases.
    pub pass_hat: Option<f64>,
    /// The cases with at least k judged repeats.
    pub cases: u64,
    /// The cases with fewer: left out.
    pub left_out: u64,
}

/// How the vote of the repeats turned out, counted in cases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Votes {
    /// The winner passes.
    pub right: u64,
    /// The winner fails.
    pub wrong: u64,
    /// A tie of which one side passes and another fails.
    pub tied: u64,
    /// No repeat has a verdict, or none an answer.
    pub without: u64,
}

impl Votes {
    /// The share of cases that the vote gets right; a tie is not right. `None` where nobody voted.
    pub fn accuracy(&self) -> Option<f64> {
        let all = self.right + self.wrong + self.tied;
        (all > 0).then(|| self.right as f64 / all as f64)
    }

    /// Counts a case by whether each of its leaders passes.
    fn count(&mut self, leaders: &[bool]) {
        let all_alike = leaders.iter().all(|pass| Some(pass) == leaders.first());
        *match leaders.first() {
            None => &mut self.without,
            Some(_) if !all_alike => &mut self.tied,
            Some(true) => &mut self.right,
            Some(false) => &mut self.wrong,
        } += 1;
    }
}

/// What the repeats of many cases tell, usually of those of one model and prompt.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct RepeatSummary {
    /// How many cases there are.
    pub cases: u64,
    /// The most repeats a case has, judged or not.
    pub repeats: u64,
    /// The cases of which not every one of that many repeats is judged.
    pub incomplete: u64,
    /// pass@k and pass^k for the values of [`values_of_k`].
    pub at_k: Vec<AtK>,
    /// The vote of the verdicts.
    pub verdicts: Votes,
    /// The vote of the answers, each worth what most repeats with it are; `None` where no repeat has one.
    pub answers: Option<Votes>,
    /// The cases with at least two judged repeats: only those can flip.
    pub comparable: u64,
    /// Those of them whose verdicts are not all the same.
    pub flipped: u64,
    /// The mean of [`disagreement`] over the comparable cases.
    pub disagreement: Option<f64>,
}

impl RepeatSummary {
    /// The share of comparable cases that flipped.
    pub fn flip_rate(&self) -> Option<f64> {
        (self.comparable > 0).then(|| self.flipped as f64 / self.comparable as f64)
    }

    /// Of the repeats of each case.
    pub fn of<'a, C: AsRef<[Repeat<'a>]>>(cases: impl IntoIterator<Item = C>) -> Self {
        let mut summary = Self::default();
        let mut answers = Votes::default();
        let mut counts = Vec::new();
        for case in cases {
            let repeats = case.as_ref();
            let judged: Vec<bool> = repeats.iter().filter_map(|repeat| repeat.pass).collect();
            let passed = judged.iter().filter(|pass| **pass).count() as u64;
            counts.push((judged.len() as u64, passed));
            summary.repeats = summary.repeats.max(repeats.len() as u64);
            summary.verdicts.count(&vote(judged).map(|vote| vote.leaders).unwrap_or_default());
            answers.count(&leading_answers(repeats));
        }
        summary.cases = counts.len() as u64;
        summary.incomplete = counts.iter().filter(|(judged, _)| *judged < summary.repeats).count() as u64;
        summary.answers = (answers.without < summary.cases).then_some(answers);
        summary.at_k = values_of_k(summary.repeats).into_iter().map(|k| at_k(k, &counts)).collect();
        let differ: Vec<f64> = counts.iter().filter_map(|&(judged, passed)| disagreement(judged, passed)).collect();
        summary.comparable = differ.len() as u64;
        summary.flipped = differ.iter().filter(|differ| **differ > 0.0).count() as u64;
        summary.disagreement = super::mean(&differ);
        summary
    }
}

/// Whether each of the most frequent answers passes: most judged repeats with it decide, and in doubt it does not.
fn leading_answers(repeats: &[Repeat<'_>]) -> Vec<bool> {
    let judged: Vec<(&str, bool)> = repeats.iter().filter_map(|repeat| Some((repeat.answer?, repeat.pass?))).collect();
    let leaders = vote(judged.iter().map(|(answer, _)| *answer)).map(|vote| vote.leaders).unwrap_or_default();
    let passes = |leader: &str| {
        let verdicts = judged.iter().filter(|(answer, _)| *answer == leader).map(|(_, pass)| *pass);
        vote(verdicts).is_some_and(|vote| vote.winner() == Some(&true))
    };
    leaders.into_iter().map(passes).collect()
}

fn at_k(k: u64, counts: &[(u64, u64)]) -> AtK {
    let mean_of = |estimate: fn(u64, u64, u64) -> Option<f64>| {
        super::mean(&counts.iter().filter_map(|&(n, c)| estimate(n, c, k)).collect::<Vec<f64>>())
    };
    let cases = counts.iter().filter(|(judged, _)| *judged >= k).count() as u64;
    AtK { k, pass_at: mean_of(pass_at_k), pass_hat: mean_of(pass_hat_k), cases, left_out: counts.len() as u64 - cases }
}

/// The values of k worth showing for `n` repeats: all up to 5, else 1, 2, 5, 10, 20, 50 … and `n` itself.
pub fn values_of_k(n: u64) -> Vec<u64> {
    if n <= 5 {
        return (1..=n).collect();
    }
    let decades = std::iter::successors(Some(1_u64), |decade| decade.checked_mul(10));
    let steps = decades.flat_map(|decade| [1, 2, 5].map(|step| decade.saturating_mul(step)));
    steps.take_while(|k| *k < n).chain([n]).collect()
}

#[cfg(test)]
mod tests;
