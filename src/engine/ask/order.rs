//! What goes between graders and a judge's desk.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::{Notify, oneshot};

use crate::grade::{Reply, ServiceError};
use crate::journal::AskRecord;
use crate::openrouter::ChatRequest;

use super::totals::lock;

/// The kind of error of what was cancelled: the run is being stopped, or nobody waits for the answer any more.
pub(super) const CANCELLED: &str = "cancelled";

/// What a grader sends to a judge's desk.
#[derive(Debug)]
pub(super) enum Message {
    /// Ask this.
    Chat { id: u32, request: ChatRequest, asker: Asker<Reply> },
    /// Have the vector of this text.
    Embed { id: u32, text: Arc<str>, asker: Asker<Arc<[f32]>> },
    /// The answer is not wanted any more.
    Withdraw(u32),
}

/// Somebody who waits for an answer.
#[derive(Debug)]
pub(super) struct Asker<T> {
    pub(super) ticket: Ticket,
    reply: oneshot::Sender<Result<T, ServiceError>>,
}

impl<T> Asker<T> {
    pub(super) fn new(ticket: Ticket) -> (Self, oneshot::Receiver<Result<T, ServiceError>>) {
        let (reply, answer) = oneshot::channel();
        (Self { ticket, reply }, answer)
    }

    /// Answers, what it took having been entered first: whoever reads the answer finds it.
    pub(super) fn answer(self, result: Result<T, ServiceError>) {
        let Self { ticket, reply } = self;
        if result.as_ref().is_err_and(|error| error.kind == CANCELLED) {
            ticket.asked.cancelled.store(true, Ordering::Relaxed);
        }
        drop(ticket);
        let _ = reply.send(result);
    }
}

/// What the grading of one cell has asked.
#[derive(Debug, Default)]
pub(super) struct Asked {
    records: Mutex<Vec<(u32, AskRecord)>>,
    /// Questions whose record may still come.
    open: AtomicUsize,
    closed: Notify,
    cancelled: AtomicBool,
}

impl Asked {
    /// Waits until nothing is open and takes the records, in the order of the questions.
    pub(super) async fn settled(&self) -> Vec<AskRecord> {
        loop {
            let closed = self.closed.notified();
            if self.open.load(Ordering::Acquire) == 0 {
                break;
            }
            closed.await;
        }
        let mut records = std::mem::take(&mut *lock(&self.records));
        records.sort_by_key(|(number, _)| *number);
        records.into_iter().map(|(_, record)| record).collect()
    }

    /// Whether some answer was not given because of a cancellation.
    pub(super) fn was_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}

/// A question's right to one record in its cell.
#[derive(Debug)]
pub(super) struct Ticket {
    pub(super) asked: Arc<Asked>,
    number: u32,
}

impl Ticket {
    pub(super) fn new(asked: &Arc<Asked>, number: u32) -> Self {
        asked.open.fetch_add(1, Ordering::AcqRel);
        Self { asked: Arc::clone(asked), number }
    }

    /// Enters what the question took.
    pub(super) fn enter(&self, record: AskRecord) {
        lock(&self.asked.records).push((self.number, record));
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.asked.open.fetch_sub(1, Ordering::AcqRel);
        self.asked.closed.notify_waiters();
    }
}
