//! Failures → [`ApiError`]: what kind, how far it reaches, and whether asking again may help.
//!
//! The rules and their sources are written out in `docs/http.md`.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::Value;

use super::details::{self, Details};
use super::error::{ApiError, ErrorKind, Scope};
use super::redact::Redactor;
use super::retry_after::{retry_after, seconds};
use super::sse::Decoder;

/// How a failure is sorted.
type Sorted = (ErrorKind, Scope, bool);

/// An error response: a status that is no success, with as much of its body as was read.
pub(super) fn of_response(status: u16, headers: &HeaderMap, body: &[u8], redactor: &Redactor) -> ApiError {
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    let json = parse(text);
    match json.as_ref().and_then(Details::in_body) {
        Some(details) => of_details(&details, &Place { http: Some(status), headers, after_output: false }, redactor),
        None => of_status(status, headers, text, json, redactor),
    }
}

/// Where an error was found.
pub(super) struct Place<'a> {
    /// The status of an error response; `None` inside a success.
    pub(super) http: Option<u16>,
    pub(super) headers: &'a HeaderMap,
    /// Whether some of an answer had arrived before.
    pub(super) after_output: bool,
}

/// An error object, in an error response or inside a success.
pub(super) fn of_details(details: &Details, place: &Place<'_>, redactor: &Redactor) -> ApiError {
    let named = details.error_type.as_deref().and_then(code_of).or_else(|| details.word.as_deref().and_then(code_of));
    let code = place.http.or(details.code).or(named);
    let wait = waiting_time(details, place.headers, code);
    let (kind, scope, retryable) = sort(code, details, place, wait.is_some());
    let otherwise = code.map_or_else(|| "the endpoint reported an error and did not say which".to_owned(), phrase);
    ApiError {
        kind,
        scope,
        retryable,
        status: code,
        message: details.telling(&otherwise, redactor),
        provider: details.provider.as_deref().map(|provider| details::label(provider, redactor)),
        error_type: details.error_type.as_deref().map(|word| details::label(word, redactor)),
        raw: details.raw.as_deref().map(|raw| details::raw(raw, redactor)),
        retry_after: wait,
    }
}

/// An error response without an error object in it: HTML, plain text, other JSON, or nothing.
fn of_status(status: u16, headers: &HeaderMap, text: &str, json: Option<Value>, redactor: &Redactor) -> ApiError {
    let said = match &json {
        None if is_html(text) => Some(html_title(text).unwrap_or("an HTML page without a title").to_owned()),
        None if !text.is_empty() => Some(text.to_owned()),
        _ => None,
    };
    let raw = json.map_or_else(|| text.to_owned(), details::anonymous);
    let details = Details { message: said.clone(), ..Details::default() };
    let place = Place { http: Some(status), headers, after_output: false };
    let mut error = of_details(&details, &place, redactor);
    if let Some(said) = said {
        error.message = details::message(&format!("{}: {said}", phrase(status)), redactor);
    }
    error.raw = (!raw.is_empty()).then(|| details::raw(&raw, redactor));
    error
}

/// A redirect: the key must not travel, so none is followed.
pub(super) fn of_redirect(status: u16, location: Option<&str>, redactor: &Redactor) -> ApiError {
    let to = location.map_or_else(|| "without saying where".to_owned(), |to| format!("to {to}"));
    let message = format!("{} {to}: redirects are not followed, so that the key goes nowhere else", phrase(status));
    ApiError {
        scope: Scope::Model,
        status: Some(status),
        ..local(ErrorKind::Protocol, false, &details::message(&message, redactor))
    }
}

/// A failure that we found ourselves; it reaches no further than its cell.
pub(super) fn local(kind: ErrorKind, retryable: bool, message: &str) -> ApiError {
    ApiError {
        kind,
        scope: Scope::Cell,
        retryable,
        status: None,
        message: message.to_owned(),
        provider: None,
        error_type: None,
        raw: None,
        retry_after: None,
    }
}

fn sort(code: Option<u16>, details: &Details, place: &Place<'_>, told_to_wait: bool) -> Sorted {
    use ErrorKind as K;
    use Scope::{Account, Cell, Model};

    let says = |phrase: &str| contains(details.message.as_deref(), phrase) || contains(details.raw.as_deref(), phrase);
    let error_type = details.error_type.as_deref().or(details.word.as_deref()).unwrap_or_default();
    match error_type {
        "context_length_exceeded" | "max_tokens_exceeded" | "token_limit_exceeded" | "string_too_long" => {
            return (K::ContextLength, Cell, false);
        }
        "content_policy_violation" | "content_filter" | "refusal" => return (K::Moderation, Cell, false),
        "insufficient_quota" => return (K::NoCredit, Account, false),
        "image_not_found" => return (K::BadRequest, Cell, false),
        _ => {}
    }
    // A key that is refused after the answer began, or by a provider, is not ours.
    let account = if place.after_output || details.provider.is_some() { Model } else { Account };
    match code {
        Some(400) if says("not a valid model") || says("model_not_found") => (K::NotFound, Model, false),
        Some(400) if says("context length") || says("context_length") || says("context window") => {
            (K::ContextLength, Cell, false)
        }
        Some(401) => (K::Auth, account, false),
        Some(402) => no_credit(details, account, told_to_wait),
        Some(403) if details.limit_source.as_deref() == Some("openrouter_key_limit") || says("key limit exceeded") => {
            (K::NoCredit, Account, false)
        }
        Some(403) if details.objections.is_some() || says("moderation") || says("flagged") => {
            (K::Moderation, Cell, false)
        }
        Some(403) => (K::Forbidden, Model, false),
        Some(404 | 410) => (K::NotFound, Model, false),
        // Not a place where chat requests are taken.
        Some(405 | 501) => (K::BadRequest, Model, false),
        Some(408 | 504 | 522 | 524) => (K::UpstreamTimeout, Cell, true),
        Some(413) => (K::PayloadTooLarge, Cell, false),
        Some(429) if daily_cap(details) => (K::DailyLimit, Model, false),
        Some(429) => (K::RateLimited, Cell, true),
        // 425: too early.
        Some(425 | 503 | 529) => (K::Overloaded, Cell, true),
        Some(400..=499) => (K::BadRequest, Cell, false),
        Some(502) => (K::Provider, Cell, true),
        Some(500..=599) => (K::Server, Cell, true),
        // Inside a success, without a code or with one that means nothing.
        _ => (K::Provider, Cell, true),
    }
}

