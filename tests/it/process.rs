//! The program as a child process: started, watched, killed when it takes too long, and judged by what it left.

use std::ffi::OsStr;
use std::fmt;
use std::io::{Read, Write as _};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// No run of a test takes this long; a program that does is stuck, and killed.
const LIMIT: Duration = Duration::from_mins(1);

/// A command line of the program.
#[derive(Debug)]
#[must_use = "a command does nothing before `run` or `spawn`"]
pub(crate) struct Bench {
    command: Command,
    /// Whether standard output is a pipe that nobody reads.
    unread: bool,
    /// What is piped into standard input.
    input: Option<Vec<u8>>,
    /// How long it may take.
    limit: Duration,
}

impl Bench {
    pub(crate) fn new(args: &[&str]) -> Self {
        Self::of(Command::new(assert_cmd::cargo::cargo_bin!("bench"))).args(args)
    }

    /// Another program that ends up as `bench`, a shell that sets limits for example.
    fn of(mut command: Command) -> Self {
        command.env_clear().stdin(Stdio::null());
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        Self { command, unread: false, input: None, limit: LIMIT }
    }

    /// The same command run by `sh -c 'SCRIPT; exec "$@"'`.
    pub(crate) fn through_shell(self, script: &str) -> Self {
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("{script}; exec \"$@\"")).arg("sh");
        shell.arg(self.command.get_program()).args(self.command.get_args());
        let mut wrapped = Self::of(shell);
        if let Some(folder) = self.command.get_current_dir() {
            wrapped = wrapped.current_dir(folder);
        }
        for (name, value) in self.command.get_envs() {
            if let Some(value) = value {
                wrapped = wrapped.env(name, value);
            }
        }
        wrapped
    }

    /// Lets it take so long: for what asks thousands of questions beside other tests.
    pub(crate) fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    pub(crate) fn args(mut self, args: &[&str]) -> Self {
        self.command.args(args);
        self
    }

    pub(crate) fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn without_env(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    pub(crate) fn current_dir(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Standard output is a pipe whose other end is closed.
    pub(crate) fn unread(mut self) -> Self {
        self.unread = true;
        self
    }

    /// This is piped into its standard input.
    pub(crate) fn stdin(mut self, content: impl Into<Vec<u8>>) -> Self {
        self.input = Some(content.into());
        self
    }

    /// Starts it and returns at once.
    #[track_caller]
    pub(crate) fn spawn(mut self) -> Running {
        let line = format!("{:?}", self.command).split_once("bench\"").map_or_else(String::new, |(_, a)| a.to_owned());
        if self.input.is_some() {
            self.command.stdin(Stdio::piped());
        }
        let mut child = self.command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        if let (Some(content), Some(mut stdin)) = (self.input, child.stdin.take()) {
            // It may be closed unread.
            thread::spawn(move || _ = stdin.write_all(&content));
        }
        let stdout = child.stdout.take().filter(|_| !self.unread);
        let stdout = stdout.map_or_else(Stream::default, Stream::of);
        let stderr = child.stderr.take().map_or_else(Stream::default, Stream::of);
        Running { child, line, started: Instant::now(), limit: self.limit, stdout, stderr, peak_kib: 0 }
    }

    /// Runs it to its end.
    #[track_caller]
    pub(crate) fn run(self) -> Outcome {
        self.spawn().wait()
    }
}

/// What was printed to one stream so far.
#[derive(Debug, Default)]
struct Stream {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Stream {
    fn of(mut pipe: impl Read + Send + 'static) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&bytes);
        let reader = thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            while let Ok(n @ 1..) = pipe.read(&mut buffer) {
                kept.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&buffer[..n]);
            }
        });
        Self { bytes, reader: Some(reader) }
    }

    fn so_far(&self) -> Vec<u8> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// All of it, the other end being closed.
    fn whole(&mut self) -> Vec<u8> {
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        self.so_far()
    }
}

/// The program while it runs. Killed when dropped.
#[derive(Debug)]
#[must_use = "wait for its end, or it is killed"]
pub(crate) struct Running {
    child: Child,
    line: String,
    started: Instant,
    limit: Duration,
    stdout: Stream,
    stderr: Stream,
    peak_kib: u64,
}

