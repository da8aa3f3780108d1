//! What the server can do with a connection.

use std::time::Duration;

use serde_json::{Value, json};

use super::call::Call;

/// One thing to do with a connection.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Write these bytes.
    Send(Vec<u8>),
    /// Do nothing for a while.
    Wait(Duration),
    /// Do nothing until the client goes away.
    Hang,
    /// Write these bytes again and again, with a pause in between, until the client goes away.
    Repeat(Vec<u8>, Duration),
    /// Close the connection.
    Close,
    /// Reset the connection.
    Reset,
}

/// What is done with one request; the connection is kept afterwards unless an act ends it.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) acts: Vec<Act>,
}

impl Reply {
    /// Bare acts.
    pub(crate) fn acts(acts: impl Into<Vec<Act>>) -> Self {
        Self { acts: acts.into() }
    }

    /// Accept, and never answer.
    pub(crate) fn hang() -> Self {
        Self::acts([Act::Hang])
    }

    /// A whole response.
    pub(crate) fn full(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let length = body.len().to_string();
        let mut headers = headers.to_vec();
        headers.push(("content-length", &length));
        Self::acts([Act::Send([head(status, &headers).as_slice(), body].concat())])
    }

    /// A whole JSON response.
    pub(crate) fn json(status: u16, headers: &[(&str, &str)], body: &Value) -> Self {
        let headers = [&[("content-type", "application/json")], headers].concat();
        Self::full(status, &headers, body.to_string().as_bytes())
    }

    /// OpenRouter's error envelope, the code being the status.
    pub(crate) fn error(status: u16, message: &str) -> Self {
        Self::json(status, &[], &json!({ "error": { "code": status, "message": message } }))
    }

    /// The head of a chunked response, with nothing after it: acts are added by hand.
    pub(crate) fn open(content_type: &str) -> Self {
        let headers = [("content-type", content_type), ("transfer-encoding", "chunked")];
        Self::acts([Act::Send(head(200, &headers))])
    }

    pub(crate) fn then(mut self, act: Act) -> Self {
        self.acts.push(act);
        self
    }

    /// One HTTP chunk with these bytes.
    pub(crate) fn chunk(self, bytes: impl AsRef<[u8]>) -> Self {
        self.then(Act::Send(chunk(bytes.as_ref())))
    }

    /// The whole reply later.
    pub(crate) fn after(mut self, wait: Duration) -> Self {
        self.acts.insert(0, Act::Wait(wait));
        self
    }
}

/// Status line and headers.
pub(crate) fn head(status: u16, headers: &[(&str, &str)]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} Scripted\r\n");
    for (name, value) in headers {
        head.push_str(&[name, ": ", value, "\r\n"].concat());
    }
    head.push_str("\r\n");
    head.into_bytes()
}

/// One chunk of a chunked body.
pub(crate) fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

/// One server-sent event with a chunk of a completion.
pub(crate) fn event(delta: &Value, finish: Option<&str>, usage: Option<&Value>) -> String {
    let mut chunk = json!({
        "id": "gen-1700000000-outside", "object": "chat.completion.chunk", "created": 1_700_000_000,
        "model": "served/by-tests", "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }],
    });
    if let Some(usage) = usage {
        chunk["usage"] = usage.clone();
    }
    format!("data: {chunk}\n\n")
}

/// One server-sent event with a piece of text.
pub(crate) fn token(text: &str) -> String {
    event(&json!({ "role": "assistant", "content": text }), None, None)
}

/// A well-formed answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    text: String,
    reasoning: Option<String>,
    usage: Option<Value>,
    delay: Duration,
    pieces: usize,
    pause: Duration,
    finish: &'static str,
}

impl Answer {
    pub(crate) fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            reasoning: None,
            usage: None,
            delay: Duration::ZERO,
            pieces: 2,
            pause: Duration::ZERO,
            finish: "stop",
        }
    }

    /// A `reasoning` field.
    pub(crate) fn reasoning(mut self, text: &str) -> Self {
        self.reasoning = Some(text.to_owned());
        self
    }

    /// A `usage` object; without it the answer tells nothing of tokens or cost.
    pub(crate) fn usage(mut self, usage: Value) -> Self {
        self.usage = Some(usage);
        self
    }

    /// Nothing is sent before this.
    pub(crate) fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// The text comes in so many pieces when streamed, with a pause before each.
    pub(crate) fn pieces(mut self, pieces: usize, pause: Duration) -> Self {
        (self.pieces, self.pause) = (pieces, pause);
        self
    }

    /// Another `finish_reason` than `stop`.
    pub(crate) fn finish(mut self, reason: &'static str) -> Self {
        self.finish = reason;
        self
    }

    /// The reply in the form the call asks for.
    pub(crate) fn reply(&self, call: &Call) -> Reply {
        let reply = if call.stream { self.streamed() } else { self.whole() };
        if self.delay.is_zero() { reply } else { reply.after(self.delay) }
    }

    /// The body of an answer that is not streamed.
    pub(crate) fn body(&self) -> Value {
        let mut body = json!({
            "id": "gen-1700000000-outside", "object": "chat.completion", "created": 1_700_000_000,
            "model": "served/by-tests",
            "choices": [{
                "index": 0, "finish_reason": self.finish,
                "message": { "role": "assistant", "content": self.text },
            }],
        });
        if let Some(reasoning) = &self.reasoning {
            body["choices"][0]["message"]["reasoning"] = json!(reasoning);
        }
        if let Some(usage) = &self.usage {
            body["usage"] = usage.clone();
        }
        body
    }

    fn whole(&self) -> Reply {
        Reply::json(200, &[], &self.body())
    }

    fn streamed(&self) -> Reply {
        let mut reply = self.unfinished();
        reply = reply.chunk(event(&json!({}), Some(self.finish), self.usage.as_ref()));
        reply.chunk("data: [DONE]\n\n").then(Act::Send(b"0\r\n\r\n".to_vec()))
    }

    /// A stream with the whole text and no end.
    pub(crate) fn unfinished(&self) -> Reply {
        let mut reply = Reply::open("text/event-stream");
        if let Some(reasoning) = &self.reasoning {
            reply = reply.chunk(event(&json!({ "role": "assistant", "reasoning": reasoning }), None, None));
        }
        let chars: Vec<char> = self.text.chars().collect();
        for piece in chars.chunks(chars.len().div_ceil(self.pieces).max(1)) {
            if !self.pause.is_zero() {
                reply = reply.then(Act::Wait(self.pause));
            }
            let piece: String = piece.iter().collect();
            reply = reply.chunk(token(&piece));
        }
        reply
    }
}
