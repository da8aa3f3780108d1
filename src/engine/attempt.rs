//! One attempt: one HTTP request of one cell, and the grading of its answer where that waits for nobody.
//!
//! In: a job and the lane's context. Out: [`Ended`] with the cell's record as it stands after this attempt. Every
//! failure is a value; a cancelled attempt too, as its connection may have cost money.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::grade::Answer;
use crate::journal::{AttemptRecord, CellRecord, CostSource, ErrorInfo, Tokens, Verdict};
use crate::openrouter::{ApiError, Body, ChatRequest, Client, ErrorKind, Exchange, Scope, Timeouts};
use crate::plan::{CellIndex, Plan};
use crate::suite::{self, Case, Model, Prompt, Suite};
use crate::units::Usd;

use super::ask::Asker;
use super::dispatch::Ended;
use super::drive::{Answered, Prior};
use super::grading::grade;
use super::lane::{Job, Outcome};

/// Wall-clock stamps from one reading of the wall clock and the monotonic one: durations never come from wall clocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    pub(super) wall: jiff::Timestamp,
    pub(super) start: Instant,
}

impl Clock {
    /// RFC 3339 UTC with milliseconds.
    pub(super) fn stamp(&self, at: Instant) -> String {
        let passed = jiff::SignedDuration::try_from(at.saturating_duration_since(self.start)).unwrap_or_default();
        format!("{:.3}", self.wall.checked_add(passed).unwrap_or(self.wall))
    }
}

/// What all attempts of a run share.
#[derive(Debug)]
pub(super) struct RunContext {
    pub(super) suite: Arc<Suite>,
    pub(super) plan: Arc<Plan>,
    /// What earlier parts of the run did for cells that are asked again.
    pub(super) prior: HashMap<u32, Prior>,
    /// Cells that earlier parts of the run have left to be graded.
    pub(super) answered: Answered,
    /// The models that graders ask. `None`: no grader of this run waits for anybody.
    pub(super) asker: Option<Asker>,
    pub(super) clock: Clock,
    /// For grading large answers: one less than there are cores.
    pub(super) heavy: Semaphore,
}

impl RunContext {
    /// Puts a cell's earlier attempts, what its graders asked then, and what that cost, in front of those of a record
    /// that is final.
    pub(super) fn with_prior(&self, CellIndex(cell): CellIndex, record: &mut CellRecord) {
        if let Some(prior) = self.prior.get(&cell) {
            let mut attempts = prior.attempts.clone();
            attempts.append(&mut record.attempts);
            with_attempts(record, attempts);
            let asks = std::mem::replace(&mut record.asks, prior.asks.clone());
            record.add_asks(asks);
        }
    }
}

/// What the attempts of a lane share.
#[derive(Debug)]
pub(super) struct LaneContext {
    pub(super) index: usize,
    pub(super) run: Arc<RunContext>,
    pub(super) client: Client,
    /// Whether the endpoint is OpenRouter itself.
    pub(super) openrouter: bool,
}

impl LaneContext {
    pub(super) fn model(&self) -> &Model {
        &self.run.suite.models[self.index]
    }

    pub(super) fn case(&self, cell: CellIndex) -> &Case {
        &self.run.suite.cases[self.run.plan.cell(cell).case]
    }

    pub(super) fn prompt(&self, cell: CellIndex) -> &Prompt {
        &self.run.suite.prompts[self.run.plan.cell(cell).prompt]
    }

    /// Whether the graders of a cell have to be waited for.
    fn graders_wait(&self, cell: CellIndex) -> bool {
        self.run.asker.is_some() && self.case(cell).graders.waits()
    }

    /// The request of a cell.
    ///
    /// # Errors
    /// A prompt that cannot be rendered any more (a file it names has vanished since the check).
    pub(super) fn request(&self, cell: CellIndex) -> Result<ChatRequest, ApiError> {
        let model = self.model();
        let messages = suite::render(self.prompt(cell), self.case(cell)).map_err(|message| ApiError {
            kind: ErrorKind::BadRequest,
            scope: Scope::Cell,
            retryable: false,
            status: None,
            message,
            provider: None,
            error_type: None,
            raw: None,
            retry_after: None,
        })?;
        let body = Body {
            model: &model.id,
            messages: &messages,
            params: &model.params,
            provider: model.provider.as_ref(),
            fallbacks: &model.fallbacks,
            stream: model.stream,
            openrouter: self.openrouter,
        };
        Ok(ChatRequest { body: body.to_bytes(), stream: body.streams() })
    }

