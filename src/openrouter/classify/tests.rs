use serde_json::json;

use super::*;

fn sorted(status: u16, body: &Value) -> ApiError {
    of_response(status, &HeaderMap::new(), body.to_string().as_bytes(), &Redactor::default())
}

fn error(code: u16, message: &str, metadata: &Value) -> ApiError {
    sorted(code, &json!({ "error": { "code": code, "message": message, "metadata": metadata }, "user_id": "user_x" }))
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
}

#[test]
fn every_status_has_its_kind_reach_and_retry() {
    use ErrorKind as K;
    use Scope::{Account, Cell, Model};
    for (status, kind, scope, retryable) in [
        (400, K::BadRequest, Cell, false),
        (401, K::Auth, Account, false),
        (402, K::NoCredit, Account, false),
        (403, K::Forbidden, Model, false),
        (404, K::NotFound, Model, false),
        (405, K::BadRequest, Model, false),
        (408, K::UpstreamTimeout, Cell, true),
        (409, K::BadRequest, Cell, false),
        (410, K::NotFound, Model, false),
        (412, K::BadRequest, Cell, false),
        (413, K::PayloadTooLarge, Cell, false),
        (422, K::BadRequest, Cell, false),
        (425, K::Overloaded, Cell, true),
        (429, K::RateLimited, Cell, true),
        (500, K::Server, Cell, true),
        (502, K::Provider, Cell, true),
        (503, K::Overloaded, Cell, true),
        (504, K::UpstreamTimeout, Cell, true),
        (520, K::Server, Cell, true),
        (522, K::UpstreamTimeout, Cell, true),
        (524, K::UpstreamTimeout, Cell, true),
        (529, K::Overloaded, Cell, true),
        (599, K::Server, Cell, true),
        (999, K::Provider, Cell, true),
    ] {
        for body in [json!({ "error": { "code": status, "message": "what happened" } }), json!({}), json!("")] {
            let error = sorted(status, &body);
            assert_eq!((error.kind, error.scope, error.retryable), (kind, scope, retryable), "{status} {body}");
            assert_eq!(error.status, Some(status));
            assert!(!error.message.is_empty());
        }
    }
}

#[test]
fn payment_required_has_kinds() {
    use ErrorKind as K;
    use Scope::{Account, Cell};
    for (message, metadata, kind, scope, retryable) in [
        ("Insufficient credits", json!({}), K::NoCredit, Account, false),
        ("Busy", json!({ "reason": "in_flight_budget_exhausted" }), K::InFlightBudget, Cell, true),
        ("Busy", json!({ "limit_source": "openrouter_in_flight_budget" }), K::InFlightBudget, Cell, true),
        ("Busy", json!({ "headers": { "Retry-After": "2" } }), K::InFlightBudget, Cell, true),
        (
            "Large",
            json!({ "reason": "weight_exceeds_budget", "limit_source": "openrouter_credits" }),
            K::TooDear,
            Cell,
            false,
        ),
        ("Cap", json!({ "limit_source": "openrouter_key_limit" }), K::NoCredit, Account, false),
        (
            "This request requires more credits, or fewer max_tokens. You requested up to 4096 tokens, but can only \
            afford 512.",
            json!({}),
            K::TooDear,
            Cell,
            false,
        ),
        ("You requested up to 4096 tokens, but can only afford 0.", json!({}), K::NoCredit, Account, false),
    ] {
        let error = error(402, message, &metadata);
        assert_eq!((error.kind, error.scope, error.retryable), (kind, scope, retryable), "{message} {metadata}");
    }
}

