//! The run as one plain value: an input and a time in, effects out. It owns all lanes and every reason to stop; the
//! loop in `drive` only carries its effects out. No clock, no socket.
//!
//! Inputs: an attempt ended, a grading ended, time passed, somebody wants the run to stop. Effects: send a request, grade
//! an answer, cancel a lane's requests, write a record, tell an event.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::journal::{AttemptRecord, CellRecord, ErrorInfo, Verdict};
use crate::plan::CellIndex;
use crate::suite::Limits;
use crate::units::Usd;

use super::event::{Event, LaneInfo, StopReason, Wait};
use super::lane::{Cells, Fate, Job, Lane, Next, Outcome};

/// Waits shorter than this are not worth a word.
const WORTH_TELLING: Duration = Duration::from_secs(1);

/// A lane as the dispatcher needs it.
#[derive(Debug, Clone)]
pub(super) struct LanePlan {
    pub(super) model: String,
    pub(super) limits: Limits,
    /// Lanes with the same number share a key at an endpoint.
    pub(super) account: usize,
    pub(super) cells: std::ops::Range<u32>,
    pub(super) tokens_each: u32,
}

/// What happened.
#[derive(Debug)]
pub(super) enum Input {
    /// Some of what was waited for may have come.
    Wake,
    /// A request ended.
    Ended(Box<Ended>),
    /// The graders of an answer ended.
    Graded(Box<Graded>),
    /// A model that graders ask has cost this.
    Spent(Usd),
    /// Somebody outside wants the run to stop.
    Stop(StopReason, String),
}

/// A request that ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) lane: usize,
    pub(super) job: Job,
    pub(super) sent: Instant,
    pub(super) outcome: Outcome,
    /// The cell's record as it stands after this attempt, all attempts in it.
    pub(super) record: CellRecord,
    /// The record's line for the journal, where the verdict in it is final.
    pub(super) line: Option<Vec<u8>>,
}

/// An answer whose graders ended.
#[derive(Debug)]
pub(super) struct Graded {
    pub(super) lane: usize,
    pub(super) cell: CellIndex,
    /// The cell's record; `skipped` where the run was cancelled before the graders were done.
    pub(super) record: CellRecord,
    /// The record's line for the journal, where the verdict in it is final.
    pub(super) line: Option<Vec<u8>>,
}

/// What is to be done.
#[derive(Debug)]
pub(super) enum Effect {
    /// Send this job's request.
    Send(usize, Job),
    /// Have this answer graded, or, without it, the one that is in the journal.
    Grade(usize, CellIndex, Option<Box<CellRecord>>),
    /// Cancel everything a lane has in flight.
    Cancel(usize),
    /// Cancel all grading that waits for somebody, and what it waits for.
    CancelGrading,
    /// Write a finished cell down; the line where it has been made already.
    Record(CellIndex, Box<CellRecord>, Option<Vec<u8>>),
    /// A cell that never finished but has attempts that may have cost money: make its record and write it down.
    Abandon(usize, Job, ErrorInfo),
    /// Tell.
    Emit(Event),
}

/// Why a lane, or the run, stopped, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// Why.
    pub reason: StopReason,
    /// For people.
    pub message: String,
}

/// The state of a run.
#[derive(Debug)]
pub(super) struct Dispatcher {
    lanes: Vec<State>,
    rng: ChaCha8Rng,
    budget: Option<Usd>,
    spent: Usd,
    /// Requests in flight over all lanes at most.
    concurrency: Option<u32>,
    in_flight: u32,
    /// The lane that is looked at first, so that a scarce global slot goes round.
    turn: usize,
    stop: Option<Stopped>,
}

#[derive(Debug)]
struct State {
    plan: LanePlan,
    lane: Lane,
    stop: Option<Stopped>,
    /// The wait that has been told.
    told: Option<Told>,
    finished: bool,
}

/// What a lane waits for, as far as it has been told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Waiting(Wait),
    Held,
}

