//! The body of a chat request.

use bytes::Bytes;
use serde_json::{Map, Value};

/// What a chat request asks for.
#[derive(Debug, Clone, Copy)]
pub struct Body<'a> {
    /// Sent as `model`.
    pub model: &'a str,
    /// The `messages` array.
    pub messages: &'a Value,
    /// Request fields sent as they are, over everything that is sent by default.
    pub params: &'a Map<String, Value>,
    /// Sent as `provider`.
    pub provider: Option<&'a Value>,
    /// Sent as `models`, after the model itself.
    pub fallbacks: &'a [String],
    /// Sent as `stream`, with `stream_options.include_usage` (endpoints other than OpenRouter send no usage without).
    pub stream: bool,
}

impl Body<'_> {
    /// The JSON bytes, fields in a fixed order.
    pub fn to_bytes(&self) -> Bytes {
        let _ = self;
        Bytes::new()
    }
}
