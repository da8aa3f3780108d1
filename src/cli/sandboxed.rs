//! `bench sandboxed`: how `bench` starts programs for graders. Not for people, and hidden from help.

use std::ffi::OsString;

use crate::sandbox::Policy;

use super::exit::ExitStatus;

/// `bench sandboxed POLICY COMMAND…`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The limits, as JSON
    #[arg(value_parser = Policy::from_argument)]
    policy: Policy,
    /// What to become
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    command: Vec<OsString>,
}

/// Becomes the program; comes back only where that failed, which it tells on standard error.
#[cfg(unix)]
#[expect(clippy::print_stderr, reason = "whoever started this process reads it, not a person")]
pub(super) fn sandboxed(args: &Args) -> ExitStatus {
    let Err(error) = crate::sandbox::become_program(&args.policy, &args.command);
    eprintln!("{error}");
    ExitStatus::CannotRun
}

/// Programs are not started here.
#[cfg(not(unix))]
pub(super) fn sandboxed(_: &Args) -> ExitStatus {
    ExitStatus::CannotRun
}
