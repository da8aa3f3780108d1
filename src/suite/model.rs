//! The domain types: a suite whose every value is valid and every default merged.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::gate::Gate;
use crate::grade::GraderSet;
use crate::hub::Fetch;
use crate::units::Usd;

use super::Diagnostics;
use super::env::Env;
use super::pairwise::Pairwise;
use super::prompts::Compiled;

/// A benchmark suite, ready to be planned.
#[derive(Debug, Clone)]
pub struct Suite {
    /// The suite's `name`.
    pub name: String,
    /// What it measures, in the author's words.
    pub description: Option<String>,
    /// The file it was read from, as given.
    pub path: PathBuf,
    /// SHA-256 of the suite file's bytes, in lower-case hex.
    pub sha256: String,
    /// The models in file order; never empty, names unique.
    pub models: Vec<Model>,
    /// The models that graders ask, in the order in which they are needed first; names unique among them.
    pub judges: Vec<Model>,
    /// The prompts in file order; never empty, ids unique.
    pub prompts: Vec<Prompt>,
    /// The cases, inline ones first, then dataset rows in order; never empty, ids unique.
    pub cases: Vec<Case>,
    /// The files that cases were read from, in the order of reading.
    pub datasets: Vec<DatasetFile>,
    /// The variables of the environment that the suite declares, and what they hold.
    pub env: BTreeMap<String, String>,
    /// How often each case is asked; at least 1.
    pub repeat: u32,
    /// The suite's graders as they were written, for the manifest.
    pub graders: Value,
    /// How answers of two models are compared; `None`: they are not.
    pub pairwise: Option<Pairwise>,
    /// Stop launching once this much has been spent.
    pub budget: Option<Usd>,
    /// The suite's gates.
    pub gates: Vec<Gate>,
    /// With it, a gate needs its whole interval on the right side; in (0, 1).
    pub confidence: Option<f64>,
}

/// One entry under `models` or `judges`, with the suite's defaults merged in.
#[derive(Debug, Clone, Serialize)]
pub struct Model {
    /// What is sent as `model`.
    pub id: String,
    /// The unique label in every output.
    pub name: String,
    /// Where it is asked.
    pub endpoint: Endpoint,
    /// Time and rate limits of its lane.
    pub limits: Limits,
    /// Whether answers are streamed.
    pub stream: bool,
    /// Request fields sent as they are. Of a model under test they always hold `max_tokens` or
    /// `max_completion_tokens`; of a judge they are those written on it, over what its grader asks with.
    pub params: Map<String, Value>,
    /// OpenRouter provider routing, sent as `provider`.
    pub provider: Option<Value>,
    /// Sent as OpenRouter `models` after the model itself.
    pub fallbacks: Vec<String>,
}

/// An OpenAI-compatible endpoint. Two models with equal endpoints share an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Endpoint {
    /// For example `https://openrouter.ai/api/v1`; no trailing slash, no credentials in it.
    pub base_url: String,
    /// The environment variable that holds the key; `None`: no key is sent.
    pub api_key_env: Option<String>,
    /// Extra request headers in file order: name, value.
    pub headers: Vec<(String, String)>,
}

/// The time and rate limits of a model's lane.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Limits {
    /// One attempt, connect to last byte.
    pub timeout: Duration,
    /// One attempt, connect to the first token of content or reasoning. Streaming only.
    pub first_token_timeout: Option<Duration>,
    /// Between two chunks of a stream.
    pub idle_timeout: Option<Duration>,
    /// The model's whole run.
    pub deadline: Option<Duration>,
    /// Requests in flight; at least 1.
    pub concurrency: u32,
    /// Requests started a minute.
    pub requests_per_minute: Option<u32>,
    /// Prompt and completion tokens a minute.
    pub tokens_per_minute: Option<u32>,
    /// Further attempts after a retryable failure.
    pub retries: u32,
    /// Consecutive cells ended in error or timeout after which the model's run is cancelled; at least 1.
    pub give_up_after: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            timeout: Duration::from_mins(1),
            first_token_timeout: None,
            idle_timeout: None,
            deadline: None,
            concurrency: 8,
            requests_per_minute: None,
            tokens_per_minute: None,
            retries: 3,
            give_up_after: 10,
        }
    }
}

/// One prompt: a list of messages with templates in their texts.
#[derive(Debug, Clone, Serialize)]
pub struct Prompt {
    /// The unique id; `default` for the one prompt of a suite with `prompt:`.
    pub id: String,
    /// What is asked; empty where every case brings its own.
    #[serde(skip_serializing_if = "Messages::is_empty")]
    pub messages: Messages,
    /// The prompts that datasets bring, ids unique among them, where the suite has none: each case names its own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub by_dataset: Vec<Self>,
    /// The same with every template compiled; made by [`super::load()`].
    #[serde(skip)]
    pub(super) compiled: Arc<Compiled>,
    /// What its templates see of the environment.
    #[serde(skip)]
    pub(super) env: Env,
}

