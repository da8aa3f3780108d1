//! Where a model is asked: base URL, the key's environment variable, headers.

use reqwest::Url;
use reqwest::header::{HeaderName, HeaderValue};

use super::log::{Finding, Log, Place, Target};
use super::model::{Endpoint, Overrides};
use super::read::{Field, Table, Written};

/// Asked where the suite names no endpoint.
const OPENROUTER: &str = "https://openrouter.ai/api/v1";
/// Holds the key where the suite names no variable.
const OPENROUTER_KEY: &str = "OPENROUTER_API_KEY";

/// What was written of an endpoint, in the suite or on a model.
#[derive(Debug, Default)]
pub(super) struct RawEndpoint {
    base_url: Option<(Url, Place)>,
    /// `null`: no key.
    api_key_env: Written<String>,
    headers: Vec<(String, String)>,
}

impl RawEndpoint {
    pub(super) fn read(table: &Table<'_>, log: &Log) -> Self {
        Self {
            base_url: table.get("base_url").and_then(|field| match base_url(field.text(log)?) {
                Ok(url) => Some((url, field.place)),
                Err((message, hint)) => {
                    log.add(Finding::error(&field.place, message).hint(hint));
                    None
                }
            }),
            api_key_env: Written::read(table.get("api_key_env"), |field| api_key_env(field, log)),
            headers: table.get("headers").map(|field| headers(&field, log)).unwrap_or_default(),
        }
    }
}

/// The suite's endpoint, from which each model's is made.
#[derive(Debug)]
pub(super) struct SuiteEndpoint {
    base_url: Url,
    api_key_env: Option<String>,
    headers: Vec<(String, String)>,
    overrides: Option<Url>,
    key_override: Written<String>,
}

impl SuiteEndpoint {
    pub(super) fn resolve(raw: RawEndpoint, overrides: &Overrides, log: &Log) -> Self {
        let over = overrides.base_url.as_deref().and_then(|url| match base_url(url) {
            Ok(url) => Some(url),
            Err((message, hint)) => {
                log.add(Finding::outside(format!("`--base-url`: {message}")).hint(hint));
                None
            }
        });
        let written = raw.base_url.as_ref();
        let is_foreign = written.is_some_and(|(url, _)| {
            url.host_str()
                .is_some_and(|host| host != "openrouter.ai" && !host.ends_with(".openrouter.ai") && !is_local(host))
        });
        if let (Some((url, place)), true, None, Written::Not) = (written, is_foreign, &over, &raw.api_key_env) {
            let host = url.host_str().unwrap_or_default();
            log.add(
                Finding::warning(place, format!("the key in `{OPENROUTER_KEY}` will be sent to {host}")).hint(
                    "say which key is meant: write `api_key_env: NAME` beside it, or `api_key_env: null` for none",
                ),
            );
        }
        Self {
            base_url: raw.base_url.map_or_else(default_url, |(url, _)| url),
            api_key_env: raw.api_key_env.or(Written::As(OPENROUTER_KEY.to_owned())).value(),
            headers: raw.headers,
            overrides: over,
            key_override: match &overrides.api_key_env {
                None => Written::Not,
                Some(None) => Written::Null,
                Some(Some(name)) => Written::As(name.clone()),
            },
        }
    }

    /// A model's endpoint. A key is never taken along to another host silently: where a model has its own address but
    /// names no key, it gets the suite's key on the suite's host, and none elsewhere.
    pub(super) fn for_model(&self, raw: RawEndpoint, log: &Log) -> Endpoint {
        let own_url = raw.base_url.filter(|_| self.overrides.is_none());
        // With `--base-url`, a key that belongs to the model's own address does not apply.
        let own_key = raw.api_key_env;
        let api_key_env = match (&own_url, own_key) {
            (_, Written::As(own)) => Some(own),
            (_, Written::Null) => None,
            (Some((url, place)), Written::Not) if !same_host(url, &self.base_url) => {
                if self.api_key_env.is_some() && !url.host_str().is_some_and(is_local) {
                    log.add(
                        Finding::warning(place, "another host than the suite's: no key is sent to it")
                            .hint("write `api_key_env: NAME` beside it, or `api_key_env: null` where none is needed"),
                    );
                }
                None
            }
            _ => self.api_key_env.clone(),
        };
        let mut headers = self.headers.clone();
        for (name, value) in raw.headers {
            match headers.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(&name)) {
                Some(known) => *known = (name, value),
                None => headers.push((name, value)),
            }
        }
        let url =
            self.overrides.clone().or_else(|| own_url.map(|(url, _)| url)).unwrap_or_else(|| self.base_url.clone());
        Endpoint {
            base_url: url.as_str().trim_end_matches('/').to_owned(),
            api_key_env: match &self.key_override {
                Written::Not => api_key_env,
                other => other.clone().value(),
            },
            headers,
        }
    }
}

