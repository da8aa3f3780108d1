//! Requests to the hub and to where it redirects.
//!
//! The token goes to the endpoint's own origin and nowhere else; redirects are followed by hand for that reason. Every
//! wait is bounded by silence, not by the size of what comes.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{
    ACCEPT_ENCODING, AUTHORIZATION, HeaderMap, HeaderValue, LINK, LOCATION, RANGE, RETRY_AFTER, USER_AGENT,
};
use reqwest::{Method, Response, StatusCode, Url, redirect, retry};
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use crate::openrouter::{Redactor, chain, clean_message, install_crypto, retry_after, sort_failure, tls};

use super::FetchError;
use super::settings::{Settings, is_loopback, shown_host};

const REDIRECTS: usize = 5;
const CONNECT: Duration = Duration::from_secs(15);
/// A page of a listing is far smaller.
const JSON_LIMIT: usize = 32 << 20;

/// Why a request gave nothing.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It may work if it is tried again, at the earliest after `wait`.
    Passing {
        /// What happened.
        message: String,
        /// How long the server asks to be left alone.
        wait: Option<Duration>,
    },
    /// The hub says no.
    Refused(Refusal),
    /// Nothing else would come of trying again.
    Fatal(FetchError),
}

/// A status that is neither success nor passing, with the hub's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    /// `X-Error-Code`: `RepoNotFound`, `EntryNotFound` …
    pub(super) code: String,
    /// `X-Error-Message`.
    pub(super) message: String,
}

impl Trouble {
    /// Something that may pass.
    pub(super) fn passing(message: impl Into<String>) -> Self {
        Self::Passing { message: message.into(), wait: None }
    }

    /// Whether it is this refusal.
    pub(super) fn is(&self, code: &str) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.code == code)
    }
}

impl From<FetchError> for Trouble {
    fn from(error: FetchError) -> Self {
        Self::Fatal(error)
    }
}

/// The connections of one fetch.
#[derive(Debug)]
pub(super) struct Http {
    client: reqwest::Client,
    endpoint: Url,
    authorization: Option<HeaderValue>,
    redactor: Redactor,
    idle: Duration,
}

impl Http {
    /// Nothing is sent yet.
    pub(super) fn new(settings: &Settings) -> Result<Self, FetchError> {
        let mut redactor = Redactor::default();
        let mut authorization = None;
        if let Some(token) = &settings.token {
            let token = token.expose_secret();
            redactor.add(token);
            let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
                .map_err(|_| FetchError::new("the token of the hub has characters that no header can carry"))?;
            value.set_sensitive(true);
            authorization = Some(value);
        }
        // What a checksum was made of must arrive as it is.
        let headers = HeaderMap::from_iter([
            (ACCEPT_ENCODING, HeaderValue::from_static("identity")),
            (USER_AGENT, HeaderValue::from_static(concat!("bench/", env!("CARGO_PKG_VERSION")))),
        ]);
        let mut builder = reqwest::Client::builder()
            .default_headers(headers)
            .http1_only()
            .no_proxy()
            .no_gzip()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .connect_timeout(CONNECT);
        if settings.endpoint.scheme() == "https" {
            builder = builder.tls_backend_preconfigured(tls().map_err(|error| FetchError::new(error.message))?);
        } else if let Ok(tls) = tls() {
            // A hub on this machine may still redirect to a store elsewhere.
            builder = builder.tls_backend_preconfigured(tls);
        } else {
            install_crypto();
            builder = builder.tls_certs_only([]);
        }
        let client = builder.build().map_err(|error| FetchError::new(chain(&error)))?;
        Ok(Self { client, endpoint: settings.endpoint.clone(), authorization, redactor, idle: settings.idle })
    }

    /// What the hub says of a file without sending it. Ends at the redirect that tells the file's own facts: what comes
    /// after it is a store that knows them no more.
    pub(super) async fn head(&self, url: &Url) -> Result<Response, Trouble> {
        self.follow(Method::HEAD, url, None).await
    }

    /// A file's bytes, from an offset on where the server can do that.
    pub(super) async fn bytes(&self, url: &Url, from: u64) -> Result<Response, Trouble> {
        self.follow(Method::GET, url, (from > 0).then_some(from)).await
    }

