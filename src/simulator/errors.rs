//! Error answers in OpenRouter's envelope.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use super::reply::{Reply, Step};

/// The words for a status: its `error_type` and message.
fn words(status: u16) -> (Option<&'static str>, &'static str) {
    match status {
        400 => (Some("invalid_request"), "Invalid request"),
        401 => (Some("authentication"), "No auth credentials found"),
        402 => (Some("payment_required"), "Insufficient credits"),
        403 => (Some("permission_denied"), "Permission denied"),
        404 => (Some("not_found"), "No endpoints found for this model"),
        408 => (None, "Request timed out"),
        412 => (Some("precondition_failed"), "Precondition failed"),
        413 => (Some("payload_too_large"), "Request body too large"),
        422 => (Some("unprocessable"), "Unprocessable request"),
        429 => (Some("rate_limit_exceeded"), "Rate limit exceeded"),
        500 => (Some("server"), "Internal Server Error"),
        502 => (Some("provider_unavailable"), "Provider returned error"),
        503 => (Some("provider_overloaded"), "No available model provider meets the routing requirements"),
        504 => (Some("timeout"), "Provider timed out"),
        524 => (None, "Timed out waiting for the provider"),
        529 => (Some("provider_overloaded"), "Provider is overloaded"),
        _ => (Some("unmapped"), "Error"),
    }
}

/// The inside of `error`: code, message and, where OpenRouter has one, its type.
pub(super) fn error(status: u16, provider: &str) -> Value {
    let (kind, message) = words(status);
    let mut error = json!({"code": status, "message": message});
    if let Some(kind) = kind {
        error["metadata"] = json!({"error_type": kind});
        if matches!(status, 429 | 502 | 503 | 504 | 529) {
            error["metadata"]["provider_name"] = provider.into();
            error["metadata"]["raw"] =
                json!({"error": {"message": format!("upstream says {status}")}}).to_string().into();
        }
    }
    error
}

/// A whole error answer with a message of its own.
pub(super) fn refused(status: u16, message: &str) -> Reply {
    let mut error = error(status, "");
    error["message"] = message.into();
    if let Some(metadata) = error["metadata"].as_object_mut() {
        metadata.shift_remove("provider_name");
        metadata.shift_remove("raw");
    }
    Reply::json(status, &json!({"error": error}))
}

/// A whole error answer; `argument` chooses among the ways that status comes in.
pub(super) fn failed(status: u16, argument: Option<&str>, provider: &str, model: &str) -> Reply {
    let mut error = error(status, provider);
    let mut headers = Vec::new();
    let mut metadata: Map<String, Value> = error["metadata"].as_object().cloned().unwrap_or_default();
    match status {
        402 => payment(argument, &mut error, &mut metadata, &mut headers),
        403 => forbidden(argument, provider, model, &mut error, &mut metadata),
        429 | 503 | 529 => {
            let usual = if status == 429 { "1" } else { "none" };
            wait(argument.unwrap_or(usual), &mut error, &mut metadata, &mut headers);
        }
        400 if argument == Some("context") => {
            error["message"] = "This endpoint's maximum context length is 4096 tokens".into();
            metadata.insert("error_type".to_owned(), "context_length_exceeded".into());
        }
        _ => {}
    }
    if !metadata.is_empty() {
        error["metadata"] = Value::Object(metadata);
    }
    let mut reply = Reply::json(status, &json!({"error": error, "user_id": "user_simulated"}));
    reply.headers = headers;
    reply
}

