//! Embeddings: texts in, a vector each out, in one request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use reqwest::header::HeaderMap;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::classify::{self, Place, local};
use super::details::{self, Details};
use super::error::{ApiError, ErrorKind};
use super::exchange::{Exchange, Usage};
use super::fold::{Answer, nothing};
use super::lenient::{Count, List, Maybe, Text};
use super::redact::Redactor;
use super::wire;

/// One request for the embeddings of some texts.
#[derive(Debug, Clone)]
pub struct EmbeddingsRequest {
    /// The JSON body as it is sent.
    pub body: Bytes,
    /// How many texts are in it, and so how many vectors must come back.
    pub texts: usize,
}

impl EmbeddingsRequest {
    /// A request for these texts. `params` are sent as they are, over everything that is sent by default.
    pub fn new(model: &str, texts: &[&str], provider: Option<&Value>, params: &Map<String, Value>) -> Self {
        let mut body = Map::new();
        body.insert("model".to_owned(), model.into());
        body.insert("input".to_owned(), json!(texts));
        body.insert("encoding_format".to_owned(), "float".into());
        if let Some(provider) = provider {
            body.insert("provider".to_owned(), provider.clone());
        }
        for (name, value) in params {
            body.insert(name.clone(), value.clone());
        }
        // A map of JSON values with text keys always serialises.
        Self { body: serde_json::to_vec(&body).unwrap_or_default().into(), texts: texts.len() }
    }
}

/// What came of a request for embeddings.
#[derive(Debug)]
pub struct Embedded {
    /// All that is known of the request; it has no text.
    pub exchange: Exchange,
    /// A vector a text, in their order, all of one length. Empty where the exchange has an error.
    pub vectors: Vec<Vec<f32>>,
}

/// The body of a success, read leniently: what has the wrong type is missing.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Body<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    model: Text<'a>,
    #[serde(borrow)]
    provider: Text<'a>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    usage: Maybe<wire::Usage<'a>>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Item<'a> {
    index: Count,
    #[serde(borrow)]
    embedding: Option<&'a RawValue>,
}

/// Reads a success: what it says of itself, and the vectors where all is well.
pub(super) fn read(bytes: &[u8], texts: usize, headers: &HeaderMap, redactor: &Redactor) -> (Answer, Vec<Vec<f32>>) {
    let text = String::from_utf8_lossy(bytes);
    let Ok(Maybe(Some(body))) = serde_json::from_str::<Maybe<Body<'_>>>(text.trim()) else {
        return (
            Answer { error: Some(nothing("list of embeddings", bytes, redactor)), ..Answer::default() },
            Vec::new(),
        );
    };
    let label = |text: &Text<'_>| text.some().map(|text| details::label(text, redactor));
    let mut answer = Answer {
        generation_id: label(&body.id),
        served_model: label(&body.model),
        provider: label(&body.provider),
        ..Answer::default()
    };
    if let Some(report) = &body.usage.0 {
        let mut usage = Usage::default();
        usage.update(report);
        answer.usage = Some(usage);
    }
    let error = body.error.and_then(|raw| serde_json::from_str::<Value>(raw.get()).ok());
    if let Some(error) = error.filter(details::says_something) {
        let place = Place { http: None, headers, after_output: false };
        answer.error = Some(classify::of_details(&Details::of(&error), &place, redactor));
        return (answer, Vec::new());
    }
    let Some(data) = body.data else {
        answer.error = Some(nothing("list of embeddings", bytes, redactor));
        return (answer, Vec::new());
    };
    match serde_json::from_str(data.get()).map_err(|_| "its `data` is no list".to_owned()) {
        Ok(List(items)) => match vectors(items, texts) {
            Ok(vectors) => return (answer, vectors),
            Err(message) => answer.error = Some(mismatch(&message)),
        },
        Err(message) => answer.error = Some(mismatch(&message)),
    }
    (answer, Vec::new())
}

fn mismatch(message: &str) -> ApiError {
    local(ErrorKind::Protocol, true, &format!("the answer does not fit the texts: {message}"))
}

/// The vectors in the order of the texts. Without any `index` they are taken as they stand.
fn vectors(items: Vec<Item<'_>>, texts: usize) -> Result<Vec<Vec<f32>>, String> {
    if items.len() != texts {
        return Err(format!("{} vectors for {texts} texts", items.len()));
    }
    let mut vectors: Vec<Option<Vec<f32>>> = vec![None; texts];
    let indexed = items.iter().any(|item| item.index.0.is_some());
    for (position, item) in items.into_iter().enumerate() {
        let index = match (indexed, item.index.0) {
            (false, _) => position,
            (true, None) => return Err("some vectors have an `index` and some have none".to_owned()),
            (true, Some(index)) => usize::try_from(index).unwrap_or(usize::MAX),
        };
        let vector = item.embedding.and_then(|raw| vector(raw.get()));
        let vector = vector.ok_or_else(|| format!("the embedding at `data[{position}]` is no list of numbers"))?;
        match vectors.get_mut(index) {
            Some(slot @ None) => *slot = Some(vector),
            Some(Some(_)) => return Err(format!("two vectors have the `index` {index}")),
            None => return Err(format!("a vector has the `index` {index}")),
        }
    }
    let vectors: Vec<Vec<f32>> = vectors.into_iter().flatten().collect();
    let length = vectors.first().map_or(0, Vec::len);
    if vectors.iter().any(|vector| vector.len() != length) {
        return Err("its vectors are of different lengths".to_owned());
    }
    Ok(vectors)
}

/// A list of numbers, or base64 of little-endian single floats from servers that send nothing else.
fn vector(json: &str) -> Option<Vec<f32>> {
    let numbers: Vec<f32> = if json.starts_with('"') {
        let bytes = STANDARD.decode(serde_json::from_str::<String>(json).ok()?).ok()?;
        let (chunks, []) = bytes.as_chunks::<4>() else { return None };
        chunks.iter().map(|chunk| f32::from_le_bytes(*chunk)).collect()
    } else {
        serde_json::from_str(json).ok()?
    };
    (!numbers.is_empty() && numbers.iter().all(|number| number.is_finite())).then_some(numbers)
}

#[cfg(test)]
mod tests;