    /// A record of a cell that has not been asked yet.
    pub(super) fn blank(&self, cell: CellIndex, ended: Instant) -> CellRecord {
        let RunContext { suite, plan, clock, .. } = &*self.run;
        let at = plan.cell(cell);
        CellRecord {
            cell: plan.id(cell),
            model: self.model().name.clone(),
            prompt: suite.prompts[at.prompt].id.clone(),
            case: suite.cases[at.case].id.to_string(),
            repeat: at.repeat + 1,
            verdict: Verdict::Skipped,
            score: None,
            output: None,
            reasoning: None,
            tool_calls: Vec::new(),
            refusal: None,
            error: None,
            grades: Vec::new(),
            attempts: Vec::new(),
            latency_ms: None,
            ttft_ms: None,
            queue_ms: None,
            tokens: Tokens::default(),
            cost: None,
            cost_source: None,
            served_model: None,
            provider: None,
            finish_reason: None,
            generation_id: None,
            started_at: None,
            ended_at: clock.stamp(ended),
            simulated: false,
            graded_at: None,
            earlier: Vec::new(),
            asks: Vec::new(),
            grading_cost: None,
        }
    }

    /// The record of a cell that is given up between two attempts.
    pub(super) fn abandoned(&self, job: Job, error: ErrorInfo, now: Instant) -> CellRecord {
        let mut record = self.blank(job.cell, now);
        record.error = Some(error);
        with_attempts(&mut record, job.attempts);
        record
    }
}

/// Makes one attempt: sends, waits, grades.
pub(super) async fn attempt(lane: Arc<LaneContext>, mut job: Job, cancel: CancellationToken) -> Ended {
    let request = match lane.request(job.cell) {
        Ok(request) => request,
        Err(error) => return unsent(&lane, job, error),
    };
    let limits = &lane.model().limits;
    let timeouts =
        Timeouts { total: limits.timeout, first_token: limits.first_token_timeout, idle: limits.idle_timeout };
    let exchange = lane.client.chat(&request, timeouts, &cancel).await;

    let sent = exchange.timing.sent;
    let waited = sent.saturating_duration_since(job.ready);
    let mut record = lane.blank(job.cell, sent + exchange.timing.end);
    record.queue_ms = Some(ms(job.waited + waited));
    let mut attempts = std::mem::take(&mut job.attempts);
    attempts.push(attempt_record(&lane.run.clock, &exchange, waited));
    with_attempts(&mut record, attempts);
    let outcome = match exchange.error.clone() {
        Some(error) if error.kind == ErrorKind::Cancelled => Outcome::Cancelled,
        Some(error) => Outcome::Failed(error),
        None => {
            let tokens = Some(tokens_taken(&exchange, request.body.len()));
            Outcome::Answered { verdict: None, tokens }
        }
    };
    let answer = describe(&mut record, exchange);
    let (outcome, journal_line) = match outcome {
        // The slot is given back before the graders are waited for.
        Outcome::Answered { tokens, .. } if lane.graders_wait(job.cell) => {
            (Outcome::Answered { verdict: None, tokens }, None)
        }
        Outcome::Answered { tokens, .. } => {
            let graded = grade(&lane, job.cell, &answer, &record, &()).await;
            record.settle(graded);
            let verdict = record.verdict;
            lane.run.with_prior(job.cell, &mut record);
            (Outcome::Answered { verdict: Some(verdict), tokens }, Some(line_of(&record)))
        }
        Outcome::Failed(error) => {
            record.error = Some(error_info(&error));
            (Outcome::Failed(error), None)
        }
        Outcome::Cancelled => (Outcome::Cancelled, None),
    };
    Ended { lane: lane.index, job, sent, outcome, record, line: journal_line }
}