fn default_url() -> Url {
    #[expect(clippy::expect_used, reason = "a constant")]
    Url::parse(OPENROUTER).expect("the default address is valid")
}

fn is_local(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn same_host(a: &Url, b: &Url) -> bool {
    a.host_str() == b.host_str() && a.port_or_known_default() == b.port_or_known_default() && a.scheme() == b.scheme()
}

/// An address to which `/chat/completions` can be appended, or what is wrong with it and what to do.
fn base_url(text: &str) -> Result<Url, (String, String)> {
    let wrong = |message: &str, hint: &str| Err((message.to_owned(), hint.to_owned()));
    let example = "write for example `http://127.0.0.1:8600/v1`";
    let url = match Url::parse(text.trim()) {
        Ok(url) => url,
        Err(error) => return wrong(&format!("not a URL ({error})"), example),
    };
    if !matches!(url.scheme(), "http" | "https") {
        return wrong(&format!("expected an http or https URL, found `{}:`", url.scheme()), example);
    }
    if !url.username().is_empty() || url.password().is_some() {
        let hint = "keys are read from the variable that `api_key_env` names";
        return wrong("a URL with a user name or password in it", hint);
    }
    if url.query().is_some() || url.fragment().is_some() {
        return wrong("a base URL ends with its path: no `?` or `#` part", example);
    }
    if let Some(base) = url.path().trim_end_matches('/').strip_suffix("/chat/completions") {
        return wrong("`/chat/completions` is appended to it", &format!("end it with `{base}`"));
    }
    Ok(url)
}

fn api_key_env(field: &Field<'_>, log: &Log) -> Option<String> {
    let name = field.text(log)?;
    let is_name = !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !is_name {
        // It may be a key: it is not repeated.
        log.add(
            Finding::error(&field.place, "not the name of an environment variable")
                .hint("the key itself is never in a suite: write the variable's name, for example OPENROUTER_API_KEY"),
        );
        return None;
    }
    Some(name.to_owned())
}

fn headers(field: &Field<'_>, log: &Log) -> Vec<(String, String)> {
    let mut headers: Vec<(String, String)> = Vec::new();
    for (name, value) in field.entries("headers as a map of names and texts", log).unwrap_or_default() {
        let text = value.text(log);
        let error = |message: &str, hint: &str| {
            log.add(Finding::error(&value.place, message).target(Target::Key).hint(hint));
        };
        if HeaderName::from_bytes(name.as_bytes()).is_err() {
            error("not a header name", "letters, digits and `-`");
        } else if ["authorization", "proxy-authorization", "cookie", "api-key", "x-api-key"]
            .contains(&name.to_ascii_lowercase().as_str())
        {
            error("secrets are never in a suite", "name the variable that holds the key: `api_key_env: NAME`");
        } else if ["host", "content-length", "content-type", "transfer-encoding", "connection"]
            .contains(&name.to_ascii_lowercase().as_str())
        {
            error("this header is set by bench", "leave it out");
        } else if headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
            error("this header stands here twice, in another case", "leave one out");
        } else if let Some(text) = text {
            if HeaderValue::from_str(text).is_err() {
                log.error(&value.place, "not a header value: line breaks and control characters cannot be sent");
            } else {
                headers.push((name.to_owned(), text.to_owned()));
            }
        }
    }
    headers
}