impl Dispatcher {
    /// A run over these lanes. `done` holds the verdicts of cells that need not be asked, by cell index; `answered` are
    /// those that only have to be graded, ascending.
    #[expect(clippy::too_many_arguments, reason = "each is one fact about the run, and nothing else holds them all")]
    pub(super) fn new(
        plans: Vec<LanePlan>,
        done: &Arc<[Option<Verdict>]>,
        answered: &Arc<[u32]>,
        budget: Option<Usd>,
        spent: Usd,
        concurrency: Option<u32>,
        seed: u64,
        start: Instant,
    ) -> Self {
        let state = |plan: LanePlan| {
            let cells = Cells { range: plan.cells.clone(), done: Arc::clone(done), answered: Arc::clone(answered) };
            let lane = Lane::new(plan.limits.clone(), cells, plan.tokens_each, start);
            State { lane, plan, stop: None, told: None, finished: false }
        };
        Self {
            lanes: plans.into_iter().map(state).collect(),
            rng: ChaCha8Rng::seed_from_u64(seed),
            budget,
            spent,
            concurrency,
            in_flight: 0,
            turn: 0,
            stop: None,
        }
    }

    /// The lanes as the first event tells them.
    pub(super) fn lane_infos(&self, done: &[Option<Verdict>]) -> Vec<LaneInfo> {
        let info = |state: &State| {
            let cells = &done[state.plan.cells.start as usize..state.plan.cells.end as usize];
            let count = |verdict| cells.iter().filter(|&&cell| cell == Some(verdict)).count();
            LaneInfo {
                model: state.plan.model.clone(),
                cells: state.lane.remaining(),
                done: Verdict::ALL.map(|verdict| u32::try_from(count(verdict)).unwrap_or(u32::MAX)),
                concurrency: state.plan.limits.concurrency,
            }
        };
        self.lanes.iter().map(info).collect()
    }

    /// Why the whole run stopped early, where it did.
    pub(super) fn stop_reason(&self) -> Option<&Stopped> {
        self.stop.as_ref()
    }

    /// Why each lane stopped early, where it did: the lane's index and the reason.
    pub(super) fn lane_stops(&self) -> impl Iterator<Item = (usize, &Stopped)> {
        self.lanes.iter().enumerate().filter_map(|(index, state)| Some((index, state.stop.as_ref()?)))
    }

    /// Whether nothing is left to happen.
    pub(super) fn finished(&self) -> bool {
        self.lanes.iter().all(|state| state.finished)
    }

    /// Decides what an input means.
    pub(super) fn on(&mut self, now: Instant, input: Input, effects: &mut Vec<Effect>) {
        match input {
            Input::Wake => {}
            Input::Ended(ended) => self.ended(now, *ended, effects),
            Input::Graded(graded) => self.graded(now, *graded, effects),
            Input::Spent(cost) => self.spent += cost,
            Input::Stop(reason, message) => self.stop_run(reason, &message, effects),
        }
        self.check_deadlines(now, effects);
        self.check_budget(effects);
        // Before anything is sent: what a finished lane leaves free goes to the others at once.
        self.finish_lanes(now, effects);
        self.grade_answered(effects);
        self.send(now, effects);
    }

    /// When to be woken at the latest. `None`: only an input can change anything.
    pub(super) fn wake_at(&mut self, now: Instant) -> Option<Instant> {
        let (full, share) = (self.full(), self.fair_share());
        let waits = self.lanes.iter_mut().filter(|state| !state.finished).flat_map(|state| {
            let deadline = state.lane.deadline().filter(|_| state.stop.is_none() && state.lane.asking());
            let may_send = !full && state.lane.in_flight() < share;
            [deadline, if may_send { state.lane.waits_until(now) } else { None }]
        });
        waits.flatten().min()
    }

    fn ended(&mut self, now: Instant, ended: Ended, effects: &mut Vec<Effect>) {
        let Ended { lane: index, mut job, sent, outcome, mut record, line } = ended;
        self.in_flight -= 1;
        self.spent += record.attempts.last().and_then(|attempt| attempt.cost).unwrap_or_default();
        let state = &mut self.lanes[index];
        let after = state.lane.ended(sent, now, job.reserved, &record.attempts, &outcome, &mut self.rng);
        if let Some(change) = after.change {
            effects.push(emit(Event::ConcurrencyChanged { lane: index, now: change.now, before: change.before }));
        }
        match after.fate {
            Fate::Retry(wait) => {
                effects.extend(attempt_failed(index, &record, wait));
                job.waited = Duration::from_secs_f64(record.queue_ms.unwrap_or_default() / 1000.0);
                job.attempts = record.attempts;
                state.lane.retry(job, now, now + wait);
            }
            Fate::Grading => {
                effects.push(emit(Event::CellAnswered { lane: index, waiting: state.lane.grading() }));
                effects.push(Effect::Grade(index, job.cell, Some(Box::new(record))));
            }
            Fate::Ended(verdict) => {
                record.verdict = verdict;
                if verdict == Verdict::Skipped {
                    record.error = Some(state.skip_error());
                }
                effects.push(emit(cell_finished(index, &record, now)));
                let line = line.filter(|_| matches!(outcome, Outcome::Answered { .. }));
                effects.push(Effect::Record(job.cell, Box::new(record), line));
            }
        }
        match after.stop {
            Some((StopReason::Account, message)) => self.stop_account(index, &message, effects),
            Some((reason, message)) => self.stop_lane(index, reason, &message, effects),
            None => {}
        }
    }

