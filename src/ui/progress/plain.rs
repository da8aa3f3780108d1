//! Progress as plain lines, fit for a CI log: a first line, one every few seconds, milestones at once, a last line.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::iter;
use std::time::{Duration, Instant};

use crate::engine::{Event, StopReason, Wait};
use crate::journal::Verdict;
use crate::text;
use crate::ui::line::tame;
use crate::ui::style::{Palette, Role};
use crate::units::Usd;

use super::lane::Lane;
use super::state::{MESSAGE, State, Totals};
use super::words;

/// Waits shorter than this are not worth a line.
const WORTH_A_LINE: Duration = Duration::from_secs(5);
/// Different errors of cells that are told of one model.
const ERRORS_TOLD: usize = 3;

/// Between the parts of a line.
pub(super) const DOT: &str = " · ";

/// `[  12s] `, so that lines of a run stand below each other.
pub(super) fn stamp(elapsed: Duration, palette: Palette) -> String {
    palette.paint(Role::Dim, format_args!("[{:>5}]", words::elapsed(elapsed))).to_string() + " "
}

/// The first line: what is run.
pub fn first(state: &State, palette: Palette) -> String {
    let before: u64 = state.lanes.iter().map(|lane| lane.before).sum();
    let before = if before > 0 { format!(", {before} of them done before") } else { String::new() };
    let simulated = if state.simulated { " (SIMULATED)" } else { "" };
    let simulated = palette.paint(Role::Warning, simulated);
    let (models, cells) = (words::plural(state.models as u64, "model"), words::plural(state.cells, "cell"));
    format!("{}: {models}, {cells}{before}{simulated}", state.suite)
}

/// A line with the totals so far.
pub fn tick(state: &State, now: Instant, palette: Palette) -> String {
    let totals = state.totals(now);
    let mut parts = sums(&totals, palette);
    if state.finished.is_none() {
        parts.push(format!("ETA {}", words::eta(totals.eta)));
        parts.extend(state.slowest().map(|lane| format!("slowest: {} {}/{}", lane.name, lane.done(), lane.cells)));
        parts.extend(state.judges.iter().map(|judge| judge.told(now).replace(DOT, ", ")));
    }
    stamp(state.elapsed(now), palette) + &parts.join(DOT)
}

/// The last line.
pub fn last(state: &State, now: Instant, palette: Palette) -> String {
    let how = match (state.stopping, state.finished) {
        (Some(reason), _) => palette.paint(Role::Warning, format!("stopped: {}", words::stop(reason))).to_string(),
        (None, Some(_)) => palette.paint(Role::Pass, "finished").to_string(),
        (None, None) => "ended".to_owned(),
    };
    let judges = state.judges.iter().map(|judge| judge.told(now).replace(DOT, ", "));
    let parts: Vec<String> = iter::once(how).chain(sums(&state.totals(now), palette)).chain(judges).collect();
    stamp(state.elapsed(now), palette) + &parts.join(DOT)
}

/// `340/1200 cells`, `312 pass`, `20 fail`, `28/s`, `$0.0123`; of the verdicts those that occurred.
fn sums(totals: &Totals, palette: Palette) -> Vec<String> {
    let mut parts = vec![format!("{}/{} cells", totals.done, totals.cells)];
    parts.extend(counts(&totals.counts, palette));
    parts.extend(totals.rate.map(|rate| words::rate(Some(rate))));
    parts.extend(cost(totals.cost, totals.cost_unknown));
    parts
}

fn counts(counts: &[u64; 5], palette: Palette) -> impl Iterator<Item = String> {
    let told = move |(verdict, count): (Verdict, u64)| {
        let words = format!("{count} {}", verdict.as_str());
        (count > 0).then(|| palette.paint(Role::of(verdict), words).to_string())
    };
    Verdict::ALL.into_iter().zip(*counts).filter_map(told)
}

