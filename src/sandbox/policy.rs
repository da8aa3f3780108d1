//! The limits of one program, and how they travel to the process that takes them on.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What the launcher writes to standard output, or the private channel, once every limit holds. What comes before it
/// is the launcher's, what follows is the program's.
pub const READY: &str = "bench: ready\n";

/// What a program may do. The default allows everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The process that starts it; the program is killed when that one is gone (Linux).
    pub parent: u32,
    /// Bytes of private memory a process may have.
    pub memory: Option<u64>,
    /// Bytes of memory of any kind that a process may map. Some programs reserve far more than they use.
    pub address_space: Option<u64>,
    /// Seconds of processor time a process may take.
    pub cpu_seconds: Option<u64>,
    /// Bytes a file may grow to.
    pub file_size: Option<u64>,
    /// Files that may be open at once.
    pub open_files: Option<u64>,
    /// Processes and threads there may be at once, besides those that the user has already. The kernel does not hold
    /// root to it: root needs `user` as well.
    pub processes: Option<u64>,
    /// The number of a user to become, who owns nothing else.
    pub user: Option<u32>,
    /// No sockets at all, those to other programs on the machine included.
    pub no_network: bool,
    /// No further processes; threads are allowed.
    pub no_processes: bool,
    /// No signals to others, no leaving of the process group, no debugging, mounting, namespaces …
    pub distrusted: bool,
    /// What may be read and written; `None`: whatever the user may.
    pub files: Option<Files>,
    /// Moves standard input and output out of the way of the program.
    pub channel: Option<Channel>,
}

/// What of the file system a program may touch, besides devices such as `/dev/null`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Files {
    /// The one folder that it may do anything in.
    pub write: PathBuf,
    /// Files and folders it may read and run, besides the system's own. Those that do not exist are passed over.
    pub read: Vec<PathBuf>,
}

/// File descriptors that a test driver knows and the program it drives need not: standard input and output as they
/// were. The program has an empty standard input, and what it prints goes to standard error. The driver finds the
/// numbers in the environment, under `BENCH_IN` and `BENCH_OUT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    /// The lowest number that they may get.
    pub from: i32,
}

impl Policy {
    /// As one word of a command line.
    pub fn to_argument(&self) -> String {
        // Numbers, booleans and paths from texts: these always serialise.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Back from the command line.
    ///
    /// # Errors
    /// What is wrong with it: a lower-case fragment.
    pub fn from_argument(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| format!("not a policy: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_survives_the_command_line() {
        let files = Files { write: "/tmp/a b\"c".into(), read: vec!["/usr".into()] };
        let policy = Policy {
            parent: 7,
            memory: Some(1 << 29),
            no_network: true,
            files: Some(files),
            channel: Some(Channel { from: 100 }),
            ..Policy::default()
        };
        assert_eq!(Policy::from_argument(&policy.to_argument()), Ok(policy));
        assert!(Policy::from_argument("{\"memroy\": 1}").unwrap_err().contains("memroy"));
    }
}