/// The end of an attempt whose request could not even be made, or whose task broke.
pub(super) fn unsent(lane: &LaneContext, mut job: Job, error: ApiError) -> Ended {
    let now = Instant::now();
    let mut record = lane.blank(job.cell, now);
    with_attempts(&mut record, std::mem::take(&mut job.attempts));
    record.error = Some(error_info(&error));
    Ended { lane: lane.index, job, sent: now, outcome: Outcome::Failed(error), record, line: None }
}

pub(super) fn error_info(error: &ApiError) -> ErrorInfo {
    let message = match &error.provider {
        Some(provider) if !error.message.contains(provider.as_str()) => format!("{provider}: {}", error.message),
        _ => error.message.clone(),
    };
    ErrorInfo { kind: error.kind.as_str().to_owned(), message }
}

/// Enters all attempts, and what follows from them.
pub(super) fn with_attempts(record: &mut CellRecord, attempts: Vec<AttemptRecord>) {
    record.started_at = attempts.first().map(|attempt| attempt.started_at.clone());
    record.cost = attempts.iter().filter_map(|attempt| attempt.cost).reduce(|sum: Usd, cost| sum + cost);
    record.cost_source = record.cost.map(|_| CostSource::Reported);
    record.attempts = attempts;
}

pub(super) fn attempt_record(clock: &Clock, exchange: &Exchange, waited: Duration) -> AttemptRecord {
    let error = exchange.error.as_ref();
    AttemptRecord {
        started_at: clock.stamp(exchange.timing.sent),
        waited_ms: ms(waited),
        duration_ms: ms(exchange.timing.end),
        ttft_ms: exchange.timing.first_token.map(ms),
        status: error.and_then(|error| error.status).or(exchange.status),
        error: error.map(error_info),
        provider: error.and_then(|error| error.provider.clone()).or_else(|| exchange.provider.clone()),
        error_type: error.and_then(|error| error.error_type.clone()),
        raw: error.and_then(|error| error.raw.clone()),
        retry_after_ms: error.and_then(|error| error.retry_after).map(ms),
        generation_id: exchange.generation_id.clone(),
        cost: exchange.usage.as_ref().and_then(|usage| usage.cost),
    }
}

/// Moves what arrived into the record, and gives the answer as graders see it.
fn describe(record: &mut CellRecord, exchange: Exchange) -> Answer {
    let whole = exchange.error.is_none();
    if whole && !exchange.cached {
        record.latency_ms = Some(ms(exchange.timing.end));
        record.ttft_ms = exchange.timing.first_token.map(ms);
    }
    if let Some(usage) = &exchange.usage {
        record.tokens = Tokens {
            prompt: usage.prompt_tokens,
            completion: usage.completion_tokens,
            reasoning: usage.reasoning_tokens,
            cached: usage.cached_tokens,
        };
    }
    let call = |call| serde_json::to_value(call).unwrap_or(Value::Null);
    record.tool_calls = exchange.tool_calls.iter().map(call).collect();
    record.served_model = exchange.served_model;
    record.provider = exchange.provider;
    record.finish_reason.clone_from(&exchange.finish_reason);
    record.generation_id = exchange.generation_id;
    record.simulated = exchange.simulated;
    record.refusal.clone_from(&exchange.refusal);
    record.reasoning = Some(exchange.reasoning).filter(|reasoning| !reasoning.is_empty());
    record.output = (whole || !exchange.text.is_empty()).then(|| exchange.text.clone());
    Answer {
        text: exchange.text,
        reasoning: record.reasoning.clone(),
        tool_calls: record.tool_calls.clone(),
        refusal: exchange.refusal,
        finish_reason: exchange.finish_reason,
    }
}

/// Tokens an exchange took, by its usage or else four characters a token.
pub(super) fn tokens_taken(exchange: &Exchange, body: usize) -> u64 {
    let reported = exchange.usage.as_ref().and_then(|usage| Some(usage.prompt_tokens? + usage.completion_tokens?));
    reported.unwrap_or((body + exchange.text.len() + exchange.reasoning.len()) as u64 / 4)
}

/// The record as a line of the journal.
pub(super) fn line_of(record: &CellRecord) -> Vec<u8> {
    let mut line = Vec::with_capacity(1 << 10);
    // Strings and numbers always serialise; an empty line would be skipped by the reader.
    let _ = record.to_line(&mut line);
    line
}

pub(super) fn ms(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