fn cost(known: Option<Usd>, unknown: bool) -> Option<String> {
    match (known, unknown) {
        (None, true) => Some("cost unknown".to_owned()),
        (None, false) => None,
        (Some(_), _) => Some(words::cost(known, unknown)),
    }
}

/// How much is said at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// What must stay to be read after the bars are gone: models cut off, the run being stopped.
    Losses,
    /// Also models that finish, are slowed or wait.
    Milestones,
    /// Also the first error of each kind.
    MilestonesAndErrors,
}

/// What has been said already, so that a log of a long run stays short: a storm of the same error is one line.
#[derive(Debug)]
pub struct Milestones {
    detail: Detail,
    palette: Palette,
    lanes: Vec<Said>,
    /// Judges' kinds of errors that were said.
    judges: Vec<(usize, String)>,
}

#[derive(Debug, Clone, Default)]
struct Said {
    /// The longest wait of each kind that was said.
    waits: [Duration; 4],
    /// Whether it was said that it waits for graders.
    held: bool,
    /// The fewest requests in flight that were said.
    slowed_to: Option<u32>,
    /// Kinds of attempts' errors that were said.
    kinds: Vec<String>,
    /// Messages that were said, digits left out.
    messages: Vec<u64>,
    /// How many of them were of cells.
    cells: usize,
}

impl Milestones {
    /// Nothing said yet.
    pub fn new(detail: Detail, palette: Palette) -> Self {
        Self { detail, palette, lanes: Vec::new(), judges: Vec::new() }
    }

    /// The line to write at once for an event that the state has taken in already, if it is worth one.
    pub fn on(&mut self, event: &Event, state: &State, now: Instant) -> Option<String> {
        let (lane, role, what) = self.said(event, state, now)?;
        let name = lane.map(|lane| self.palette.paint(Role::Strong, format!("{} ", lane.name)).to_string());
        let stamp = stamp(state.elapsed(now), self.palette);
        Some(format!("{stamp}{}{}", name.unwrap_or_default(), self.palette.paint(role, what)))
    }

