//! The task of one judge: takes questions, asks them as its lane allows, answers.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::engine::attempt::{Clock, attempt_record, error_info, ms};
use crate::engine::event::{JudgeEvent, StopReason, Wait};
use crate::engine::lane::{After, Fate, Job, Lane, Next, Outcome};
use crate::grade::{Reply, ServiceError};
use crate::journal::{AskKind, AttemptRecord, ErrorInfo, Verdict};
use crate::openrouter::{ApiError, Client, EmbeddingsRequest, Timeouts};
use crate::plan::CellIndex;
use crate::suite::Model;

use super::entry::Done;
use super::order::{Asker, CANCELLED, Message};
use super::texts::{Texts, Wanted};
use super::totals::Teller;
use super::work::{Ended, Order, What, broken, cancelled, info};

/// Waits shorter than this are not worth a word.
const WORTH_TELLING: Duration = Duration::from_secs(1);

/// The desk of one judge.
#[derive(Debug)]
pub(super) struct Desk {
    model: Arc<Model>,
    client: Client,
    inbox: UnboundedReceiver<Message>,
    cancel: CancellationToken,
    clock: Clock,
    rng: ChaCha8Rng,
    teller: Teller,
}

impl Desk {
    pub(super) fn new(
        model: Arc<Model>,
        client: Client,
        inbox: UnboundedReceiver<Message>,
        cancel: CancellationToken,
        seed: u64,
        teller: Teller,
    ) -> Self {
        let clock = Clock { wall: jiff::Timestamp::now(), start: Instant::now() };
        Self { model, client, inbox, cancel, clock, rng: ChaCha8Rng::seed_from_u64(seed), teller }
    }

    /// Until nobody can ask any more.
    pub(super) async fn run(mut self) {
        // The lane begins with the first question, and its deadline with it: there is nothing to judge before.
        let Some(first) = self.inbox.recv().await else { return };
        let mut open = Open::new(self, &first);
        open.take(now(), first);
        let (mut cancelled, cancel) = (false, open.desk.cancel.clone());
        loop {
            let time = now();
            if cancel.is_cancelled() && !cancelled {
                cancelled = true;
                open.stop(StopReason::Interrupted, "cancelled");
            }
            open.advance(time);
            let wake = open.wake_at(time);
            tokio::select! {
                biased;
                () = cancel.cancelled(), if !cancelled => {}
                Some(ended) = open.requests.join_next() => {
                    if let Ok(ended) = ended {
                        open.ended(now(), ended);
                    }
                }
                message = open.desk.inbox.recv() => match message {
                    Some(message) => open.take(now(), message),
                    None => return,
                },
                () = sleep_until(wake) => {}
            }
        }
    }
}

fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

