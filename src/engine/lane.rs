//! One model's lane as a plain value: what goes next and when, and what a finished attempt means. No clock, no socket:
//! times are arguments, so every decision is tested without a runtime.
//!
//! A lane of a model under test has the model's cells. A lane of a judge is given its work piece by piece, as graders
//! ask; there a "cell" is one question, under a number of the caller's.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::{Duration, Instant};

use rand::Rng;

use crate::journal::{AttemptRecord, Verdict};
use crate::openrouter::{ApiError, ErrorKind, Scope};
use crate::plan::CellIndex;
use crate::suite::Limits;

use super::backoff;
use super::event::{StopReason, Wait};
use super::limits::{Change, Concurrency, Pace};

mod delayed;
mod source;

use delayed::Delayed;
pub(super) use source::Cells;
use source::Source;

/// A `Retry-After` past this is a cap of hours or a day: waiting for it would look like a hang.
const LONGEST_RETRY_AFTER: Duration = Duration::from_mins(10);

/// The backoff of a lane after 429s that name no time grows no further than that of this further attempt, four seconds:
/// a lane that stands still learns nothing, and every answer lets it start again from one.
const LONGEST_MUTE: u32 = 3;

/// So many answers per request in flight may wait for their graders; past that the lane waits for them, as each holds
/// its text in memory.
const UNGRADED_PER_SLOT: u32 = 64;

/// One attempt that is to be made, with what went before.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) cell: CellIndex,
    /// Since when this attempt could have been sent.
    pub(super) ready: Instant,
    /// Waiting before earlier attempts of the cell.
    pub(super) waited: Duration,
    /// Earlier attempts.
    pub(super) attempts: Vec<AttemptRecord>,
    /// Tokens reserved of the lane's rate.
    pub(super) reserved: u64,
}

/// What a lane can do now.
#[derive(Debug)]
pub(super) enum Next {
    /// Send this.
    Send(Job),
    /// Nothing before this moment.
    Wait(Instant, Wait),
    /// As many as allowed are in flight.
    Busy,
    /// Nothing before some answer has been graded: too many wait for their graders.
    Held,
    /// Nothing left to start.
    Drained,
}

/// How an attempt ended.
#[derive(Debug)]
pub(super) enum Outcome {
    /// With an answer; the tokens it took as far as known. `None`: its graders have to be waited for.
    Answered { verdict: Option<Verdict>, tokens: Option<u64> },
    /// Without one.
    Failed(ApiError),
    /// By our own cancellation.
    Cancelled,
}

/// What a finished attempt means for its cell.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It ended with this verdict.
    Ended(Verdict),
    /// It was answered and waits for its graders.
    Grading,
    /// It is tried again after this long.
    Retry(Duration),
}

/// What a finished attempt means.
#[derive(Debug)]
pub(super) struct After {
    pub(super) fate: Fate,
    /// The lane's concurrency changed.
    pub(super) change: Option<Change>,
    /// The lane, or everything with its key, must stop.
    pub(super) stop: Option<(StopReason, String)>,
}

/// The state of a lane. A few hundred bytes, whatever the number of cells.
#[derive(Debug)]
pub(super) struct Lane {
    limits: Limits,
    start: Instant,
    source: Source,
    delayed: BinaryHeap<Reverse<Delayed>>,
    in_flight: u32,
    /// Cells answered earlier whose grading has not begun.
    to_grade: VecDeque<u32>,
    /// Answers whose graders are at work.
    grading: u32,
    concurrency: Concurrency,
    requests: Option<Pace>,
    tokens: Option<Pace>,
    /// Expected tokens of a request: the first guess, then a running mean.
    tokens_each: f64,
    /// The server asked for silence until then.
    hold: Option<(Instant, Wait)>,
    /// Bursts of 429s in a row without a word on how long to wait.
    mute_429s: u32,
    /// When the last of those bursts was noticed: 429s of requests sent before it belong to it.
    mute_since: Option<Instant>,
    bad_cells: u32,
    remaining: u32,
    stopped: Option<StopReason>,
}

impl Lane {
    /// A lane over a model's cells; `tokens_each` is the first guess of a request's tokens.
    pub(super) fn new(limits: Limits, cells: Cells, tokens_each: u32, start: Instant) -> Self {
        let (remaining, to_grade) = (cells.remaining(), cells.to_grade());
        Self { to_grade, remaining, ..Self::over(limits, Source::Cells(cells), tokens_each, start) }
    }

