//! The one loop of a run: it gives the dispatcher what happens and carries out what it decides.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::journal::{Appender, AttemptRecord, CellRecord, Verdict, Writer};
use crate::openrouter::{ApiError, Client, ErrorKind, Scope, is_openrouter};
use crate::plan::{CellIndex, Plan};
use crate::suite::Suite;
use crate::units::Usd;

use super::attempt::{Clock, LaneContext, RunContext, attempt, line_of, unsent};
use super::dispatch::{Dispatcher, Effect, Ended, Input, LanePlan, Stopped};
use super::event::{Event, StopReason};
use super::lane::Job;

/// All that a run needs.
#[derive(Debug)]
pub struct Setup {
    /// What is asked.
    pub suite: Arc<Suite>,
    /// Its cells.
    pub plan: Arc<Plan>,
    /// A client for each model, in the order of the suite.
    pub clients: Vec<Client>,
    /// Verdicts of the cells that need not be asked, by cell index; as long as the plan.
    pub done: Arc<[Option<Verdict>]>,
    /// What earlier parts of this run have cost.
    pub spent: Usd,
    /// Attempts that earlier parts of this run made for cells that are asked again, by cell index: they may have cost
    /// money, so they stay in the cell's record.
    pub prior: HashMap<u32, Vec<AttemptRecord>>,
    /// Requests in flight over all models at most.
    pub concurrency: Option<u32>,
    /// Seed of the backoff's jitter.
    pub seed: u64,
}

/// How a run ended.
#[derive(Debug)]
pub struct Outcome {
    /// Why it stopped early, where it did.
    pub stop: Option<Stopped>,
    /// Why models stopped early: their index and the reason.
    pub lanes: Vec<(usize, Stopped)>,
}

/// Asks every cell that is not done. Ends when all have ended, or when everything in flight has been cancelled.
///
/// `on_event` is called in order, from this task; it must be quick. `interrupt` stops the run as Ctrl-C does.
pub async fn run(
    setup: Setup,
    journal: &Writer,
    interrupt: CancellationToken,
    on_event: &mut (dyn FnMut(&Event) + Send),
) -> Outcome {
    let start = Instant::now().into_std();
    let done = Arc::clone(&setup.done);
    let mut driver = Driver::new(setup, start, journal.appender());
    on_event(&Event::RunStarted { lanes: driver.dispatcher.lane_infos(&done), at: start });

    let mut effects = Vec::new();
    let mut failed = std::pin::pin!(journal.failed());
    let (mut listening, mut writable) = (!interrupt.is_cancelled(), true);
    let mut input = if listening { Input::Wake } else { interrupted() };
    loop {
        let now = Instant::now().into_std();
        driver.dispatcher.on(now, input, &mut effects);
        for effect in effects.drain(..) {
            driver.carry_out(effect, on_event).await;
        }
        if driver.dispatcher.finished() {
            break;
        }
        let wake = driver.dispatcher.wake_at(now).map(Instant::from_std);
        input = tokio::select! {
            biased;
            () = interrupt.cancelled(), if listening => {
                listening = false;
                interrupted()
            }
            error = &mut failed, if writable => {
                writable = false;
                Input::Stop(StopReason::Sink, error.to_string())
            }
            Some(ended) = driver.next_ended() => Input::Ended(Box::new(ended)),
            () = sleep_until(wake) => Input::Wake,
        };
    }
    let stop = driver.dispatcher.stop_reason().cloned();
    on_event(&Event::RunFinished { reason: stop.as_ref().map(|stop| stop.reason), at: Instant::now().into_std() });
    let lanes = driver.dispatcher.lane_stops().map(|(lane, stop)| (lane, stop.clone())).collect();
    Outcome { stop, lanes }
}

fn interrupted() -> Input {
    Input::Stop(StopReason::Interrupted, "interrupted".to_owned())
}