/// The messages of a prompt.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Messages {
    /// One by one.
    Listed(Vec<Message>),
    /// A template that gives the whole list.
    Template(String),
}

impl Messages {
    /// Whether nothing is asked.
    pub const fn is_empty(&self) -> bool {
        matches!(self, Self::Listed(messages) if messages.is_empty())
    }
}

/// One message of a prompt.
#[derive(Debug, Clone, Serialize)]
pub struct Message {
    /// `system`, `user`, `assistant`, `tool`, `developer` or any other word the endpoint knows.
    pub role: String,
    /// Its text or parts.
    pub content: MessageContent,
    /// Any further fields of the message (`name`, `tool_call_id`, `tool_calls` …), sent as they are.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

/// A message's content: one template, or parts in whose every text is a template.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum MessageContent {
    /// One template.
    Text(String),
    /// Multimodal parts (`text`, `image_url`, `file`, `input_audio` …), passed through; local images and PDFs have
    /// become data URLs where their path is no template.
    Parts(Vec<Value>),
}

/// One set of variables with what is expected of the answer. Kept small: a suite may hold a million of them, so its
/// variables and expectation are compact JSON text, parsed when the case is asked.
#[derive(Debug, Clone)]
pub struct Case {
    /// The unique id.
    pub id: Box<str>,
    /// The variables, a JSON object.
    pub vars: Box<str>,
    /// What graders compare with, templates rendered: any JSON value.
    pub expect: Option<Box<str>>,
    /// Its tags, in file order.
    pub tags: Box<[Arc<str>]>,
    /// The suite's graders and the case's own, built. Cases with the same graders share one set.
    pub graders: Arc<GraderSet>,
    /// What it is asked with instead of the suite's prompt: the one that its dataset brings.
    pub prompt: Option<Arc<Prompt>>,
}

impl Case {
    /// What it is asked with where its suite says this prompt.
    pub fn asked_with<'a>(&'a self, prompt: &'a Prompt) -> &'a Prompt {
        self.prompt.as_deref().unwrap_or(prompt)
    }

    /// The variables as a JSON object.
    pub fn variables(&self) -> Map<String, Value> {
        serde_json::from_str(&self.vars).unwrap_or_default()
    }

    /// What graders compare with.
    pub fn expected(&self) -> Option<Value> {
        self.expect.as_deref().and_then(|text| serde_json::from_str(text).ok())
    }

    /// The expectation as people read it: a text as it is, anything else as compact JSON.
    pub fn expected_text(&self) -> Option<String> {
        self.expected().map(|value| match value {
            Value::String(text) => text,
            other => other.to_string(),
        })
    }
}

/// A file that cases were read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetFile {
    /// As the suite names it; a file of the hub with its revision pinned.
    pub path: String,
    /// How it was read, in words: ``csv, `;` between fields``.
    pub format: String,
    /// Rows that were read.
    pub rows: u64,
    /// Cases that came of them.
    pub cases: u64,
    /// SHA-256 of the file as it lies on the disk, in lower-case hex; `None` where not all of it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// What the command line says over the suite file. `None`: the file decides.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// For every model and judge, its own endpoint too.
    pub base_url: Option<String>,
    /// With `Some(None)` no key is sent to any model or judge.
    pub api_key_env: Option<Option<String>>,
    /// For every model.
    pub timeout: Option<Duration>,
    /// For every model.
    pub deadline: Option<Duration>,
    /// Request fields for every model, over its own.
    pub params: Vec<(String, Value)>,
    /// How often each case is asked.
    pub repeat: Option<u32>,
    /// The run's budget.
    pub budget: Option<Usd>,
    /// Gates besides the suite's, as text.
    pub gates: Vec<String>,
    /// In (0, 1).
    pub confidence: Option<f64>,
}

/// How a suite is read.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// What the command line says over the file.
    pub overrides: Overrides,
    /// What there is besides files.
    pub outside: Outside,
}

/// What a suite may ask for besides files; by default nothing of it is there.
#[derive(Debug, Clone, Default)]
pub struct Outside {
    /// The environment's variables, of which only declared ones are asked for.
    pub variable: Option<fn(&str) -> Option<String>>,
    /// Standard input, for the dataset `-`.
    pub stdin: Option<fn() -> Box<dyn Read>>,
    /// Whether it was read, by any suite of the command: what was read is gone.
    pub stdin_used: Arc<AtomicBool>,
    /// For datasets named `hf://…`.
    pub hub: Option<Arc<dyn Fetch>>,
}

/// A suite that can be run, with the remarks its author should read.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The suite.
    pub suite: Suite,
    /// Warnings only.
    pub warnings: Diagnostics,
}
