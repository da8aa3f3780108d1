//! One file per command: arguments, environment and terminal → a resolved plan of work → library calls → exit code.

pub mod simulate;

use std::process::ExitCode;

/// Runs the program.
pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
