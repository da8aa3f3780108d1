//! One exchange under way: its clock, and all that is known so far.

use std::time::Duration;

use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION};
use tokio::time::Instant;

use super::classify::{self, local};
use super::details;
use super::error::{ApiError, ErrorKind};
use super::exchange::{Exchange, Timeouts, Timing};
use super::fold::{Answer, Circumstances, Ending};
use super::intake::Intake;
use super::redact::Redactor;
use crate::units::human_duration;

/// How long usage is waited for after the finish reason. The answer is whole by then, so its absence is no error.
const LINGER: Duration = Duration::from_secs(5);
/// How much of an error's body is read, in bytes.
const FAILURE_LIMIT: usize = 1 << 20;
/// Longer than any run; what a deadline that cannot be expressed becomes.
const FAR: Duration = Duration::from_hours(365 * 24);

/// The deadlines of an attempt, all counted from the moment it is sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    sent: Instant,
    timeouts: Timeouts,
}

impl Clock {
    /// Starts now.
    pub(super) fn start(timeouts: Timeouts) -> Self {
        Self { sent: Instant::now(), timeouts }
    }

    pub(super) fn total(&self) -> Instant {
        after(self.sent, self.timeouts.total)
    }

    pub(super) fn total_error(&self) -> ApiError {
        let message = format!("not finished within {}", human_duration(self.timeouts.total));
        local(ErrorKind::Timeout, true, &message)
    }

    pub(super) fn first_token(&self) -> Option<Instant> {
        self.timeouts.first_token.map(|limit| after(self.sent, limit))
    }

    pub(super) fn first_token_error(&self) -> ApiError {
        let limit = human_duration(self.timeouts.first_token.unwrap_or_default());
        local(ErrorKind::FirstTokenTimeout, true, &format!("no token within {limit}"))
    }

    fn idle_error(&self) -> ApiError {
        let limit = human_duration(self.timeouts.idle.unwrap_or_default());
        local(ErrorKind::IdleTimeout, true, &format!("the stream fell silent for {limit}"))
    }
}

fn after(start: Instant, wait: Duration) -> Instant {
    start.checked_add(wait).unwrap_or_else(|| start + FAR)
}

/// Until when the next bytes are waited for, and what it means if none come.
#[derive(Debug)]
pub(super) struct Wait {
    pub(super) until: Instant,
    error: Option<ApiError>,
}

impl Wait {
    /// What it means that nothing came.
    pub(super) fn over(self) -> Result<(), ApiError> {
        self.error.map_or(Ok(()), Err)
    }
}

/// What is known of an exchange so far. It outlives the request, so what had arrived is kept however it ends.
#[derive(Debug)]
pub(super) struct Draft {
    clock: Clock,
    status: Option<u16>,
    headers: HeaderMap,
    headers_at: Option<Instant>,
    first_token: Option<Instant>,
    /// When the last bytes arrived.
    last: Option<Instant>,
    /// Whether a first token is waited for.
    expects_token: bool,
    body: Received,
}

#[derive(Debug)]
enum Received {
    Nothing,
    Success(Intake),
    Failure(Vec<u8>),
}

