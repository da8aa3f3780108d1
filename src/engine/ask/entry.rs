//! What a question took → its record, or one for each cell that needed its request.

use std::sync::Arc;

use crate::engine::attempt::{error_info, ms};
use crate::journal::{AskKind, AskRecord, AttemptRecord, CostSource, ErrorInfo, Tokens};
use crate::openrouter::Exchange;
use crate::text::excerpt;
use crate::units::Usd;

use super::order::Ticket;
use super::share;

/// The most that is kept of a judge's answer, in bytes.
const OUTPUT_LIMIT: usize = 4 << 10;

/// What was done for a question, its requests in order.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) attempts: Vec<AttemptRecord>,
    /// Waiting before the last of them.
    pub(super) queue_ms: Option<f64>,
    /// What came back at last.
    pub(super) exchange: Option<Exchange>,
    /// Why there is no answer.
    pub(super) error: Option<ErrorInfo>,
}

impl Done {
    /// What its requests cost, as far as known.
    pub(super) fn cost(&self) -> Option<Usd> {
        cost_of(&self.attempts)
    }

    /// Whether a request was sent whose cost nobody reported.
    pub(super) fn cost_unknown(&self) -> bool {
        self.attempts.iter().any(AttemptRecord::cost_unknown)
    }

    /// The record of a chat.
    pub(super) fn record(&self, model: &str, kind: AskKind) -> AskRecord {
        let answered = self.exchange.as_ref().filter(|exchange| exchange.error.is_none());
        let said = |exchange: &Exchange| excerpt(&exchange.text, OUTPUT_LIMIT).into_owned();
        let cost = self.cost();
        AskRecord {
            model: model.to_owned(),
            kind,
            texts: None,
            attempts: self.attempts.clone(),
            output: answered.filter(|_| kind == AskKind::Chat).map(said),
            latency_ms: answered.filter(|exchange| !exchange.cached).map(|exchange| ms(exchange.timing.end)),
            queue_ms: self.queue_ms,
            tokens: self.exchange.as_ref().map(tokens).unwrap_or_default(),
            cost,
            cost_source: cost.map(|_| CostSource::Reported),
            served_model: answered.and_then(|exchange| exchange.served_model.clone()),
            finish_reason: answered.and_then(|exchange| exchange.finish_reason.clone()),
            error: self.error.clone().or_else(|| self.exchange.as_ref()?.error.as_ref().map(error_info)),
        }
    }

    /// Enters an embeddings request with the cells that wanted its texts first, each text an equal share.
    pub(super) fn enter_shares(&self, model: &str, texts: &[&Ticket]) {
        let whole = self.record(model, AskKind::Embedding);
        let attempts: Vec<Option<Vec<Usd>>> =
            whole.attempts.iter().map(|attempt| attempt.cost.map(|cost| share::of_cost(cost, texts.len()))).collect();
        let prompt = whole.tokens.prompt.map(|tokens| share::of_count(tokens, texts.len()));
        let mut cells: Vec<(&Ticket, Vec<usize>)> = Vec::new();
        for (at, ticket) in texts.iter().enumerate() {
            match cells.iter_mut().find(|(first, _)| Arc::ptr_eq(&first.asked, &ticket.asked)) {
                Some((_, own)) => own.push(at),
                None => cells.push((ticket, vec![at])),
            }
        }
        for (ticket, own) in cells {
            let mut record = whole.clone();
            for (attempt, shares) in record.attempts.iter_mut().zip(&attempts) {
                attempt.cost = shares.as_ref().map(|shares| own.iter().map(|&at| shares[at]).sum());
            }
            record.texts = Some(u32::try_from(own.len()).unwrap_or(u32::MAX));
            record.tokens.prompt = prompt.as_ref().map(|shares| own.iter().map(|&at| shares[at]).sum());
            record.cost = cost_of(&record.attempts);
            ticket.enter(record);
        }
    }
}

fn cost_of(attempts: &[AttemptRecord]) -> Option<Usd> {
    attempts.iter().filter_map(|attempt| attempt.cost).reduce(|sum, cost| sum + cost)
}

fn tokens(exchange: &Exchange) -> Tokens {
    let usage = exchange.usage.clone().unwrap_or_default();
    Tokens {
        prompt: usage.prompt_tokens,
        completion: usage.completion_tokens,
        reasoning: usage.reasoning_tokens,
        cached: usage.cached_tokens,
    }
}
