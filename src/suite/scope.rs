//! Where cases are written: in the suite itself, or in a file that it includes.

use std::path::{Path, PathBuf};

use super::attach::is_url;
use super::env::Env;
use super::model::Outside;

/// What the paths and templates of cases refer to.
#[derive(Debug, Clone)]
pub(super) struct Scope<'a> {
    /// The folder of the suite.
    suite: &'a Path,
    /// From there to the folder of the file, as the suite writes it.
    inner: PathBuf,
    pub(super) env: &'a Env,
    pub(super) outside: &'a Outside,
}

impl<'a> Scope<'a> {
    /// Of the suite itself.
    pub(super) fn of_suite(suite: &'a Path, env: &'a Env, outside: &'a Outside) -> Self {
        Self { suite, inner: PathBuf::new(), env, outside }
    }

    /// Of a file at this path from here.
    pub(super) fn of_file(&self, path: &Path) -> Self {
        let inner = self.inner.join(path.parent().unwrap_or(Path::new("")));
        Self { inner, ..self.clone() }
    }

    /// The folder that paths are relative to.
    pub(super) fn folder(&self) -> PathBuf {
        self.suite.join(&self.inner)
    }

    /// A path as it is from the suite's folder. What names no file stays as it is.
    pub(super) fn path_in_suite(&self, path: &str) -> String {
        if self.inner.as_os_str().is_empty() || path == "-" || is_url(path) {
            return path.to_owned();
        }
        self.inner.join(path).display().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_the_file_that_names_them() {
        let (env, outside) = (Env::default(), Outside::default());
        let suite = Scope::of_suite(Path::new("suites"), &env, &outside);
        assert_eq!((suite.folder(), suite.path_in_suite("a.csv")), ("suites".into(), "a.csv".to_owned()));
        let shared = suite.of_file(Path::new("../shared/x.yaml"));
        assert_eq!(shared.folder(), Path::new("suites/../shared"));
        let deeper = shared.of_file(Path::new("more/y.yaml"));
        assert_eq!(deeper.path_in_suite("a.csv"), "../shared/more/a.csv");
        for path in ["-", "hf://a/b/c.csv", "/data/a.csv"] {
            assert_eq!(deeper.path_in_suite(path), path);
        }
    }
}
