//! Named scores: what each grader said of a group of cells, by its label.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::run::Run;

/// Labels that are kept of a group. They come from the suite, and cases may each bring their own.
const MOST: usize = 200;

/// What is read of a grade.
#[derive(Debug, Deserialize)]
pub(super) struct GradeHead<'a> {
    #[serde(borrow)]
    grader: Cow<'a, str>,
    pass: Option<bool>,
    score: Option<f64>,
}

/// What the graders with one label said of a group of cells.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedScore {
    /// The grader's label. Graders that share one are counted together.
    pub label: String,
    /// Answers it passed.
    pub pass: u64,
    /// Answers it failed.
    pub fail: u64,
    /// Answers it could not tell of.
    pub unable: u64,
    /// Sum of its scores of what it passed or failed.
    sum: f64,
    /// The first case it was seen in, and its place among that case's graders.
    first: (usize, usize),
}

impl NamedScore {
    /// Answers it passed or failed.
    pub fn graded(&self) -> u64 {
        self.pass + self.fail
    }

    /// Its mean score over these; `None` where there are none.
    pub fn mean(&self) -> Option<f64> {
        (self.graded() > 0).then(|| self.sum / self.graded() as f64)
    }
}

/// The named scores of a group of cells.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scores {
    /// In the order of the cases they were first seen in, whatever the order in which cells ended.
    named: Vec<NamedScore>,
    /// There were more labels than are kept.
    pub more: bool,
}

impl Scores {
    /// One label after the other.
    pub fn iter(&self) -> impl Iterator<Item = &NamedScore> {
        self.named.iter()
    }

    /// The score with a label.
    pub fn get(&self, label: &str) -> Option<&NamedScore> {
        self.named.iter().find(|named| named.label == label)
    }

    /// The grades of a cell of a case.
    pub(super) fn add(&mut self, case: usize, grades: &[GradeHead<'_>]) {
        for (place, grade) in grades.iter().enumerate() {
            let Some(named) = self.named(place, &grade.grader, (case, place)) else { continue };
            *match grade.pass {
                Some(true) => &mut named.pass,
                Some(false) => &mut named.fail,
                None => &mut named.unable,
            } += 1;
            named.sum += grade.score.filter(|score| grade.pass.is_some() && score.is_finite()).unwrap_or(0.0);
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.more |= other.more;
        for (place, theirs) in other.iter().enumerate() {
            let Some(named) = self.named(place, &theirs.label, theirs.first) else { continue };
            named.pass += theirs.pass;
            named.fail += theirs.fail;
            named.unable += theirs.unable;
            named.sum += theirs.sum;
        }
    }

    pub(super) fn sorted(mut self) -> Self {
        self.named.sort_by(|a, b| (a.first, &a.label).cmp(&(b.first, &b.label)));
        self
    }

    /// The entry of a label, which is most likely to be found at `place`; `None` where there are too many.
    fn named(&mut self, place: usize, label: &str, first: (usize, usize)) -> Option<&mut NamedScore> {
        let likely = self.named.get(place).is_some_and(|named| named.label == label).then_some(place);
        let at = match likely.or_else(|| self.named.iter().position(|named| named.label == label)) {
            Some(at) => at,
            None if self.named.len() >= MOST => {
                self.more = true;
                return None;
            }
            None => {
                let label = label.to_owned();
                self.named.push(NamedScore { label, pass: 0, fail: 0, unable: 0, sum: 0.0, first });
                self.named.len() - 1
            }
        };
        let named = &mut self.named[at];
        named.first = named.first.min(first);
        Some(named)
    }

    /// `{label: {mean, n, pass, fail, unable}}`.
    pub(super) fn to_json(&self) -> Value {
        let entry = |named: &NamedScore| {
            let value = json!({
                "mean": named.mean(),
                "n": named.graded(),
                "pass": named.pass,
                "fail": named.fail,
                "unable": named.unable,
            });
            (named.label.clone(), value)
        };
        Value::Object(self.iter().map(entry).collect::<Map<String, Value>>())
    }
}

/// The labels of all graders of these runs, in the order of runs and of the cases they were first seen in.
pub(super) fn labels(runs: &[Run]) -> Vec<String> {
    let mut labels: Vec<String> = Vec::new();
    for run in runs {
        let mut of_run = Scores::default();
        for model in &run.summary().models {
            of_run.merge(&model.total.scores);
        }
        for named in of_run.sorted().named {
            if !labels.contains(&named.label) {
                labels.push(named.label);
            }
        }
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grade(label: &str, score: Option<f64>) -> GradeHead<'_> {
        GradeHead { grader: Cow::Borrowed(label), pass: score.map(|score| score > 0.5), score }
    }

    fn order(scores: &Scores) -> Vec<&str> {
        scores.iter().map(|named| named.label.as_str()).collect()
    }

    #[test]
    fn a_mean_is_over_what_could_be_graded() {
        let mut scores = Scores::default();
        scores.add(0, &[grade("a", Some(1.0)), grade("b", Some(0.25))]);
        scores.add(1, &[grade("a", None), grade("b", Some(0.75)), grade("b", Some(f64::NAN))]);
        let (a, b) = (scores.get("a").unwrap(), scores.get("b").unwrap());
        assert_eq!((a.mean(), a.graded(), a.unable), (Some(1.0), 1, 1));
        assert_eq!((b.mean(), b.graded(), b.pass, b.fail), (Some(1.0 / 3.0), 3, 1, 2));
        scores.add(2, &[grade("c", None)]);
        assert_eq!(scores.get("c").unwrap().mean(), None);
        assert_eq!(scores.to_json()["c"], json!({"mean": null, "n": 0, "pass": 0, "fail": 0, "unable": 1}));
    }

    #[test]
    fn labels_stand_in_the_order_of_cases_whoever_saw_them_first() {
        let mut late = Scores::default();
        late.add(5, &[grade("own", Some(1.0)), grade("a", Some(1.0))]);
        let mut early = Scores::default();
        early.add(0, &[grade("a", Some(1.0)), grade("b", Some(1.0))]);
        early.add(3, &[grade("own", Some(0.0))]);
        for (one, other) in [(&late, &early), (&early, &late)] {
            let mut both = one.clone();
            both.merge(other);
            let both = both.sorted();
            assert_eq!(order(&both), ["a", "b", "own"]);
            assert_eq!(both.get("own").unwrap().mean(), Some(0.5));
        }
    }

    #[test]
    fn memory_does_not_grow_with_labels() {
        let mut scores = Scores::default();
        for case in 0..1000 {
            scores.add(case, &[grade(&format!("grader-{case}"), Some(1.0)), grade("grader-0", Some(1.0))]);
        }
        assert_eq!((scores.iter().count(), scores.more), (MOST, true));
        assert_eq!(scores.get("grader-0").unwrap().graded(), 1001);
    }
}
