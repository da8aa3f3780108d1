//! The client: one per model's lane, so that lanes share no connection.

use std::fmt;
use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use reqwest::{Response, Url, redirect, retry};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::{sleep_until, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use super::classify::local;
use super::embeddings::{self, Embedded, EmbeddingsRequest};
use super::error::{ApiError, ErrorKind};
use super::exchange::{ChatRequest, Exchange, Timeouts};
use super::intake::BODY_LIMIT;
use super::redact::Redactor;
use super::transport;
use super::watch::{Clock, Draft};

/// How long the end of a body may take after `[DONE]`; after that the connection is given up, not the answer.
const DRAIN: Duration = Duration::from_millis(50);
/// How long the next piece of an error's body is waited for.
const FAILURE_WAIT: Duration = Duration::from_secs(5);
/// Headers that say how the request is framed.
const OURS: [&str; 4] = ["content-length", "transfer-encoding", "connection", "accept-encoding"];
/// Words in the names of headers whose values are secret.
const SECRETIVE: [&str; 5] = ["auth", "key", "token", "secret", "cookie"];

/// Where and as whom to ask.
#[derive(Clone)]
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

/// Headers are named without their values: some carry secrets.
impl fmt::Debug for EndpointConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointConfig")
            .field("base_url", &self.base_url)
            .field("api_key", &self.api_key)
            .field("headers", &self.headers.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("connections", &self.connections)
            .finish()
    }
}

/// Why a client cannot be made: a bad URL, header or TLS set-up.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct SetupError {
    /// A lower-case fragment.
    pub message: String,
}

impl SetupError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

/// Whether this is OpenRouter itself and not another endpoint that speaks its language.
pub fn is_openrouter(base_url: &str) -> bool {
    Url::parse(base_url)
        .is_ok_and(|url| url.host_str().is_some_and(|host| host == "openrouter.ai" || host.ends_with(".openrouter.ai")))
}

/// A connection pool to one endpoint. HTTP/1.1, so that every request in flight has a connection of its own and ending
/// one closes it; no proxy, no redirect, no retry of its own: one call is one request to the address it was given.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    /// Where chats go.
    url: Url,
    /// Where embeddings go.
    embeddings: Url,
    redactor: Redactor,
}

impl Client {
    /// Makes a client; nothing is sent.
    ///
    /// # Errors
    /// A bad URL or header, or no TLS.
    pub fn new(config: &EndpointConfig) -> Result<Self, SetupError> {
        let (url, embeddings) = urls(&config.base_url)?;
        let (headers, redactor) = headers(config)?;
        let mut builder = reqwest::Client::builder()
            .default_headers(headers)
            .http1_only()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .tcp_nodelay(true)
            .pool_max_idle_per_host(config.connections.max(1));
        if url.scheme() == "https" {
            builder = builder.tls_backend_preconfigured(transport::tls()?);
        } else {
            // No certificates are loaded, and none need be there, for an endpoint that uses none.
            transport::install_crypto();
            builder = builder.tls_certs_only([]);
        }
        let http = builder.build().map_err(|error| SetupError::new(transport::chain(&error)))?;
        Ok(Self { http, url, embeddings, redactor })
    }

    /// Asks for a chat completion and waits for its end, a timeout or the cancellation, whichever comes first.
    ///
    /// However it ends, and also when the future is dropped, a connection that is still busy is closed at once.
    pub async fn chat(&self, request: &ChatRequest, timeouts: Timeouts, cancel: &CancellationToken) -> Exchange {
        let clock = Clock::start(timeouts);
        let mut draft = Draft::new(clock);
        // Losing a race drops the response, and with it the connection.
        let outcome = tokio::select! {
            biased;
            () = cancel.cancelled() => Err(local(ErrorKind::Cancelled, false, "cancelled")),
            outcome = self.drive(request, clock, &mut draft) => outcome,
            () = sleep_until(clock.total()) => Err(clock.total_error()),
        };
        draft.conclude(outcome, &self.redactor)
    }

    /// Asks for embeddings and waits for their end, the time limit or the cancellation, as [`Self::chat`] does.
    pub async fn embed(&self, request: &EmbeddingsRequest, limit: Duration, cancel: &CancellationToken) -> Embedded {
        let clock = Clock::start(Timeouts { total: limit, first_token: None, idle: None });
        let mut draft = Draft::new(clock);
        let mut body = Vec::new();
        let outcome = tokio::select! {
            biased;
            () = cancel.cancelled() => Err(local(ErrorKind::Cancelled, false, "cancelled")),
            outcome = self.fetch(request, &mut draft, &mut body) => outcome,
            () = sleep_until(clock.total()) => Err(clock.total_error()),
        };
        match outcome {
            Ok(true) => {
                let (answer, vectors) =
                    embeddings::read(&body, request.texts, draft.response_headers(), &self.redactor);
                Embedded { exchange: draft.exchange(answer, &self.redactor), vectors }
            }
            outcome => Embedded { exchange: draft.conclude(outcome.map(|_| ()), &self.redactor), vectors: Vec::new() },
        }
    }

    /// Whether a success arrived; its body is in `body` then, else all there is in the draft.
    async fn fetch(
        &self,
        request: &EmbeddingsRequest,
        draft: &mut Draft,
        body: &mut Vec<u8>,
    ) -> Result<bool, ApiError> {
        let sent = self.http.post(self.embeddings.clone()).body(request.body.clone()).send();
        let mut response = sent.await.map_err(|error| self.lost(error))?;
        draft.headers(&response, false);
        match response.status().as_u16() {
            200..=299 => {
                while let Some(bytes) = response.chunk().await.map_err(|error| self.lost(error))? {
                    draft.arrived();
                    if body.len() + bytes.len() > BODY_LIMIT {
                        let message = format!("the answer's body is larger than {} MiB", BODY_LIMIT >> 20);
                        return Err(local(ErrorKind::TooLarge, false, &message));
                    }
                    body.extend_from_slice(&bytes);
                    tokio::task::coop::consume_budget().await;
                }
                Ok(true)
            }
            status @ 300..=399 => Err(draft.redirect(status, &self.redactor)),
            _ => {
                read_failure(response, draft).await;
                Ok(false)
            }
        }
    }