impl Draft {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            clock,
            status: None,
            headers: HeaderMap::new(),
            headers_at: None,
            first_token: None,
            last: None,
            expects_token: false,
            body: Received::Nothing,
        }
    }

    /// The response has begun.
    pub(super) fn headers(&mut self, response: &Response, asked_for_stream: bool) {
        let status = response.status();
        self.headers_at = Some(Instant::now());
        self.status = Some(status.as_u16());
        self.headers = response.headers().clone();
        let json = header(&self.headers, CONTENT_TYPE.as_str()).is_some_and(|kind| kind.contains("json"));
        self.expects_token = asked_for_stream && !json;
        self.body = match status.as_u16() {
            200..=299 => Received::Success(Intake::default()),
            300..=399 => Received::Nothing,
            _ => Received::Failure(Vec::new()),
        };
    }

    /// How long to wait for the next bytes of a success; `None`: as long as the whole attempt may take.
    pub(super) fn wait(&self) -> Option<Wait> {
        let Received::Success(intake) = &self.body else { return None };
        let quiet = |limit| after(self.last.unwrap_or_else(Instant::now), limit);
        let clock = &self.clock;
        if intake.is_finished() {
            let limit = clock.timeouts.idle.map_or(LINGER, |idle| idle.min(LINGER));
            return Some(Wait { until: quiet(limit), error: None });
        }
        let first = clock.first_token().filter(|_| self.expects_token && self.first_token.is_none());
        let idle = clock.timeouts.idle.filter(|_| intake.is_stream()).map(quiet);
        match (first, idle) {
            (Some(first), idle) if idle.is_none_or(|idle| first <= idle) => {
                Some(Wait { until: first, error: Some(clock.first_token_error()) })
            }
            (_, Some(idle)) => Some(Wait { until: idle, error: Some(clock.idle_error()) }),
            (_, None) => None,
        }
    }

    /// Takes bytes of a success.
    ///
    /// # Errors
    /// There is no use in reading on.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<(), ApiError> {
        let Received::Success(intake) = &mut self.body else { return Ok(()) };
        let now = Instant::now();
        self.last = Some(now);
        let taken = intake.push(bytes);
        self.expects_token &= !intake.is_json();
        if self.first_token.is_none() {
            if intake.has_token() {
                self.first_token = Some(now);
            } else if self.expects_token && self.clock.first_token().is_some_and(|deadline| deadline <= now) {
                return Err(self.clock.first_token_error());
            }
        }
        taken
    }

    /// Notes that bytes of a success arrived that are kept elsewhere.
    pub(super) fn arrived(&mut self) {
        self.last = Some(Instant::now());
    }

    /// The headers of the response, as far as it has begun.
    pub(super) fn response_headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Takes bytes of an error response. `false`: that is enough.
    pub(super) fn take_failure(&mut self, bytes: &[u8]) -> bool {
        let Received::Failure(body) = &mut self.body else { return false };
        let room = FAILURE_LIMIT - body.len();
        body.extend_from_slice(&bytes[..bytes.len().min(room)]);
        body.len() < FAILURE_LIMIT
    }

    /// Whether a stream has said that it is over.
    pub(super) fn is_done(&self) -> bool {
        matches!(&self.body, Received::Success(intake) if intake.is_done())
    }

    /// The error of a redirect.
    pub(super) fn redirect(&self, status: u16, redactor: &Redactor) -> ApiError {
        classify::of_redirect(status, header(&self.headers, LOCATION.as_str()).as_deref(), redactor)
    }

    /// All that is known, now that it is over.
    pub(super) fn conclude(mut self, outcome: Result<(), ApiError>, redactor: &Redactor) -> Exchange {
        let ending = match outcome {
            Ok(()) => Ending::Eof,
            Err(error) if error.kind == ErrorKind::Cancelled => Ending::Cancelled(error),
            Err(error) => Ending::Cut(error),
        };
        let circumstances = Circumstances { redactor: Some(redactor), headers: Some(&self.headers), start: &[] };
        let answer = match (std::mem::replace(&mut self.body, Received::Nothing), ending) {
            (Received::Success(intake), ending) => intake.finish(ending, &circumstances),
            (_, Ending::Cancelled(error)) | (Received::Nothing, Ending::Cut(error)) => failed(error),
            (Received::Failure(body), _) => {
                let status = self.status.unwrap_or_default();
                failed(classify::of_response(status, &self.headers, &body, redactor))
            }
            (Received::Nothing, Ending::Eof) => failed(local(ErrorKind::Protocol, true, "no response")),
        };
        self.exchange(answer, redactor)
    }

    /// All that is known, the answer having been read elsewhere.
    pub(super) fn exchange(self, answer: Answer, redactor: &Redactor) -> Exchange {
        let now = Instant::now();
        let sent = self.clock.sent;
        let end = self.last.filter(|_| answer.error.is_none()).unwrap_or(now);
        let since = |moment: Instant| moment.duration_since(sent);
        let id = || header(&self.headers, "x-generation-id").map(|id| details::label(&id, redactor));
        Exchange {
            error: answer.error,
            status: self.status,
            text: answer.text,
            reasoning: answer.reasoning,
            tool_calls: answer.tool_calls,
            refusal: answer.refusal,
            finish_reason: answer.finish_reason,
            native_finish_reason: answer.native_finish_reason,
            usage: answer.usage,
            served_model: answer.served_model,
            provider: answer.provider,
            generation_id: answer.generation_id.or_else(id),
            cached: header(&self.headers, "x-openrouter-cache-status")
                .is_some_and(|status| status.eq_ignore_ascii_case("hit")),
            simulated: self.headers.contains_key("x-bench-simulated"),
            timing: Timing {
                sent: sent.into_std(),
                headers: self.headers_at.map(since),
                first_token: self.first_token.map(since),
                end: since(end),
            },
        }
    }
}

fn failed(error: ApiError) -> Answer {
    Answer { error: Some(error), ..Answer::default() }
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned())
}