    /// A JSON document, and the address of the next page where there is one.
    pub(super) async fn json<T: DeserializeOwned>(&self, url: &Url) -> Result<(T, Option<Url>), Trouble> {
        let mut response = self.follow(Method::GET, url, None).await?;
        let next = next_page(url, response.headers());
        let mut body = Vec::new();
        while let Some(bytes) = self.chunk(&mut response).await? {
            if body.len() + bytes.len() > JSON_LIMIT {
                return Err(self.odd("sent a list that is too long to be one").into());
            }
            body.extend_from_slice(&bytes);
        }
        let value = serde_json::from_slice(&body).map_err(|_| self.odd("does not answer as a hub does"))?;
        Ok((value, next))
    }

    /// The next piece of a body.
    pub(super) async fn chunk(&self, response: &mut Response) -> Result<Option<Bytes>, Trouble> {
        let address = response.url().clone();
        match timeout(self.idle, response.chunk()).await {
            Ok(Ok(bytes)) => Ok(bytes),
            Ok(Err(error)) => Err(self.lost(error, &address)),
            Err(_) => Err(self.silent(&address)),
        }
    }

    /// A server that cannot be a hub.
    pub(super) fn odd(&self, what: &str) -> FetchError {
        FetchError::new(format!("{} {what}", shown_host(&self.endpoint)))
            .hint("HF_ENDPOINT names the hub; a network that asks for a login answers in its place, too")
    }

    async fn follow(&self, method: Method, url: &Url, from: Option<u64>) -> Result<Response, Trouble> {
        let mut url = url.clone();
        for _ in 0..=REDIRECTS {
            let ours = url.origin() == self.endpoint.origin();
            let mut request = self.client.request(method.clone(), url.clone());
            if let Some(authorization) = self.authorization.as_ref().filter(|_| ours) {
                request = request.header(AUTHORIZATION, authorization.clone());
            }
            if let Some(from) = from {
                request = request.header(RANGE, format!("bytes={from}-"));
            }
            let response = match timeout(self.idle, request.send()).await {
                Ok(sent) => sent.map_err(|error| self.lost(error, &url))?,
                Err(_) => return Err(self.silent(&url)),
            };
            let told = |name| method == Method::HEAD && response.headers().contains_key(name);
            let told = told("x-linked-etag") && told("x-linked-size");
            match response.status() {
                status if status.is_success() || told && status.is_redirection() => return Ok(response),
                StatusCode::RANGE_NOT_SATISFIABLE if from.is_some() => return Ok(response),
                status if status.is_redirection() => url = self.target(&url, response.headers())?,
                status => return Err(self.refused(status, &response, ours)),
            }
        }
        Err(self.odd("redirects without end").into())
    }

    fn target(&self, from: &Url, headers: &HeaderMap) -> Result<Url, FetchError> {
        let location = headers.get(LOCATION).and_then(|value| value.to_str().ok());
        let target = location.and_then(|location| from.join(location).ok());
        let target = target.ok_or_else(|| self.odd("redirects to nowhere"))?;
        // Nobody on the way may read or change what a hub elsewhere sends; only one on this machine may stay on it.
        let safe = match target.scheme() {
            "https" => true,
            "http" => is_loopback(&self.endpoint) && is_loopback(&target),
            _ => false,
        };
        if safe && target.host_str().is_some() {
            Ok(target)
        } else {
            Err(self.odd("redirects to where it is not safe"))
        }
    }