#[test]
fn words_move_an_error_to_its_kind() {
    use ErrorKind as K;
    use Scope::{Account, Cell, Model};
    for (code, message, metadata, kind, scope) in [
        (400, "foo/bar is not a valid model ID", json!({}), K::NotFound, Model),
        (400, "This endpoint's maximum context length is 8192 tokens", json!({}), K::ContextLength, Cell),
        (400, "x", json!({ "error_type": "context_length_exceeded" }), K::ContextLength, Cell),
        (400, "x", json!({ "error_type": "content_policy_violation" }), K::Moderation, Cell),
        (502, "x", json!({ "error_type": "refusal" }), K::Moderation, Cell),
        (403, "flagged", json!({ "reasons": ["violence"], "flagged_input": "…" }), K::Moderation, Cell),
        (403, "blocked", json!({ "patterns": ["email"] }), K::Moderation, Cell),
        (403, "Key limit exceeded (monthly limit)", json!({}), K::NoCredit, Account),
        (404, "x", json!({ "error_type": "image_not_found" }), K::BadRequest, Cell),
        (429, "x", json!({ "limit_source": "openrouter_free_tier_daily" }), K::DailyLimit, Model),
        (429, "Rate limit exceeded: free-models-per-day", json!({}), K::DailyLimit, Model),
        (429, "x", json!({ "limit_source": "openrouter_free_tier_per_minute" }), K::RateLimited, Cell),
        (401, "x", json!({ "provider_name": "OpenAI" }), K::Auth, Model),
    ] {
        let error = error(code, message, &metadata);
        assert_eq!((error.kind, error.scope), (kind, scope), "{message} {metadata}");
        assert_eq!(error.retryable, kind == K::RateLimited);
    }
    let quota = sorted(429, &json!({ "error": { "message": "quota", "type": "x", "code": "insufficient_quota" } }));
    assert_eq!((quota.kind, quota.retryable), (K::NoCredit, false));
}

#[test]
fn the_message_is_the_most_telling_text() {
    let raw = r#"{"error":{"message":"This model is overloaded","type":"x"}}"#;
    for (body, want) in [
        (json!({ "error": { "message": "No endpoints found for a/b." } }), "No endpoints found for a/b."),
        (
            json!({ "error": { "message": "Provider returned error", "metadata": { "raw": raw, "provider_name": "P" } } }),
            "P: This model is overloaded",
        ),
        (
            json!({ "error": { "message": "Provider returned error", "metadata": { "raw": "plain words" } } }),
            "plain words",
        ),
        (
            json!({ "error": { "message": "Provider returned error", "metadata": { "raw": { "detail": "object" } } } }),
            "object",
        ),
        (json!({ "error": { "message": "Provider returned error" } }), "Provider returned error"),
        (json!({ "error": { "message": "Telling enough", "metadata": { "raw": raw } } }), "Telling enough"),
        (
            json!({ "error": { "message": "Failed", "metadata": { "previous_errors": [{ "provider": "A", "code": 502 },
            { "provider": "B", "status": 429 }, { "code": 500, "message": "x" }] } } }),
            "Failed (before that: A 502, B 429, 500)",
        ),
        (
            json!({ "error": { "message": "Flagged", "metadata": { "reasons": ["violence", "hate"] } } }),
            "Flagged (violence, hate)",
        ),
        (json!({ "error": "just words" }), "just words"),
        (json!({ "error": { "code": 502 } }), "HTTP 502 Bad Gateway"),
        (json!({ "detail": [{ "loc": ["body"], "msg": "field required" }] }), "field required"),
        (json!({ "detail": "Not Found" }), "Not Found"),
        (json!({ "message": "bare" }), "bare"),
        (json!([{ "error": { "code": 502, "message": "wrapped" } }]), "wrapped"),
        (json!({ "object": "error", "message": "vllm", "type": "x", "code": 502 }), "vllm"),
        (json!({ "errors": [{ "message": "listed" }] }), "listed"),
        (json!({ "error": { "message": { "text": 5 } } }), "HTTP 502 Bad Gateway"),
        (json!({}), "HTTP 502 Bad Gateway"),
    ] {
        assert_eq!(sorted(502, &body).message, want, "{body}");
    }
}

#[test]
fn provider_cause_and_type_are_kept() {
    let metadata = json!({ "provider_name": "P", "raw": "{\"x\":1}", "error_type": "provider_unavailable" });
    let error = error(502, "Provider returned error", &metadata);
    assert_eq!((error.provider.as_deref(), error.raw.as_deref()), (Some("P"), Some("{\"x\":1}")));
    assert_eq!(error.error_type.as_deref(), Some("provider_unavailable"));
    assert!(!format!("{error:?}").contains("user_x"));
    let odd = sorted(500, &json!({ "user_id": "user_x", "strange": true }));
    assert_eq!(odd.raw.as_deref(), Some("{\"strange\":true}"));
}

