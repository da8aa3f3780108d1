//! The folders of one test: it owns all that the program can see.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::process::{Bench, Outcome};
use crate::suite::Suite;
use crate::table::Table;

/// The key every test's environment holds; it must never be seen anywhere but at the server.
pub(crate) const KEY: &str = "sk-or-v1-5ecret0123456789abcdef5ecret0123456789abcdef5ecret";

/// A working folder, a home and nothing else.
#[derive(Debug)]
pub(crate) struct Context {
    root: TempDir,
}

impl Context {
    pub(crate) fn new() -> Self {
        let root = tempfile::Builder::new().prefix("bench-it-").tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        for folder in ["work", "home", "tmp"] {
            fs::create_dir(root.path().join(folder)).unwrap();
        }
        Self { root }
    }

    /// Where the program is started.
    pub(crate) fn work(&self) -> PathBuf {
        self.root.path().join("work")
    }

    /// The folder that [`Context::run`] writes to.
    pub(crate) fn run_dir(&self) -> PathBuf {
        self.work().join("run")
    }

    /// Writes a file into the working folder.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.work().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// Reads a file of the working folder.
    #[track_caller]
    pub(crate) fn read(&self, name: &str) -> String {
        let path = self.work().join(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The program with these arguments, in a clean environment with a key.
    pub(crate) fn bench(&self, args: &[&str]) -> Bench {
        let root = self.root.path();
        let mut bench = Bench::new(args).current_dir(&self.work()).env("OPENROUTER_API_KEY", KEY);
        for (name, folder) in [
            ("HOME", "home"),
            ("XDG_CONFIG_HOME", "home/config"),
            ("XDG_CACHE_HOME", "home/cache"),
            ("XDG_DATA_HOME", "home/data"),
            ("XDG_STATE_HOME", "home/state"),
            ("TMPDIR", "tmp"),
        ] {
            bench = bench.env(name, root.join(folder));
        }
        bench
    }

    /// `bench run` of this suite into [`Context::run_dir`].
    pub(crate) fn run_command(&self, suite: &Suite, args: &[&str]) -> Bench {
        self.write("suite.yaml", suite.yaml());
        self.bench(&["run", "suite.yaml", "--out", "run"]).args(args)
    }

    /// Runs the suite to its end.
    #[track_caller]
    pub(crate) fn run(&self, suite: &Suite, args: &[&str]) -> Outcome {
        self.run_command(suite, args).run()
    }

    /// Takes the run up again with this suite, whatever was written before.
    #[track_caller]
    pub(crate) fn resume(&self, suite: &Suite) -> Outcome {
        self.write("suite.yaml", suite.yaml());
        self.bench(&["run", "suite.yaml", "--resume", "run"]).run()
    }

    /// `results.csv` of the run.
    #[track_caller]
    pub(crate) fn results(&self) -> Table {
        Table::read(&self.run_dir().join("results.csv"))
    }

    /// `summary.csv` of the run.
    #[track_caller]
    pub(crate) fn summary(&self) -> Table {
        Table::read(&self.run_dir().join("summary.csv"))
    }

    /// Every file below the test's folders, with its bytes.
    pub(crate) fn all_files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        collect(self.root.path(), &mut found);
        found
    }
}

fn collect(folder: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.is_file() {
            let bytes = fs::read(&path).unwrap();
            found.push((path, bytes));
        }
    }
}

/// Whether `needle` stands anywhere in `haystack`.
pub(crate) fn contains_bytes(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[test]
fn a_context_sees_its_own_files_only() {
    let cx = Context::new();
    cx.write("a/b.txt", "secret inside");
    let files = cx.all_files();
    assert_eq!(files.len(), 1);
    assert!(contains_bytes(&files[0].1, b"secret"));
    assert!(!contains_bytes(&files[0].1, b"Secret"));
}
