//! The graders of a case, and what they say together.

use std::sync::Arc;

use futures::future::join_all;

use super::types::{Grade, Grader, Grading, Judgement, Subject};

/// A grader with the options that every type takes.
#[derive(Debug)]
pub struct BuiltGrader {
    /// The label in `grades`: the `name` option, else the type.
    pub label: String,
    /// Turns pass into fail and the score around.
    pub not: bool,
    /// The way of grading.
    pub grader: Box<dyn Grader>,
}

impl BuiltGrader {
    /// Judges one answer.
    pub async fn grade(&self, subject: Subject<'_>) -> Grade {
        let judgement = match self.grader.grade(subject) {
            Grading::Ready(judgement) => judgement,
            Grading::Pending(judgement) => judgement.await,
        };
        self.label(judgement)
    }

    fn label(&self, judgement: Judgement) -> Grade {
        let Judgement { pass, score, reason, extracted } = judgement;
        let score = pass.map(|pass| score.unwrap_or(f64::from(u8::from(pass))).clamp(0.0, 1.0));
        let (pass, score) =
            if self.not { (pass.map(|pass| !pass), score.map(|score| 1.0 - score)) } else { (pass, score) };
        let reason = match pass {
            Some(true) => None,
            Some(false) if self.not => Some(format!("must not be so, but is: {reason}")),
            _ => Some(reason),
        };
        Grade { grader: self.label.clone(), pass, score, reason, extracted }
    }
}

/// The graders of a case: all must pass.
#[derive(Debug, Default)]
pub struct GraderSet {
    /// The suite's graders, then the case's own.
    pub graders: Vec<Arc<BuiltGrader>>,
    /// The case's own as they were written, JSON; for telling whether a case has changed.
    pub own: Option<Box<str>>,
}

/// Verdict and score of a cell from all its grades.
#[derive(Debug, Clone, PartialEq)]
pub struct Graded {
    /// `None`: some grader failed, the cell is an `error`.
    pub pass: Option<bool>,
    /// The mean of the graders' scores.
    pub score: Option<f64>,
    /// In the order of the graders.
    pub grades: Vec<Grade>,
}

impl GraderSet {
    /// Grades an answer with every grader, those that wait at the same time. A fail does not spare the others: each
    /// has its line in `grades`. With no graders every answer passes with score 1.
    pub async fn grade(&self, subject: Subject<'_>) -> Graded {
        let grades = join_all(self.graders.iter().map(|grader| grader.grade(subject))).await;
        if grades.is_empty() {
            return Graded { pass: Some(true), score: Some(1.0), grades };
        }
        let pass = grades.iter().map(|grade| grade.pass).try_fold(true, |all, pass| pass.map(|pass| all && pass));
        let scores = grades.iter().map(|grade| grade.score).sum::<Option<f64>>();
        let score = scores.filter(|_| pass.is_some()).map(|sum| sum / grades.len() as f64);
        Graded { pass, score, grades }
    }
}
