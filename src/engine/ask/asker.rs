//! The side of the graders: whom to ask, and what a cell has asked.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::grade::{Ask, Reply, ServiceError, Services};
use crate::journal::AskRecord;
use crate::openrouter::{Body, ChatRequest, Client, is_openrouter};
use crate::suite::{Model, merged_params};
use crate::units::Usd;

use super::desk::Desk;
use super::order::{self, Asked, CANCELLED, Message, Ticket};
use super::totals::{JudgeNews, JudgeTotals, Teller, lock};

/// The models that graders ask, each with a lane of its own that keeps its limits. Clones are the same asker; when the
/// last one is dropped everything in flight is cancelled.
///
/// An embedding is asked for once for each distinct text, up to 64 of them in one request; up to 256 MiB of vectors a
/// model are kept, past that the oldest are asked for again.
#[derive(Debug, Clone)]
pub struct Asker(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    judges: HashMap<String, Judge>,
    totals: Vec<Arc<Mutex<JudgeTotals>>>,
    programs_allowed: bool,
    /// The number of the next question.
    next: AtomicU32,
    /// The judges' tasks. They end with this.
    _desks: JoinSet<()>,
}

#[derive(Debug)]
struct Judge {
    model: Arc<Model>,
    openrouter: bool,
    desk: UnboundedSender<Message>,
}

impl Asker {
    /// Starts a lane for each judge; nothing is sent before somebody asks. Has to be called on a runtime.
    ///
    /// `cancel` ends every question at once with an error of the kind `cancelled`. What happens is told to `listener`.
    pub fn new(
        judges: Vec<(Model, Client)>,
        programs_allowed: bool,
        cancel: CancellationToken,
        seed: u64,
        listener: Option<UnboundedSender<JudgeNews>>,
    ) -> Self {
        let mut desks = JoinSet::new();
        let mut totals = Vec::new();
        let mut known = HashMap::new();
        for (index, (model, client)) in judges.into_iter().enumerate() {
            let (desk, inbox) = unbounded_channel();
            let teller = Teller::new(index, &model.name, listener.clone());
            totals.push(teller.totals());
            let model = Arc::new(model);
            // Each lane draws its own jitter.
            let seed = seed.wrapping_add(index as u64);
            desks.spawn(Desk::new(Arc::clone(&model), client, inbox, cancel.clone(), seed, teller).run());
            let openrouter = is_openrouter(&model.endpoint.base_url);
            known.insert(model.name.clone(), Judge { model, openrouter, desk });
        }
        Self(Arc::new(Inner { judges: known, totals, programs_allowed, next: AtomicU32::new(0), _desks: desks }))
    }

    /// The services of one cell's grading; they remember what it asked.
    pub fn for_cell(&self) -> CellServices {
        CellServices { asker: self.clone(), asked: Arc::default() }
    }

    /// What all judges have cost so far, as far as known.
    pub fn cost(&self) -> Usd {
        self.0.totals.iter().map(|totals| lock(totals).cost).fold(Usd::ZERO, |sum, cost| sum + cost)
    }

    /// What each judge has taken so far, in the order of the judges.
    pub fn totals(&self) -> Vec<JudgeTotals> {
        self.0.totals.iter().map(|totals| lock(totals).clone()).collect()
    }
}

/// The services of one cell's grading.
#[derive(Debug)]
pub struct CellServices {
    asker: Asker,
    asked: Arc<Asked>,
}

impl CellServices {
    /// What was asked for this cell, in the order of asking. Waits for what is still open, so to be called when the
    /// grading has ended or was dropped.
    pub async fn asked(self) -> Vec<AskRecord> {
        self.asked.settled().await
    }

    /// Whether some answer was not given because of a cancellation: then the grades say nothing of the cell.
    pub fn was_cancelled(&self) -> bool {
        self.asked.was_cancelled()
    }

    fn judge(&self, name: &str) -> Result<&Judge, ServiceError> {
        self.asker.0.judges.get(name).ok_or_else(|| ServiceError {
            kind: "unavailable".to_owned(),
            message: format!("`{name}` is not among the models that graders of this run may ask"),
        })
    }

    /// Sends a question to a judge's desk.
    fn send<T>(
        &self,
        judge: &Judge,
        message: impl FnOnce(u32, order::Asker<T>) -> Message,
    ) -> Result<Waiting<T>, ServiceError> {
        let id = self.asker.0.next.fetch_add(1, Ordering::Relaxed);
        let (asker, answer) = order::Asker::new(Ticket::new(&self.asked, id));
        judge.desk.send(message(id, asker)).map_err(|_| gone())?;
        Ok(Waiting { id, desk: judge.desk.clone(), answer: Some(answer) })
    }
}

impl Services for CellServices {
    fn ask(&self, ask: Ask) -> BoxFuture<'_, Result<Reply, ServiceError>> {
        async move {
            let judge = self.judge(&ask.model)?;
            let model = &judge.model;
            let params = merged_params(ask.params.iter().chain(&model.params));
            let body = Body {
                model: &model.id,
                messages: &ask.messages,
                params: &params,
                provider: model.provider.as_ref(),
                fallbacks: &model.fallbacks,
                stream: model.stream,
                openrouter: judge.openrouter,
            };
            let request = ChatRequest { body: body.to_bytes(), stream: body.streams() };
            self.send(judge, |id, asker| Message::Chat { id, request, asker })?.answer().await
        }
        .boxed()
    }

    fn embed<'a>(&'a self, model: &'a str, text: &'a str) -> BoxFuture<'a, Result<Arc<[f32]>, ServiceError>> {
        async move {
            let judge = self.judge(model)?;
            self.send(judge, |id, asker| Message::Embed { id, text: text.into(), asker })?.answer().await
        }
        .boxed()
    }

    fn programs_allowed(&self) -> bool {
        self.asker.0.programs_allowed
    }
}

/// An answer that is waited for. Dropping it cancels the question.
struct Waiting<T> {
    id: u32,
    desk: UnboundedSender<Message>,
    /// Taken out when it has come.
    answer: Option<oneshot::Receiver<Result<T, ServiceError>>>,
}

impl<T> Waiting<T> {
    async fn answer(mut self) -> Result<T, ServiceError> {
        let Some(answer) = &mut self.answer else { return Err(gone()) };
        let result = answer.await;
        self.answer = None;
        result.unwrap_or_else(|_| Err(gone()))
    }
}

impl<T> Drop for Waiting<T> {
    fn drop(&mut self) {
        if self.answer.is_some() {
            let _ = self.desk.send(Message::Withdraw(self.id));
        }
    }
}

/// The desk is closed: the run is over.
fn gone() -> ServiceError {
    ServiceError { kind: CANCELLED.to_owned(), message: "cancelled".to_owned() }
}
