//! A scripted answer, played to a client: the waits, the bytes, the broken connections.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::Response;

use super::connection::Hold;
use super::ledger::Ticket;
use super::reply::{Head, Reply, Step};
use super::server::response;
use super::state::State;

/// Waits for the answer's head to be due, then answers. Dropped with its connection, it stops generating.
pub(super) async fn respond(state: Arc<State>, line: Hold, mut reply: Reply) -> Response {
    let due = match reply.head {
        Head::After(time) => state.wait(time).await,
        Head::Never => state.hang().await,
        Head::Close => false,
        Head::Reset => {
            line.reset();
            false
        }
    };
    if !due {
        // Never reaches the client: the connection is gone, or the simulator is being stopped.
        line.close();
        return response(&reply, Body::empty());
    }
    let steps = std::mem::take(&mut reply.steps);
    let mut ticket = reply.ticket.take();
    if let ([Step::Send(bytes, tokens)], None) = (steps.as_slice(), reply.drip) {
        if let Some(ticket) = &mut ticket {
            ticket.sent(*tokens);
            ticket.finish();
        }
        return response(&reply, Body::from(bytes.clone()));
    }
    let player = Player {
        state,
        line,
        steps: steps.into_iter(),
        drip: reply.drip,
        dripping: Bytes::new(),
        endless: None,
        ticket,
    };
    let stream = futures::stream::unfold(player, |mut player| async move {
        let next = player.next().await?;
        Some((next, player))
    });
    response(&reply, Body::from_stream(stream))
}

/// What is left of an answer.
struct Player {
    state: Arc<State>,
    line: Hold,
    steps: std::vec::IntoIter<Step>,
    drip: Option<Duration>,
    /// Bytes that are going out one by one.
    dripping: Bytes,
    endless: Option<Bytes>,
    ticket: Option<Ticket>,
}

impl Player {
    /// The body's next bytes; an error breaks the connection.
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        if !self.dripping.is_empty() {
            return Some(self.drop_of().await);
        }
        if let Some(bytes) = &self.endless {
            let bytes = bytes.clone();
            // As fast as it is read, but never without letting others run.
            tokio::task::yield_now().await;
            return Some(if self.state.stop.is_cancelled() { Err(Self::broken()) } else { Ok(bytes) });
        }
        while let Some(step) = self.steps.next() {
            match step {
                Step::Wait(time) => {
                    if !self.state.wait(time).await {
                        return Some(Err(Self::broken()));
                    }
                }
                Step::Send(bytes, tokens) => {
                    if let Some(ticket) = &mut self.ticket {
                        ticket.sent(tokens);
                        // With the last bytes, not after them: the client may hang up on reading them.
                        if self.steps.len() == 0 {
                            ticket.finish();
                        }
                    }
                    if self.drip.is_some() {
                        self.dripping = bytes;
                        return Some(self.drop_of().await);
                    }
                    return Some(Ok(bytes));
                }
                Step::Hang => {
                    self.state.hang().await;
                    return Some(Err(Self::broken()));
                }
                Step::Cut => return Some(Err(Self::broken())),
                Step::Reset => {
                    self.line.reset();
                    return Some(Err(Self::broken()));
                }
                Step::Forever(bytes) => {
                    self.endless = Some(bytes.clone());
                    return Some(Ok(bytes));
                }
            }
        }
        if let Some(ticket) = &mut self.ticket {
            ticket.finish();
        }
        None
    }

    /// The next single byte. Being pending in between makes each its own write.
    async fn drop_of(&mut self) -> io::Result<Bytes> {
        let going_on = match self.drip {
            Some(time) if !time.is_zero() => self.state.wait(time).await,
            _ => {
                tokio::task::yield_now().await;
                !self.state.stop.is_cancelled()
            }
        };
        if going_on { Ok(self.dripping.split_to(1)) } else { Err(Self::broken()) }
    }

    fn broken() -> io::Error {
        io::ErrorKind::ConnectionAborted.into()
    }
}
