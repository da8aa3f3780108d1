//! Graders that run programs: `command` asks a program that the user wrote, `code` runs what a model wrote.
//!
//! In: an answer, and the user's leave to run programs (`--allow-commands`). Out: a judgement, after a wait. Every
//! program is started through the launcher of [`crate::sandbox`], in a process group of its own that is killed as a
//! whole when it is done, when it takes too long, when nobody waits for it any more, and when `bench` ends.
//!
//! - `host`: what `bench` tells of itself: where the launcher is, the environment, which variables hold keys
//! - `spawn`, `tail`: starting and ending a program, keeping the end of what it says on standard error
//! - `lines`: reading lines that may be too long
//! - `settings`: the options that both graders share
//! - `protocol`, `worker`, `pool`, `command`: programs that stay up and answer a line with a line
//! - `code`: one process for each answer, confined, with the case's tests

mod code;
mod command;
mod host;
mod lines;
mod pool;
mod protocol;
mod settings;
mod spawn;
mod tail;
mod worker;

pub(super) use code::FAMILY as CODE;
pub(super) use command::FAMILY as COMMAND;
pub use host::{Host, install, withhold};
pub use spawn::end_all;
