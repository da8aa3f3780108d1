//! What the grades of parts make together.
//!
//! A part that failed itself could have come out either way. Where the outcome is the same either way, it does not
//! matter; else there is none. The same holds for a part that had nothing to grade, once `not` is to turn the outcome.

use crate::grade::set::weighted_mean;
use crate::grade::types::Grade;

/// What has to hold of the parts that count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Rule {
    /// Every one passes.
    All,
    /// So many pass.
    AtLeast(usize),
    /// The mean of the scores by their weights is at least so high.
    Threshold(f64),
    /// The one part does not pass.
    Not,
}

/// How far a mean may be below a threshold for sums of decimal fractions: 0.1 + 0.2 is 0.3.
const SLACK: f64 = 1e-9;

impl Rule {
    /// Whether it holds; `None`: that depends on parts that failed themselves.
    pub(super) fn outcome(self, parts: &[Grade]) -> Option<bool> {
        self.outcome_with(parts, |_| false)
    }

    /// Whether the outcome is what it is only because some part had nothing to grade.
    pub(super) fn lacks(self, parts: &[Grade]) -> bool {
        self.outcome_with(parts, |grade| grade.nothing).is_none()
    }

    fn outcome_with(self, parts: &[Grade], is_open: impl Fn(&Grade) -> bool) -> Option<bool> {
        let is_open = |part: &&Grade| part.pass.is_none() || is_open(part);
        let counted = || parts.iter().filter(|part| part.counts());
        let open = counted().filter(is_open).count();
        let passed = counted().filter(|part| !is_open(part) && part.pass == Some(true)).count();
        let (least, most) = match self {
            Self::All => (passed == counted().count(), passed + open == counted().count()),
            Self::AtLeast(enough) => (passed >= enough, passed + open >= enough),
            Self::Not => (passed + open == 0, passed == 0),
            Self::Threshold(threshold) => {
                let weights: f64 = counted().map(|part| part.weight).sum();
                let known: f64 = counted()
                    .filter(|part| !is_open(part))
                    .map(|part| part.score.unwrap_or_default() * part.weight)
                    .sum();
                let open: f64 = counted().filter(is_open).map(|part| part.weight).sum();
                let reaches = |sum: f64| sum / weights >= threshold - SLACK;
                (reaches(known), reaches(known + open))
            }
        };
        (least == most).then_some(least)
    }

    /// The score of the whole, of the parts whose scores are known: the mean by weights; of those that would do, where
    /// some are enough: the best of them.
    pub(super) fn score(self, parts: &[Grade]) -> Option<f64> {
        let mut counted: Vec<&Grade> = parts.iter().filter(|part| part.counts() && part.score.is_some()).collect();
        match self {
            Self::All | Self::Threshold(_) => weighted_mean(counted.into_iter()),
            Self::Not => weighted_mean(counted.into_iter()).map(|score| 1.0 - score),
            Self::AtLeast(enough) => {
                counted.sort_by(|a, b| b.score.partial_cmp(&a.score).unwrap_or(std::cmp::Ordering::Equal));
                weighted_mean(counted.into_iter().take(enough))
            }
        }
    }
}
