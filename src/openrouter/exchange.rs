//! What is asked and what came back.

use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::value::RawValue;

use crate::units::Usd;

use super::error::ApiError;
use super::wire;

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

impl Usage {
    /// Takes what a later report says; what it does not say stays.
    pub(super) fn update(&mut self, report: &wire::Usage<'_>) {
        let money = |raw: Option<&RawValue>| raw.and_then(|raw| Usd::from_json(raw.get()));
        let details = report.prompt_tokens_details.0.as_ref();
        self.prompt_tokens = report.prompt_tokens.0.or(self.prompt_tokens);
        self.completion_tokens = report.completion_tokens.0.or(self.completion_tokens);
        self.cached_tokens = details.and_then(|details| details.cached_tokens.0).or(self.cached_tokens);
        let details = report.completion_tokens_details.0.as_ref();
        self.reasoning_tokens = details.and_then(|details| details.reasoning_tokens.0).or(self.reasoning_tokens);
        let upstream = report.cost_details.0.as_ref().and_then(|details| money(details.upstream_inference_cost));
        let cost = match (money(report.cost), upstream.filter(|_| report.is_byok.0)) {
            // Without BYOK the upstream cost is the same money again.
            (Some(fee), Some(upstream)) => Some(fee + upstream),
            (fee, upstream) => fee.or(upstream),
        };
        self.cost = cost.or(self.cost);
    }
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
