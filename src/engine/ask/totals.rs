//! What asking a judge has taken so far, and who is told.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;

use crate::engine::event::JudgeEvent;
use crate::units::Usd;

/// Something happened to a judge.
#[derive(Debug, Clone)]
pub struct JudgeNews {
    /// Its place in the list of judges.
    pub judge: usize,
    /// What.
    pub event: JudgeEvent,
}

/// What asking a judge has taken so far. A question is a chat, or a request for the embeddings of some texts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct JudgeTotals {
    /// The judge's name.
    pub model: String,
    /// Questions that came in.
    pub asked: u64,
    /// Those that were answered.
    pub answered: u64,
    /// Those that got no answer, other than by our own cancellation.
    pub failed: u64,
    /// What all requests cost, as far as known, to the last digit.
    pub cost: Usd,
    /// Questions some of whose cost is not known.
    pub cost_unknown: u64,
    /// Of the requests that gave answers, in milliseconds, in the order in which they came.
    pub latencies_ms: Vec<f32>,
}

/// Keeps a judge's totals, and passes on what happens.
#[derive(Debug)]
pub(super) struct Teller {
    judge: usize,
    totals: Arc<Mutex<JudgeTotals>>,
    listener: Option<UnboundedSender<JudgeNews>>,
}

impl Teller {
    pub(super) fn new(judge: usize, model: &str, listener: Option<UnboundedSender<JudgeNews>>) -> Self {
        let totals = JudgeTotals { model: model.to_owned(), ..JudgeTotals::default() };
        Self { judge, totals: Arc::new(Mutex::new(totals)), listener }
    }

    /// Where the totals are kept.
    pub(super) fn totals(&self) -> Arc<Mutex<JudgeTotals>> {
        Arc::clone(&self.totals)
    }

    pub(super) fn tell(&self, event: JudgeEvent) {
        self.count(&event);
        if let Some(listener) = &self.listener {
            let _ = listener.send(JudgeNews { judge: self.judge, event });
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "a microsecond more or less")]
    fn count(&self, event: &JudgeEvent) {
        let mut totals = lock(&self.totals);
        match event {
            JudgeEvent::Asked => totals.asked += 1,
            JudgeEvent::Answered { latency, cost, cost_unknown } => {
                totals.answered += 1;
                totals.cost += cost.unwrap_or_default();
                totals.cost_unknown += u64::from(*cost_unknown);
                totals.latencies_ms.extend(latency.map(|latency: Duration| (latency.as_secs_f64() * 1e3) as f32));
            }
            JudgeEvent::Failed { kind, cost, cost_unknown, .. } => {
                totals.failed += u64::from(kind != super::order::CANCELLED);
                totals.cost += cost.unwrap_or_default();
                totals.cost_unknown += u64::from(*cost_unknown);
            }
            _ => {}
        }
    }
}

/// What is behind a lock, also after a panic elsewhere: counters that are off by one beat a second panic.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
