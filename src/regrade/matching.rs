//! A run's cases and prompts in the suite that they are graded with.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::journal::Manifest;
use crate::suite::{Case, Suite};
use crate::text::fit;

/// A case as the manifest holds it, kept as the text it is.
#[derive(Debug, Serialize, Deserialize)]
pub struct CaseHead {
    /// The unique id.
    pub id: Box<str>,
    /// The variables, an object.
    pub vars: Box<RawValue>,
    /// What is expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<Box<RawValue>>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Its own graders as they were written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graders: Option<Box<RawValue>>,
    /// The id of the prompt that its dataset brings, if that is what it was asked with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<Box<str>>,
}

/// Where the suite asks something else than the run did.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// No case of the run is in the suite.
    #[error("no case of the run is in the suite")]
    NothingInCommon,
    /// A variable that the run's prompts could use is gone or has another value.
    #[error("case `{case}` asks something else now: its variable `{variable}` was changed{}", and_more(*.more))]
    Case {
        /// The case's id.
        case: String,
        /// The variable's name.
        variable: String,
        /// How many other cases are different too.
        more: usize,
    },
    /// A variable of the environment holds something else than in the run.
    #[error("the environment variable `{variable}` is `{now}` now, and was `{before}` in the run", now = fit(now, 60), before = fit(before, 60))]
    Env {
        /// Its name.
        variable: String,
        /// What it held.
        before: String,
        /// What it holds.
        now: String,
    },
    /// A prompt has other messages.
    #[error("prompt `{prompt}` was changed after the run")]
    Prompt {
        /// The prompt's id.
        prompt: String,
    },
}

fn and_more(more: usize) -> String {
    match more {
        0 => String::new(),
        1 => " (and 1 more case)".to_owned(),
        more => format!(" (and {more} more cases)"),
    }
}

/// Which case of the suite each of the run's cases is, and which prompt.
#[derive(Debug)]
pub struct Matching {
    cases: Vec<Option<u32>>,
    prompts: Vec<Option<usize>>,
}

impl Matching {
    /// Finds the run's cases and prompts by their ids. Variables may have been added to a case (a grader may want
    /// them), tags and expectations changed; cases that the suite does not have keep the grades they have.
    ///
    /// # Errors
    /// A suite that asks something else.
    pub fn new(manifest: &Manifest<Vec<CaseHead>>, suite: &Suite) -> Result<Self, Mismatch> {
        let prompts = manifest.prompts.iter().map(|prompt| matching_prompt(prompt, suite));
        let prompts = prompts.collect::<Result<_, _>>()?;
        let changed = |(name, now): (&String, &String)| {
            let before = manifest.env.get(name).filter(|before| *before != now)?;
            Some(Mismatch::Env { variable: name.clone(), before: before.clone(), now: now.clone() })
        };
        if let Some(mismatch) = suite.env.iter().find_map(changed) {
            return Err(mismatch);
        }
        let known: HashMap<&str, u32> = suite.cases.iter().map(|case| &*case.id).zip(0..).collect();
        let cases: Vec<Option<u32>> = manifest.cases.iter().map(|case| known.get(&*case.id).copied()).collect();
        if cases.iter().all(Option::is_none) {
            return Err(Mismatch::NothingInCommon);
        }
        let mut changed = manifest.cases.iter().zip(&cases).filter_map(|(head, case)| {
            let variable = changed_variable(head, &suite.cases[(*case)? as usize])?;
            Some((head.id.to_string(), variable))
        });
        if let Some((case, variable)) = changed.next() {
            return Err(Mismatch::Case { case, variable, more: changed.count() });
        }
        let mut known = manifest.cases.iter().zip(&cases);
        match known.find_map(|(head, case)| asked_otherwise(head, &suite.cases[(*case)? as usize])) {
            Some(prompt) => Err(Mismatch::Prompt { prompt }),
            None => Ok(Self { cases, prompts }),
        }
    }

    /// The suite's case for a case of the run.
    pub fn case<'s>(&self, case: usize, suite: &'s Suite) -> Option<&'s Case> {
        suite.cases.get(self.cases.get(case).copied().flatten()? as usize)
    }

    /// The index of the suite's prompt for a prompt of the run.
    pub fn prompt(&self, prompt: usize) -> Option<usize> {
        self.prompts.get(prompt).copied().flatten()
    }

    /// How many of the run's cases the suite does not have.
    pub fn unmatched(&self) -> usize {
        self.cases.iter().filter(|case| case.is_none()).count()
    }

    /// Enters what the suite now says of the cases into the manifest: expectations and graders of their own.
    ///
    /// # Errors
    /// Never in practice: what a suite holds is JSON.
    pub fn update(&self, heads: &mut [CaseHead], suite: &Suite) -> Result<(), serde_json::Error> {
        let raw = |text: &str| RawValue::from_string(text.to_owned());
        for (at, head) in heads.iter_mut().enumerate() {
            let Some(case) = self.case(at, suite) else { continue };
            head.expect = case.expect.as_deref().map(raw).transpose()?;
            head.graders = case.graders.own.as_deref().map(raw).transpose()?;
            head.tags = case.tags.iter().map(ToString::to_string).collect();
        }
        Ok(())
    }
}

/// The index of the suite's prompt with the id of a run's; `None` where it has none.
fn matching_prompt(recorded: &Value, suite: &Suite) -> Result<Option<usize>, Mismatch> {
    let id = recorded.get("id").and_then(Value::as_str).unwrap_or_default();
    let Some(at) = suite.prompts.iter().position(|prompt| prompt.id == id) else { return Ok(None) };
    let now = serde_json::to_value(&suite.prompts[at]).unwrap_or_default();
    if now == *recorded {
        return Ok(Some(at));
    }
    // Of the prompts that datasets bring, some may have been added or be gone: which case has which is looked at apart.
    let (Some(before), Some(now)) = (brought(recorded), brought(&now)) else {
        return Err(Mismatch::Prompt { prompt: id.to_owned() });
    };
    let named = |prompt: &&Value, other: &Value| prompt.get("id") == other.get("id");
    match before.iter().find(|old| now.iter().find(|new| named(new, old)).is_some_and(|new| new != *old)) {
        Some(changed) => {
            let id = changed.get("id").and_then(Value::as_str).unwrap_or_default();
            Err(Mismatch::Prompt { prompt: id.to_owned() })
        }
        None => Ok(Some(at)),
    }
}

/// The prompts that datasets bring, where the suite has none.
fn brought(prompt: &Value) -> Option<&Vec<Value>> {
    prompt.get("by_dataset")?.as_array()
}

/// The prompt that a recorded case was asked with, where the suite now asks it with another.
fn asked_otherwise(head: &CaseHead, case: &Case) -> Option<String> {
    let (before, now) = (head.prompt.as_deref()?, &case.prompt.as_deref()?.id);
    (now != before).then(|| before.to_owned())
}

/// The first variable of a recorded case that the suite's case has not, or has with another value.
fn changed_variable(head: &CaseHead, case: &Case) -> Option<String> {
    if head.vars.get() == &*case.vars {
        return None;
    }
    let recorded: Map<String, Value> = serde_json::from_str(head.vars.get()).unwrap_or_default();
    let now = case.variables();
    recorded.into_iter().find(|(name, value)| now.get(name) != Some(value)).map(|(name, _)| name)
}