    fn graded(&mut self, now: Instant, graded: Graded, effects: &mut Vec<Effect>) {
        let Graded { lane: index, cell, mut record, line } = graded;
        let state = &mut self.lanes[index];
        state.lane.graded();
        let unfinished = record.verdict == Verdict::Skipped;
        if unfinished {
            record.error = Some(state.skip_error());
        }
        effects.push(emit(cell_finished(index, &record, now)));
        effects.push(Effect::Record(cell, Box::new(record), line.filter(|_| !unfinished)));
    }

    /// Begins with the grading of what was answered in an earlier part of the run. That needs no slot.
    fn grade_answered(&mut self, effects: &mut Vec<Effect>) {
        for (index, state) in self.lanes.iter_mut().enumerate() {
            while let Some(cell) = state.lane.next_to_grade() {
                effects.push(Effect::Grade(index, cell, None));
            }
        }
    }

    fn check_deadlines(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        for index in 0..self.lanes.len() {
            let state = &self.lanes[index];
            if state.lane.deadline().is_some_and(|deadline| deadline <= now) && state.lane.asking() {
                let deadline = state.plan.limits.deadline.unwrap_or_default();
                let message = format!("its deadline of {} passed", crate::units::human_duration(deadline));
                self.stop_lane(index, StopReason::Deadline, &message, effects);
            }
        }
    }

    fn check_budget(&mut self, effects: &mut Vec<Effect>) {
        if let Some(budget) = self.budget
            && self.spent >= budget
            && self.stop.is_none()
        {
            let (spent, budget) = (crate::units::human_usd(self.spent), crate::units::human_usd(budget));
            self.stop_run(StopReason::Budget, &format!("{spent} of the budget of {budget} is spent"), effects);
        }
    }

    /// Starts what may start, lane after lane, one request each in turn.
    fn send(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        let lanes = self.lanes.len();
        let share = self.fair_share();
        let mut idle = 0;
        while idle < lanes && !self.full() {
            let index = self.turn % lanes;
            self.turn = (self.turn + 1) % lanes;
            let state = &mut self.lanes[index];
            if state.finished || state.lane.in_flight() >= share {
                idle += 1;
                continue;
            }
            match state.lane.next(now) {
                Next::Send(job) => {
                    idle = 0;
                    self.in_flight += 1;
                    if state.told.take().is_some() {
                        effects.push(emit(Event::LaneResumed { lane: index }));
                    }
                    let attempt = u32::try_from(job.attempts.len()).unwrap_or(u32::MAX).saturating_add(1);
                    effects.push(emit(Event::AttemptStarted { lane: index, attempt }));
                    effects.push(Effect::Send(index, job));
                }
                Next::Wait(until, wait) => {
                    idle += 1;
                    let worth_it = until.saturating_duration_since(now) >= WORTH_TELLING;
                    let told = Some(Told::Waiting(wait));
                    if worth_it && state.lane.in_flight() == 0 && state.told != told {
                        state.told = told;
                        effects.push(emit(Event::LaneWaiting { lane: index, wait, until }));
                    }
                }
                Next::Held => {
                    idle += 1;
                    if state.lane.in_flight() == 0 && state.told != Some(Told::Held) {
                        state.told = Some(Told::Held);
                        effects.push(emit(Event::LaneHeld { lane: index, waiting: state.lane.grading() }));
                    }
                }
                Next::Busy | Next::Drained => idle += 1,
            }
        }
    }

    /// With a limit over all lanes: what one lane may have in flight, so that a lane whose requests hang can hold its
    /// own share and no more. A lane that only waits for graders takes no share.
    fn fair_share(&self) -> u32 {
        let active = self.lanes.iter().filter(|state| state.lane.asking()).count();
        self.concurrency.map_or(u32::MAX, |all| all.div_ceil(u32::try_from(active.max(1)).unwrap_or(u32::MAX)))
    }

