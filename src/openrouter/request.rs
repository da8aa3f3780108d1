//! The body of a chat request.

use bytes::Bytes;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value, json};

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
    /// Sent as `models`: what to try, in order, after `model` itself.
    pub fallbacks: &'a [String],
    /// Sent as `stream`, with `stream_options.include_usage` (endpoints other than OpenRouter send no usage without).
    pub stream: bool,
    /// Whether the endpoint is OpenRouter itself ([`is_openrouter`](super::is_openrouter)). It drops the middle of long
    /// prompts to models with a small context unless told not to, so it is told, unless `params` has `plugins`.
    pub openrouter: bool,
}

impl Body<'_> {
    /// The JSON bytes, fields in a fixed order.
    pub fn to_bytes(&self) -> Bytes {
        // A map of JSON values with text keys always serialises.
        Bytes::from(serde_json::to_vec(self).unwrap_or_default())
    }

    /// Whether the request asks for a stream once `params` has had its say.
    pub fn streams(&self) -> bool {
        self.params.get("stream").and_then(Value::as_bool).unwrap_or(self.stream)
    }
}

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let unset = |name: &str| !self.params.contains_key(name);
        if unset("model") {
            map.serialize_entry("model", self.model)?;
        }
        if unset("models") && !self.fallbacks.is_empty() {
            map.serialize_entry("models", self.fallbacks)?;
        }
        if unset("provider")
            && let Some(provider) = self.provider
        {
            map.serialize_entry("provider", provider)?;
        }
        if unset("messages") {
            map.serialize_entry("messages", self.messages)?;
        }
        if unset("stream") {
            map.serialize_entry("stream", &self.stream)?;
        }
        // Strict endpoints refuse the options of a stream that is not one.
        if unset("stream_options") && self.streams() {
            map.serialize_entry("stream_options", &json!({ "include_usage": true }))?;
        }
        if unset("plugins") && self.openrouter {
            map.serialize_entry("plugins", &json!([{ "id": "context-compression", "enabled": false }]))?;
        }
        for (name, value) in self.params {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(change: impl FnOnce(&mut Body<'_>), params: &Value) -> String {
        let messages = json!([{ "role": "user", "content": "hi" }]);
        let mut body = Body {
            model: "a/b",
            messages: &messages,
            params: params.as_object().unwrap(),
            provider: None,
            fallbacks: &[],
            stream: true,
            openrouter: false,
        };
        change(&mut body);
        String::from_utf8(body.to_bytes().to_vec()).unwrap()
    }

    #[test]
    fn the_fields_have_a_fixed_order() {
        let (provider, fallbacks) = (json!({ "only": ["x"] }), ["c/d".to_owned()]);
        let (messages, params) =
            (json!([{ "role": "user", "content": "hi" }]), json!({ "temperature": 0, "top_p": 1 }));
        let body = Body {
            model: "a/b",
            messages: &messages,
            params: params.as_object().unwrap(),
            provider: Some(&provider),
            fallbacks: &fallbacks,
            stream: true,
            openrouter: false,
        };
        assert_eq!(
            body.to_bytes(),
            r#"{"model":"a/b","models":["c/d"],"provider":{"only":["x"]},"messages":[{"role":"user","content":"hi"}],"stream":true,"stream_options":{"include_usage":true},"temperature":0,"top_p":1}"#
        );
    }

    #[test]
    fn params_win_over_what_is_sent_by_default() {
        let sent = sent(|_| (), &json!({ "model": "x", "stream": false }));
        assert_eq!(sent, r#"{"messages":[{"role":"user","content":"hi"}],"model":"x","stream":false}"#);
    }

    #[test]
    fn openrouter_is_told_to_leave_prompts_whole() {
        let plugin = r#""plugins":[{"id":"context-compression","enabled":false}]"#;
        assert!(sent(|body| body.openrouter = true, &json!({})).contains(plugin));
        assert!(!sent(|_| (), &json!({})).contains("plugins"));
        let own = sent(|body| body.openrouter = true, &json!({ "plugins": [] }));
        assert!(own.ends_with(r#""plugins":[]}"#), "{own}");
    }
}
