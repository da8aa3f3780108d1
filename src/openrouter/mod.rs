//! The wire: chat requests to OpenRouter or any OpenAI-compatible endpoint. Knows HTTP; knows nothing of suites or
//! verdicts.
//!
//! In: an endpoint, a request body, timeouts and a cancellation token. Out: an [`Exchange`], whatever happened: what
//! came back, when, and the error, sorted into a kind that a caller can act on. A request that is cancelled, timed out
//! or dropped closes its connection at once.

mod client;
mod error;
mod request;
pub mod sse;

pub use client::{ChatRequest, Client, EndpointConfig, Exchange, SetupError, Timeouts, Timing, ToolCall, Usage};
pub use error::{ApiError, ErrorKind, Scope};
pub use request::Body;
