//! What the tests ask with.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::{Config, Simulator};

/// A simulator and a client for it.
pub(super) struct Sim {
    pub(super) simulator: Simulator,
    client: reqwest::Client,
}

/// What came back of a chat request.
#[derive(Debug)]
pub(super) struct Got {
    pub(super) status: u16,
    pub(super) headers: reqwest::header::HeaderMap,
    pub(super) body: Vec<u8>,
    /// How many pieces the body came in.
    pub(super) pieces: usize,
    /// Whether the connection broke before the body ended.
    pub(super) broken: bool,
}

impl Got {
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The JSON of a stream's events; `[DONE]` is a string.
    pub(super) fn events(&self) -> Vec<Value> {
        let text = self.text().replace("\r\n", "\n");
        let data = |event: &str| {
            let lines: Vec<&str> = event.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
            (!lines.is_empty()).then(|| lines.join("\n"))
        };
        let parse = |data: String| match data.as_str() {
            "[DONE]" => Some(json!("[DONE]")),
            data => serde_json::from_str(data).ok(),
        };
        text.split("\n\n").filter_map(data).filter_map(parse).collect()
    }

    /// All texts at a place in the first choice's delta, joined.
    pub(super) fn joined(&self, place: &str) -> String {
        let place = format!("/choices/0/delta/{place}");
        self.events().iter().filter_map(|event| event.pointer(&place)?.as_str().map(str::to_owned)).collect()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The answer, streamed or not.
    pub(super) fn content(&self) -> String {
        match self.headers["content-type"].to_str().unwrap() {
            "text/event-stream" => self.joined("content"),
            _ => self.json()["choices"][0]["message"]["content"].as_str().unwrap_or_default().to_owned(),
        }
    }
}

/// A question that every model may answer at length.
pub(super) fn question(stream: bool) -> Value {
    json!({"model": "anthropic/claude-opus-4.5", "stream": stream,
        "messages": [{"role": "user", "content": "Tell me something about rivers in Norway"}]})
}

impl Sim {
    pub(super) fn start(config: Config) -> Self {
        // Another test may have installed it before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().timeout(Duration::from_secs(20)).build().unwrap();
        Self { simulator: Simulator::start(config).unwrap(), client }
    }

    /// One that waits for nothing.
    pub(super) fn quick() -> Self {
        Self::start(Config { speed: f64::INFINITY, ..Config::default() })
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.simulator.base_url())
    }

    pub(super) fn get(&self, path: &str) -> reqwest::RequestBuilder {
        self.client.get(self.url(path))
    }

    pub(super) fn post(&self, path: &str, body: &Value) -> reqwest::RequestBuilder {
        self.client.post(self.url(path)).json(body)
    }

    /// Sends a chat request and reads what comes until it ends, breaks or has become far too much.
    pub(super) async fn chat(&self, body: &Value, faults: &str) -> Result<Got, reqwest::Error> {
        self.read(self.post("/chat/completions", body).header("x-bench-fault", faults)).await
    }

    pub(super) async fn read(&self, request: reqwest::RequestBuilder) -> Result<Got, reqwest::Error> {
        let mut response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut got = Got { status, headers, body: Vec::new(), pieces: 0, broken: false };
        while got.body.len() < 2_000_000 {
            match response.chunk().await {
                Ok(Some(chunk)) => got.body.extend_from_slice(&chunk),
                Ok(None) => return Ok(got),
                Err(_) => {
                    got.broken = true;
                    return Ok(got);
                }
            }
            got.pieces += 1;
        }
        Ok(got)
    }
}
