//! TLS, and failures below HTTP.

use std::error::Error;
use std::io;
use std::sync::{Arc, OnceLock};

use reqwest::Url;
use rustls::ClientConfig;

use super::classify::local;
use super::client::SetupError;
use super::details;
use super::error::{ApiError, ErrorKind};
use super::redact::Redactor;

/// Installs the cryptography that TLS runs on, once a process. One that is installed already stays.
pub(crate) fn install_crypto() {
    static INSTALLED: OnceLock<()> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

/// The TLS settings of every client: the system's own certificates, read once a process, and HTTP/1.1.
pub(crate) fn tls() -> Result<ClientConfig, SetupError> {
    static CONFIG: OnceLock<Result<ClientConfig, String>> = OnceLock::new();
    let config = CONFIG.get_or_init(|| {
        install_crypto();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider));
        let builder = builder.with_safe_default_protocol_versions().map_err(|error| error.to_string())?;
        let verifier = rustls_platform_verifier::Verifier::new(provider).map_err(|error| error.to_string())?;
        let builder = builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
        let mut config = builder.with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    });
    config.clone().map_err(|error| SetupError { message: format!("no TLS: {error}") })
}

/// Sorts a failure of the connection.
pub(crate) fn sort(error: reqwest::Error, url: &Url, redactor: &Redactor) -> ApiError {
    let connecting = error.is_connect();
    let error = error.without_url();
    let root = root(&error);
    let tls = tls_error(&error);
    let lower = chain(&error).to_lowercase();
    let host = url.host_str().unwrap_or_default();
    let address = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let (kind, retryable, message) = if tls.is_some() || connecting && lower.contains("tls") {
        // Asking again does not make a certificate valid.
        let certificate = matches!(tls, Some(rustls::Error::InvalidCertificate(_)));
        (ErrorKind::Tls, !certificate, format!("TLS with {address} failed: {root}"))
    } else if connecting {
        (ErrorKind::Connect, true, format!("cannot connect to {address}: {root}"))
    } else if ["invalid http", "head is too large", "chunk size", "gzip", "deflate"].iter().any(|it| lower.contains(it))
        && !lower.contains("eof")
    {
        (ErrorKind::Protocol, true, format!("{address} does not speak HTTP as it should: {root}"))
    } else {
        (ErrorKind::ConnectionLost, true, format!("the connection to {address} broke: {root}"))
    };
    local(kind, retryable, &details::message(&message, redactor))
}

/// An error and its causes in one line, each said once.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    for source in sources(error).skip(1) {
        let cause = source.to_string();
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

fn root(error: &(dyn Error + 'static)) -> String {
    sources(error).last().map(ToString::to_string).unwrap_or_default()
}

fn tls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    sources(error).find_map(|source| {
        // An I/O error shows what it wraps as its source's source only, and wraps come in layers.
        let mut inner = source;
        while let Some(wrapped) = inner.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            inner = wrapped;
        }
        inner.downcast_ref()
    })
}

fn sources<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}
