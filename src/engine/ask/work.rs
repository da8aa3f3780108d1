//! A question under way, and what its request came to.

use tokio_util::sync::CancellationToken;

use crate::engine::attempt::tokens_taken;
use crate::engine::lane::{Job, Outcome};
use crate::grade::{Reply, ServiceError};
use crate::journal::{AttemptRecord, ErrorInfo, Verdict};
use crate::openrouter::{ApiError, ChatRequest, EmbeddingsRequest, ErrorKind, Exchange, Scope};

use super::order::{Asker, CANCELLED};
use super::texts::Wanted;

/// What is asked in one request.
#[derive(Debug)]
pub(super) enum What {
    Chat(ChatRequest, Asker<Reply>),
    Embeddings(EmbeddingsRequest, Vec<Wanted>),
}

/// A question under way.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) what: What,
    /// Requests made before it was what it is now.
    pub(super) earlier: Vec<AttemptRecord>,
    pub(super) cancel: CancellationToken,
    pub(super) in_flight: bool,
}

/// A request that ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) job: Job,
    /// `None`: its task broke.
    pub(super) came: Option<(Exchange, Vec<Vec<f32>>)>,
}

impl Order {
    pub(super) fn outcome(&self, exchange: &Exchange) -> Outcome {
        let body = match &self.what {
            What::Chat(request, _) => request.body.len(),
            What::Embeddings(request, _) => request.body.len(),
        };
        match &exchange.error {
            Some(error) if error.kind == ErrorKind::Cancelled => Outcome::Cancelled,
            Some(error) => Outcome::Failed(error.clone()),
            None => Outcome::Answered { verdict: Some(Verdict::Pass), tokens: Some(tokens_taken(exchange, body)) },
        }
    }

    /// Whether an error may be the matter of some of its texts, or of their number.
    pub(super) fn splits_on(&self, error: &ApiError) -> bool {
        use ErrorKind::{BadRequest, ContextLength, Moderation, PayloadTooLarge, TooDear, TooLarge};
        let several = matches!(&self.what, What::Embeddings(_, wanted) if wanted.len() > 1);
        let of_texts = [BadRequest, ContextLength, Moderation, PayloadTooLarge, TooDear, TooLarge];
        several && of_texts.contains(&error.kind) && error.scope == Scope::Cell
    }
}

pub(super) fn info(error: &ServiceError) -> ErrorInfo {
    ErrorInfo { kind: error.kind.clone(), message: error.message.clone() }
}

pub(super) fn cancelled() -> ServiceError {
    ServiceError { kind: CANCELLED.to_owned(), message: "cancelled".to_owned() }
}

pub(super) fn broken() -> ApiError {
    ApiError {
        kind: ErrorKind::Protocol,
        scope: Scope::Cell,
        retryable: false,
        status: None,
        message: "internal error: the request panicked; please report this as a bug".to_owned(),
        provider: None,
        error_type: None,
        raw: None,
        retry_after: None,
    }
}
