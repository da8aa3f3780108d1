//! Errors of the wire, sorted into kinds a caller can act on.

use std::time::Duration;

/// How far an error reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// This cell.
    Cell,
    /// Every cell of this model: it is gone, or its daily cap is reached.
    Model,
    /// Everything asked with this key at this endpoint: key refused, no credit.
    Account,
}

/// What went wrong. The word in `error_kind` is [`ErrorKind::as_str`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// 401: the key is missing, wrong or disabled.
    Auth,
    /// 402: no credit, or the key's limit is reached.
    NoCredit,
    /// 402: too much reserved by requests in flight; passes with time.
    InFlightBudget,
    /// 402: this one request is too dear for the balance.
    TooDear,
    /// 429: slow down.
    RateLimited,
    /// 429: the day's free requests are used up.
    DailyLimit,
    /// 403: not allowed.
    Forbidden,
    /// 403: flagged by moderation or a guardrail, or declined by the provider's policy.
    Moderation,
    /// 404: no such model, or every endpoint filtered out.
    NotFound,
    /// 400, 412, 422: the request is wrong.
    BadRequest,
    /// The prompt does not fit the model's context.
    ContextLength,
    /// 413: the request is too large.
    PayloadTooLarge,
    /// 502 and errors inside a 200: the provider failed.
    Provider,
    /// 503, 529: overloaded, or nobody serves it now.
    Overloaded,
    /// 500: the router failed.
    Server,
    /// 408, 504, 524: the router or an edge gave up waiting.
    UpstreamTimeout,
    /// Our own limit on the whole attempt.
    Timeout,
    /// Our own limit on the first token.
    FirstTokenTimeout,
    /// Our own limit between two chunks.
    IdleTimeout,
    /// No connection: refused, unreachable, name not found.
    Connect,
    /// TLS failed.
    Tls,
    /// The connection broke after the request was sent.
    ConnectionLost,
    /// What came back is not what the protocol says: HTML, garbage, cut-off JSON.
    Protocol,
    /// A stream ended without a finish reason.
    Truncated,
    /// A 200 with nothing in it.
    Empty,
    /// A line, event or body larger than we take.
    TooLarge,
    /// We cancelled it.
    Cancelled,
}

impl ErrorKind {
    /// The word written to `error_kind`: snake case, stable.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::NoCredit => "no_credit",
            Self::InFlightBudget => "in_flight_budget",
            Self::TooDear => "too_dear",
            Self::RateLimited => "rate_limited",
            Self::DailyLimit => "daily_limit",
            Self::Forbidden => "forbidden",
            Self::Moderation => "moderation",
            Self::NotFound => "not_found",
            Self::BadRequest => "bad_request",
            Self::ContextLength => "context_length",
            Self::PayloadTooLarge => "payload_too_large",
            Self::Provider => "provider",
            Self::Overloaded => "overloaded",
            Self::Server => "server",
            Self::UpstreamTimeout => "upstream_timeout",
            Self::Timeout => "timeout",
            Self::FirstTokenTimeout => "first_token_timeout",
            Self::IdleTimeout => "idle_timeout",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::ConnectionLost => "connection_lost",
            Self::Protocol => "protocol",
            Self::Truncated => "truncated",
            Self::Empty => "empty",
            Self::TooLarge => "too_large",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether our own clock ended the attempt: such an attempt "ran out of time".
    pub const fn is_timeout(self) -> bool {
        matches!(self, Self::Timeout | Self::FirstTokenTimeout | Self::IdleTimeout)
    }
}

/// An error of one HTTP request.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    /// What went wrong.
    pub kind: ErrorKind,
    /// How far it reaches.
    pub scope: Scope,
    /// Whether asking again may help.
    pub retryable: bool,
    /// The HTTP status, or the code of an error inside a 200.
    pub status: Option<u16>,
    /// For people: the most telling text there was, bounded, the key never in it.
    pub message: String,
    /// The provider that failed.
    pub provider: Option<String>,
    /// OpenRouter's `error_type`.
    pub error_type: Option<String>,
    /// The provider's own words, at most 2 KiB.
    pub raw: Option<String>,
    /// How long the server asked us to wait.
    pub retry_after: Option<Duration>,
}
