//! Graders that run programs: a suite from elsewhere never runs anything unasked.

use std::collections::HashSet;
use std::env;
use std::path::{Path, PathBuf};

use crate::suite::Suite;
use crate::text::{fit, one_line};

use super::failure::Failure;

/// A grader and a program it runs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Runs {
    grader: String,
    program: String,
}

/// A grader and a program that has to be there for it.
#[derive(Debug)]
struct Wants {
    grader: String,
    executable: PathBuf,
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

/// The first program that some grader wants and that is not there.
fn missing(suite: &Suite, is_there: impl Fn(&Path) -> bool) -> Option<Wants> {
    let mut seen = HashSet::new();
    let sets = suite.grader_sets();
    let wants = sets.iter().flat_map(|set| &set.graders).flat_map(|grader| {
        let executables = grader.grader.needs().executables.into_iter();
        executables.map(|executable| Wants { grader: grader.label.clone(), executable })
    });
    wants.filter(|wants| seen.insert(wants.executable.clone())).find(|wants| !is_there(&wants.executable))
}

/// Whether a program can be found: by its path, or along `PATH`.
#[cfg(unix)]
fn is_there(program: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let runs = |path: &Path| path.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0);
    if program.components().count() > 1 || program.is_absolute() {
        return runs(program);
    }
    let path = env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into());
    env::split_paths(&path).any(|folder| runs(&folder.join(program)))
}

/// Elsewhere names have endings of their own: whether it can be found is seen when it is run.
#[cfg(not(unix))]
fn is_there(_: &Path) -> bool {
    true
}

/// Refuses a suite whose graders run programs, unless that is allowed and the programs are there.
pub(super) fn permit(suite: &Suite, allowed: bool) -> Result<(), Failure> {
    if allowed {
        let Some(Wants { grader, executable }) = missing(suite, is_there) else { return Ok(()) };
        let (grader, program) = (one_line(&fit(&grader, 60)).into_owned(), executable.display().to_string());
        let message = format!("the grader `{grader}` runs `{}`, which is not there", one_line(&fit(&program, 120)));
        return Err(Failure::cannot(message).hint("install it, or name it by its path"));
    }
    let runs = programs(suite);
    let Some(first) = runs.first() else { return Ok(()) };
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
        let executables = programs.iter().filter_map(|line| line.split(' ').next()).map(PathBuf::from).collect();
        let programs = programs.iter().map(ToString::to_string).collect();
        let needs = Needs { programs, executables, ..Needs::default() };
        let graders = Arc::new(GraderSet { graders: vec![needy("tests", Needy { needs })], own: None });
        suite.cases.iter_mut().for_each(|case| case.graders = Arc::clone(&graders));
        suite
    }

    #[test]
    fn a_suite_that_runs_programs_is_refused_unless_that_is_allowed() {
        let suite = running(&["python3 grade.py", "sh x.sh"]);
        let refused = permit(&suite, false).unwrap_err().message;
        assert!(refused.contains("the grader `tests` runs `python3 grade.py` (and 1 more)"), "{refused}");
        assert!(missing(&suite, |_| true).is_none());
        let told = note(&suite).unwrap();
        assert!(told.contains("--allow-commands") && told.contains("`tests` runs `sh x.sh`"), "{told}");
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_is_not_there_is_named_before_anything_is_asked() {
        assert!(permit(&running(&["sh x.sh", "/bin/sh x.sh"]), true).is_ok());
        for program in ["no-such-program-x", "/bin/no-such-program-x", "/bin"] {
            let refused = permit(&running(&["sh x.sh", program]), true).unwrap_err().message;
            assert!(refused.contains(&format!("`tests` runs `{program}`, which is not there")), "{refused}");
        }
    }

    #[test]
    fn a_suite_that_runs_nothing_needs_no_leave() {
        assert!(permit(&running(&[]), false).is_ok());
        assert_eq!(note(&running(&[])), None);
    }
}
