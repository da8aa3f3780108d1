//! The one loop of a run: it gives the dispatcher what happens and carries out what it decides.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::journal::{Appender, AskRecord, AttemptRecord, CellRecord, Index, Verdict, Writer};
use crate::openrouter::{ApiError, Client, ErrorKind, Scope, is_openrouter};
use crate::plan::{CellIndex, Plan};
use crate::suite::Suite;
use crate::units::Usd;

use super::ask::{Asker, JudgeNews};
use super::attempt::{Clock, LaneContext, RunContext, attempt, line_of, unsent};
use super::dispatch::{Dispatcher, Effect, Ended, Input, LanePlan, Stopped};
use super::event::{Event, JudgeEvent, StopReason};
use super::grading::grade_waiting;
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
    /// A client for each of the suite's judges, in their order.
    pub judges: Vec<Client>,
    /// Whether graders may run programs.
    pub programs_allowed: bool,
    /// Verdicts of the cells that need not be asked, by cell index; as long as the plan.
    pub done: Arc<[Option<Verdict>]>,
    /// What earlier parts of this run have cost.
    pub spent: Usd,
    /// What earlier parts of this run did for cells that are asked again, by cell index.
    pub prior: HashMap<u32, Prior>,
    /// Cells that earlier parts of this run have left to be graded: they are not asked again.
    pub answered: Answered,
    /// Requests in flight over all models at most.
    pub concurrency: Option<u32>,
    /// Seed of the backoff's jitter.
    pub seed: u64,
}

/// What was done for a cell that is asked again. It may have cost money, so it stays in the cell's record.
#[derive(Debug, Clone, Default)]
pub struct Prior {
    /// Its HTTP requests.
    pub attempts: Vec<AttemptRecord>,
    /// What its graders asked.
    pub asks: Vec<AskRecord>,
}

/// Cells whose answers are in the journal and only have to be graded.
#[derive(Debug, Clone, Default)]
pub struct Answered {
    /// Their indices, ascending.
    pub cells: Arc<[u32]>,
    /// Where their records are; read one at a time. `None`: there are none.
    pub index: Option<Arc<Index>>,
}

impl Answered {
    /// The record of a cell.
    pub(super) fn read(&self, cell: CellIndex) -> Result<CellRecord, String> {
        let missing = || "the journal has no answer of it any more".to_owned();
        let index = self.index.as_ref().ok_or_else(missing)?;
        index.get(cell).map_err(|error| error.to_string())?.ok_or_else(missing)
    }
}

/// How a run ended.
#[derive(Debug)]
pub struct Outcome {
    /// Why it stopped early, where it did.
    pub stop: Option<Stopped>,
    /// Why models stopped early: their index and the reason.
    pub lanes: Vec<(usize, Stopped)>,
    /// Why models that graders ask stopped early: their index and the reason.
    pub judges: Vec<(usize, Stopped)>,
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
    let lanes = driver.dispatcher.lane_infos(&done);
    on_event(&Event::RunStarted { lanes, judges: driver.judges(), at: start });

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
            Some(input) = next_ended(&mut driver.tasks) => input,
            Some(news) = driver.news.recv() => driver.tell(news, on_event),
            () = sleep_until(wake) => Input::Wake,
        };
    }
    while let Ok(news) = driver.news.try_recv() {
        driver.tell(news, on_event);
    }
    let stop = driver.dispatcher.stop_reason().cloned();
    on_event(&Event::RunFinished { reason: stop.as_ref().map(|stop| stop.reason), at: Instant::now().into_std() });
    let lanes = driver.dispatcher.lane_stops().map(|(lane, stop)| (lane, stop.clone())).collect();
    Outcome { stop, lanes, judges: std::mem::take(&mut driver.judge_stops) }
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
    /// Every request in flight and every grading that waits. Dropping it cancels them: no work outlives the run.
    tasks: JoinSet<Input>,
    /// Cancels all grading that waits.
    grading: CancellationToken,
    /// What happens to the models that graders ask.
    news: UnboundedReceiver<JudgeNews>,
    judge_stops: Vec<(usize, Stopped)>,
}

impl Driver {
    fn new(setup: Setup, start: std::time::Instant, journal: Appender) -> Self {
        let clock = Clock { wall: jiff::Timestamp::now(), start };
        let Setup { suite, plan, clients, judges, programs_allowed, done, spent, prior, answered, concurrency, seed } =
            setup;
        let (grading, (teller, news)) = (CancellationToken::new(), unbounded_channel());
        let asker = suite.grader_sets().iter().any(|graders| graders.waits()).then(|| {
            let judges = suite.judges.iter().cloned().zip(judges).collect();
            Asker::new(judges, programs_allowed, grading.clone(), seed, Some(teller))
        });
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let heavy = Semaphore::new(cores.saturating_sub(1).max(1));
        let shared = Arc::new(RunContext { suite, plan, prior, answered, asker, clock, heavy });
        let context = |(index, client): (usize, Client)| {
            let openrouter = is_openrouter(&shared.suite.models[index].endpoint.base_url);
            Arc::new(LaneContext { index, run: Arc::clone(&shared), client, openrouter })
        };
        let contexts: Vec<Arc<LaneContext>> = clients.into_iter().enumerate().map(context).collect();
        let plans = contexts.iter().map(|context| lane_plan(context)).collect();
        let (answered, budget) = (&shared.answered.cells, shared.suite.budget);
        let dispatcher = Dispatcher::new(plans, &done, answered, budget, spent, concurrency, seed, start);
        let tokens = contexts.iter().map(|_| CancellationToken::new()).collect();
        let tasks = JoinSet::new();
        Self { dispatcher, journal, shared, contexts, tokens, tasks, grading, news, judge_stops: Vec::new() }
    }

    fn judges(&self) -> Vec<String> {
        self.shared.suite.judges.iter().map(|judge| judge.name.clone()).collect()
    }

    /// Tells what happened to a model that graders ask, and what it means for the run.
    fn tell(&mut self, news: JudgeNews, on_event: &mut (dyn FnMut(&Event) + Send)) -> Input {
        let JudgeNews { judge, event } = news;
        let cost = match &event {
            JudgeEvent::Answered { cost, .. } | JudgeEvent::Failed { cost, .. } => *cost,
            JudgeEvent::Stopped { reason, message } => {
                self.judge_stops.push((judge, Stopped { reason: *reason, message: message.clone() }));
                None
            }
            _ => None,
        };
        on_event(&Event::Judge { judge, event });
        cost.map_or(Input::Wake, Input::Spent)
    }

    async fn carry_out(&mut self, effect: Effect, on_event: &mut (dyn FnMut(&Event) + Send)) {
        match effect {
            Effect::Emit(event) => on_event(&event),
            Effect::Send(lane, job) => self.send(lane, job),
            Effect::Grade(lane, cell, record) => {
                let (context, stop) = (Arc::clone(&self.contexts[lane]), self.grading.clone());
                let graded = grade_waiting(context, cell, record, stop);
                self.tasks.spawn(graded.map(|graded| Input::Graded(Box::new(graded))));
            }
            Effect::Cancel(lane) => self.tokens[lane].cancel(),
            Effect::CancelGrading => self.grading.cancel(),
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
            .map(move |ended| ended.unwrap_or_else(|_| broken(&spare, cell, reserved)))
            .map(|ended| Input::Ended(Box::new(ended)));
        self.tasks.spawn(task);
    }
}

async fn next_ended(tasks: &mut JoinSet<Input>) -> Option<Input> {
    tasks.join_next().await?.ok()
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

#[cfg(test)]
mod tests;
