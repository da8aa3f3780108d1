//! Votes → one judgement.
//!
//! A vote that is missing (the judge could not be asked or read) makes the judgement an error, unless the verdict is the
//! same whatever the missing ones would have said.

use crate::grade::types::{Grade, Judgement};
use crate::text::{excerpt, one_line};

use super::scale::{Said, Scale, Threshold};
use super::settings::{Panel, Settings};

/// The bytes of a judge's reason that are kept with its vote.
const REASON_KEPT: usize = 2_000;

/// The bytes of it that are shown in the grader's own reason.
const REASON_SHOWN: usize = 300;

/// What a judge says, with its reason.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Verdict {
    /// The verdict.
    pub(super) said: Said,
    /// In the judge's words.
    pub(super) reason: String,
}

/// One judge's vote, or why there is none.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Vote {
    /// Who.
    pub(super) judge: String,
    /// What.
    pub(super) verdict: Result<Verdict, String>,
}

impl Vote {
    fn score(&self) -> Option<f64> {
        self.verdict.as_ref().ok().map(|verdict| verdict.said.score)
    }

    fn part(&self, scale: &Scale, threshold: &Threshold) -> Grade {
        let score = self.score();
        let reason = match &self.verdict {
            Ok(verdict) if *scale == Scale::PassFail => shown(&verdict.reason, REASON_KEPT),
            Ok(Verdict { said, reason }) => {
                format!("{} of {scale}: {}", said.shown, shown(reason, REASON_KEPT))
            }
            Err(error) => error.clone(),
        };
        Grade {
            grader: self.judge.clone(),
            pass: score.map(|score| threshold.met(score)),
            score,
            reason: Some(reason),
            extracted: None,
            weight: 1.0,
            nothing: false,
            parts: Vec::new(),
        }
    }
}

fn shown(reason: &str, limit: usize) -> String {
    let reason = reason.trim();
    if reason.is_empty() { "no reason given".to_owned() } else { one_line(&excerpt(reason, limit)).into_owned() }
}

/// Counts the votes; there is at least one.
pub(super) fn count(votes: &[Vote], settings: &Settings) -> Judgement {
    let Settings { scale, threshold, panel, .. } = settings;
    let mut judgement = match votes {
        [one] => alone(one, scale, threshold),
        _ => together(votes, scale, threshold, *panel),
    };
    judgement.parts = votes.iter().map(|vote| vote.part(scale, threshold)).collect();
    judgement
}

fn alone(vote: &Vote, scale: &Scale, threshold: &Threshold) -> Judgement {
    let Vote { judge, verdict } = vote;
    let Verdict { said, reason } = match verdict {
        Ok(verdict) => verdict,
        Err(error) => return Judgement::unable(format!("the judge `{}` {error}", name(judge))),
    };
    let pass = threshold.met(said.score);
    let reason = shown(reason, REASON_SHOWN);
    let reason = if *scale == Scale::PassFail {
        format!("{} says {}: {reason}", name(judge), said.shown)
    } else {
        let below = if pass { String::new() } else { format!(", below {}", threshold.shown) };
        format!("{} gives {} of {scale}{below}: {reason}", name(judge), said.shown)
    };
    Judgement { pass: Some(pass), score: Some(said.score), reason, extracted: None, nothing: false, parts: Vec::new() }
}

fn together(votes: &[Vote], scale: &Scale, threshold: &Threshold, panel: Panel) -> Judgement {
    let scores: Vec<f64> = votes.iter().filter_map(Vote::score).collect();
    let missing = votes.len() - scores.len();
    let passes = scores.iter().filter(|&&score| threshold.met(score)).count();
    let verdict = |passes: usize, sum: f64| match panel {
        // A tie is no majority.
        Panel::Majority => 2 * passes > votes.len(),
        Panel::Mean => threshold.met(sum / votes.len() as f64),
    };
    let sum: f64 = scores.iter().sum();
    let (worst, best) = (verdict(passes, sum), verdict(passes + missing, sum + missing as f64));
    let tally = tally(votes, scale);
    if worst != best {
        let lost: Vec<String> = votes
            .iter()
            .filter_map(|vote| Some(format!("`{}` {}", name(&vote.judge), vote.verdict.as_ref().err()?)))
            .collect();
        let reason =
            format!("{missing} of {} judges gave no verdict, which could decide: {}", votes.len(), lost.join("; "));
        return Judgement::unable(excerpt(&reason, 600).into_owned());
    }
    let mean = sum / scores.len().max(1) as f64;
    let count = match panel {
        Panel::Majority if 2 * passes == votes.len() => format!("a tie, {passes} of {} say pass", votes.len()),
        Panel::Majority => format!("{passes} of {} say pass", votes.len()),
        Panel::Mean => {
            let below = if worst { "at least" } else { "below" };
            format!("the mean score is {}, {below} {}", rounded(mean), rounded(threshold.score))
        }
    };
    let lost = if missing > 0 { format!("; {missing} gave no verdict, which cannot change it") } else { String::new() };
    // Of those who decided it, the first to give a reason.
    let decisive = votes.iter().find_map(|vote| {
        let verdict = vote.verdict.as_ref().ok()?;
        let same = threshold.met(verdict.said.score) == worst && !verdict.reason.trim().is_empty();
        same.then(|| format!("; {}: {}", name(&vote.judge), shown(&verdict.reason, REASON_SHOWN / 2)))
    });
    let reason = format!("{count} ({tally}{lost}){}", decisive.unwrap_or_default());
    // Scores that were not given are unknown: the mean is that of those which were.
    Judgement { pass: Some(worst), score: Some(mean), reason, extracted: None, nothing: false, parts: Vec::new() }
}

/// Who said what, in short.
fn tally(votes: &[Vote], scale: &Scale) -> String {
    let each: Vec<String> = votes
        .iter()
        .map(|vote| {
            let said = vote.verdict.as_ref().map_or("none", |verdict| verdict.said.shown.as_str());
            format!("{}: {said}", name(&vote.judge))
        })
        .collect();
    let of = if *scale == Scale::PassFail { String::new() } else { format!(", of {scale}") };
    format!("{}{of}", excerpt(&each.join(", "), 200))
}

fn name(judge: &str) -> String {
    one_line(&excerpt(judge, 80)).into_owned()
}

fn rounded(score: f64) -> f64 {
    (score * 1000.0).round() / 1000.0
}
