//! `-v`: each cell's end and each failed attempt as a line; `-vv`: everything else that happens too.

use std::iter;
use std::time::Instant;

use crate::engine::Event;
use crate::ui::style::{Palette, Role};
use crate::units::{human_duration, human_usd};

use super::plain::{DOT, sample, stamp};
use super::state::State;
use super::words;

/// The line for an event, where `-v` given so often asks for one.
pub fn line(event: &Event, state: &State, verbose: u8, at: Instant, palette: Palette) -> Option<String> {
    if verbose == 0 {
        return None;
    }
    if let Event::Judge { judge, event } = event {
        let judge = state.judges.get(*judge)?;
        let stamp = stamp(at.saturating_duration_since(state.started), palette);
        let trouble = judge.trouble(event).map(|(_, line)| line.replacen(": first ", ": ", 1));
        let counters = || (verbose > 1).then(|| judge.told(at));
        let (role, line) = trouble.map(|line| (Role::Warning, line)).or_else(|| Some((Role::Dim, counters()?)))?;
        return Some(format!("{stamp}{} {line}", palette.paint(role, format!("{:<7}", "judge"))));
    }
    let (lane, role, word, parts) = match event {
        Event::CellFinished { lane, case, verdict, reason, latency, cost, attempts, .. } => {
            let mut parts = vec![sample(case)];
            parts.extend(latency.map(words::latency));
            parts.extend(cost.map(human_usd));
            parts.extend((*attempts > 1).then(|| format!("{attempts} attempts")));
            parts.extend(reason.as_deref().map(sample));
            (*lane, Role::of(*verdict), verdict.as_str(), parts)
        }
        Event::AttemptFailed { lane, attempt, kind, message, retry_in } => {
            let again = format!("again in {}", human_duration(*retry_in));
            let parts = vec![format!("attempt {attempt}"), format!("{kind}: {}", sample(message)), again];
            (*lane, Role::Warning, "retry", parts)
        }
        _ if verbose < 2 => return None,
        Event::AttemptStarted { lane, attempt } => (*lane, Role::Dim, "send", vec![format!("attempt {attempt}")]),
        Event::ConcurrencyChanged { lane, now, before } => {
            let word = if now < before { "slow" } else { "speed" };
            (*lane, Role::Dim, word, vec![format!("{before} → {now} requests in flight")])
        }
        Event::LaneWaiting { lane, wait, until } => {
            let left = human_duration(until.saturating_duration_since(at));
            (*lane, Role::Dim, "wait", vec![left, words::wait(*wait).to_owned()])
        }
        Event::LaneHeld { lane, waiting } => {
            (*lane, Role::Dim, "wait", vec![format!("for graders: {waiting} answers")])
        }
        Event::LaneResumed { lane } => (*lane, Role::Dim, "resume", Vec::new()),
        _ => return None,
    };
    let name = state.lanes().get(lane)?.name.to_string();
    let what: Vec<String> = iter::once(name).chain(parts).collect();
    let stamp = stamp(at.saturating_duration_since(state.started), palette);
    Some(format!("{stamp}{} {}", palette.paint(role, format!("{word:<7}")), what.join(DOT)))
}
