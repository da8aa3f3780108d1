//! `/models`, `/models/count`, one model, its endpoints, and the providers.

use serde_json::{Value, json};

use super::profile::{Prices, Profile, Thinking};
use super::roster::roster;

/// Parameters every simulated model takes.
const PARAMETERS: [&str; 12] = [
    "frequency_penalty",
    "max_tokens",
    "presence_penalty",
    "response_format",
    "seed",
    "stop",
    "structured_outputs",
    "temperature",
    "tool_choice",
    "tools",
    "top_k",
    "top_p",
];

/// `GET /models`, a page of it where `offset` or `limit` ask for one.
pub(super) fn models(offset: usize, limit: Option<usize>, prices_known: bool) -> Value {
    let page: Vec<Value> =
        roster().iter().skip(offset).take(limit.unwrap_or(usize::MAX)).map(|p| model(p, prices_known)).collect();
    let end = offset + page.len();
    let more = limit.is_some_and(|_| end < roster().len());
    let next = more.then(|| format!("/api/v1/models?offset={end}&limit={}", limit.unwrap_or_default()));
    json!({"data": page, "total_count": roster().len(), "links": {"next": next}})
}

/// `GET /models/count`.
pub(super) fn count() -> Value {
    json!({"data": {"count": roster().len()}})
}

/// One entry of `/models`.
pub(super) fn model(profile: &Profile, prices_known: bool) -> Value {
    let mut model = json!({
        "id": profile.id, "canonical_slug": profile.id, "name": profile.name, "created": profile.created,
        "description": format!("SIMULATED: not the real {}. Its answers are made up by `bench simulate`.", profile.name),
        "context_length": profile.context, "architecture": architecture(profile),
        "pricing": pricing(profile, prices_known),
        "top_provider": {"context_length": profile.context, "max_completion_tokens": profile.max_completion,
            "is_moderated": profile.author() == "openai"},
        "per_request_limits": null, "supported_parameters": parameters(profile), "default_parameters": {},
        "links": {"details": format!("/api/v1/models/{}/endpoints", profile.id)}, "supported_voices": null,
    });
    if let Some(Thinking { mandatory, .. }) = profile.thinking {
        model["reasoning"] = json!({"mandatory": mandatory, "supported_efforts": ["high", "medium", "low"],
            "default_effort": "medium", "default_enabled": true, "supports_max_tokens": true});
    }
    model
}

fn architecture(profile: &Profile) -> Value {
    let (modality, inputs) =
        if profile.vision { ("text+image->text", vec!["text", "image", "file"]) } else { ("text->text", vec!["text"]) };
    json!({"modality": modality, "input_modalities": inputs, "output_modalities": ["text"], "tokenizer": "Other",
        "instruct_type": null})
}

fn parameters(profile: &Profile) -> Vec<&'static str> {
    let reasoning: &[&str] =
        if profile.thinking.is_some() { &["include_reasoning", "reasoning", "reasoning_effort"] } else { &[] };
    PARAMETERS.iter().chain(reasoning).copied().collect()
}

fn pricing(profile: &Profile, known: bool) -> Value {
    let price = |units| if known { Prices::dollars(units).to_string() } else { "-1".to_owned() };
    let Prices { prompt, completion, cache_read } = profile.prices;
    json!({"prompt": price(prompt), "completion": price(completion), "request": "0", "image": "0", "web_search": "0",
        "internal_reasoning": "0", "input_cache_read": price(cache_read), "discount": 0})
}

/// `GET /models/{author}/{slug}/endpoints`.
pub(super) fn endpoints(profile: &Profile) -> Value {
    let rate = profile.speed.rate;
    let ttft = profile.speed.ttft.as_secs_f64();
    let spread = |value: f64, factors: [f64; 4]| {
        let [p50, p75, p90, p99] = factors.map(|factor| (value * factor * 100.0).round() / 100.0);
        json!({"p50": p50, "p75": p75, "p90": p90, "p99": p99})
    };
    let tag = profile.provider.to_lowercase().replace(' ', "-");
    json!({"data": {
        "id": profile.id, "name": profile.name, "created": profile.created,
        "description": "SIMULATED", "architecture": architecture(profile),
        "endpoints": [{
            "name": format!("{} | {}", profile.provider_name(), profile.id), "model_id": profile.id,
            "model_name": profile.name, "context_length": profile.context, "pricing": pricing(profile, true),
            "provider_name": profile.provider_name(), "tag": tag, "quantization": null,
            "max_completion_tokens": profile.max_completion, "max_prompt_tokens": null,
            "supported_parameters": parameters(profile), "status": 0,
            "uptime_last_30m": 99.9, "uptime_last_5m": null, "uptime_last_1d": 99.8,
            "supports_implicit_caching": true, "supports_voice_cloning": false,
            "latency_last_30m": spread(ttft, [1.0, 1.2, 1.5, 2.5]),
            "throughput_last_30m": spread(rate, [1.0, 0.9, 0.75, 0.5]),
            "native_tools": {}, "service_tier": null, "supports_diarization": false,
            "supports_tool_choice": {"auto": true, "none": true, "required": true, "function": true},
        }],
    }})
}

/// `GET /providers`.
pub(super) fn providers() -> Value {
    let mut names: Vec<&str> = roster().iter().map(|profile| &*profile.provider).collect();
    names.sort_unstable();
    names.dedup();
    let entry = |name: &str| {
        json!({"name": format!("SIMULATED {name}"), "slug": name.to_lowercase().replace(' ', "-"),
            "privacy_policy_url": null, "terms_of_service_url": null, "status_page_url": null})
    };
    json!({"data": names.into_iter().map(entry).collect::<Vec<_>>()})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_together_are_the_whole_list() {
        let ids = |value: &Value| -> Vec<Value> {
            value["data"].as_array().unwrap().iter().map(|model| model["id"].clone()).collect()
        };
        let whole = models(0, None, true);
        assert_eq!((ids(&whole).len(), &whole["links"]["next"]), (12, &Value::Null));
        let (one, two) = (models(0, Some(7), true), models(7, Some(7), true));
        assert_eq!(one["links"]["next"], "/api/v1/models?offset=7&limit=7");
        assert_eq!([ids(&one), ids(&two)].concat(), ids(&whole));
        assert_eq!(two["links"]["next"], Value::Null);
        assert!(ids(&models(99, Some(1), true)).is_empty());
    }

    #[test]
    fn prices_are_decimal_strings_and_can_be_unknown() {
        let mini = Profile::find("openai/gpt-4o-mini");
        assert_eq!(model(&mini, true)["pricing"]["completion"], "0.0000006");
        assert_eq!(model(&mini, false)["pricing"]["prompt"], "-1");
    }
}