    fn full(&self) -> bool {
        self.concurrency.is_some_and(|all| self.in_flight >= all)
    }

    /// Stops every lane with the same key at the same endpoint; the run, where those were all.
    fn stop_account(&mut self, index: usize, message: &str, effects: &mut Vec<Effect>) {
        let account = self.lanes[index].plan.account;
        if self.lanes.iter().all(|state| state.plan.account == account) {
            return self.stop_run(StopReason::Account, message, effects);
        }
        for other in 0..self.lanes.len() {
            if self.lanes[other].plan.account == account {
                self.stop_lane(other, StopReason::Account, message, effects);
            }
        }
    }

    fn stop_run(&mut self, reason: StopReason, message: &str, effects: &mut Vec<Effect>) {
        if self.stop.as_ref().is_some_and(|old| old.reason >= reason) {
            return;
        }
        self.stop = Some(Stopped { reason, message: message.to_owned() });
        effects.push(emit(Event::StopRequested { reason, message: message.to_owned() }));
        for index in 0..self.lanes.len() {
            self.stop_lane(index, reason, message, effects);
        }
        // Any weaker reason leaves what was answered to its graders.
        if reason >= StopReason::Sink {
            effects.push(Effect::CancelGrading);
        }
    }

    fn stop_lane(&mut self, index: usize, reason: StopReason, message: &str, effects: &mut Vec<Effect>) {
        let state = &mut self.lanes[index];
        let Some(waiting) = state.lane.stop(reason) else { return };
        state.stop = Some(Stopped { reason, message: message.to_owned() });
        effects.push(emit(Event::LaneStopped {
            lane: index,
            reason,
            message: message.to_owned(),
            skipped: state.lane.remaining() - state.lane.in_flight() - state.lane.grading(),
        }));
        let error = state.skip_error();
        effects.extend(waiting.into_iter().map(|job| Effect::Abandon(index, job, error.clone())));
        // What the budget has already set going is paid for: it may finish.
        if reason != StopReason::Budget {
            effects.push(Effect::Cancel(index));
        }
    }

    fn finish_lanes(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        for (index, state) in self.lanes.iter_mut().enumerate() {
            if !state.finished && state.lane.finished() {
                state.finished = true;
                effects.push(emit(Event::LaneFinished { lane: index, at: now }));
            }
        }
    }
}

impl State {
    /// What a skipped cell says of itself.
    fn skip_error(&self) -> ErrorInfo {
        let (kind, message) = match &self.stop {
            Some(stop) => (stop.reason.as_str(), stop.message.as_str()),
            None => (StopReason::Interrupted.as_str(), "the run ended before this cell did"),
        };
        ErrorInfo { kind: kind.to_owned(), message: message.to_owned() }
    }
}

fn emit(event: Event) -> Effect {
    Effect::Emit(event)
}

/// The events of an attempt that will be tried again.
fn attempt_failed(lane: usize, record: &CellRecord, retry_in: Duration) -> Option<Effect> {
    let error = record.attempts.last()?.error.clone()?;
    let attempt = u32::try_from(record.attempts.len()).unwrap_or(u32::MAX);
    let ErrorInfo { kind, message } = error;
    Some(emit(Event::AttemptFailed { lane, attempt, kind, message, retry_in }))
}

/// The event of a cell that ended.
pub(super) fn cell_finished(lane: usize, record: &CellRecord, at: Instant) -> Event {
    let ms = |value: Option<f64>| value.map(|ms| Duration::from_secs_f64(ms.max(0.0) / 1000.0));
    let failed_grade = || record.grades.iter().find(|grade| grade.pass != Some(true))?.reason.clone();
    Event::CellFinished {
        lane,
        case: record.case.clone(),
        verdict: record.verdict,
        kind: record.error.as_ref().map(|error| error.kind.clone()),
        reason: record.error.as_ref().map(|error| error.message.clone()).or_else(failed_grade),
        latency: ms(record.latency_ms),
        ttft: ms(record.ttft_ms),
        cost: record.cost,
        cost_unknown: record.attempts.iter().any(AttemptRecord::cost_unknown),
        attempts: u32::try_from(record.attempts.len()).unwrap_or(u32::MAX),
        at,
    }
}

#[cfg(test)]
mod tests;
