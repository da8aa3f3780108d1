//! Running the parts.

use futures::future::{FutureExt, join_all};

use crate::grade::case::CaseFacts;
use crate::grade::example::{self, Example, Frame};
use crate::grade::options::join as join_path;
use crate::grade::services::Needs;
use crate::grade::set::BuiltGrader;
use crate::grade::shuffle::Shuffle;
use crate::grade::types::{Grade, Grader, Grading, Judgement, Subject};
use crate::grade::words::join;
use crate::text::{excerpt, one_line};

use super::decide::Rule;

/// A part and where it stands: `of[1]`.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) place: String,
    pub(super) grader: BuiltGrader,
}

/// Graders put together.
#[derive(Debug)]
pub(super) struct Combination {
    pub(super) rule: Rule,
    pub(super) parts: Vec<Part>,
}

/// The bytes of a part's reason that the whole's repeats: each stands in `parts` in full.
const REASON: usize = 160;

impl Grader for Combination {
    fn grade<'a>(&'a self, subject: Subject<'a>) -> Grading<'a> {
        let grades = join_all(self.parts.iter().map(move |part| part.grader.grade(subject)));
        Grading::Pending(grades.map(|grades| self.judge(grades)).boxed())
    }

    fn check(&self, case: &CaseFacts<'_>) -> Result<(), String> {
        let wrong = |part: &Part| Some(format!("`{}`: {}", part.grader.label, part.grader.grader.check(case).err()?));
        let wrong: Vec<String> = self.parts.iter().filter_map(wrong).collect();
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
    }

    fn at_fault(&self, case: &CaseFacts<'_>) -> Option<String> {
        let wrong = self.parts.iter().find(|part| part.grader.grader.check(case).is_err())?;
        Some(join_path(&wrong.place, &wrong.grader.grader.at_fault(case)?))
    }

    fn example(&self, case: &CaseFacts<'_>) -> Option<Example> {
        if matches!(self.rule, Rule::Not) {
            return None;
        }
        match example::first(self.parts.iter().map(|part| &part.grader), case)? {
            (Example::Text(text), Frame { before, after }) => Some(Example::Text(format!("{before}{text}{after}"))),
            (Example::Whole(text), Frame { before, after }) => Some(Example::Whole(format!("{before}{text}{after}"))),
            (example, _) => Some(example),
        }
    }

    fn needs(&self) -> Needs {
        let mut needs = Needs::default();
        for part in &self.parts {
            let mut own = part.grader.grader.needs();
            for model in &mut own.models {
                model.option = join_path(&part.place, &model.option);
            }
            needs.extend(own);
        }
        needs
    }

    fn shuffles(&self) -> Vec<Shuffle> {
        self.parts.iter().flat_map(|part| part.grader.grader.shuffles()).collect()
    }

    fn reads_text(&self) -> bool {
        self.parts.iter().any(|part| part.grader.grader.reads_text())
    }
}

impl Combination {
    fn judge(&self, grades: Vec<Grade>) -> Judgement {
        let judgement = match self.rule.outcome(&grades) {
            Some(_) if self.rule.lacks(&grades) => Judgement::nothing(self.why_failed(&grades)),
            Some(true) => Judgement::pass(self.why_passed(&grades)),
            Some(false) => Judgement::fail(self.why_failed(&grades)),
            None => Judgement::unable(first(&grades, |grade| grade.pass.is_none()).unwrap_or_default()),
        };
        let score = judgement.pass.and_then(|_| self.rule.score(&grades)).filter(|_| !judgement.nothing);
        Judgement { score, parts: grades, ..judgement }
    }

    fn why_passed(&self, grades: &[Grade]) -> String {
        match self.rule {
            Rule::Not => format!("{} did not pass", labels(grades, |_| true, "and")),
            Rule::Threshold(threshold) => {
                format!("the score {} is at least {threshold}", shown(self.rule.score(grades)))
            }
            Rule::All | Rule::AtLeast(_) => {
                format!("{} passed", labels(grades, |grade| grade.pass == Some(true), "and"))
            }
        }
    }

    fn why_failed(&self, grades: &[Grade]) -> String {
        let failed = first(grades, |grade| grade.pass == Some(false)).unwrap_or_default();
        let counted = grades.iter().filter(|grade| grade.counts());
        let passed = counted.clone().filter(|grade| grade.pass == Some(true)).count();
        match self.rule {
            Rule::All => {
                let others = counted.filter(|grade| grade.pass == Some(false)).count().saturating_sub(1);
                let others = if others == 0 { String::new() } else { format!(" (and {others} more failed)") };
                format!("{failed}{others}")
            }
            Rule::AtLeast(1) => format!("expected {} to pass, none did: {failed}", labels(grades, |_| true, "or")),
            Rule::AtLeast(enough) => format!(
                "expected at least {enough} of {} to pass, {passed} did: {failed}",
                labels(grades, |_| true, "and")
            ),
            Rule::Threshold(threshold) => {
                let failed = if failed.is_empty() { failed } else { format!(": {failed}") };
                format!("expected a score of at least {threshold}, got {}{failed}", shown(self.rule.score(grades)))
            }
            Rule::Not if grades.iter().any(|grade| grade.nothing) => failed,
            Rule::Not => format!("expected {} not to pass, but it did", labels(grades, |_| true, "and")),
        }
    }
}

/// The label and the reason of the first part of a kind that counts.
fn first(grades: &[Grade], is_meant: impl Fn(&Grade) -> bool) -> Option<String> {
    let grade = grades.iter().find(|grade| grade.counts() && is_meant(grade))?;
    let reason = grade.reason.as_deref().unwrap_or("failed");
    Some(format!("`{}`: {}", label(grade), excerpt(reason, REASON)))
}

/// The labels of the parts of a kind that count.
fn labels(grades: &[Grade], is_meant: impl Fn(&Grade) -> bool, word: &str) -> String {
    const MOST: usize = 5;
    let meant: Vec<&Grade> = grades.iter().filter(|grade| grade.counts() && is_meant(grade)).collect();
    let mut labels: Vec<String> = meant.iter().take(MOST).map(|grade| format!("`{}`", label(grade))).collect();
    if meant.len() > MOST {
        labels.push(format!("{} more", meant.len() - MOST));
    }
    join(&labels, word)
}

fn label(grade: &Grade) -> String {
    one_line(&excerpt(&grade.grader, 40)).into_owned()
}

/// A score for people: `0.67`.
fn shown(score: Option<f64>) -> String {
    score.map_or_else(|| "none".to_owned(), |score| format!("{}", (score * 1e4).round() / 1e4))
}
