//! One file per command: arguments, environment and terminal → a resolved plan of work → library calls → exit code.
//!
//! `args` is what was typed, as close to the command line as possible; `facts` what the environment and the terminal
//! say; each command file turns both into calls of the library. `exit` holds every exit code.

mod args;
mod asking;
mod check;
mod compare;
mod entry;
mod exit;
mod facts;
mod failure;
mod folders;
mod grade;
mod hub;
mod import;
mod init;
mod interrupt;
mod keys;
mod outputs;
mod programs;
mod report;
mod run;
mod sandboxed;
mod schema;
mod simulate;
mod simulated;

pub use args::Cli;
pub use entry::main;
pub use exit::{ExitStatus, Facts as ExitFacts};