type Headers = Vec<(&'static str, String)>;

fn payment(argument: Option<&str>, error: &mut Value, metadata: &mut Map<String, Value>, headers: &mut Headers) {
    let source = match argument {
        Some("in-flight") => {
            metadata.insert("reason".to_owned(), "in_flight_budget_exhausted".into());
            headers.push(("retry-after", "1".to_owned()));
            "openrouter_in_flight_budget"
        }
        Some("weight") => {
            metadata.insert("reason".to_owned(), "weight_exceeds_budget".into());
            error["message"] = "This request requires more credits, or fewer max_tokens".into();
            "openrouter_credits"
        }
        Some("key") => {
            error["message"] = "Key limit exceeded (total limit)".into();
            "openrouter_key_limit"
        }
        _ => "openrouter_credits",
    };
    metadata.insert("limit_source".to_owned(), source.into());
}

fn forbidden(
    argument: Option<&str>,
    provider: &str,
    model: &str,
    error: &mut Value,
    metadata: &mut Map<String, Value>,
) {
    match argument {
        Some("moderation") => {
            error["message"] = "Your input was flagged by moderation".into();
            metadata.extend([
                ("error_type".to_owned(), "content_policy_violation".into()),
                ("reasons".to_owned(), json!(["violence"])),
                ("flagged_input".to_owned(), "the input … was flagged".into()),
                ("provider_name".to_owned(), provider.into()),
                ("model_slug".to_owned(), model.into()),
            ]);
        }
        Some("guardrail") => {
            error["message"] = "Request blocked by guardrail".into();
            metadata.insert("patterns".to_owned(), json!(["secret"]));
        }
        _ => {}
    }
}

/// How long to wait, in each of the forms it comes in.
fn wait(how: &str, error: &mut Value, metadata: &mut Map<String, Value>, headers: &mut Headers) {
    let soon = SystemTime::now() + Duration::from_secs(2);
    let millis = |time: SystemTime| time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis().to_string();
    match how {
        "none" => {}
        "date" => headers.push(("retry-after", httpdate::fmt_http_date(soon))),
        "metadata" => {
            let limits =
                json!({"X-RateLimit-Limit": "20", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": millis(soon)});
            metadata.insert("headers".to_owned(), limits);
        }
        "daily" => {
            let midnight = SystemTime::now() + Duration::from_hours(8);
            error["message"] = "Rate limit exceeded: free-models-per-day".into();
            metadata.insert("limit_source".to_owned(), "openrouter_free_tier_daily".into());
            metadata.insert(
                "headers".to_owned(),
                json!({"X-RateLimit-Limit": "50", "X-RateLimit-Remaining": "0",
                "X-RateLimit-Reset": millis(midnight)}),
            );
            headers.push(("x-ratelimit-reset", millis(midnight)));
        }
        "upstream" => {
            error["message"] = "Provider returned error".into();
            metadata.insert("limit_source".to_owned(), "upstream_provider_shared_pool".into());
            metadata.insert("raw".to_owned(), "temporarily rate-limited upstream, please retry shortly".into());
        }
        seconds => headers.push(("retry-after", seconds.to_owned())),
    }
}

/// An HTML page as a proxy in front of OpenRouter sends it.
pub(super) fn html(status: u16) -> Reply {
    let page = format!(
        "<!DOCTYPE html>\n<html><head><title>openrouter.ai | {status}: Bad gateway</title></head>\n\
         <body><h1>Error {status}</h1><p>SIMULATED: the web server reported an error.</p></body></html>\n"
    );
    Reply::new(status, "text/html; charset=UTF-8", vec![Step::Send(page.into(), 0)])
        .header("cf-ray", "8a1b2c3d4e5f-SIM")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(reply: &Reply) -> Value {
        let Step::Send(bytes, _) = &reply.steps[0] else { panic!("no body") };
        serde_json::from_slice(bytes).unwrap()
    }

    #[test]
    fn every_status_has_code_and_message() {
        for status in 400..600 {
            let error = &body(&failed(status, None, "SIMULATED X", "a/b"))["error"];
            assert_eq!(error["code"], status);
            assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()));
        }
    }

    #[test]
    fn waiting_comes_in_every_form() {
        let retry = |argument| {
            let reply = failed(429, argument, "SIMULATED X", "a/b");
            reply.headers.iter().find(|(name, _)| *name == "retry-after").map(|(_, value)| value.clone())
        };
        assert_eq!(retry(None).as_deref(), Some("1"));
        assert_eq!(retry(Some("7")).as_deref(), Some("7"));
        assert_eq!(retry(Some("none")), None);
        assert!(httpdate::parse_http_date(&retry(Some("date")).unwrap()).is_ok());
        let metadata = body(&failed(429, Some("metadata"), "SIMULATED X", "a/b"));
        assert!(metadata["error"]["metadata"]["headers"]["X-RateLimit-Reset"].as_str().unwrap().len() == 13);
        let daily = body(&failed(429, Some("daily"), "SIMULATED X", "a/b"));
        assert_eq!(daily["error"]["metadata"]["limit_source"], "openrouter_free_tier_daily");
        assert_eq!(failed(503, None, "SIMULATED X", "a/b").headers, []);
    }

    #[test]
    fn four_kinds_of_402_are_told_apart() {
        let source = |argument| body(&failed(402, argument, "p", "m"))["error"]["metadata"]["limit_source"].clone();
        assert_eq!(source(None), "openrouter_credits");
        assert_eq!(source(Some("in-flight")), "openrouter_in_flight_budget");
        assert_eq!(source(Some("key")), "openrouter_key_limit");
        assert_eq!(
            body(&failed(402, Some("weight"), "p", "m"))["error"]["metadata"]["reason"],
            "weight_exceeds_budget"
        );
    }
}
