//! `pairwise`: answers of two models compared by a judge.

use std::sync::Arc;

use serde_json::Value;

use crate::grade::{CaseFacts, OptionErrors, PairJudge};
use crate::plan::fingerprint;

use super::graders::Graders;
use super::log::{Finding, Log, Target};
use super::model::{Case, Model};
use super::read::{Table, closest};

/// Keys that are not the judge's.
pub(super) const OURS: [&str; 2] = ["against", "cases"];

/// How a suite wants answers compared.
#[derive(Debug, Clone)]
pub struct Pairwise {
    /// Says which of two answers is better.
    pub judge: Arc<PairJudge>,
    /// The name of the model that every other is compared with; `None`: every two.
    pub against: Option<String>,
    /// Only so many cases, drawn by the run's seed; `None`: all.
    pub cases: Option<usize>,
    /// As it was written, for the manifest.
    pub written: Value,
}

impl Pairwise {
    /// Sixteen hex digits that change with the judge and what it is told.
    pub fn fingerprint(&self) -> String {
        fingerprint_of(&self.written)
    }
}

/// [`Pairwise::fingerprint`] of what was written, as a manifest holds it.
pub fn fingerprint_of(written: &Value) -> String {
    let mut judge = of_judge(written);
    judge.sort_all_objects();
    fingerprint(&[&judge.to_string()])
}

/// The options that are the judge's.
fn of_judge(written: &Value) -> Value {
    let Value::Object(map) = written else { return written.clone() };
    map.iter()
        .filter(|(key, _)| !OURS.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// Reads `pairwise`; what its judge needs goes to the graders' needs.
pub(super) fn read(
    suite: &Table<'_>,
    models: &[Model],
    cases: &[Case],
    graders: &mut Graders,
    log: &Log,
) -> Option<Pairwise> {
    let field = suite.get("pairwise").filter(|field| !field.is_null())?;
    let entries = field.entries("what to compare by, as a map with `model` and `rubric`", log)?;
    let get = |key: &str| entries.iter().find(|(name, _)| *name == key).map(|(_, field)| field);
    let against = get("against").and_then(|field| {
        let name = field.name(log)?;
        if models.iter().any(|model| model.name == name) {
            return Some(name.to_owned());
        }
        let hint = match closest(name, models.iter().map(|model| model.name.as_str())) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "name one of the suite's models, or leave it out to compare every two".to_owned(),
        };
        log.add(Finding::error(&field.place, format!("no model is named `{name}`")).hint(hint));
        None
    });
    let limit = get("cases").and_then(|field| field.at_least_one("leave it out to compare all cases", log));
    if models.len() < 2 {
        log.add(
            Finding::error(&field.place, "there are no two models to compare")
                .target(Target::Key)
                .hint("add a model, or leave `pairwise` out"),
        );
    }
    let written = field.node.to_value();
    let judge = match PairJudge::new(&of_judge(&written)) {
        Ok(judge) => judge,
        Err(OptionErrors(errors)) => {
            for error in errors {
                let place = field.place.dotted(&error.path);
                log.add(Finding::error(&place, error.message).maybe_hint(error.hint));
            }
            graders.broken = true;
            return None;
        }
    };
    let wrong = |case: &Case| judge.check(&CaseFacts::new(case.expect.as_deref(), &case.vars)).err();
    if let Some((case, message)) = cases.iter().find_map(|case| Some((case, wrong(case)?))) {
        log.error(&field.place, format!("case `{}`: {message}", case.id));
    }
    graders.needs.push((judge.need(), field.place.key("model")));
    let cases = limit.and_then(|limit| usize::try_from(limit).ok());
    Some(Pairwise { judge: Arc::new(judge), against, cases, written })
}