async fn sleep_until(wake: Option<Instant>) {
    match wake {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

/// A desk that has been asked something.
struct Open {
    desk: Desk,
    lane: Lane,
    orders: HashMap<u32, Order>,
    texts: Texts<Asker<Arc<[f32]>>>,
    /// The number of the next embeddings request. Counted down, as the askers' numbers count up.
    next_batch: u32,
    requests: JoinSet<Ended>,
    /// Why nothing is asked any more.
    stopped: Option<ServiceError>,
    /// The wait that has been told.
    told: Option<Wait>,
}

impl Open {
    fn new(desk: Desk, first: &Message) -> Self {
        let bytes = match first {
            Message::Chat { request, .. } => request.body.len(),
            Message::Embed { text, .. } => text.len(),
            Message::Withdraw(_) => 0,
        };
        // Only the first guess, replaced by a running mean: a quarter of the bytes and a short answer.
        let tokens_each = u32::try_from(bytes / 4).unwrap_or(u32::MAX).saturating_add(256);
        let lane = Lane::open(desk.model.limits.clone(), tokens_each, now());
        Self {
            desk,
            lane,
            orders: HashMap::new(),
            texts: Texts::default(),
            next_batch: u32::MAX,
            requests: JoinSet::new(),
            stopped: None,
            told: None,
        }
    }

    fn take(&mut self, now: Instant, message: Message) {
        match message {
            Message::Chat { id, request, asker } => self.add(id, What::Chat(request, asker), Vec::new(), now),
            Message::Embed { id, text, asker } => {
                if let Some(stopped) = &self.stopped {
                    let done = Done { error: Some(info(stopped)), ..Done::default() };
                    self.refuse_texts(vec![asker], &done, stopped);
                } else if let Some((vector, asker)) = self.texts.want(id, text, asker, now) {
                    asker.answer(Ok(vector));
                }
            }
            Message::Withdraw(id) => self.withdraw(id),
        }
    }

    /// Puts a question in line.
    fn add(&mut self, id: u32, what: What, earlier: Vec<AttemptRecord>, now: Instant) {
        if earlier.is_empty() {
            self.desk.teller.tell(JudgeEvent::Asked);
        }
        let order = Order { what, earlier, cancel: CancellationToken::new(), in_flight: false };
        if let Some(stopped) = self.stopped.clone() {
            return self.fail(order, Done::default(), &stopped);
        }
        self.orders.insert(id, order);
        self.lane.push(CellIndex(id), now);
    }

    /// Nobody waits for an answer any more.
    fn withdraw(&mut self, id: u32) {
        if let Some(waiter) = self.texts.withdraw(id) {
            drop(waiter);
            let texts = &self.texts;
            let idle = |order: &Order| match &order.what {
                What::Embeddings(_, wanted) => !wanted.iter().any(|wanted| texts.is_wanted(&wanted.key)),
                What::Chat(..) => false,
            };
            let idle: Vec<u32> = self.orders.iter().filter(|(_, order)| idle(order)).map(|(&id, _)| id).collect();
            for id in idle {
                self.abandon(id);
            }
        } else {
            self.abandon(id);
        }
    }

    /// Takes a question out of line; one in flight is cancelled and ends by itself.
    fn abandon(&mut self, id: u32) {
        if self.orders.get(&id).is_some_and(|order| order.in_flight) {
            self.orders[&id].cancel.cancel();
        } else if let Some(attempts) = self.lane.withdraw(CellIndex(id))
            && let Some(order) = self.orders.remove(&id)
        {
            self.fail(order, Done { attempts, ..Done::default() }, &cancelled());
        }
    }

    /// Does what the time allows.
    fn advance(&mut self, now: Instant) {
        if self.busy() && self.lane.deadline().is_some_and(|deadline| deadline <= now) {
            let deadline = self.desk.model.limits.deadline.unwrap_or_default();
            let message = format!("its deadline of {} passed", crate::units::human_duration(deadline));
            self.stop(StopReason::Deadline, &message);
        }
        while let Some(batch) = self.texts.batch(now) {
            self.add_batch(batch, Vec::new(), now);
        }
        loop {
            match self.lane.next(now) {
                Next::Send(job) => {
                    if self.told.take().is_some() {
                        self.desk.teller.tell(JudgeEvent::Resumed);
                    }
                    self.send(job);
                }
                Next::Wait(until, wait) => {
                    let worth_it = until.saturating_duration_since(now) >= WORTH_TELLING;
                    if worth_it && self.lane.in_flight() == 0 && self.told != Some(wait) {
                        self.told = Some(wait);
                        self.desk.teller.tell(JudgeEvent::Waiting { wait, until });
                    }
                    return;
                }
                Next::Busy | Next::Held | Next::Drained => return,
            }
        }
    }

    /// Whether somebody waits for an answer, and one may still come.
    fn busy(&self) -> bool {
        self.stopped.is_none() && (!self.orders.is_empty() || self.texts.due().is_some())
    }

    fn wake_at(&mut self, now: Instant) -> Option<Instant> {
        let deadline = self.lane.deadline().filter(|_| self.busy());
        [deadline, self.texts.due(), self.lane.waits_until(now)].into_iter().flatten().min()
    }

    fn add_batch(&mut self, wanted: Vec<Wanted>, earlier: Vec<AttemptRecord>, now: Instant) {
        let model = &self.desk.model;
        let texts: Vec<&str> = wanted.iter().map(|wanted| &*wanted.text).collect();
        let params = model.params.iter().filter(|(_, value)| !value.is_null());
        let params = params.map(|(name, value)| (name.clone(), value.clone())).collect();
        let request = EmbeddingsRequest::new(&model.id, &texts, model.provider.as_ref(), &params);
        let id = self.next_batch;
        self.next_batch = self.next_batch.wrapping_sub(1);
        self.add(id, What::Embeddings(request, wanted), earlier, now);
    }

    fn send(&mut self, job: Job) {
        let Some(order) = self.orders.get_mut(&job.cell.0) else { return };
        order.in_flight = true;
        let (client, cancel) = (self.desk.client.clone(), order.cancel.clone());
        let limits = &self.desk.model.limits;
        let timeouts =
            Timeouts { total: limits.timeout, first_token: limits.first_token_timeout, idle: limits.idle_timeout };
        let request = match &order.what {
            What::Chat(request, _) => Ok(request.clone()),
            What::Embeddings(request, _) => Err(request.clone()),
        };
        self.requests.spawn(async move {
            let came = async {
                match request {
                    Ok(chat) => (client.chat(&chat, timeouts, &cancel).await, Vec::new()),
                    Err(texts) => {
                        let embedded = client.embed(&texts, timeouts.total, &cancel).await;
                        (embedded.exchange, embedded.vectors)
                    }
                }
            };
            // A panic would be a bug of ours, and still must not lose the question.
            let came = std::panic::AssertUnwindSafe(came).catch_unwind().await;
            Ended { job, came: came.ok() }
        });
    }

    fn ended(&mut self, now: Instant, ended: Ended) {
        let Ended { mut job, came } = ended;
        let Some(mut order) = self.orders.remove(&job.cell.0) else { return };
        order.in_flight = false;
        let (exchange, vectors) = came.map_or((None, Vec::new()), |(exchange, vectors)| (Some(exchange), vectors));
        let (mut sent, mut outcome) = (now, Outcome::Failed(broken()));
        if let Some(exchange) = &exchange {
            sent = exchange.timing.sent;
            let waited = sent.saturating_duration_since(job.ready);
            job.waited += waited;
            job.attempts.push(attempt_record(&self.desk.clock, exchange, waited));
            outcome = order.outcome(exchange);
        }
        let split = match &outcome {
            Outcome::Failed(error) => order.splits_on(error),
            _ => false,
        };
        if split {
            // The server has answered, and the texts are asked for again in two parts: no reason to give the judge up.
            outcome = Outcome::Answered { verdict: Some(Verdict::Skipped), tokens: None };
        }
        let After { fate, change, stop } =
            self.lane.ended(sent, now, job.reserved, &job.attempts, &outcome, &mut self.desk.rng);
        if let Some(change) = change {
            self.desk.teller.tell(JudgeEvent::ConcurrencyChanged { now: change.now, before: change.before });
        }
        match fate {
            Fate::Retry(wait) => {
                self.desk.teller.tell(attempt_failed(&job, wait));
                self.orders.insert(job.cell.0, order);
                self.lane.retry(job, now, now + wait);
            }
            _ if split => self.split(order, job.attempts, now),
            Fate::Ended(_) | Fate::Grading => {
                let queue_ms = Some(ms(job.waited));
                let done = Done { attempts: job.attempts, queue_ms, exchange, error: None };
                self.settle(order, done, vectors, outcome);
            }
        }
        if let Some((reason, message)) = stop {
            self.stop(reason, &message);
        }
    }

    /// Asks for the texts of a request that was refused in two parts: one bad text costs no other its vector.
    fn split(&mut self, order: Order, attempts: Vec<AttemptRecord>, now: Instant) {
        let What::Embeddings(_, mut wanted) = order.what else { return };
        let second = wanted.split_off(wanted.len() / 2);
        let earlier = order.earlier.into_iter().chain(attempts).collect();
        self.add_batch(wanted, earlier, now);
        self.add_batch(second, Vec::new(), now);
    }

    /// Answers whoever waits for a question that has ended.
    fn settle(&mut self, order: Order, mut done: Done, vectors: Vec<Vec<f32>>, outcome: Outcome) {
        let error = match outcome {
            Outcome::Answered { .. } => None,
            Outcome::Failed(error) => Some(self.told_of(&error)),
            Outcome::Cancelled => Some(self.stopped.clone().unwrap_or_else(cancelled)),
        };
        if let Some(error) = error {
            return self.fail(order, done, &error);
        }
        done.attempts.splice(0..0, order.earlier);
        let Some(exchange) = &done.exchange else { return };
        let latency = (!exchange.cached).then_some(exchange.timing.end);
        let (cost, cost_unknown) = (done.cost(), done.cost_unknown());
        self.desk.teller.tell(JudgeEvent::Answered { latency, cost, cost_unknown });
        match order.what {
            What::Chat(_, asker) => {
                let reply = Reply {
                    text: exchange.text.clone(),
                    finish_reason: exchange.finish_reason.clone(),
                    refusal: exchange.refusal.clone(),
                    cost,
                    latency,
                };
                asker.ticket.enter(done.record(&self.desk.model.name, AskKind::Chat));
                asker.answer(Ok(reply));
            }
            What::Embeddings(_, wanted) => {
                let mut waiting = Vec::new();
                for (wanted, vector) in wanted.iter().zip(vectors) {
                    let vector: Arc<[f32]> = vector.into();
                    waiting.push((self.texts.arrived(wanted.key, &vector), vector));
                }
                let first: Vec<_> = waiting.iter().filter_map(|(all, _)| all.first()).map(|one| &one.ticket).collect();
                done.enter_shares(&self.desk.model.name, &first);
                for (waiters, vector) in waiting {
                    for asker in waiters {
                        asker.answer(Ok(Arc::clone(&vector)));
                    }
                }
            }
        }
    }

    /// Tells whoever waits for a question that there is no answer.
    fn fail(&mut self, order: Order, mut done: Done, error: &ServiceError) {
        done.attempts.splice(0..0, order.earlier);
        done.error = Some(info(error));
        let (cost, cost_unknown) = (done.cost(), done.cost_unknown());
        let (kind, message) = (error.kind.clone(), error.message.clone());
        self.desk.teller.tell(JudgeEvent::Failed { kind, message, cost, cost_unknown });
        match order.what {
            What::Chat(_, asker) => {
                // What was cancelled before anything was sent has taken nothing.
                if error.kind != CANCELLED || !done.attempts.is_empty() {
                    asker.ticket.enter(done.record(&self.desk.model.name, AskKind::Chat));
                }
                asker.answer(Err(error.clone()));
            }
            What::Embeddings(_, wanted) => {
                let waiting = wanted.iter().flat_map(|wanted| self.texts.failed(wanted.key)).collect();
                self.refuse_texts(waiting, &done, error);
            }
        }
    }

    /// Tells those who wait for vectors that there are none.
    fn refuse_texts(&self, waiting: Vec<Asker<Arc<[f32]>>>, done: &Done, error: &ServiceError) {
        if error.kind != CANCELLED || !done.attempts.is_empty() {
            let tickets: Vec<_> = waiting.iter().map(|asker| &asker.ticket).collect();
            done.enter_shares(&self.desk.model.name, &tickets);
        }
        for asker in waiting {
            asker.answer(Err(error.clone()));
        }
    }

    /// Asks nothing any more: everything in line fails now, what is in flight is cancelled.
    fn stop(&mut self, reason: StopReason, message: &str) {
        let Some(waiting) = self.lane.stop(reason) else { return };
        let error = if reason == StopReason::Interrupted {
            cancelled()
        } else {
            self.desk.teller.tell(JudgeEvent::Stopped { reason, message: message.to_owned() });
            let message = format!("`{}` was cut off: {message}", self.desk.model.name);
            ServiceError { kind: reason.as_str().to_owned(), message }
        };
        self.stopped = Some(error.clone());
        let mut attempts: HashMap<u32, Vec<AttemptRecord>> =
            waiting.into_iter().map(|job| (job.cell.0, job.attempts)).collect();
        let (flying, mut waiting): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.orders).into_iter().partition(|(_, order)| order.in_flight);
        for (_, order) in &flying {
            order.cancel.cancel();
        }
        self.orders = flying.into_iter().collect();
        waiting.sort_by_key(|(id, _)| *id);
        for (id, order) in waiting {
            let attempts = attempts.remove(&id).unwrap_or_default();
            self.fail(order, Done { attempts, ..Done::default() }, &error);
        }
        let gathered = self.texts.drain();
        self.refuse_texts(gathered, &Done { error: Some(info(&error)), ..Done::default() }, &error);
    }

    /// An error of the wire as graders are told of it.
    fn told_of(&self, error: &ApiError) -> ServiceError {
        let ErrorInfo { kind, message } = error_info(error);
        ServiceError { kind, message: format!("`{}`: {message}", self.desk.model.name) }
    }
}

fn attempt_failed(job: &Job, retry_in: Duration) -> JudgeEvent {
    let error = job.attempts.last().and_then(|attempt| attempt.error.clone());
    let ErrorInfo { kind, message } =
        error.unwrap_or_else(|| ErrorInfo { kind: String::new(), message: String::new() });
    JudgeEvent::AttemptFailed {
        attempt: u32::try_from(job.attempts.len()).unwrap_or(u32::MAX),
        kind,
        message,
        retry_in,
    }
}
