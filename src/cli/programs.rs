//! Graders that run programs: a suite from elsewhere never runs anything unasked.

use std::collections::HashSet;

use crate::suite::Suite;
use crate::text::{fit, one_line};

use super::failure::Failure;

/// A grader and a program it runs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Runs {
    grader: String,
    program: String,
}

/// What the graders of a suite's cases run, each once, in the order of the cases.
fn programs(suite: &Suite) -> Vec<Runs> {
    let mut seen = HashSet::new();
    let sets = suite.grader_sets();
    let graders = sets.iter().flat_map(|set| &set.graders);
    let runs = graders.flat_map(|grader| {
        let programs = grader.grader.needs().programs.into_iter();
        programs.map(|program| Runs { grader: grader.label.clone(), program })
    });
    runs.filter(|runs| seen.insert(runs.clone())).collect()
}

fn told(Runs { grader, program }: &Runs) -> String {
    format!("`{}` runs `{}`", one_line(&fit(grader, 60)), one_line(&fit(program, 120)))
}

/// Refuses a suite whose graders run programs, unless that is allowed.
pub(super) fn permit(suite: &Suite, allowed: bool) -> Result<(), Failure> {
    let runs = programs(suite);
    let Some(first) = runs.first().filter(|_| !allowed) else { return Ok(()) };
    let more = match runs.len() {
        1 => String::new(),
        n => format!(" (and {} more)", n - 1),
    };
    let message = format!("the grader {}{more}, and graders may not run programs unasked", told(first));
    Err(Failure::usage(message).hint("read what it runs; if you trust it, add `--allow-commands`"))
}

/// What `bench check` says of them.
pub(super) fn note(suite: &Suite) -> Option<String> {
    let runs = programs(suite);
    let told: Vec<String> = runs.iter().map(told).collect();
    (!told.is_empty()).then(|| format!("graders run programs, which needs `--allow-commands`: {}", told.join(", ")))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::grade::testing::{Needy, needy};
    use crate::grade::{GraderSet, Needs};
    use crate::journal::testing::suite;

    fn running(programs: &[&str]) -> Suite {
        let mut suite = suite(&["m"], &["a", "b"]);
        let needs = Needs { programs: programs.iter().map(ToString::to_string).collect(), ..Needs::default() };
        let graders = Arc::new(GraderSet { graders: vec![needy("tests", Needy { needs })], own: None });
        suite.cases.iter_mut().for_each(|case| case.graders = Arc::clone(&graders));
        suite
    }

    #[test]
    fn a_suite_that_runs_programs_is_refused_unless_that_is_allowed() {
        let suite = running(&["python3 grade.py", "sh x.sh"]);
        let refused = permit(&suite, false).unwrap_err().message;
        assert!(refused.contains("the grader `tests` runs `python3 grade.py` (and 1 more)"), "{refused}");
        assert!(permit(&suite, true).is_ok());
        let told = note(&suite).unwrap();
        assert!(told.contains("--allow-commands") && told.contains("`tests` runs `sh x.sh`"), "{told}");
    }

    #[test]
    fn a_suite_that_runs_nothing_needs_no_leave() {
        assert!(permit(&running(&[]), false).is_ok());
        assert_eq!(note(&running(&[])), None);
    }
}
