//! Languages: what their blocks are labelled, how they are run, and the driver that runs a program inside them.

use std::ffi::OsString;

/// A language whose programs are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// By a driver in Python.
    Python,
    /// By a driver in Node.
    JavaScript,
    /// By a driver in Bash.
    Bash,
    /// By a command line of the suite's, from a file, without a driver.
    Other,
}

impl Language {
    /// By its name or what people call it.
    pub(super) fn named(name: &str) -> Self {
        match name.trim().to_lowercase().as_str() {
            "python" | "python3" | "py" => Self::Python,
            "javascript" | "js" | "node" | "nodejs" => Self::JavaScript,
            "bash" | "sh" | "shell" => Self::Bash,
            _ => Self::Other,
        }
    }

    /// What models write behind the opening fence.
    pub(super) const fn labels(self) -> &'static [&'static str] {
        match self {
            Self::Python => &["python", "python3", "py"],
            Self::JavaScript => &["javascript", "js", "node", "mjs", "cjs"],
            Self::Bash => &["bash", "sh", "shell", "zsh"],
            Self::Other => &[],
        }
    }

    /// The command that finds the interpreter.
    pub(super) const fn interpreter(self) -> Option<&'static str> {
        match self {
            Self::Python => Some("python3"),
            Self::JavaScript => Some("node"),
            Self::Bash => Some("bash"),
            Self::Other => None,
        }
    }

    /// The name of a file that holds a program.
    pub(super) const fn file(self) -> &'static str {
        match self {
            Self::Python => "program.py",
            Self::JavaScript => "program.js",
            Self::Bash => "program.sh",
            Self::Other => "program",
        }
    }

    /// Arguments that make an interpreter tell where it is, as a JSON list: itself, then what it reads.
    pub(super) const fn probe(self) -> &'static [&'static str] {
        match self {
            Self::Python => &[
                "-c",
                "import json, sys; print(json.dumps([sys.executable, sys.prefix, sys.base_prefix, sys.exec_prefix, \
                 sys.base_exec_prefix]))",
            ],
            Self::JavaScript => &["-p", "JSON.stringify([process.execPath])"],
            Self::Bash => &["-c", "printf '[\"%s\"]' \"$BASH\""],
            Self::Other => &[],
        }
    }

    /// Arguments for every run. `heap`: bytes of memory allowed.
    pub(super) fn flags(self, heap: u64) -> Vec<OsString> {
        match self {
            Self::Python => ["-s", "-B", "-X", "utf8"].map(OsString::from).to_vec(),
            // Most of the limit for objects, so that there is an error that says so before the limit is met.
            Self::JavaScript => vec![format!("--max-old-space-size={}", (heap * 3 / 4) >> 20).into()],
            Self::Bash => ["--norc", "--noprofile"].map(OsString::from).to_vec(),
            Self::Other => Vec::new(),
        }
    }

    /// Arguments that run the driver.
    pub(super) fn driver(self) -> Option<[&'static str; 2]> {
        match self {
            Self::Python => Some(["-c", include_str!("drivers/python.py")]),
            Self::JavaScript => Some(["-e", include_str!("drivers/javascript.js")]),
            Self::Bash => Some(["-c", include_str!("drivers/bash.sh")]),
            Self::Other => None,
        }
    }

    /// Whether its programs are of little use without starting others.
    pub(super) const fn needs_processes(self) -> bool {
        matches!(self, Self::Bash | Self::Other)
    }

    /// Whether all memory it maps may be limited. Some reserve far more than they use.
    pub(super) const fn maps_what_it_uses(self) -> bool {
        matches!(self, Self::Python | Self::Bash)
    }

    /// Tests behind a solution.
    pub(super) fn program(self, solution: &str, tests: &str) -> String {
        match self {
            // A test of Bash is a command that has to succeed.
            Self::Bash => format!("{solution}\nset -e\n{tests}\nset +e\n"),
            _ => format!("{solution}\n{tests}\n"),
        }
    }
}
