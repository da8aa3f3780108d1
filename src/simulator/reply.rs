//! An HTTP answer as a script: what is sent when, and how it ends.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use super::fault::{Faults, Kind};
use super::ledger::Ticket;

/// Time for what was sent to be read: breaking a connection throws away what is still under way.
pub(super) const READ: Duration = Duration::from_millis(20);

/// How an answer begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Head {
    /// Status and headers after this time.
    After(Duration),
    /// Never.
    Never,
    /// The connection is closed instead.
    Close,
    /// The connection is reset instead.
    Reset,
}

/// What a body does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing for a while.
    Wait(Duration),
    /// These bytes, which carry so many tokens.
    Send(Bytes, u32),
    /// Nothing for ever.
    Hang,
    /// The connection is closed in the middle of the body.
    Cut,
    /// The connection is reset.
    Reset,
    /// These bytes over and over.
    Forever(Bytes),
}

/// A whole answer.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) head: Head,
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) steps: Vec<Step>,
    /// Byte by byte, this far apart.
    pub(super) drip: Option<Duration>,
    /// Where an answer was generated: its entry in the ledger.
    pub(super) ticket: Option<Ticket>,
}

impl Reply {
    /// An answer of this type, at once.
    pub(super) fn new(status: u16, content_type: &'static str, steps: Vec<Step>) -> Self {
        let head = Head::After(Duration::ZERO);
        Self { head, status, content_type, headers: Vec::new(), steps, drip: None, ticket: None }
    }

    /// A JSON answer, at once.
    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self::new(status, "application/json", vec![Step::Send(body.to_string().into(), 0)])
    }

    /// The same with one more header.
    pub(super) fn header(mut self, name: &'static str, value: &(impl ToString + ?Sized)) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }

    /// The same, later.
    pub(super) fn later(mut self, by: Duration) -> Self {
        if let Head::After(time) = &mut self.head {
            *time += by;
        }
        self
    }

    /// Applies the faults that concern bytes, time and connection, whatever the answer is about.
    pub(super) fn disturbed(mut self, faults: &Faults) -> Self {
        for (kind, head) in [(Kind::Hang, Head::Never), (Kind::Close, Head::Close), (Kind::Reset, Head::Reset)] {
            if faults.has(kind) {
                self.head = head;
            }
        }
        if let Some(time) = faults.time(Kind::Slow, Duration::from_secs(2)) {
            self = self.later(time);
        }
        if faults.has(Kind::Bytes) {
            self.drip = Some(Duration::ZERO);
        }
        if let Some(time) = faults.time(Kind::Drip, Duration::from_millis(50)) {
            self.drip = Some(time);
        }
        if faults.has(Kind::Empty) {
            self.steps.clear();
        }
        if faults.has(Kind::Blank) {
            self.steps = vec![Step::Send(Bytes::from_static(b"\n   \n\t\n"), 0)];
        }
        if faults.has(Kind::Garbage) {
            self.steps = vec![Step::Send(Bytes::from_static(b"\xff\xfe\x00data \x9d{{ \x1b[31m]\n\n<~"), 0)];
        }
        if faults.has(Kind::EndlessSpace) {
            self.steps = vec![Step::Forever(Bytes::from(vec![b' '; 16 * 1024]))];
        }
        if faults.has(Kind::Bom) {
            self.steps.insert(0, Step::Send(Bytes::from_static(b"\xef\xbb\xbf"), 0));
        }
        let middle = self.steps.iter().position(|step| matches!(step, Step::Send(bytes, _) if bytes.len() > 1));
        if self.content_type == "application/json"
            && let Some(place) = middle
            && let Step::Send(body, tokens) = &self.steps[place]
        {
            let half = Step::Send(body.slice(..body.len() / 2), *tokens / 2);
            let (end, whole) = match () {
                () if faults.has(Kind::CutJson) => (Vec::new(), false),
                () if faults.has(Kind::Cut) => (vec![Step::Wait(READ), Step::Cut], false),
                () if faults.has(Kind::ResetMid) => (vec![Step::Wait(READ), Step::Reset], false),
                () if faults.has(Kind::Endless) || faults.has(Kind::EndlessEvents) => {
                    (vec![Step::Forever(Bytes::from("and on and on ".repeat(1024)))], false)
                }
                () if faults.has(Kind::Stall) => {
                    let rest = Step::Send(body.slice(body.len() / 2..), tokens.div_ceil(2));
                    (vec![faults.time(Kind::Stall, Duration::MAX).map_or(Step::Hang, stall), rest], false)
                }
                () => (Vec::new(), true),
            };
            if !whole {
                self.steps.truncate(place);
                self.steps.push(half);
                self.steps.extend(end);
            }
            if let Some(lines) = faults.number(Kind::Padding, 20) {
                self.steps.insert(0, Step::Send("\n         \n".repeat(lines as usize).into(), 0));
            }
        }
        self
    }
}

/// Silence for a time; the longest there is means for ever.
pub(super) fn stall(time: Duration) -> Step {
    if time == Duration::MAX { Step::Hang } else { Step::Wait(time) }
}
