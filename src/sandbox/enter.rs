//! Taking on a policy, and becoming the program.

use std::ffi::OsString;
use std::io::{self, Write};
use std::os::fd::IntoRawFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use rustix::io::{FdFlags, fcntl_dupfd_cloexec, fcntl_setfd};

use super::limits::{limit, processes_can_be_limited};
use super::policy::{Channel, Policy, READY};

/// Why a program was not started.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// No command line.
    #[error("no program is named")]
    NoProgram,
    /// Who asked for it is gone already.
    #[error("the process that started this one has ended")]
    Orphan,
    /// The system cannot do what the policy says.
    #[error("{0}")]
    Unsupported(String),
    /// A limit was refused, or a file descriptor.
    #[error("cannot set its limits: {0}")]
    Limits(#[source] io::Error),
    /// The program is not there or cannot be run.
    #[error("cannot run `{program}`: {source}")]
    Program {
        /// As it was named.
        program: String,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}

/// Takes on the policy and becomes the program. Comes back only with an error. To be called in a process with one
/// thread, which does nothing else.
///
/// # Errors
/// Whatever kept it from starting.
pub fn become_program(policy: &Policy, command: &[OsString]) -> Result<std::convert::Infallible, SandboxError> {
    let [program, arguments @ ..] = command else { return Err(SandboxError::NoProgram) };
    let limits = |error: rustix::io::Errno| SandboxError::Limits(error.into());
    let mut command = Command::new(program);
    command.args(arguments);
    let mut announce = match policy.channel {
        Some(channel) => move_streams(channel, &mut command)?,
        None => io::stdout().lock().into(),
    };
    if policy.processes.is_some() && !processes_can_be_limited(policy) {
        let message = "nothing limits how many processes root may start: run as another user, or do without processes";
        return Err(SandboxError::Unsupported(message.to_owned()));
    }
    limit(policy).map_err(limits)?;
    confine_files(policy)?;
    become_user(policy)?;
    // Becoming somebody else would undo it.
    stay_with(policy)?;
    confine_calls(policy)?;
    announce.write(READY.as_bytes()).map_err(SandboxError::Limits)?;
    let source = command.exec();
    Err(SandboxError::Program { program: program.to_string_lossy().into_owned(), source })
}

/// Where readiness is told.
enum Announce {
    Stdout(io::StdoutLock<'static>),
    Channel(std::fs::File),
}

impl From<io::StdoutLock<'static>> for Announce {
    fn from(stdout: io::StdoutLock<'static>) -> Self {
        Self::Stdout(stdout)
    }
}

impl Announce {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Stdout(stdout) => stdout.write_all(bytes).and_then(|()| stdout.flush()),
            Self::Channel(file) => file.write_all(bytes),
        }
    }
}

/// Puts the standard streams where only the driver looks, and others in their place.
fn move_streams(channel: Channel, command: &mut Command) -> Result<Announce, SandboxError> {
    let limits = |error: rustix::io::Errno| SandboxError::Limits(error.into());
    // These two live on in the program: not closed on `exec`, nor dropped before it.
    let input = fcntl_dupfd_cloexec(rustix::stdio::stdin(), channel.from).map_err(limits)?;
    let output = fcntl_dupfd_cloexec(rustix::stdio::stdout(), channel.from).map_err(limits)?;
    let error = fcntl_dupfd_cloexec(rustix::stdio::stderr(), 3).map_err(limits)?;
    let told = fcntl_dupfd_cloexec(&output, 3).map_err(limits)?;
    for kept in [&input, &output] {
        fcntl_setfd(kept, FdFlags::empty()).map_err(limits)?;
    }
    command.env("BENCH_IN", input.into_raw_fd().to_string()).env("BENCH_OUT", output.into_raw_fd().to_string());
    command.stdin(Stdio::null()).stdout(error);
    Ok(Announce::Channel(told.into()))
}

/// Ends with the process that started this one, however that ends.
#[cfg(target_os = "linux")]
fn stay_with(policy: &Policy) -> Result<(), SandboxError> {
    use rustix::process::{Signal, getppid, set_parent_process_death_signal};
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(|error| SandboxError::Limits(error.into()))?;
    // It may have ended before that.
    let parent = getppid().map_or(0, |pid| pid.as_raw_nonzero().get());
    if u32::try_from(parent) == Ok(policy.parent) { Ok(()) } else { Err(SandboxError::Orphan) }
}

#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail on Linux")]
fn stay_with(_: &Policy) -> Result<(), SandboxError> {
    Ok(())
}

/// Gives up what root may, for good: not even starting another program brings it back.
#[cfg(target_os = "linux")]
fn become_ordinary() -> Result<(), SandboxError> {
    use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities, set_no_new_privs};
    let none = CapabilitySet::empty();
    let none = CapabilitySets { effective: none, permitted: none, inheritable: none };
    set_no_new_privs(true)
        .and_then(|()| set_capabilities(None, none))
        .map_err(|error| SandboxError::Limits(error.into()))
}

/// Becomes a user who owns nothing, where the policy names one.
#[cfg(target_os = "linux")]
fn become_user(policy: &Policy) -> Result<(), SandboxError> {
    use rustix::process::{Gid, Uid};
    use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};
    let Some(user) = policy.user else { return Ok(()) };
    let (uid, gid) = (Uid::from_raw(user), Gid::from_raw(user));
    set_thread_groups(&[])
        .and_then(|()| set_thread_res_gid(gid, gid, gid))
        .and_then(|()| set_thread_res_uid(uid, uid, uid))
        .map_err(|error| SandboxError::Limits(error.into()))
}

#[cfg(not(target_os = "linux"))]
fn become_user(policy: &Policy) -> Result<(), SandboxError> {
    match policy.user {
        Some(_) => Err(SandboxError::Unsupported("programs run as another user on Linux only".to_owned())),
        None => Ok(()),
    }
}

/// Before the filter of system calls, which would refuse some of what this takes.
fn confine_files(policy: &Policy) -> Result<(), SandboxError> {
    #[cfg(target_os = "linux")]
    if let Some(files) = &policy.files {
        super::files::confine(files).map_err(|message| {
            let hint = "the grader's `files: open` lets the program touch whatever you may";
            SandboxError::Unsupported(format!("cannot keep the program from your files: {message}; {hint}"))
        })?;
    }
    #[cfg(not(target_os = "linux"))]
    if policy.files.is_some() {
        let message = "on this system programs cannot be kept from your files; the grader's `files: open` goes without";
        return Err(SandboxError::Unsupported(message.to_owned()));
    }
    Ok(())
}

fn confine_calls(policy: &Policy) -> Result<(), SandboxError> {
    #[cfg(target_os = "linux")]
    if policy.distrusted {
        become_ordinary()?;
    }
    #[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
    super::syscalls::filter(policy).map_err(SandboxError::Unsupported)?;
    #[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
    if policy.no_network {
        let message =
            "on this system programs cannot be kept from the network; the grader's `network: true` goes without";
        return Err(SandboxError::Unsupported(message.to_owned()));
    }
    Ok(())
}
