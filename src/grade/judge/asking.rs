//! One question to one judge: with a constrained output, and without where an endpoint refuses that.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value, json};

use crate::grade::services::{Ask, Reply, ServiceError, Services};

use super::settings::Settings;

/// Request fields that an endpoint refuses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct LeftOut {
    format: bool,
    temperature: bool,
}

impl LeftOut {
    /// What to leave out besides, after an error; `None`: it has another cause, or there is nothing more to try.
    fn after(self, error: &ServiceError) -> Option<Self> {
        let message = error.message.to_lowercase();
        let refused = error.kind == "bad_request";
        if refused && !self.temperature && message.contains("temperature") {
            return Some(Self { temperature: true, ..self });
        }
        // Some servers break on it instead of refusing it, and some routers find nobody who takes it.
        let named = ["response_format", "response format", "json_schema", "structured output", "requested parameters"];
        let about_format = refused || named.iter().any(|name| message.contains(name));
        (about_format && !self.format).then_some(Self { format: true, ..self })
    }
}

/// Asks judges, and remembers for the run what their endpoints refuse.
#[derive(Debug, Default)]
pub(super) struct Asking {
    refused: Mutex<HashMap<String, LeftOut>>,
}

impl Asking {
    /// Asks a model. A request that is refused for its form goes out again with less.
    ///
    /// # Errors
    /// What the service says.
    pub(super) async fn ask(
        &self,
        services: &dyn Services,
        settings: &Settings,
        model: &str,
        messages: Value,
    ) -> Result<Reply, ServiceError> {
        let mut left_out = self.known(model);
        loop {
            let ask = Ask { model: model.to_owned(), messages: messages.clone(), params: params(settings, left_out) };
            match services.ask(ask).await {
                Ok(reply) => {
                    self.remember(model, left_out);
                    return Ok(reply);
                }
                Err(error) => left_out = left_out.after(&error).ok_or(error)?,
            }
        }
    }

    fn known(&self, model: &str) -> LeftOut {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).get(model).copied().unwrap_or_default()
    }

    fn remember(&self, model: &str, left_out: LeftOut) {
        if left_out != LeftOut::default() {
            self.refused.lock().unwrap_or_else(PoisonError::into_inner).insert(model.to_owned(), left_out);
        }
    }
}

fn params(settings: &Settings, left_out: LeftOut) -> Map<String, Value> {
    let mut params = Map::new();
    if !left_out.temperature {
        params.insert("temperature".to_owned(), settings.temperature.into());
    }
    params.insert("max_tokens".to_owned(), settings.max_tokens.into());
    if !left_out.format {
        params.insert("response_format".to_owned(), response_format(settings));
    }
    params
}

/// The reason comes first: a verdict that follows from it is a better one.
fn response_format(settings: &Settings) -> Value {
    let key = settings.scale.key();
    let mut properties = Map::new();
    properties.insert("reason".to_owned(), json!({"type": "string"}));
    properties.insert(key.to_owned(), settings.scale.schema());
    json!({
        "type": "json_schema",
        "json_schema": {
            "name": "verdict",
            "strict": true,
            "schema": {
                "type": "object",
                "properties": properties,
                "required": ["reason", key],
                "additionalProperties": false,
            },
        },
    })
}
