//! What the server keeps of a request.

use std::time::Duration;

use serde_json::{Value, json};

use super::reply::{Answer, Reply};

/// How an exchange ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The reply was sent whole and the connection kept.
    Answered,
    /// The client closed the connection before the reply was over.
    ClosedByClient,
    /// The script closed or reset the connection.
    ClosedByServer,
}

/// One request for a chat or for embeddings.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// The request's `model`.
    pub(crate) model: String,
    /// The text of the last message.
    pub(crate) prompt: String,
    /// 1 for the first time this model is asked this prompt.
    pub(crate) attempt: usize,
    /// 1 for the first request to this model.
    pub(crate) number: usize,
    /// Whether a stream was asked for.
    pub(crate) stream: bool,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Value,
    /// When it had arrived whole, since the server's start.
    pub(crate) at: Duration,
    /// When and how it ended.
    pub(crate) ended: Option<(Duration, End)>,
}

impl Call {
    /// What the prompt tells the model to say: all after the last `say `.
    pub(crate) fn word(&self) -> &str {
        self.prompt.rsplit("say ").next().unwrap_or_default()
    }

    /// The answer that passes.
    pub(crate) fn answer(&self) -> Answer {
        Answer::new(self.word())
    }

    /// The reply that passes.
    pub(crate) fn echo(&self) -> Reply {
        self.answer().reply(self)
    }

    /// Embeddings of the texts asked for: each counts its letters, so texts of the same letters point the same way.
    pub(crate) fn embed(&self) -> Reply {
        let vector = |text: &Value| -> Vec<usize> {
            let text = text.as_str().unwrap_or_default().to_lowercase();
            ('a'..='z').map(|letter| text.matches(letter).count()).collect()
        };
        let texts = self.body["input"].as_array().cloned().unwrap_or_default();
        let data: Vec<Value> = (0..)
            .zip(&texts)
            .map(|(index, text): (usize, &Value)| json!({ "object": "embedding", "index": index, "embedding": vector(text) }))
            .collect();
        Reply::json(200, &[], &json!({ "object": "list", "model": self.model, "data": data }))
    }

    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}