    /// A lane whose work comes piece by piece.
    pub(super) fn open(limits: Limits, tokens_each: u32, start: Instant) -> Self {
        Self::over(limits, Source::Queue(VecDeque::new()), tokens_each, start)
    }

    fn over(limits: Limits, source: Source, tokens_each: u32, start: Instant) -> Self {
        Self {
            concurrency: Concurrency::new(limits.concurrency),
            requests: limits.requests_per_minute.map(Pace::per_minute),
            tokens: limits.tokens_per_minute.map(Pace::per_minute),
            tokens_each: tokens_each.into(),
            remaining: 0,
            limits,
            start,
            source,
            delayed: BinaryHeap::new(),
            in_flight: 0,
            to_grade: VecDeque::new(),
            grading: 0,
            hold: None,
            mute_429s: 0,
            mute_since: None,
            bad_cells: 0,
            stopped: None,
        }
    }

    /// Adds a piece of work to a lane that was made with [`Self::open`].
    pub(super) fn push(&mut self, work: CellIndex, now: Instant) {
        if let Source::Queue(queue) = &mut self.source {
            queue.push_back((work, now));
            self.remaining += 1;
        }
    }

    /// Takes back a piece of work that is not in flight. `None`: it is, or there is none of this number; else the
    /// attempts it has made.
    pub(super) fn withdraw(&mut self, work: CellIndex) -> Option<Vec<AttemptRecord>> {
        let Source::Queue(queue) = &mut self.source else { return None };
        if let Some(at) = queue.iter().position(|(queued, _)| *queued == work) {
            queue.remove(at);
            self.remaining -= 1;
            return Some(Vec::new());
        }
        let (found, rest) = self.delayed.drain().partition::<Vec<_>, _>(|Reverse(delayed)| delayed.job.cell == work);
        self.delayed = rest.into();
        let Reverse(delayed) = found.into_iter().next()?;
        self.remaining -= 1;
        Some(delayed.job.attempts)
    }

    /// Cells that have not ended.
    pub(super) fn remaining(&self) -> u32 {
        self.remaining
    }

    /// Requests in flight.
    pub(super) fn in_flight(&self) -> u32 {
        self.in_flight
    }

    /// Whether nothing of it is left to happen.
    pub(super) fn finished(&self) -> bool {
        let graded = self.grading == 0 && self.to_grade.is_empty();
        self.in_flight == 0 && graded && (self.stopped.is_some() || self.remaining == 0)
    }

    /// Whether something is in flight or may still be sent. A lane that only waits for graders needs no slot, and
    /// nothing but the end of the run stops it.
    pub(super) fn asking(&self) -> bool {
        let to_grade = u32::try_from(self.to_grade.len()).unwrap_or(u32::MAX);
        self.in_flight > 0 || (self.stopped.is_none() && self.remaining > self.grading.saturating_add(to_grade))
    }

    /// Answers whose graders are at work.
    pub(super) fn grading(&self) -> u32 {
        self.grading
    }

    /// The next cell that was answered earlier and is to be graded now.
    pub(super) fn next_to_grade(&mut self) -> Option<CellIndex> {
        if self.grading >= self.most_ungraded() {
            return None;
        }
        let cell = self.to_grade.pop_front()?;
        self.grading += 1;
        Some(CellIndex(cell))
    }

    fn most_ungraded(&self) -> u32 {
        self.limits.concurrency.saturating_mul(UNGRADED_PER_SLOT)
    }