async fn sleep_until(wake: Option<Instant>) {
    match wake {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

struct Driver {
    dispatcher: Dispatcher,
    journal: Appender,
    shared: Arc<RunContext>,
    contexts: Vec<Arc<LaneContext>>,
    /// One a lane, all of them children of the run's.
    tokens: Vec<CancellationToken>,
    /// Every request in flight. Dropping it cancels them: no work outlives the run.
    tasks: JoinSet<Ended>,
}

impl Driver {
    fn new(setup: Setup, start: std::time::Instant, journal: Appender) -> Self {
        let clock = Clock { wall: jiff::Timestamp::now(), start };
        let Setup { suite, plan, clients, done, spent, prior, concurrency, seed } = setup;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let heavy = Semaphore::new(cores.saturating_sub(1).max(1));
        let shared = Arc::new(RunContext { suite, plan, prior, clock, heavy });
        let context = |(index, client): (usize, Client)| {
            let openrouter = is_openrouter(&shared.suite.models[index].endpoint.base_url);
            Arc::new(LaneContext { index, run: Arc::clone(&shared), client, openrouter })
        };
        let contexts: Vec<Arc<LaneContext>> = clients.into_iter().enumerate().map(context).collect();
        let plans = contexts.iter().map(|context| lane_plan(context)).collect();
        let dispatcher = Dispatcher::new(plans, &done, shared.suite.budget, spent, concurrency, seed, start);
        let tokens = contexts.iter().map(|_| CancellationToken::new()).collect();
        Self { dispatcher, journal, shared, contexts, tokens, tasks: JoinSet::new() }
    }

    async fn carry_out(&mut self, effect: Effect, on_event: &mut (dyn FnMut(&Event) + Send)) {
        match effect {
            Effect::Emit(event) => on_event(&event),
            Effect::Send(lane, job) => self.send(lane, job),
            Effect::Cancel(lane) => self.tokens[lane].cancel(),
            Effect::Record(_, _, Some(line)) => self.write(line).await,
            Effect::Record(cell, record, None) => self.write_record(cell, *record).await,
            Effect::Abandon(lane, job, error) => {
                let cell = job.cell;
                let record = self.contexts[lane].abandoned(job, error, Instant::now().into_std());
                self.write_record(cell, record).await;
            }
        }
    }

    async fn write_record(&mut self, cell: CellIndex, mut record: CellRecord) {
        self.shared.with_prior(cell, &mut record);
        let line = line_of(&record);
        self.write(line).await;
    }

    /// Waits while much is waiting to be written. A failure is told by `Writer::failed`; here it only means that there
    /// is no place for this line.
    async fn write(&mut self, line: Vec<u8>) {
        let _ = self.journal.append_line(line).await;
    }

    fn send(&mut self, lane: usize, job: Job) {
        let (context, cancel) = (Arc::clone(&self.contexts[lane]), self.tokens[lane].clone());
        let (cell, reserved) = (job.cell, job.reserved);
        let spare = Arc::clone(&context);
        // A panic would be a bug of ours, and still must not lose the cell or its lane's slot.
        let task = AssertUnwindSafe(attempt(context, job, cancel))
            .catch_unwind()
            .map(move |ended| ended.unwrap_or_else(|_| broken(&spare, cell, reserved)));
        self.tasks.spawn(task);
    }

    async fn next_ended(&mut self) -> Option<Ended> {
        self.tasks.join_next().await?.ok()
    }
}

/// What the dispatcher needs to know of a lane. Lanes of equal endpoints share an account.
fn lane_plan(context: &LaneContext) -> LanePlan {
    let (model, suite) = (context.model(), &context.run.suite);
    let cells = context.run.plan.cells_of(context.index);
    let account = suite.models.iter().position(|other| other.endpoint == model.endpoint).unwrap_or(context.index);
    let body = context.request(CellIndex(cells.start)).map_or(0, |request| request.body.len());
    // Only the first guess, replaced by a running mean: a quarter of the body's bytes and a short answer.
    let tokens_each = u32::try_from(body / 4).unwrap_or(u32::MAX).saturating_add(256);
    LanePlan { model: model.name.clone(), limits: model.limits.clone(), account, cells, tokens_each }
}

fn broken(lane: &LaneContext, cell: CellIndex, reserved: u64) -> Ended {
    let now = std::time::Instant::now();
    let job = Job { cell, ready: now, waited: std::time::Duration::ZERO, attempts: Vec::new(), reserved };
    let error = ApiError {
        kind: ErrorKind::Protocol,
        scope: Scope::Cell,
        retryable: false,
        status: None,
        message: "internal error: the attempt panicked; please report this as a bug".to_owned(),
        provider: None,
        error_type: None,
        raw: None,
        retry_after: None,
    };
    unsent(lane, job, error)
}