/// 402 has kinds: too much in flight passes, too dear a request is that request's matter, the rest is the account's.
fn no_credit(details: &Details, account: Scope, told_to_wait: bool) -> Sorted {
    let message = details.message.as_deref();
    match (details.reason.as_deref(), details.limit_source.as_deref()) {
        (Some("in_flight_budget_exhausted"), _) | (_, Some("openrouter_in_flight_budget")) => {
            (ErrorKind::InFlightBudget, Scope::Cell, true)
        }
        (Some("weight_exceeds_budget"), _) => (ErrorKind::TooDear, Scope::Cell, false),
        (_, Some("openrouter_key_limit" | "openrouter_credits")) => (ErrorKind::NoCredit, account, false),
        _ if told_to_wait => (ErrorKind::InFlightBudget, Scope::Cell, true),
        _ if contains(message, "can only afford") && !contains(message, "can only afford 0") => {
            (ErrorKind::TooDear, Scope::Cell, false)
        }
        _ => (ErrorKind::NoCredit, account, false),
    }
}

/// The day's free requests are used up: waiting would mean waiting for midnight.
fn daily_cap(details: &Details) -> bool {
    details.limit_source.as_deref() == Some("openrouter_free_tier_daily")
        || contains(details.message.as_deref(), "free-models-per-day")
}

fn contains(text: Option<&str>, phrase: &str) -> bool {
    text.is_some_and(|text| text.to_lowercase().contains(phrase))
}

fn waiting_time(details: &Details, headers: &HeaderMap, code: Option<u16>) -> Option<Duration> {
    let limited = code == Some(429);
    retry_after(headers, limited)
        .or_else(|| details.headers.as_ref().and_then(|headers| retry_after(headers, limited)))
        .or_else(|| details.retry_after.and_then(seconds))
}

/// The status that a word stands for: OpenRouter's `error_type`, or a code that is a word.
fn code_of(word: &str) -> Option<u16> {
    Some(match word {
        "invalid_request"
        | "invalid_prompt"
        | "invalid_image"
        | "image_too_large"
        | "image_too_small"
        | "unsupported_image_format"
        | "image_download_failed"
        | "invalid_request_error"
        | "context_length_exceeded"
        | "max_tokens_exceeded"
        | "token_limit_exceeded"
        | "string_too_long" => 400,
        "authentication" | "authentication_error" | "invalid_api_key" => 401,
        "payment_required" | "insufficient_quota" | "insufficient_credits" => 402,
        "permission_denied" | "permission_error" | "content_policy_violation" | "refusal" => 403,
        "not_found" | "not_found_error" | "image_not_found" | "model_not_found" => 404,
        "precondition_failed" => 412,
        "payload_too_large" => 413,
        "unprocessable" => 422,
        "rate_limit_exceeded" | "rate_limit_error" | "rate_limited" => 429,
        "server" | "unmapped" | "server_error" | "internal_error" | "internal_server_error" | "api_error" => 500,
        "provider_unavailable" => 502,
        "provider_overloaded" | "overloaded" | "overloaded_error" | "service_unavailable" => 503,
        "timeout" => 504,
        _ => return None,
    })
}

/// The JSON of a body; of a stream, that of its first event.
fn parse(text: &str) -> Option<Value> {
    if let Ok(json) = serde_json::from_str(text) {
        return Some(json);
    }
    let (mut decoder, mut first) = (Decoder::default(), None);
    let mut look = |data: &str| first = first.take().or_else(|| serde_json::from_str::<Value>(data).ok());
    decoder.push(text.as_bytes(), |event| look(&event.data())).ok()?;
    decoder.finish(|event| look(&event.data())).ok()?;
    first.filter(Value::is_object)
}

pub(super) fn is_html(text: &str) -> bool {
    text.trim_start().starts_with('<')
}

/// What stands between `<title>` and `</title>`.
pub(super) fn html_title(html: &str) -> Option<&str> {
    let start = memchr::memmem::find(html.as_bytes(), b"<title>").map(|at| at + "<title>".len())?;
    let end = memchr::memmem::find(&html.as_bytes()[start..], b"</title>")?;
    Some(html[start..start + end].trim()).filter(|title| !title.is_empty())
}

/// A status in words.
fn phrase(status: u16) -> String {
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    match (status, reason) {
        (_, Some(reason)) => format!("HTTP {status} {reason}"),
        (520..=527 | 530, None) => format!("HTTP {status} (an edge could not reach the endpoint)"),
        (529, None) => format!("HTTP {status} (overloaded)"),
        (_, None) => format!("HTTP {status}"),
    }
}

#[cfg(test)]
mod tests;
