//! An OpenAI-compatible endpoint on loopback that misbehaves as a test's script says.
//!
//! In: a script a model, a function from a [`Call`] to a [`Reply`]; a model without one echoes what it is told to say,
//! or embeds texts by their letters.
//! Out: every call with its headers, body and times, what was in flight at most, and who closed which connection when.
//! Written on bare sockets: no type or parser is shared with the program under test.

mod call;
mod listen;
mod reply;
mod tests;

pub(crate) use call::{Call, End};
pub(crate) use listen::{Played, Server, play, read_request, refusing_url};
pub(crate) use reply::{Act, Answer, Reply, chunk, event, head, token};

use std::time::Duration;

/// Milliseconds.
pub(crate) const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}