#[test]
fn bodies_that_are_no_json_are_told_by_title_or_text() {
    let of = |status, body: &str| of_response(status, &HeaderMap::new(), body.as_bytes(), &Redactor::default());
    let html = of(502, "<!DOCTYPE html><html><head><title>\n502: Bad gateway </title></head>");
    assert_eq!((html.kind, html.message.as_str()), (ErrorKind::Provider, "HTTP 502 Bad Gateway: 502: Bad gateway"));
    assert!(html.raw.unwrap().starts_with("<!DOCTYPE html>"));
    assert_eq!(of(524, "error code: 524").message, "HTTP 524 (an edge could not reach the endpoint): error code: 524");
    assert_eq!(of(503, " \n").message, "HTTP 503 Service Unavailable");
    assert_eq!(of(429, "data: {\"error\":{\"message\":\"streamed\"}}\n\n").message, "streamed");
    let cut = of(500, "{\"error\":{\"message\":\"cut of");
    assert!(cut.message.contains("cut of"), "{cut}");
}

#[test]
fn what_is_kept_is_bounded_and_harmless() {
    let long = error(400, &format!("\u{1b}[2J{}", "ä".repeat(5000)), &json!({ "raw": "漢".repeat(5000) }));
    assert_eq!(long.message.chars().count(), 500);
    assert!(!long.message.contains('\u{1b}') && long.message.ends_with('…'));
    let raw = long.raw.unwrap();
    assert!(raw.len() <= 2048 && raw.len() > 2000 && raw.ends_with('…'), "{}", raw.len());
    let previous: Vec<_> = (0..50).map(|n| json!({ "provider": format!("provider-{n}"), "code": 500 })).collect();
    let long = error(502, &"x".repeat(5000), &json!({ "previous_errors": previous }));
    assert!(long.message.chars().count() <= 500 && long.message.contains("provider-0 500"), "{}", long.message);
    let deep = format!("{}\"x\"{}", "{\"error\":".repeat(100), "}".repeat(100));
    let deep = of_response(500, &HeaderMap::new(), deep.as_bytes(), &Redactor::default());
    assert_eq!(deep.kind, ErrorKind::Server);
}

#[test]
fn a_wait_is_found_in_headers_and_in_the_body() {
    let body = |metadata: Value| json!({ "error": { "code": 429, "message": "x", "metadata": metadata } }).to_string();
    let wait = |status, pairs: &[(&'static str, &str)], metadata: Value| {
        of_response(status, &headers(pairs), body(metadata).as_bytes(), &Redactor::default()).retry_after
    };
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    assert_eq!(wait(429, &[("retry-after", "7")], json!({})), seconds(7));
    assert_eq!(wait(503, &[("retry-after", "7")], json!({ "headers": { "Retry-After": "9" } })), seconds(7));
    assert_eq!(wait(429, &[], json!({ "headers": { "X-RateLimit-Reset": "12" } })), seconds(12));
    assert_eq!(wait(429, &[], json!({ "headers": { "x-ratelimit-reset": 12 } })), seconds(12));
    assert_eq!(wait(500, &[], json!({ "headers": { "X-RateLimit-Reset": "12" } })), None);
    assert_eq!(wait(429, &[], json!({ "retry_after": 3 })), seconds(3));
    assert_eq!(wait(429, &[], json!({})), None);
    let availability = json!({ "error": { "message": "x", "availability": { "retry_after": "4" } } }).to_string();
    let error = of_response(503, &HeaderMap::new(), availability.as_bytes(), &Redactor::default());
    assert_eq!(error.retry_after, seconds(4));
}

#[test]
fn inside_a_success_the_code_is_found_wherever_it_is() {
    let code = |error: Value| {
        let place = Place { http: None, headers: &HeaderMap::new(), after_output: false };
        of_details(&Details::of(&error), &place, &Redactor::default()).status
    };
    assert_eq!(code(json!({ "code": 502 })), Some(502));
    assert_eq!(code(json!({ "code": "502" })), Some(502));
    assert_eq!(code(json!({ "code": "server_error" })), Some(500));
    assert_eq!(code(json!({ "metadata": { "error_type": "provider_overloaded" } })), Some(503));
    assert_eq!(code(json!({ "error_type": "timeout", "http_status": 504 })), Some(504));
    assert_eq!(code(json!({ "code": "something new" })), None);
    assert_eq!(code(json!({ "code": 70000 })), None);
    assert_eq!(code(json!({})), None);
}
