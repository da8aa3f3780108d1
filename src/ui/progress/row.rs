//! A row of the table inside the progress block: what is written of a model, before it is laid out.

use std::time::{Duration, Instant};

use crate::journal::Verdict;
use crate::ui::style::{CUT, DONE, Role, SLOWED, UNKNOWN, WAITING, ZERO};

use super::columns::ALL;
use super::lane::{Lane, Phase};
use super::state::Totals;
use super::words;

/// What is said about a model beside its figures, from the longest way to say it to the shortest.
#[derive(Debug, Clone)]
pub(super) struct Note {
    pub(super) role: Role,
    pub(super) texts: Vec<String>,
    /// Rather short than in place of figures that still mean something.
    pub(super) modest: bool,
}

/// A row before it is laid out.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) mark: (Role, &'static str),
    pub(super) name: (Role, String),
    /// Counts by verdict, and of how many.
    pub(super) bar: ([u64; 5], u64),
    /// A text for each of [`ALL`].
    pub(super) cells: [(Role, String); ALL.len()],
    pub(super) note: Option<Note>,
}

impl Row {
    pub(super) fn of_lane(lane: &Lane, elapsed: Duration, now: Instant) -> Self {
        let phase = lane.phase(now);
        let slowed = lane.slowed();
        let mark = match phase {
            Phase::Finished => (Role::Pass, DONE),
            Phase::Cut(_) => (Role::Error, CUT),
            Phase::Waiting(..) | Phase::Held(_) => (Role::Warning, WAITING),
            Phase::Running if slowed.is_some() => (Role::Warning, SLOWED),
            Phase::Running => (Role::Plain, " "),
        };
        let rate = if lane.is_over() { None } else { lane.rate.per_second(elapsed) };
        let eta = match phase {
            Phase::Finished => (Role::Dim, "done".to_owned()),
            Phase::Cut(_) => (Role::Error, "cut".to_owned()),
            _ => figure(words::eta(lane.eta(elapsed, now))),
        };
        let median = lane.latencies.median().map_or_else(|| UNKNOWN.to_owned(), words::latency);
        let tail = [figure(words::rate(rate)), figure(median), figure(words::cost(lane.cost, lane.cost_unknown)), eta];
        Self {
            mark,
            name: (Role::Plain, lane.name.to_string()),
            bar: (lane.counts, lane.cells),
            cells: cells(lane.done(), lane.cells, &lane.counts, tail),
            note: note(lane, phase),
        }
    }

    pub(super) fn of_total(totals: &Totals) -> Self {
        let tail = [
            figure(words::rate(totals.rate)),
            (Role::Plain, String::new()),
            figure(words::cost(totals.cost, totals.cost_unknown)),
            match totals.eta {
                Some(Duration::ZERO) => (Role::Dim, "done".to_owned()),
                eta => figure(words::eta(eta)),
            },
        ];
        let mut cells = cells(totals.done, totals.cells, &totals.counts, tail);
        for (role, _) in &mut cells {
            if *role == Role::Plain {
                *role = Role::Strong;
            }
        }
        Self {
            mark: (Role::Plain, " "),
            name: (Role::Strong, "total".to_owned()),
            bar: (totals.counts, totals.cells),
            cells,
            note: None,
        }
    }
}

/// A figure, dim where it is not known.
fn figure(text: String) -> (Role, String) {
    (if text == UNKNOWN { Role::Dim } else { Role::Plain }, text)
}

fn cells(done: u64, of: u64, counts: &[u64; 5], tail: [(Role, String); 4]) -> [(Role, String); ALL.len()] {
    let count = |verdict: Verdict| match counts[verdict as usize] {
        0 => (Role::Dim, ZERO.to_owned()),
        n => (Role::of(verdict), n.to_string()),
    };
    let [rate, median, cost, eta] = tail;
    [
        (Role::Plain, format!("{done}/{of}")),
        (Role::Plain, (done * 100).checked_div(of).map_or_else(|| UNKNOWN.to_owned(), |percent| format!("{percent}%"))),
        count(Verdict::Pass),
        count(Verdict::Fail),
        count(Verdict::Timeout),
        count(Verdict::Error),
        rate,
        median,
        cost,
        eta,
    ]
}

fn note(lane: &Lane, phase: Phase) -> Option<Note> {
    match phase {
        Phase::Cut(reason) => {
            let message = lane.cut.as_ref().map_or("", |(_, message)| message);
            let message = if message.is_empty() { words::stop(reason) } else { message };
            let texts = vec![
                format!("cut off: {message}"),
                format!("cut off: {}", words::stop(reason)),
                format!("cut off: {}", words::stop_short(reason)),
                "cut off".to_owned(),
            ];
            Some(Note { role: Role::Error, texts, modest: false })
        }
        // Waits shorter than a second come and go too quickly to be read.
        Phase::Waiting(wait, left) if left >= Duration::from_secs(1) => {
            let left = words::countdown(left);
            let short = words::wait_short(wait);
            let texts = vec![
                format!("waiting {left} ({})", words::wait(wait)),
                format!("waiting {left} ({short})"),
                format!("wait {left} {short}"),
                format!("wait {left}"),
            ];
            Some(Note { role: Role::Warning, texts, modest: false })
        }
        Phase::Held(waiting) => {
            let texts = vec![
                format!("waiting for graders: {waiting} answers"),
                "waiting for graders".to_owned(),
                "wait graders".to_owned(),
            ];
            Some(Note { role: Role::Warning, texts, modest: true })
        }
        Phase::Finished => None,
        Phase::Running | Phase::Waiting(..) => lane.slowed().map(|(now, most)| {
            let texts = vec![
                format!("slowed: {now} of {most} requests in flight"),
                format!("slowed: {now} of {most} in flight"),
                format!("slowed {now}/{most}"),
                format!("slow {now}/{most}"),
            ];
            Note { role: Role::Warning, texts, modest: true }
        }),
    }
}
