//! A model that graders ask: its counters, and the line that tells them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::engine::{JudgeEvent, StopReason, Wait};
use crate::text;
use crate::ui::line::tame;
use crate::ui::style::Role;
use crate::units::Usd;

use super::plain::{DOT, sample};
use super::state::MESSAGE;
use super::words;

/// The kind of error of questions that we cancelled ourselves: no failure of the judge.
const CANCELLED: &str = "cancelled";

/// What is known of a judge.
#[derive(Debug, Clone)]
pub(super) struct Judge {
    /// As the suite has it.
    pub(super) id: Arc<str>,
    /// Fit for a line.
    name: Arc<str>,
    asked: u64,
    answered: u64,
    failed: u64,
    cancelled: u64,
    cost: Option<Usd>,
    cost_unknown: bool,
    wait: Option<(Wait, Instant)>,
    cut: Option<(StopReason, Arc<str>)>,
}

impl Judge {
    pub(super) fn new(name: &str) -> Self {
        Self {
            id: name.into(),
            name: tame(name).into(),
            asked: 0,
            answered: 0,
            failed: 0,
            cancelled: 0,
            cost: None,
            cost_unknown: false,
            wait: None,
            cut: None,
        }
    }

    pub(super) fn apply(&mut self, event: &JudgeEvent) {
        match event {
            JudgeEvent::Asked => self.asked += 1,
            JudgeEvent::Answered { cost, cost_unknown, .. } => {
                self.answered += 1;
                self.paid(*cost, *cost_unknown);
            }
            JudgeEvent::Failed { kind, cost, cost_unknown, .. } => {
                *if kind == CANCELLED { &mut self.cancelled } else { &mut self.failed } += 1;
                self.paid(*cost, *cost_unknown);
            }
            JudgeEvent::Waiting { wait, until } => self.wait = Some((*wait, *until)),
            JudgeEvent::Resumed => self.wait = None,
            JudgeEvent::Stopped { reason, message } => {
                self.cut = Some((*reason, tame(&text::excerpt(message, MESSAGE)).into()));
            }
            JudgeEvent::AttemptFailed { .. } | JudgeEvent::ConcurrencyChanged { .. } => {}
        }
    }

    fn paid(&mut self, cost: Option<Usd>, unknown: bool) {
        if let Some(cost) = cost {
            *self.cost.get_or_insert(Usd::ZERO) += cost;
        }
        self.cost_unknown |= unknown;
    }

    /// Questions without an answer yet.
    fn open(&self) -> u64 {
        self.asked.saturating_sub(self.answered + self.failed + self.cancelled)
    }

    /// `judge gpt-5 · 8 open · 120 done · 3 failed · $0.12 · waiting 12s (Retry-After)`, in parts: how each is to be
    /// shown, and what it says.
    pub(super) fn parts(&self, now: Instant) -> Vec<(Role, String)> {
        let mut parts = vec![(Role::Plain, format!("judge {}", self.name))];
        if self.cut.is_none() || self.open() > 0 {
            parts.push((Role::Plain, format!("{} open", self.open())));
        }
        parts.push((Role::Plain, format!("{} done", self.answered)));
        if self.failed > 0 {
            parts.push((Role::Error, format!("{} failed", self.failed)));
        }
        if self.cost.is_some() || self.cost_unknown {
            let cost = match self.cost {
                None => "cost unknown".to_owned(),
                cost => words::cost(cost, self.cost_unknown),
            };
            parts.push((Role::Plain, cost));
        }
        match (&self.cut, self.wait) {
            (Some((_, message)), _) => parts.push((Role::Error, format!("cut off: {message}"))),
            (None, Some((wait, until))) if until > now + Duration::from_secs(1) => {
                let left = words::countdown(until - now);
                parts.push((Role::Warning, format!("waiting {left} ({})", words::wait_short(wait))));
            }
            (None, _) => {}
        }
        parts
    }

    /// The same as one text.
    pub(super) fn told(&self, now: Instant) -> String {
        let parts: Vec<String> = self.parts(now).into_iter().map(|(_, part)| part).collect();
        parts.join(DOT)
    }

    /// The line of a log for an event that is worth one whatever else is said.
    pub(super) fn loss(&self, event: &JudgeEvent) -> Option<String> {
        match event {
            JudgeEvent::Stopped { message, .. } => Some(format!("judge {} cut off: {}", self.name, sample(message))),
            _ => None,
        }
    }