    /// When its `deadline` passes.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.limits.deadline.and_then(|deadline| self.start.checked_add(deadline))
    }

    /// What it can do now; `Send` counts the job as in flight.
    pub(super) fn next(&mut self, now: Instant) -> Next {
        if self.stopped.is_some() {
            return Next::Drained;
        }
        let Some(at) = self.candidate(now) else {
            return if self.in_flight > 0 { Next::Busy } else { Next::Drained };
        };
        if at > now {
            return Next::Wait(at, Wait::Backoff);
        }
        if self.in_flight >= self.concurrency.now() {
            return Next::Busy;
        }
        if self.grading >= self.most_ungraded() {
            return Next::Held;
        }
        if let Some((until, wait)) = self.blocked(now) {
            return Next::Wait(until, wait);
        }
        let retry_is_due = self.delayed.peek().is_some_and(|Reverse(delayed)| delayed.due <= now);
        let mut job = match self.delayed.pop() {
            Some(Reverse(delayed)) if retry_is_due => delayed.job,
            other => {
                self.delayed.extend(other);
                match self.fresh_job() {
                    Some(job) => job,
                    None => return Next::Drained,
                }
            }
        };
        job.reserved = self.expected_tokens();
        if let Some(requests) = &mut self.requests {
            requests.take(now, 1);
        }
        if let Some(tokens) = &mut self.tokens {
            tokens.take(now, job.reserved);
        }
        self.in_flight += 1;
        Next::Send(job)
    }

    /// An attempt of this lane ended. `attempts` holds all of the cell's attempts, this one included.
    pub(super) fn ended(
        &mut self,
        sent: Instant,
        now: Instant,
        reserved: u64,
        attempts: &[AttemptRecord],
        outcome: &Outcome,
        rng: &mut impl Rng,
    ) -> After {
        self.in_flight -= 1;
        let mut after = After { fate: Fate::Ended(Verdict::Skipped), change: None, stop: None };
        match outcome {
            Outcome::Cancelled => {}
            Outcome::Answered { verdict, tokens } => {
                self.learn_tokens(reserved, *tokens);
                self.mute_429s = 0;
                after.change = self.concurrency.answered();
                after.fate = verdict.map_or(Fate::Grading, Fate::Ended);
            }
            Outcome::Failed(error) => {
                if error.kind == ErrorKind::RateLimited {
                    after.change = self.concurrency.limited(sent, now);
                }
                after.stop = must_stop(error);
                let wait = self.wait_after(error, attempts.len(), sent, now, rng);
                after.fate = match wait {
                    Some(_) if self.stopped.is_some() => Fate::Ended(Verdict::Skipped),
                    Some(wait) if after.stop.is_none() => Fate::Retry(wait),
                    _ => Fate::Ended(final_verdict(attempts)),
                };
            }
        }
        match after.fate {
            Fate::Ended(verdict) => {
                self.remaining -= 1;
                after.stop = after.stop.or_else(|| self.count(verdict));
            }
            Fate::Grading => {
                self.grading += 1;
                // The model has answered. What becomes of the grading is not its fault, so it is counted no more.
                self.bad_cells = 0;
            }
            Fate::Retry(_) => {}
        }
        after
    }

    /// The graders of an answer have ended, whatever they said.
    pub(super) fn graded(&mut self) {
        self.grading -= 1;
        self.remaining -= 1;
    }

    /// Puts a cell back to be asked again at `due`. `now` is when its last attempt ended.
    pub(super) fn retry(&mut self, mut job: Job, now: Instant, due: Instant) {
        job.ready = now;
        self.delayed.push(Reverse(Delayed { due, job }));
    }

    /// Stops the lane for a reason, unless it has stopped for a stronger one. Returns the jobs that were waiting for a
    /// retry: they end as skipped with the attempts they have made. `None`: nothing changed.
    pub(super) fn stop(&mut self, reason: StopReason) -> Option<Vec<Job>> {
        let over = match self.source {
            Source::Cells(_) => self.finished() || (reason < StopReason::Sink && !self.asking()),
            Source::Queue(_) => false,
        };
        if over || self.stopped.is_some_and(|old| old >= reason) {
            return None;
        }
        self.stopped = Some(reason);
        self.hold = None;
        // What was answered is paid for, and worth its verdict.
        if reason != StopReason::Budget {
            self.to_grade.clear();
        }
        Some(std::mem::take(&mut self.delayed).into_iter().map(|Reverse(delayed)| delayed.job).collect())
    }

    /// The next moment it could send, where it waits for time and not for an answer.
    pub(super) fn waits_until(&mut self, now: Instant) -> Option<Instant> {
        let held = self.grading >= self.most_ungraded();
        if held || self.stopped.is_some() || self.in_flight >= self.concurrency.now() {
            return None;
        }
        let at = self.candidate(now)?;
        Some(self.blocked(now).map_or(at, |(until, _)| until.max(at)))
    }

    /// When the next job could start, limits apart: now where a cell has not been asked yet, else when a retry is due.
    fn candidate(&mut self, now: Instant) -> Option<Instant> {
        let fresh = self.source.has_fresh();
        // Cells in backoff hold no slot, but there is an end to how many may stand there half asked.
        let room = self.delayed.len() < 4 * self.limits.concurrency as usize;
        let due = self.delayed.peek().map(|Reverse(delayed)| delayed.due);
        if room && fresh { Some(now) } else { due }
    }

    /// What [`Self::candidate`] has found to be there.
    fn fresh_job(&mut self) -> Option<Job> {
        let (cell, ready) = self.source.next(self.start)?;
        Some(Job { cell, ready, waited: Duration::ZERO, attempts: Vec::new(), reserved: 0 })
    }

    /// Until when nothing may be sent, and why.
    fn blocked(&mut self, now: Instant) -> Option<(Instant, Wait)> {
        let hold = self.hold.filter(|&(until, _)| until > now);
        if hold.is_none() {
            self.hold = None;
        }
        let requests = self.requests.as_ref().map(|pace| (pace.ready_at(now), Wait::RequestRate));
        let tokens = self.tokens.as_ref().map(|pace| (pace.ready_at(now), Wait::TokenRate));
        [hold, requests, tokens].into_iter().flatten().filter(|&(at, _)| at > now).max_by_key(|&(at, _)| at)
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a mean of token counts")]
    fn expected_tokens(&self) -> u64 {
        self.tokens_each.round().max(1.0) as u64
    }

    fn learn_tokens(&mut self, reserved: u64, tokens: Option<u64>) {
        let Some(actual) = tokens else { return };
        self.tokens_each += (actual as f64 - self.tokens_each) / 8.0;
        if let Some(pace) = &mut self.tokens {
            pace.correct(reserved, actual);
        }
    }

    /// How long to wait before the next attempt of this cell, or `None`: there is none.
    fn wait_after(
        &mut self,
        error: &ApiError,
        attempts: usize,
        sent: Instant,
        now: Instant,
        rng: &mut impl Rng,
    ) -> Option<Duration> {
        let attempt = u32::try_from(attempts).unwrap_or(u32::MAX);
        let mut wait = backoff::draw(attempt, rng);
        if let Some(asked) = error.retry_after {
            self.mute_429s = 0;
            // A little more than asked, spread out, so that not all of the lane knocks in the same millisecond.
            wait = asked + wait.min(Duration::from_millis(250)).min(asked / 10);
            self.hold_until(now + asked, Wait::RetryAfter);
        } else if error.kind == ErrorKind::RateLimited {
            // Nobody said how long: the whole lane backs off, or its other cells would burn their attempts meanwhile.
            if self.mute_since.is_none_or(|since| sent > since) {
                self.mute_429s += 1;
                self.mute_since = Some(now);
                wait = wait.max(backoff::draw(self.mute_429s.min(LONGEST_MUTE), rng));
                self.hold_until(now + wait, Wait::Backoff);
            }
        }
        (error.retryable && attempt <= self.limits.retries).then_some(wait)
    }

    fn hold_until(&mut self, until: Instant, wait: Wait) {
        if self.hold.is_none_or(|(old, _)| until > old) {
            self.hold = Some((until, wait));
        }
    }

    /// Counts consecutive cells that ended badly.
    fn count(&mut self, verdict: Verdict) -> Option<(StopReason, String)> {
        match verdict {
            Verdict::Pass | Verdict::Fail => self.bad_cells = 0,
            Verdict::Error | Verdict::Timeout => self.bad_cells += 1,
            Verdict::Skipped => {}
        }
        let (more, what) = match self.source {
            Source::Cells(_) => (self.remaining > 0, "cells"),
            Source::Queue(_) => (true, "questions"),
        };
        (self.bad_cells >= self.limits.give_up_after && more).then(|| {
            let message = format!("{} {what} in a row ended in error or timeout", self.bad_cells);
            (StopReason::GiveUp, message)
        })
    }
}

/// Whether an error ends more than its cell.
fn must_stop(error: &ApiError) -> Option<(StopReason, String)> {
    match (error.scope, error.retry_after) {
        (Scope::Account, _) => Some((StopReason::Account, error.message.clone())),
        (Scope::Model, _) => Some((StopReason::ModelGone, error.message.clone())),
        (Scope::Cell, Some(asked)) if asked > LONGEST_RETRY_AFTER => {
            let asked = crate::units::human_duration(asked);
            Some((StopReason::ModelGone, format!("the server asks to wait {asked}: {}", error.message)))
        }
        (Scope::Cell, _) => None,
    }
}

/// `timeout` only where every attempt ran out of time; anything else is an `error`.
fn final_verdict(attempts: &[AttemptRecord]) -> Verdict {
    let all_timed_out = !attempts.is_empty() && attempts.iter().all(AttemptRecord::timed_out);
    if all_timed_out { Verdict::Timeout } else { Verdict::Error }
}

#[cfg(test)]
mod tests;
