//! What a grader may use besides the answer: other models, programs, and what was asked. Graders see traits only; the
//! engine brings the models with lanes, limits, retries and a journal of their own.

use std::fmt::Debug;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Map, Value};

use crate::units::Usd;

/// What a grader needs besides the answer. Known before anything is sent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Needs {
    /// Models it asks.
    pub models: Vec<ModelNeed>,
    /// Programs it runs, as a user would recognise them (`python3 grade.py`). Not empty: only with `--allow-commands`.
    pub programs: Vec<String>,
    /// What has to be there for them: names that are looked for along `PATH`, or paths.
    pub executables: Vec<PathBuf>,
}

impl Needs {
    /// Whether grading may have to wait for somebody.
    pub fn waits(&self) -> bool {
        !self.models.is_empty() || !self.programs.is_empty()
    }

    /// With what another grader needs.
    pub fn extend(&mut self, other: Self) {
        self.models.extend(other.models);
        self.programs.extend(other.programs);
        self.executables.extend(other.executables);
    }
}

/// A model that a grader asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelNeed {
    /// A name under the suite's `judges`, else a model id.
    pub model: String,
    /// The option that names it, as a path inside the grader's map: `models[1]`.
    pub option: String,
    /// What it is asked for.
    pub kind: ModelKind,
}

/// What a model is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ModelKind {
    /// Chat completions.
    Chat,
    /// Embeddings.
    Embeddings,
}

/// The conversation that was answered.
pub trait Asked: Debug + Send + Sync {
    /// The messages as they were sent: a JSON list of `{role, content, …}`.
    ///
    /// # Errors
    /// Where they cannot be made again (a file they name has vanished).
    fn messages(&self) -> Result<Value, String>;
}

/// Nobody asked anything, or it is not known.
impl Asked for () {
    fn messages(&self) -> Result<Value, String> {
        Ok(Value::Array(Vec::new()))
    }
}

/// A question to a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// The model, as in [`ModelNeed::model`].
    pub model: String,
    /// A JSON list of messages.
    pub messages: Value,
    /// Request fields, each unless the model has a setting of its own for it: `temperature`, `response_format` …
    pub params: Map<String, Value>,
}

/// What a model said.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reply {
    /// The visible answer.
    pub text: String,
    /// Why it ended.
    pub finish_reason: Option<String>,
    /// Set when the model declined.
    pub refusal: Option<String>,
    /// What all attempts cost, where known.
    pub cost: Option<Usd>,
    /// Of the attempt that gave the answer.
    pub latency: Option<Duration>,
}

/// Why a service gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ServiceError {
    /// `error_kind`: `bad_request`, `timeout`, `cancelled` …
    pub kind: String,
    /// A lower-case fragment for people.
    pub message: String,
}

/// The models and programs that graders may use. Every future ends at once, with an error, when the run is cancelled.
pub trait Services: Debug + Send + Sync {
    /// Asks a model; waits for its lane, retries included.
    fn ask(&self, ask: Ask) -> BoxFuture<'_, Result<Reply, ServiceError>>;

    /// The embedding of a text. Asked once for each distinct text of a run.
    fn embed<'a>(&'a self, model: &'a str, text: &'a str) -> BoxFuture<'a, Result<Arc<[f32]>, ServiceError>>;

    /// Whether the user has allowed graders to run programs.
    fn programs_allowed(&self) -> bool;
}

/// No services: for graders that need none.
impl Services for () {
    fn ask(&self, ask: Ask) -> BoxFuture<'_, Result<Reply, ServiceError>> {
        nobody(&ask.model).boxed()
    }

    fn embed<'a>(&'a self, model: &'a str, _: &'a str) -> BoxFuture<'a, Result<Arc<[f32]>, ServiceError>> {
        nobody(model).boxed()
    }

    fn programs_allowed(&self) -> bool {
        false
    }
}

fn nobody<T>(model: &str) -> std::future::Ready<Result<T, ServiceError>> {
    let message = format!("`{model}` cannot be asked here");
    std::future::ready(Err(ServiceError { kind: "unavailable".to_owned(), message }))
}
