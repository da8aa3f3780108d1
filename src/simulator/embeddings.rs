//! `POST /embeddings`: texts that share words get vectors that point the same way.

use base64::Engine;
use serde_json::{Value, json};

use super::chance::{Chance, digest};
use super::errors::refused;
use super::profile::{Prices, Profile};
use super::reply::Reply;
use super::request::split_faults;
use super::tokens;
use super::wire::dollars;

/// The usual length of a vector; `dimensions` asks for another.
const DIMENSIONS: usize = 256;

/// Answers an embeddings request.
pub(super) fn answer(seed: u64, body: &[u8]) -> Reply {
    let Ok(body) = serde_json::from_slice::<Value>(body) else { return refused(400, "Invalid JSON in request body") };
    let Some(requested) = body.get("model").and_then(Value::as_str) else { return refused(400, "No models provided") };
    let model = split_faults(requested).map_or(requested, |(model, _)| model);
    if model.contains("does-not-exist") {
        return refused(404, &format!("No endpoints found for {model}"));
    }
    let inputs: Vec<String> = match body.get("input") {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(items)) if items.first().is_some_and(Value::is_number) => {
            vec![Value::from(items.clone()).to_string()]
        }
        Some(Value::Array(items)) => {
            items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect()
        }
        _ => Vec::new(),
    };
    if inputs.is_empty() {
        return refused(400, "\"input\" must be a text or a list of texts");
    }
    let length = body.get("dimensions").and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    let length = length.unwrap_or(DIMENSIONS).clamp(1, 4096);
    let base64 = body.get("encoding_format").and_then(Value::as_str) == Some("base64");
    let data: Vec<Value> = (0..)
        .zip(&inputs)
        .map(|(index, text): (usize, &String)| {
            let vector = embed(seed, model, text, length);
            let embedding = if base64 {
                let bytes: Vec<u8> = vector.iter().flat_map(|x| x.to_le_bytes()).collect();
                base64::engine::general_purpose::STANDARD.encode(bytes).into()
            } else {
                json!(vector)
            };
            json!({"object": "embedding", "index": index, "embedding": embedding})
        })
        .collect();
    let count: u32 = inputs.iter().map(|text| tokens::count(text)).sum();
    let profile = Profile::find(model);
    let cost = dollars(i64::from(count) * Prices::cents_per_million(2, 0).prompt);
    let id = digest(&[model.as_bytes(), inputs.concat().as_bytes()]);
    Reply::json(
        200,
        &json!({"id": format!("gen-emb-{id:016x}"), "object": "list", "model": model,
            "provider": profile.provider_name(), "data": data,
            "usage": {"prompt_tokens": count, "total_tokens": count, "cost": cost, "is_byok": false}}),
    )
}

/// The sum of a fixed random direction for every word, at length 1.
fn embed(seed: u64, model: &str, text: &str, length: usize) -> Vec<f32> {
    let mut sum = vec![0.0_f64; length];
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    // The empty text too points somewhere.
    for word in words.chain(std::iter::once("\u{0}")) {
        let mut chance = Chance::new(seed, &[b"embed", model.as_bytes(), word.as_bytes()]);
        let weight = if word == "\u{0}" { 0.1 } else { 1.0 };
        for value in &mut sum {
            *value += weight * chance.between(-1.0, 1.0);
        }
    }
    let norm = sum.iter().map(|x| x * x).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
    #[expect(clippy::cast_possible_truncation, reason = "embeddings are single precision")]
    sum.into_iter().map(|x| (x / norm) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_share_words_are_closer() {
        let dot = |a, b| -> f32 {
            let (a, b) = (embed(1, "m", a, 256), embed(1, "m", b, 256));
            a.iter().zip(&b).map(|(x, y)| x * y).sum()
        };
        assert!((dot("a red fox", "a red fox") - 1.0).abs() < 1e-5);
        assert!(dot("a red fox", "A red dog") > dot("a red fox", "blue whales sing") + 0.3);
        assert!(dot("", "").is_finite());
    }
}
