//! The client: one per model's lane, so that lanes share no connection.

use std::time::{Duration, Instant};

use bytes::Bytes;
use secrecy::SecretString;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::units::Usd;

use super::error::{ApiError, ErrorKind, Scope};

/// Where and as whom to ask.
#[derive(Debug, Clone)]
pub struct EndpointConfig {
    /// For example `https://openrouter.ai/api/v1`.
    pub base_url: String,
    /// Sent as a bearer token; `None`: no `Authorization` header.
    pub api_key: Option<SecretString>,
    /// Extra request headers.
    pub headers: Vec<(String, String)>,
    /// Connections kept open between requests: the lane's concurrency.
    pub connections: usize,
}

/// Why a client cannot be made: a bad URL, header or TLS set-up.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct SetupError {
    /// A lower-case fragment.
    pub message: String,
}

/// One request for a chat completion.
#[derive(Debug, Clone)]
pub struct ChatRequest {
    /// The JSON body as it is sent.
    pub body: Bytes,
    /// Whether the body asks for a stream.
    pub stream: bool,
}

/// The limits of one attempt. All count from the moment the request is sent.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// Connect to last byte.
    pub total: Duration,
    /// To the first token of content or reasoning; streaming only.
    pub first_token: Option<Duration>,
    /// Between two chunks of a stream.
    pub idle: Option<Duration>,
}

/// When things happened.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// The request was sent (connecting included).
    pub sent: Instant,
    /// The response's headers arrived.
    pub headers: Option<Duration>,
    /// The first token of content, reasoning or a tool call arrived, from `sent`. Not set by comments, empty deltas or
    /// role-only chunks, and never for an answer that was not streamed.
    pub first_token: Option<Duration>,
    /// The exchange ended, however it did, from `sent`. The last byte where it succeeded.
    pub end: Duration,
}

/// A tool call of the answer.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ToolCall {
    /// As sent, or made up where it was missing.
    pub id: String,
    /// The function's name.
    pub name: String,
    /// JSON text; `{}` where it was missing or empty.
    pub arguments: String,
}

/// What the endpoint says the answer took; unknown is `None`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Usage {
    /// Tokens of the prompt, cached ones included.
    pub prompt_tokens: Option<u64>,
    /// Tokens of the answer, reasoning included.
    pub completion_tokens: Option<u64>,
    /// Reasoning tokens.
    pub reasoning_tokens: Option<u64>,
    /// Prompt tokens read from the provider's cache.
    pub cached_tokens: Option<u64>,
    /// What was charged in total: OpenRouter's `cost`, plus the upstream cost for BYOK only.
    pub cost: Option<Usd>,
}

/// All that is known of one HTTP request after it ended.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// `None`: an answer arrived whole. Else why not; what had arrived by then is in the other fields.
    pub error: Option<ApiError>,
    /// The HTTP status, where one arrived.
    pub status: Option<u16>,
    /// The visible answer; a leading `<think>…</think>` has been moved to `reasoning`.
    pub text: String,
    /// Reasoning, counted once where it came twice.
    pub reasoning: String,
    /// Tool calls in order of their index.
    pub tool_calls: Vec<ToolCall>,
    /// The model's refusal.
    pub refusal: Option<String>,
    /// The last one that was not null.
    pub finish_reason: Option<String>,
    /// The provider's own word.
    pub native_finish_reason: Option<String>,
    /// Tokens and cost, where reported.
    pub usage: Option<Usage>,
    /// The model that answered.
    pub served_model: Option<String>,
    /// Who served it.
    pub provider: Option<String>,
    /// `gen-…`, from the body or the `X-Generation-Id` header.
    pub generation_id: Option<String>,
    /// The answer came from OpenRouter's response cache, so it has no latency.
    pub cached: bool,
    /// The answer came from a `bench` simulator.
    pub simulated: bool,
    /// When things happened.
    pub timing: Timing,
}

/// A connection pool to one endpoint.
#[derive(Debug, Clone)]
pub struct Client {}

impl Client {
    /// Makes a client; nothing is sent.
    ///
    /// # Errors
    /// A bad URL or header, or no TLS.
    pub fn new(config: &EndpointConfig) -> Result<Self, SetupError> {
        let _ = config;
        Ok(Self {})
    }

    /// Asks for a chat completion and waits for its end, a timeout or the cancellation, whichever comes first.
    pub async fn chat(&self, request: &ChatRequest, timeouts: Timeouts, cancel: &CancellationToken) -> Exchange {
        let _ = (request, timeouts, cancel, Value::Null);
        Exchange {
            error: Some(ApiError {
                kind: ErrorKind::Connect,
                scope: Scope::Cell,
                retryable: false,
                status: None,
                message: String::new(),
                provider: None,
                error_type: None,
                raw: None,
                retry_after: None,
            }),
            status: None,
            text: String::new(),
            reasoning: String::new(),
            tool_calls: Vec::new(),
            refusal: None,
            finish_reason: None,
            native_finish_reason: None,
            usage: None,
            served_model: None,
            provider: None,
            generation_id: None,
            cached: false,
            simulated: false,
            timing: Timing { sent: Instant::now(), headers: None, first_token: None, end: Duration::ZERO },
        }
    }
}