    async fn drive(&self, request: &ChatRequest, clock: Clock, draft: &mut Draft) -> Result<(), ApiError> {
        let mut builder = self.http.post(self.url.clone()).body(request.body.clone());
        if request.stream {
            // A compressor in between might hold tokens back to fill a block. One that compresses all the same is
            // still understood.
            builder = builder.header(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        let answer = builder.send();
        let answer = match clock.first_token().filter(|_| request.stream) {
            Some(deadline) => timeout_at(deadline, answer).await.map_err(|_| clock.first_token_error())?,
            None => answer.await,
        };
        let response = answer.map_err(|error| self.lost(error))?;
        draft.headers(&response, request.stream);
        match response.status().as_u16() {
            200..=299 => self.read(response, draft).await,
            status @ 300..=399 => Err(draft.redirect(status, &self.redactor)),
            _ => {
                read_failure(response, draft).await;
                Ok(())
            }
        }
    }

    /// Reads the body of a success to its end.
    async fn read(&self, mut response: Response, draft: &mut Draft) -> Result<(), ApiError> {
        loop {
            let chunk = match draft.wait() {
                None => response.chunk().await,
                Some(wait) => match timeout_at(wait.until, response.chunk()).await {
                    Ok(chunk) => chunk,
                    Err(_) => return wait.over(),
                },
            };
            let Some(bytes) = chunk.map_err(|error| self.lost(error))? else { return Ok(()) };
            draft.take(&bytes)?;
            if draft.is_done() {
                // Only a connection that is read to its end can be used again. Most end with the last event.
                let drain = async { while let Ok(Some(_)) = response.chunk().await {} };
                let _ = timeout(DRAIN, drain).await;
                return Ok(());
            }
            // A server that never pauses must not keep the clock and the cancellation from being looked at.
            tokio::task::coop::consume_budget().await;
        }
    }

    fn lost(&self, error: reqwest::Error) -> ApiError {
        transport::sort(error, &self.url, &self.redactor)
    }
}

/// Reads the body of an error response, as far as it helps. The status says the most already, so a body that is large,
/// slow or broken off is cut.
async fn read_failure(mut response: Response, draft: &mut Draft) {
    while let Ok(Ok(Some(bytes))) = timeout(FAILURE_WAIT, response.chunk()).await {
        if !draft.take_failure(&bytes) {
            return;
        }
        tokio::task::coop::consume_budget().await;
    }
}

/// Where chats and where embeddings go, below the base URL.
fn urls(base_url: &str) -> Result<(Url, Url), SetupError> {
    let wrong = |what: &str| SetupError::new(format!("base URL `{}` {what}", crate::text::fit(base_url, 120)));
    let mut url = Url::parse(base_url.trim()).map_err(|error| wrong(&format!("is not a URL: {error}")))?;
    if !url.username().is_empty() || url.password().is_some() {
        // Not shown: it holds a password.
        return Err(SetupError::new("the base URL holds a user name or password: send it as a header instead"));
    }
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(wrong("must begin with `http://` or `https://`"));
    }
    let path = url.path().trim_end_matches('/').to_owned();
    if path.ends_with("/chat/completions") {
        return Err(wrong("must end before `/chat/completions`, which is added to it"));
    }
    url.set_fragment(None);
    let mut embeddings = url.clone();
    url.set_path(&format!("{path}/chat/completions"));
    embeddings.set_path(&format!("{path}/embeddings"));
    Ok((url, embeddings))
}

/// The headers of every request, and what must never be repeated of them.
fn headers(config: &EndpointConfig) -> Result<(HeaderMap, Redactor), SetupError> {
    let mut headers = HeaderMap::new();
    let mut redactor = Redactor::default();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(USER_AGENT, HeaderValue::from_static(concat!("bench/", env!("CARGO_PKG_VERSION"))));
    if is_openrouter(&config.base_url) {
        // OpenRouter wants a title where the referer is no public page.
        headers.insert("http-referer", HeaderValue::from_static("http://localhost"));
        headers.insert("x-openrouter-title", HeaderValue::from_static("bench"));
    }
    if let Some(key) = &config.api_key {
        let key = key.expose_secret().trim();
        redactor.add(key);
        let mut value = HeaderValue::from_str(&format!("Bearer {key}"))
            .map_err(|_| SetupError::new("the API key has characters that no header can carry"))?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    for (name, value) in &config.headers {
        let wrong = |what: &str| SetupError::new(format!("header `{}` {what}", crate::text::fit(name, 80)));
        let parsed = HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_| wrong("is not a header name"))?;
        if OURS.contains(&parsed.as_str()) {
            return Err(wrong("is set by the connection itself"));
        }
        // Neither the value nor the library's words about it: it may be a secret.
        let mut header = HeaderValue::from_str(value.trim()).map_err(|_| wrong("has a value that cannot be sent"))?;
        header.set_sensitive(true);
        if SECRETIVE.iter().any(|word| parsed.as_str().contains(word)) {
            redactor.add(value);
            redactor.add(value.trim().trim_start_matches("Bearer "));
        }
        headers.insert(parsed, header);
    }
    Ok((headers, redactor))
}

#[cfg(test)]
mod tests;
