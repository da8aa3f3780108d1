//! Where the hub is, who asks it, and where files are kept.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::Url;
use secrecy::SecretString;

use super::FetchError;

/// The hub itself.
pub(super) const DEFAULT_ENDPOINT: &str = "https://huggingface.co";

/// How the hub is reached and its files are kept.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Without a trailing slash, query or user.
    pub(super) endpoint: Url,
    pub(super) token: Option<SecretString>,
    /// Where files are kept.
    pub(super) cache: PathBuf,
    /// The cache of the official tools, which is read.
    pub(super) official: Option<PathBuf>,
    pub(super) offline: bool,
    /// More than this is not downloaded for one name; bytes.
    pub(super) limit: u64,
    /// A connection that is silent for so long is given up.
    pub(super) idle: Duration,
    /// The first wait before something is tried again; doubled each time.
    pub(super) backoff: Duration,
}

impl Settings {
    /// The hub at an endpoint (`None`: huggingface.co), with files kept below `cache`.
    ///
    /// # Errors
    /// An endpoint that is no URL, or one where the token and the files would travel in the open.
    pub fn new(endpoint: Option<&str>, cache: PathBuf) -> Result<Self, FetchError> {
        Ok(Self {
            endpoint: endpoint_of(endpoint.unwrap_or(DEFAULT_ENDPOINT))?,
            token: None,
            cache,
            official: None,
            offline: false,
            limit: 20_000_000_000,
            idle: Duration::from_secs(30),
            backoff: Duration::from_millis(500),
        })
    }

    /// Asks with this token. It is sent to the endpoint alone.
    #[must_use]
    pub fn token(self, token: Option<SecretString>) -> Self {
        Self { token, ..self }
    }

    /// Also reads the cache of the official tools, in this folder (`~/.cache/huggingface/hub`).
    #[must_use]
    pub fn official_cache(self, folder: Option<PathBuf>) -> Self {
        Self { official: folder, ..self }
    }

    /// Asks nothing of the network.
    #[must_use]
    pub fn offline(self, offline: bool) -> Self {
        Self { offline, ..self }
    }

    /// Whether this is the hub itself and no mirror.
    pub(super) fn is_default(&self) -> bool {
        self.endpoint.as_str().trim_end_matches('/') == DEFAULT_ENDPOINT
    }

    /// The endpoint as it is shown: its host, with the port where one is written.
    pub(super) fn host(&self) -> String {
        shown_host(&self.endpoint)
    }

    /// The page of a repository, for people.
    pub(super) fn page(&self, repository: &str) -> String {
        format!("{}/datasets/{repository}", self.endpoint.as_str().trim_end_matches('/'))
    }
}

/// A URL's host, with its port where one is written.
pub(super) fn shown_host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Whether a URL leads to this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn endpoint_of(text: &str) -> Result<Url, FetchError> {
    let hint = "HF_ENDPOINT is the address of a hub, such as https://huggingface.co";
    let wrong = |what: &str| FetchError::new(format!("HF_ENDPOINT {what}")).hint(hint);
    let mut url = Url::parse(text.trim()).map_err(|error| wrong(&format!("is not a URL: {error}")))?;
    if !url.username().is_empty() || url.password().is_some() {
        // Not shown: it holds a password.
        return Err(wrong("holds a user name or password: set HF_TOKEN instead"));
    }
    if url.host_str().is_none_or(str::is_empty) || !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("must begin with `https://`"));
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(wrong("must begin with `https://`: `http://` is for hubs on this machine"));
    }
    url.set_query(None);
    url.set_fragment(None);
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(text: &str) -> Result<String, String> {
        let settings = Settings::new(Some(text), PathBuf::new()).map_err(|error| error.message)?;
        Ok(settings.page("o/n"))
    }

    #[test]
    fn an_endpoint_is_a_safe_url() {
        assert_eq!(endpoint("https://hub.example/hf/").unwrap(), "https://hub.example/hf/datasets/o/n");
        for here in ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:9"] {
            assert!(endpoint(here).is_ok(), "{here}");
        }
        for (text, why) in [
            ("hub.example", "not a URL"),
            ("http://hub.example", "this machine"),
            ("ftp://hub.example", "https://"),
            ("https://me:secret@hub.example", "HF_TOKEN"),
            ("http://127.0.0.1.evil.example", "this machine"),
        ] {
            let error = endpoint(text).unwrap_err();
            assert!(error.contains(why) && !error.contains("secret"), "{text}: {error}");
        }
    }

    #[test]
    fn the_hub_itself_is_known() {
        let is_default = |endpoint| Settings::new(endpoint, PathBuf::new()).unwrap().is_default();
        assert!(is_default(None) && is_default(Some("https://huggingface.co/")));
        assert!(!is_default(Some("https://hf-mirror.com")));
    }
}