impl Running {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal, unless the program has ended.
    pub(crate) fn signal(&mut self, signal: Signal) {
        if self.child.try_wait().unwrap().is_none() {
            let pid = i32::try_from(self.pid()).ok().and_then(Pid::from_raw).unwrap();
            let _ = kill_process(pid, signal);
        }
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for a whole line of standard output that begins like this, and hands back its rest.
    #[track_caller]
    pub(crate) fn line_after(&mut self, beginning: &str) -> String {
        loop {
            let text = String::from_utf8_lossy(&self.stdout.so_far()).into_owned();
            let mut whole = text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
            if let Some(rest) = whole.find_map(|line| line.strip_prefix(beginning)) {
                return rest.to_owned();
            }
            let waiting = !self.has_ended() && self.started.elapsed() < LIMIT;
            assert!(waiting, "bench{} never printed {beginning:?}: {text}", self.line);
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits for the end; past the limit it is killed and the test fails with what was printed so far.
    #[track_caller]
    pub(crate) fn wait(mut self) -> Outcome {
        let (status, stuck) = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break (status, false);
            }
            self.peak_kib = self.peak_kib.max(peak_memory_kib(self.pid()));
            if self.started.elapsed() > self.limit {
                let _ = self.child.kill();
                break (self.child.wait().unwrap(), true);
            }
            thread::sleep(Duration::from_millis(5));
        };
        let outcome = Outcome {
            line: std::mem::take(&mut self.line),
            status,
            stdout: self.stdout.whole(),
            stderr: self.stderr.whole(),
            elapsed: self.started.elapsed(),
            peak_kib: self.peak_kib,
        };
        assert!(!stuck, "still running after {:?}\n{outcome}", self.limit);
        outcome
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `VmHWM` of a process in KiB; 0 where the system does not tell.
fn peak_memory_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// What a run left. Every assertion shows all of it when it fails.
#[derive(Debug)]
pub(crate) struct Outcome {
    line: String,
    status: ExitStatus,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    pub(crate) elapsed: Duration,
    /// The most memory it was seen to hold, in KiB; 0 where the system does not tell.
    pub(crate) peak_kib: u64,
}

impl Outcome {
    /// It ended with one of these exit codes.
    #[track_caller]
    pub(crate) fn code_in(&self, wanted: &[i32]) -> &Self {
        assert!(self.status.code().is_some_and(|code| wanted.contains(&code)), "wanted exit code {wanted:?}\n{self}");
        self
    }

    /// It ended with this exit code.
    #[track_caller]
    pub(crate) fn code(&self, wanted: i32) -> &Self {
        self.code_in(&[wanted])
    }

    /// Standard output holds this text.
    #[track_caller]
    pub(crate) fn prints(&self, wanted: &str) -> &Self {
        assert!(self.stdout_text().contains(wanted), "standard output lacks {wanted:?}\n{self}");
        self
    }

    /// Standard error holds this text, in whatever case.
    #[track_caller]
    pub(crate) fn says(&self, wanted: &str) -> &Self {
        let found = self.stderr_text().to_lowercase().contains(&wanted.to_lowercase());
        assert!(found, "standard error lacks {wanted:?}\n{self}");
        self
    }

    /// Neither stream holds these bytes.
    #[track_caller]
    pub(crate) fn never_shows(&self, unwanted: &[u8]) -> &Self {
        for (name, bytes) in [("output", &self.stdout), ("error", &self.stderr)] {
            let found = crate::context::contains_bytes(bytes, unwanted);
            assert!(!found, "standard {name} holds {:?}\n{self}", String::from_utf8_lossy(unwanted));
        }
        self
    }

    pub(crate) fn stdout_text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    pub(crate) fn stderr_text(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "bench{}", self.line)?;
        match (self.status.code(), self.status.signal()) {
            (Some(code), _) => writeln!(f, "exit code: {code}, after {:?}", self.elapsed)?,
            (None, signal) => writeln!(f, "ended by signal {signal:?}, after {:?}", self.elapsed)?,
        }
        writeln!(f, "----- stdout -----\n{}\n----- stderr -----\n{}", self.stdout_text(), self.stderr_text())
    }
}
