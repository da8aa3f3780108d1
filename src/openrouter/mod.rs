//! The wire: chat and embeddings requests to OpenRouter or any OpenAI-compatible endpoint. Knows HTTP; knows nothing of suites or
//! verdicts.
//!
//! In: an endpoint, a request body, timeouts and a cancellation token. Out: an [`Exchange`], whatever happened: what
//! came back, when, and the error, sorted into a kind that a caller can act on. A request that is cancelled, timed out
//! or dropped closes its connection at once.

mod calls;
mod classify;
mod client;
mod details;
mod embeddings;
mod error;
mod exchange;
mod fold;
mod intake;
mod lenient;
mod redact;
mod request;
mod retry_after;
pub mod sse;
#[cfg(test)]
mod testserver;
mod think;
mod transport;
mod watch;
mod wire;

pub use client::{Client, EndpointConfig, SetupError, is_openrouter};
pub use embeddings::{Embedded, EmbeddingsRequest};
pub use error::{ApiError, ErrorKind, Scope};
pub use exchange::{ChatRequest, Exchange, Timeouts, Timing, ToolCall, Usage};
pub use fold::{Answer, StreamFold};
pub use request::Body;
// What any client needs: the hub's too.
pub(crate) use details::message as clean_message;
pub(crate) use redact::Redactor;
pub(crate) use retry_after::retry_after;
pub(crate) use transport::{chain, install_crypto, sort as sort_failure, tls};
