//! `/key`, `/credits` and `/generation`: an account that has spent what this simulator charged.

use serde_json::{Value, json};

use super::chance::Chance;
use super::fault::{Faults, Kind};
use super::ledger::{Generation, Ledger};
use super::profile::Prices;
use super::wire::dollars;

/// The simulated account's credit in dollars.
const CREDIT: i64 = 100;
/// Units of [`Prices`] in a dollar.
const DOLLAR: i64 = 1_000_000_000_000;

/// Fields of a generation that must be there and of which a simulated one knows nothing.
const NULL_FIELDS: [&str; 18] = [
    "app_id",
    "native_tokens_completion_images",
    "num_media_prompt",
    "num_media_completion",
    "num_input_audio_prompt",
    "num_search_results",
    "num_fetches",
    "moderation_latency",
    "cache_discount",
    "router",
    "service_tier",
    "preset_id",
    "workspace_id",
    "external_user",
    "http_referer",
    "user_agent",
    "web_search_engine",
    "session_id",
];

/// `GET /key`.
pub(super) fn key(ledger: &Ledger, broke: bool, faults: &Faults) -> Value {
    let spent = if broke { CREDIT * DOLLAR } else { ledger.spent() };
    let (limit, left) = if faults.has(Kind::KeyUnlimited) {
        (Value::Null, Value::Null)
    } else {
        (CREDIT.into(), dollars((CREDIT * DOLLAR - spent).max(0)))
    };
    let spent = dollars(spent);
    json!({"data": {
        "label": "SIMULATED sk-or-v1-sim...key", "limit": limit, "limit_reset": null, "limit_remaining": left,
        "include_byok_in_limit": false, "usage": spent, "usage_daily": spent, "usage_weekly": spent,
        "usage_monthly": spent, "byok_usage": 0, "byok_usage_daily": 0, "byok_usage_weekly": 0, "byok_usage_monthly": 0,
        "is_free_tier": false, "is_provisioning_key": false, "is_management_key": false,
        "creator_user_id": "user_simulated", "expires_at": null,
        "rate_limit": {"requests": -1, "interval": "10s", "note": "This field is deprecated and safe to ignore."},
        "allowed_data_regions": ["global"], "budgets": [], "effective_budget": null,
        "free_model_daily_requests": {"limit": 1000, "used": 0, "remaining": 1000},
        "organization_id": null, "workspace_id": null,
    }})
}

/// `GET /credits`.
pub(super) fn credits(ledger: &Ledger, broke: bool) -> Value {
    let spent = if broke { CREDIT.into() } else { dollars(ledger.spent()) };
    json!({"data": {"total_credits": CREDIT, "total_usage": spent}})
}

/// `GET /generation?id=…`; `None`: not known, or not yet.
///
/// An id that no OpenRouter would give out (`gen-1`) gets a made-up generation, for clients that only check shapes.
pub(super) fn generation(ledger: &Ledger, id: &str) -> Option<Value> {
    let real_form = id.strip_prefix("gen-").and_then(|rest| rest.split_once('-')).is_some();
    let found = ledger.find(id).or_else(|| (id.starts_with("gen-") && !real_form).then(|| made_up(id)))?;
    let millis = |time: std::time::Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let cost = dollars(found.cost());
    let mut dice = Chance::new(0, &[b"upstream", id.as_bytes()]);
    let mut data = json!({
        "id": found.id, "upstream_id": format!("chatcmpl-{}", dice.alphanumeric(12)), "model": found.model,
        "provider_name": found.provider, "created_at": found.created_at, "api_type": "completions", "origin": "",
        "streamed": found.streamed, "cancelled": found.cancelled,
        "finish_reason": found.finish_reason, "native_finish_reason": found.finish_reason,
        "tokens_prompt": found.prompt_tokens, "tokens_completion": found.completion_tokens,
        "native_tokens_prompt": found.prompt_tokens, "native_tokens_completion": found.completion_tokens,
        "native_tokens_reasoning": found.reasoning_tokens, "native_tokens_cached": found.cached_tokens,
        "latency": millis(found.latency), "generation_time": millis(found.took),
        "total_cost": cost, "usage": cost, "upstream_inference_cost": 0, "is_byok": false, "data_region": "global",
        "provider_responses": [{"provider_name": found.provider, "status": 200, "latency": millis(found.latency)}],
        "request_id": format!("req-{}", dice.alphanumeric(12)),
    });
    for nothing in NULL_FIELDS {
        data[nothing] = Value::Null;
    }
    Some(json!({"data": data}))
}

fn made_up(id: &str) -> Generation {
    Generation {
        id: id.to_owned(),
        model: "openai/gpt-4o-mini".to_owned(),
        provider: "SIMULATED OpenAI".to_owned(),
        created_at: "2026-01-01T00:00:00Z".to_owned(),
        streamed: true,
        cancelled: false,
        finish_reason: Some("stop"),
        prompt_tokens: 10,
        cached_tokens: 0,
        completion_tokens: 25,
        reasoning_tokens: 0,
        prices: Prices::cents_per_million(15, 60),
        latency: std::time::Duration::from_millis(300),
        took: std::time::Duration::from_millis(900),
        late: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_that_openrouter_would_not_give_out_are_made_up() {
        let ledger = Ledger::default();
        assert_eq!(generation(&ledger, "gen-1").unwrap()["data"]["id"], "gen-1");
        assert_eq!(generation(&ledger, "gen-1700000000-AbCdEfGhIjKlMnOpQrSt"), None);
        assert_eq!(generation(&ledger, "nonsense"), None);
    }

    #[test]
    fn a_broke_account_has_nothing_left() {
        let ledger = Ledger::default();
        assert_eq!(key(&ledger, true, &Faults::default())["data"]["limit_remaining"], 0.0);
        assert_eq!(credits(&ledger, true)["data"]["total_usage"], 100);
        assert_eq!(key(&ledger, false, &Faults::default())["data"]["limit_remaining"], 100.0);
    }
}