    fn refused(&self, status: StatusCode, response: &Response, ours: bool) -> Trouble {
        let text = |name: &str| {
            let value =
                response.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
            clean_message(&value.unwrap_or_default(), &self.redactor)
        };
        let answered = || {
            let reason = status.canonical_reason().unwrap_or_default();
            format!("{} answered {} {reason}", shown_host(response.url()), status.as_u16()).trim_end().to_owned()
        };
        let busy = matches!(status.as_u16(), 408 | 425 | 429) || status.is_server_error();
        if busy {
            let limited = status == StatusCode::TOO_MANY_REQUESTS;
            let wait = retry_after(response.headers(), limited);
            let wait = wait.or_else(|| response.headers().get("ratelimit").filter(|_| limited).and_then(window_end));
            // Where it says so itself, its word counts even for an odd status.
            return Trouble::Passing { message: answered(), wait };
        }
        if !ours && !response.headers().contains_key(RETRY_AFTER) {
            // An address that the hub signed for a while: the next try gets a fresh one.
            return Trouble::passing(answered());
        }
        let message = text("x-error-message");
        let message = if message.is_empty() { answered() } else { message };
        Trouble::Refused(Refusal { status: status.as_u16(), code: text("x-error-code"), message })
    }

    fn lost(&self, error: reqwest::Error, url: &Url) -> Trouble {
        let error = sort_failure(error, url, &self.redactor);
        if error.retryable { Trouble::passing(error.message) } else { Trouble::Fatal(FetchError::new(error.message)) }
    }

    fn silent(&self, url: &Url) -> Trouble {
        Trouble::passing(format!("{} was silent for {}", shown_host(url), crate::units::human_duration(self.idle)))
    }
}

/// The seconds until a window of the hub's rate limit ends: `"api";r=0;t=55`.
fn window_end(header: &HeaderValue) -> Option<Duration> {
    let text = header.to_str().ok()?;
    let field =
        |name: &str| text.split(';').find_map(|part| part.trim().strip_prefix(name)?.trim().parse::<u64>().ok());
    // One more: whole seconds are rounded.
    (field("r=")? == 0).then_some(Duration::from_secs(field("t=")?.min(86_400) + 1))
}

/// The page that a `Link` header calls the next, at the address that this one came from: what answers in the hub's place
/// may pass on links to the hub itself.
fn next_page(url: &Url, headers: &HeaderMap) -> Option<Url> {
    for header in headers.get_all(LINK) {
        let mut rest = header.to_str().ok()?;
        while let Some((_, tail)) = rest.split_once('<') {
            let (target, tail) = tail.split_once('>')?;
            let parameters = tail.split('<').next().unwrap_or_default().replace([' ', '"'], "");
            if parameters.split([';', ',']).any(|parameter| parameter.eq_ignore_ascii_case("rel=next")) {
                let target = url.join(target).ok()?;
                let mut next = url.clone();
                next.set_query(target.query());
                return Some(next).filter(|next| next != url);
            }
            rest = tail;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn next(link: &str) -> Option<String> {
        let url = Url::parse("http://127.0.0.1:1/api/tree/main?recursive=true").unwrap();
        let headers = HeaderMap::from_iter([(LINK, HeaderValue::from_str(link).ok()?)]);
        next_page(&url, &headers).map(|next| next.to_string())
    }

    #[test]
    fn the_next_page_stays_at_the_endpoint() {
        let here = "http://127.0.0.1:1/api/tree/main?cursor=a,b";
        assert_eq!(next("<https://huggingface.co/api/tree/main?cursor=a,b>; rel=\"next\"").unwrap(), here);
        assert_eq!(next("</x?cursor=z>; rel=prev, <?cursor=a,b>; title=x; rel=next").unwrap(), here);
        assert_eq!(next("<?cursor=z>; rel=\"prev\""), None);
        assert_eq!(next("<?recursive=true>; rel=\"next\""), None, "the same page again");
        assert_eq!(next("<broken; rel=\"next\""), None);
    }

    #[test]
    fn the_end_of_a_rate_limits_window_is_read() {
        let end = |text: &str| window_end(&HeaderValue::from_str(text).unwrap()).map(|wait| wait.as_secs());
        assert_eq!(end("\"api\";r=0;t=55"), Some(56));
        assert_eq!(end("\"api\"; r=3; t=55"), None);
        assert_eq!(end("\"api\";r=0"), None);
        assert_eq!(end("\"api\";r=0;t=99999999999"), Some(86_401));
    }

    proptest! {
        #[test]
        fn no_link_makes_it_panic(link in "[<>;,\" a-z=?/:.]{0,40}") {
            let _ = next(&link);
        }
    }
}
