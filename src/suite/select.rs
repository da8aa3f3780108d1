//! The part of a suite that a run asks.

use std::collections::HashSet;
use std::sync::Arc;

use globset::{GlobBuilder, GlobMatcher};

use crate::grade::GraderSet;
use crate::plan::Axes;

use super::model::Suite;
use super::pairwise::Pairwise;
use super::read::closest;

/// What the command line picks. An empty list picks everything.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Globs over model names; a model's id counts as well. `*` matches `/` too.
    pub models: Vec<String>,
    /// Globs over case ids.
    pub cases: Vec<String>,
    /// Globs over tags; a case with any of them is picked.
    pub tags: Vec<String>,
    /// Only the first so many cases of those picked.
    pub limit: Option<usize>,
}

/// Why a selection cannot be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// Not a glob.
    #[error("`{pattern}` is not a pattern: {message}")]
    Pattern {
        /// As it was given.
        pattern: String,
        /// What is wrong with it.
        message: String,
    },
    /// A pattern that matches nothing.
    #[error("no {what} matches `{pattern}`")]
    NoMatch {
        /// `model`, `case` or `tag`.
        what: &'static str,
        /// As it was given.
        pattern: String,
        /// The name that was probably meant.
        meant: Option<String>,
    },
    /// Each pattern matches, but no case matches all.
    #[error("nothing is selected: no case has both the ids and the tags that were asked for")]
    Nothing,
    /// `--limit 0`.
    #[error("nothing is selected: the limit is 0")]
    ZeroLimit,
}

impl SelectError {
    /// What to do.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoMatch { meant: Some(meant), .. } => Some(format!("did you mean `{meant}`?")),
            _ => None,
        }
    }
}

impl Suite {
    /// The suite with only the models and cases picked, in the suite's order.
    ///
    /// # Errors
    /// A pattern that matches nothing, or nothing left to ask.
    pub fn select(mut self, selection: &Selection) -> Result<Self, SelectError> {
        let models = matchers(&selection.models)?;
        require(&models, "model", || self.models.iter().flat_map(|model| [model.name.as_str(), model.id.as_str()]))?;
        let cases = matchers(&selection.cases)?;
        require(&cases, "case", || self.cases.iter().map(|case| &*case.id))?;
        let tags = matchers(&selection.tags)?;
        require(&tags, "tag", || self.cases.iter().flat_map(|case| case.tags.iter().map(|tag| &**tag)))?;
        if selection.limit == Some(0) {
            return Err(SelectError::ZeroLimit);
        }
        let any = |matchers: &[GlobMatcher], name: &str| matchers.iter().any(|matcher| matcher.is_match(name));
        self.cases.retain(|case| {
            (cases.is_empty() || any(&cases, &case.id))
                && (tags.is_empty() || case.tags.iter().any(|tag| any(&tags, tag)))
        });
        self.cases.truncate(selection.limit.unwrap_or(usize::MAX));
        if self.cases.is_empty() {
            return Err(SelectError::Nothing);
        }
        self.models.retain(|model| models.is_empty() || any(&models, &model.name) || any(&models, &model.id));
        let names = |pairwise: &Pairwise| match &pairwise.against {
            Some(against) => self.models.iter().any(|model| model.name == *against),
            None => true,
        };
        // With one model, or without the one that all are compared with, there is nothing to compare.
        self.pairwise = self.pairwise.take().filter(|pairwise| self.models.len() > 1 && names(pairwise));
        self.drop_idle_judges();
        Ok(self)
    }

    /// Keeps the judges that the graders of its cases need: nobody has to have a key for the others.
    fn drop_idle_judges(&mut self) {
        if self.judges.is_empty() {
            return;
        }
        let sets = self.grader_sets();
        let needs = sets.iter().flat_map(|graders| graders.needs().models);
        let pairwise = self.pairwise.iter().map(|pairwise| pairwise.judge.need());
        let needed: HashSet<String> = needs.chain(pairwise).map(|need| need.model).collect();
        self.judges.retain(|judge| needed.contains(&judge.name));
    }

    /// The sets of graders that its cases have, each once, in the order of the cases.
    pub fn grader_sets(&self) -> Vec<&Arc<GraderSet>> {
        let mut seen = HashSet::new();
        let sets = self.cases.iter().map(|case| &case.graders);
        sets.filter(|graders| seen.insert(Arc::as_ptr(graders))).collect()
    }

    /// The names that make up the plan.
    pub fn axes(&self) -> Axes {
        Axes {
            models: self.models.iter().map(|model| model.name.clone()).collect(),
            prompts: self.prompts.iter().map(|prompt| prompt.id.clone()).collect(),
            cases: self.cases.iter().map(|case| case.id.clone()).collect(),
            repeat: self.repeat,
        }
    }
}

fn matchers(patterns: &[String]) -> Result<Vec<GlobMatcher>, SelectError> {
    let matcher = |pattern: &String| match GlobBuilder::new(pattern).literal_separator(false).build() {
        Ok(glob) => Ok(glob.compile_matcher()),
        Err(error) => Err(SelectError::Pattern { pattern: pattern.clone(), message: error.kind().to_string() }),
    };
    patterns.iter().map(matcher).collect()
}

/// Every pattern must match some name.
fn require<'a, I: Iterator<Item = &'a str>>(
    matchers: &[GlobMatcher],
    what: &'static str,
    names: impl Fn() -> I,
) -> Result<(), SelectError> {
    for matcher in matchers {
        if !names().any(|name| matcher.is_match(name)) {
            let pattern = matcher.glob().glob().to_owned();
            let meant = closest(&pattern, names()).map(str::to_owned);
            return Err(SelectError::NoMatch { what, pattern, meant });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
