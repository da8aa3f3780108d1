//! The graders of a case, and what they say together.

use std::sync::Arc;

use futures::future::join_all;

use super::extract::Extract;
use super::services::Needs;
use super::types::{Answer, Grade, Grader, Grading, Judgement, Subject};
use super::words::got;

/// A grader with the options that every type takes.
#[derive(Debug)]
pub struct BuiltGrader {
    /// The label in `grades`: the `name` option, else the type.
    pub label: String,
    /// Turns pass into fail and the score around.
    pub not: bool,
    /// How much it counts; 0 counts for nothing.
    pub weight: f64,
    /// What it is shown of the answer.
    pub(super) extract: Option<Extract>,
    /// The way of grading.
    pub grader: Box<dyn Grader>,
}

impl BuiltGrader {
    /// A grader with every common option at its default.
    pub fn new(label: impl Into<String>, grader: Box<dyn Grader>) -> Self {
        Self { label: label.into(), not: false, weight: 1.0, extract: None, grader }
    }

    /// Judges one answer.
    pub async fn grade(&self, subject: Subject<'_>) -> Grade {
        let Some(extract) = &self.extract else { return self.label(self.judge(subject).await) };
        let Some(part) = extract.find(&subject.answer.text) else {
            let problem =
                format!("found nothing to grade: {} was looked for in {}", extract.describe(), got(subject.answer));
            let hint = "(with `whole` at the end of `extract`, the whole answer is graded then)";
            return self.label(Judgement::nothing(format!("{problem} {hint}")));
        };
        // Not a clone of the whole: an answer may be long, and what was taken of it short.
        let Answer { text: _, reasoning, tool_calls, refusal, finish_reason } = subject.answer;
        let answer = Answer {
            text: part.into_owned(),
            reasoning: reasoning.clone(),
            tool_calls: tool_calls.clone(),
            refusal: refusal.clone(),
            finish_reason: finish_reason.clone(),
        };
        let mut judgement = self.judge(Subject { answer: &answer, ..subject }).await;
        if judgement.extracted.is_none() {
            judgement = judgement.with_extracted(&answer.text);
        }
        self.label(judgement)
    }

    async fn judge(&self, subject: Subject<'_>) -> Judgement {
        match self.grader.grade(subject) {
            Grading::Ready(judgement) => judgement,
            Grading::Pending(judgement) => judgement.await,
        }
    }

    fn label(&self, judgement: Judgement) -> Grade {
        let Judgement { pass, score, reason, extracted, nothing, parts } = judgement;
        let not = self.not && !nothing;
        let score = score.filter(|score| !score.is_nan());
        let score = pass.map(|pass| score.unwrap_or(f64::from(u8::from(pass))).clamp(0.0, 1.0));
        let (pass, score) = if not { (pass.map(|pass| !pass), score.map(|score| 1.0 - score)) } else { (pass, score) };
        let reason = match pass {
            Some(true) => None,
            Some(false) if not => Some(format!("must not be so, but is: {reason}")),
            _ => Some(reason),
        };
        Grade { grader: self.label.clone(), pass, score, reason, extracted, weight: self.weight, nothing, parts }
    }
}

/// The graders of a case: all that count must pass.
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
    /// `None`: some grader that counts failed itself, the cell is an `error`.
    pub pass: Option<bool>,
    /// The mean of the graders' scores by their weights.
    pub score: Option<f64>,
    /// In the order of the graders.
    pub grades: Vec<Grade>,
}

impl Graded {
    /// The grade that makes the cell an `error`, if one does.
    pub fn unable(&self) -> Option<&Grade> {
        self.grades.iter().find(|grade| grade.counts() && grade.pass.is_none())
    }
}

impl GraderSet {
    /// Whether some grader has a say in the verdict: else every answer passes.
    pub fn decides(&self) -> bool {
        self.graders.iter().any(|grader| grader.weight > 0.0)
    }

    /// What its graders need together.
    pub fn needs(&self) -> Needs {
        self.graders.iter().fold(Needs::default(), |mut needs, grader| {
            needs.extend(grader.grader.needs());
            needs
        })
    }

    /// Whether grading may have to wait for somebody. Costs a call a grader and, for those that need nothing, no
    /// allocation.
    pub fn waits(&self) -> bool {
        self.graders.iter().any(|grader| grader.grader.needs().waits())
    }

    /// Grades an answer with every grader, those that wait at the same time. A fail does not spare the others: each
    /// has its line in `grades`. With none that counts every answer passes with score 1.
    pub async fn grade(&self, subject: Subject<'_>) -> Graded {
        let grades = join_all(self.graders.iter().map(|grader| grader.grade(subject))).await;
        let counted = || grades.iter().filter(|grade| grade.counts());
        let pass = counted().map(|grade| grade.pass).try_fold(true, |all, pass| pass.map(|pass| all && pass));
        let score = match pass {
            Some(_) if self.decides() => weighted_mean(counted()),
            Some(_) => Some(1.0),
            None => None,
        };
        Graded { pass, score, grades }
    }
}

/// The mean of the known scores by their weights; `None` where none is known.
pub(super) fn weighted_mean<'g>(grades: impl Iterator<Item = &'g Grade>) -> Option<f64> {
    let (sum, weights) = grades
        .filter_map(|grade| Some((grade.score? * grade.weight, grade.weight)))
        .fold((0.0, 0.0), |(sum, weights), (score, weight)| (sum + score, weights + weight));
    (weights > 0.0).then(|| sum / weights)
}

/// A label that none of the others has: a second `contains` is `contains-2`.
pub(crate) fn distinct_label<'l>(label: &str, others: impl Iterator<Item = &'l str> + Clone) -> String {
    let is_taken = |label: &str| others.clone().any(|other| other == label);
    if !is_taken(label) {
        return label.to_owned();
    }
    (2..others.clone().count() + 3).map(|n| format!("{label}-{n}")).find(|label| !is_taken(label)).unwrap_or_default()
}