    /// What went wrong, of events that say so: the kind and a line.
    pub(super) fn trouble<'a>(&self, event: &'a JudgeEvent) -> Option<(&'a str, String)> {
        match event {
            JudgeEvent::AttemptFailed { kind, message, .. } | JudgeEvent::Failed { kind, message, .. }
                if kind != CANCELLED && self.cut.is_none() =>
            {
                Some((kind, format!("judge {}: first {kind} error: {}", self.name, sample(message))))
            }
            _ => None,
        }
    }
}

/// The word and the fields of an event for tools. `at` is when it was told.
pub(super) fn object(event: &JudgeEvent, at: Instant) -> (&'static str, Value) {
    let ms = |duration: Duration| (duration.as_secs_f64() * 1e6).round() / 1e3;
    match event {
        JudgeEvent::Asked => ("judge_asked", json!({})),
        JudgeEvent::AttemptFailed { attempt, kind, message, retry_in } => (
            "judge_attempt_failed",
            json!({ "attempt": attempt, "error_kind": kind, "error": message, "retry_in_ms": ms(*retry_in) }),
        ),
        JudgeEvent::Answered { latency, cost, cost_unknown } => {
            ("judge_answered", json!({ "latency_ms": latency.map(ms), "cost_usd": cost, "cost_unknown": cost_unknown }))
        }
        JudgeEvent::Failed { kind, message, cost, cost_unknown } => (
            "judge_failed",
            json!({ "error_kind": kind, "error": message, "cost_usd": cost, "cost_unknown": cost_unknown }),
        ),
        JudgeEvent::ConcurrencyChanged { now, before } => {
            ("judge_concurrency_changed", json!({ "now": now, "before": before }))
        }
        JudgeEvent::Waiting { wait, until } => (
            "judge_waiting",
            json!({ "wait": words::wait_word(*wait), "wait_ms": ms(until.saturating_duration_since(at)) }),
        ),
        JudgeEvent::Resumed => ("judge_resumed", json!({})),
        JudgeEvent::Stopped { reason, message } => {
            ("judge_stopped", json!({ "reason": reason.as_str(), "message": message }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(cost: Option<&str>) -> JudgeEvent {
        let cost = cost.map(|cost| cost.parse().unwrap());
        JudgeEvent::Answered { latency: None, cost, cost_unknown: cost.is_none() }
    }

    fn failed(kind: &str) -> JudgeEvent {
        JudgeEvent::Failed { kind: kind.to_owned(), message: "no".to_owned(), cost: None, cost_unknown: false }
    }

    fn told(events: &[JudgeEvent]) -> String {
        let mut judge = Judge::new("openai/gpt-5");
        for event in events {
            judge.apply(event);
        }
        judge.told(Instant::now())
    }

    #[test]
    fn a_judge_is_told_with_what_is_open_done_and_failed_and_what_it_cost() {
        let asked = || vec![JudgeEvent::Asked; 5];
        assert_eq!(told(&asked()), "judge openai/gpt-5 · 5 open · 0 done");
        let some = [answered(Some("0.1")), answered(Some("0.02")), failed("provider"), failed("cancelled")];
        let events: Vec<JudgeEvent> = asked().into_iter().chain(some).collect();
        assert_eq!(told(&events), "judge openai/gpt-5 · 1 open · 2 done · 1 failed · $0.12");
        let unknown: Vec<JudgeEvent> = events.into_iter().chain([answered(None)]).collect();
        assert_eq!(told(&unknown), "judge openai/gpt-5 · 0 open · 3 done · 1 failed · ≥$0.12");
        assert_eq!(told(&[JudgeEvent::Asked, answered(None)]), "judge openai/gpt-5 · 0 open · 1 done · cost unknown");
    }

    #[test]
    fn a_judge_that_waits_or_was_cut_off_says_why() {
        let until = Instant::now() + Duration::from_mins(1);
        let waiting = JudgeEvent::Waiting { wait: Wait::RetryAfter, until };
        let line = told(&[JudgeEvent::Asked, waiting.clone()]);
        assert!(line.contains("waiting 1m00s (Retry-After)"), "{line}");
        assert_eq!(told(&[JudgeEvent::Asked, waiting, JudgeEvent::Resumed]), "judge openai/gpt-5 · 1 open · 0 done");
        let stopped = JudgeEvent::Stopped { reason: StopReason::Account, message: "no\u{1b}[2J credit".to_owned() };
        let line = told(&[JudgeEvent::Asked, failed("account"), stopped]);
        assert!(line.ends_with(" credit") && line.contains("cut off: no") && !line.contains('\u{1b}'), "{line}");
    }
}
