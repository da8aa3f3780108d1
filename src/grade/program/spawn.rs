//! Starting a program, and ending it with all that it has started.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::sandbox::Policy;

use super::host::{Host, is_withheld};
use super::tail::Tail;

/// The variables that any program gets.
const PASSED: &[&str] = &["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "USER", "LOGNAME"];

/// What is started, and where.
#[derive(Debug, Clone)]
pub(super) struct Launch {
    /// The command line.
    pub(super) argv: Vec<OsString>,
    /// The folder it works in.
    pub(super) folder: PathBuf,
    /// Its environment, besides what every program gets.
    pub(super) env: Vec<(OsString, OsString)>,
    /// What it may do.
    pub(super) policy: Policy,
    /// Standard error is followed up to this many bytes, and then closed.
    pub(super) most_stderr: u64,
}

/// A program that runs, and whatever it has started: all of it is killed when this is dropped.
#[derive(Debug)]
pub(super) struct Program {
    child: Child,
    group: Option<u32>,
    /// Closing it tells the program that nothing more will come.
    pub(super) stdin: Option<ChildStdin>,
    /// To be taken by whoever reads it.
    pub(super) stdout: Option<ChildStdout>,
    /// The end of what it says on standard error.
    pub(super) stderr: Tail,
    reader: JoinHandle<()>,
}

/// The variables that a program gets from the environment; keys never among them.
pub(super) fn environment(host: &Host, more: &[String]) -> Vec<(OsString, OsString)> {
    let names = PASSED.iter().copied().chain(more.iter().map(String::as_str)).filter(|name| !is_withheld(name));
    names.filter_map(|name| Some((name.into(), (host.variable)(name)?))).collect()
}

impl Program {
    /// Starts a program.
    ///
    /// # Errors
    /// What the system says of the launcher; that the program itself cannot be run is told on its standard error.
    pub(super) async fn start(host: &Host, launch: Launch) -> io::Result<Self> {
        let Launch { argv, folder, env, policy, most_stderr } = launch;
        let policy = Policy { parent: std::process::id(), ..policy };
        let mut command = Command::new(&host.launcher);
        command
            .args([OsStr::new("sandboxed"), OsStr::new(&policy.to_argument())])
            .args(&argv)
            .current_dir(if folder.as_os_str().is_empty() { Path::new(".") } else { &folder })
            .env_clear()
            .envs(env)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        let mut child = spawn(command).await?;
        let group = child.id();
        if let Some(group) = group {
            live().insert(group);
        }
        let (stderr, stream) = (Tail::default(), child.stderr.take());
        let tail = stderr.clone();
        let reader = tokio::spawn(async move {
            if let Some(stream) = stream {
                tail.follow(stream, most_stderr).await;
            }
        });
        Ok(Self { stdin: child.stdin.take(), stdout: child.stdout.take(), child, group, stderr, reader })
    }

    /// Whether it still runs, as far as is known without waiting.
    pub(super) fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Gives it a moment to end by itself, as it has closed its output, and ends whatever is left of it. How it ended
    /// is `None` where it had to be killed.
    pub(super) async fn end(mut self) -> Option<ExitStatus> {
        const MOMENT: Duration = Duration::from_millis(500);
        self.stdin = None;
        let status = timeout(MOMENT, self.child.wait()).await;
        // What it has to say is in the pipe by now, unless something it started holds that open.
        let _ = timeout(MOMENT / 5, &mut self.reader).await;
        status.ok().and_then(Result::ok)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.reader.abort();
        if let Some(group) = self.group.take() {
            live().remove(&group);
            // Its number is not another's yet: a group keeps its number while it has members, and numbers that have
            // become free come up again only when all others have had their turn.
            kill_group(group);
        }
    }
}

/// How it ended, for people.
pub(super) fn ending(status: Option<ExitStatus>) -> String {
    match status {
        None => "closed its output without ending".to_owned(),
        Some(status) => {
            #[cfg(unix)]
            if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
                let name = match signal {
                    6 => " (aborted)",
                    9 => " (killed)",
                    11 => " (segmentation fault)",
                    24 => " (out of processor time)",
                    25 => " (file too large)",
                    _ => "",
                };
                return format!("ended by signal {signal}{name}");
            }
            format!("ended with exit code {}", status.code().unwrap_or_default())
        }
    }
}

/// The groups that may still have members.
fn live() -> std::sync::MutexGuard<'static, BTreeSet<u32>> {
    static LIVE: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends every program that was started, for when `bench` itself ends without winding up.
pub fn end_all() {
    for group in std::mem::take(&mut *live()) {
        kill_group(group);
    }
}

#[cfg(unix)]
fn kill_group(group: u32) {
    use rustix::process::{Pid, Signal, kill_process_group};
    if let Some(pid) = i32::try_from(group).ok().and_then(Pid::from_raw) {
        // Gone already is as good.
        let _ = kill_process_group(pid, Signal::KILL);
    }
}

#[cfg(not(unix))]
fn kill_group(_: u32) {}

type Order = (Command, Handle, oneshot::Sender<io::Result<Child>>);

/// Starts a child from a thread that lives as long as this process: Linux tells a child of its parent's death when the
/// *thread* that started it ends, and those of the runtime come and go.
async fn spawn(command: Command) -> io::Result<Child> {
    static SPAWNER: OnceLock<Option<mpsc::Sender<Order>>> = OnceLock::new();
    let spawner = SPAWNER.get_or_init(|| {
        let (orders, queue) = mpsc::channel::<Order>();
        let serve = move || {
            hide();
            for (mut command, runtime, answer) in queue {
                let _inside = runtime.enter();
                // Nobody waits for it any more: then it is dropped here, and killed by that.
                let _ = answer.send(command.spawn());
            }
        };
        thread::Builder::new().name("programs".to_owned()).spawn(serve).ok().map(|_| orders)
    });
    let gone = || io::Error::other("the thread that starts programs has ended");
    let (answer, started) = oneshot::channel();
    let spawner = spawner.as_ref().ok_or_else(gone)?;
    spawner.send((command, Handle::current(), answer)).map_err(|_| gone())?;
    started.await.map_err(|_| gone())?
}

/// Closes this process's memory and environment, where the keys are, to the programs that it starts.
fn hide() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        // Hardening: where it cannot be had, the environment that programs get is clean all the same.
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}