    fn said<'a>(&mut self, event: &Event, state: &'a State, now: Instant) -> Option<(Option<&'a Lane>, Role, String)> {
        match event {
            Event::LaneStopped { lane, reason, message, skipped } => {
                // That the whole run stops has been said once for all.
                if state.stopping.is_some_and(|stopping| stopping >= *reason) {
                    return None;
                }
                let lane = state.lanes.get(*lane)?;
                let message = sample(message);
                let message = if message.is_empty() { words::stop(*reason) } else { &message };
                let what = format!("cut off: {message} ({skipped} of {} cells skipped)", lane.cells);
                Some((Some(lane), Role::Error, what))
            }
            Event::StopRequested { reason, message } => {
                let message = sample(message);
                let message = if message.is_empty() { words::stop(*reason) } else { &message };
                let why = if *reason == StopReason::Account { words::stop(*reason) } else { message };
                Some((None, Role::Warning, format!("stopping: {why}")))
            }
            Event::Judge { judge: at, event } => {
                let judge = state.judges.get(*at)?;
                if let Some(loss) = judge.loss(event) {
                    return Some((None, Role::Error, loss));
                }
                let (kind, line) = judge.trouble(event).filter(|_| self.detail == Detail::MilestonesAndErrors)?;
                let said = (*at, kind.to_owned());
                if self.judges.contains(&said) {
                    return None;
                }
                self.judges.push(said);
                Some((None, Role::Warning, line))
            }
            _ if self.detail == Detail::Losses => None,
            Event::LaneHeld { lane, waiting } => {
                let said = self.lane(*lane, state)?;
                if std::mem::replace(&mut said.held, true) {
                    return None;
                }
                let what = format!("waiting for graders: {waiting} answers");
                Some((state.lanes.get(*lane), Role::Warning, what))
            }
            Event::LaneFinished { lane, .. } => {
                let lane = state.lanes.get(*lane).filter(|lane| lane.cut.is_none())?;
                Some((Some(lane), Role::Plain, self.summary(lane)))
            }
            Event::LaneWaiting { lane, wait, until } => {
                let left = until.saturating_duration_since(now);
                let said = self.lane(*lane, state)?;
                let longest = &mut said.waits[slot(*wait)];
                if left < WORTH_A_LINE || left < *longest * 2 {
                    return None;
                }
                *longest = left;
                let what = format!("waiting {} ({})", words::countdown(left), words::wait(*wait));
                Some((state.lanes.get(*lane), Role::Warning, what))
            }
            Event::ConcurrencyChanged { lane, now, before } => {
                let (most, _) = state.lanes.get(*lane)?.limit;
                let said = self.lane(*lane, state)?;
                let (role, what) = if now < before && said.slowed_to.is_none_or(|least| *now < least) {
                    said.slowed_to = Some(*now);
                    (Role::Warning, format!("slowed: {now} of {most} requests in flight"))
                } else if *now >= most && said.slowed_to.is_some_and(|least| least * 2 <= most) {
                    // What was said stays said: only a deeper cut is news after this.
                    (Role::Plain, format!("back to {now} requests in flight"))
                } else {
                    return None;
                };
                Some((state.lanes.get(*lane), role, what))
            }
            _ if self.detail == Detail::Milestones => None,
            Event::AttemptFailed { lane, kind, message, .. } => {
                let said = self.lane(*lane, state)?;
                if said.kinds.contains(kind) {
                    return None;
                }
                said.kinds.push(kind.clone());
                said.messages.push(gist(message));
                Some((state.lanes.get(*lane), Role::Warning, format!("first {kind} error: {}", sample(message))))
            }
            Event::CellFinished {
                lane,
                verdict: verdict @ (Verdict::Error | Verdict::Timeout),
                kind,
                reason,
                case,
                ..
            } => {
                // The message of a refused key comes once, as the error at the end with what to do about it.
                if kind.as_deref().is_some_and(|kind| ["auth", "no_credit"].contains(&kind)) {
                    return None;
                }
                let reason = reason.as_deref().unwrap_or("no reason given");
                let said = self.lane(*lane, state)?;
                if said.cells >= ERRORS_TOLD {
                    return None;
                }
                let gist = gist(reason);
                if said.messages.contains(&gist) {
                    return None;
                }
                said.cells += 1;
                said.messages.push(gist);
                let what = format!("{} in {}: {}", verdict.as_str(), sample(case), sample(reason));
                Some((state.lanes.get(*lane), Role::of(*verdict), what))
            }
            _ => None,
        }
    }

    fn summary(&self, lane: &Lane) -> String {
        let mut parts = vec![format!("finished: {}/{} cells", lane.done(), lane.cells)];
        parts.extend(counts(&lane.counts, self.palette));
        parts.extend(lane.latencies.median().map(|median| format!("p50 {}", words::latency(median))));
        parts.extend(cost(lane.cost, lane.cost_unknown));
        parts.join(DOT)
    }

    fn lane(&mut self, lane: usize, state: &State) -> Option<&mut Said> {
        if self.lanes.len() != state.lanes.len() {
            self.lanes.resize(state.lanes.len(), Said::default());
        }
        self.lanes.get_mut(lane)
    }
}

const fn slot(wait: Wait) -> usize {
    match wait {
        Wait::RetryAfter => 0,
        Wait::Backoff => 1,
        Wait::RequestRate => 2,
        Wait::TokenRate => 3,
    }
}

/// A stranger's message, fit for a line of a log.
pub(super) fn sample(message: &str) -> String {
    text::fit(&tame(&text::excerpt(message, MESSAGE)), MESSAGE)
}

/// What stays the same of an error that comes with another number (a port, a time, an id) each time.
fn gist(message: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    for c in message.chars().take(MESSAGE).filter(|c| !c.is_ascii_digit()) {
        c.hash(&mut hasher);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests;
