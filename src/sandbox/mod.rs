//! What a program may do that `bench` starts: memory, time, network, files, processes.
//!
//! In: a [`Policy`] and a command line. The program `bench` starts itself again as `bench sandboxed POLICY COMMAND…`
//! (hidden from help); that process limits itself by the policy and then becomes the command, so whatever the command
//! starts in turn has the same limits, and none can be taken off again. Nothing here knows of graders.
//!
//! - `policy`: the limits, as they travel on the command line
//! - `enter`: taking them on, in order, and becoming the command
//! - `limits`: `setrlimit`, on every Unix
//! - `syscalls`: a seccomp filter (Linux): no network, no signals to others, no way out of the process group
//! - `files`: Landlock (Linux): what may be read and written
//!
//! Where a system has no such filters, a policy that needs them is refused: nothing is started half confined.

#[cfg(unix)]
mod enter;
#[cfg(target_os = "linux")]
mod files;
#[cfg(unix)]
mod limits;
mod policy;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod syscalls;

#[cfg(unix)]
pub use enter::{SandboxError, become_program};
pub use policy::{Channel, Files, Policy, READY};
