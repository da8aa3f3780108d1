//! The progress display at work: events in from the run, lines out on a thread of their own.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use crate::engine::Event;
use crate::ui::Printer;
use crate::ui::style::Palette;

use super::block;
use super::json::{self, json_line};
use super::mode::Mode;
use super::plain::{self, Detail, Milestones};
use super::screen::{Screen, Size, stderr_size};
use super::state::{Facts, State};
use super::verbose;

/// How often lines are written and the block is drawn at most.
const FRAME: Duration = Duration::from_millis(100);
/// Plain lines: the first total, and from then on.
const FIRST_TICK: Duration = Duration::from_secs(2);
const TICK: Duration = Duration::from_secs(10);
/// Lines kept for a terminal that takes none; what comes after is counted.
const PENDING: usize = 1 << 16;
/// How long the end of a run waits for a terminal that takes nothing.
const PATIENCE: Duration = Duration::from_millis(40);
/// Lines to one write.
const CHUNK: usize = 200;

/// The progress display of one run. Ends with [`Progress::finish`], or when dropped.
#[derive(Debug)]
pub struct Progress {
    /// `None`: nothing is shown.
    shared: Option<Arc<Shared>>,
    printer: Printer,
}

#[derive(Debug)]
struct Shared {
    inner: Mutex<Inner>,
    wake: Condvar,
    /// Counts writes that came through: the display is not stuck while it changes.
    headway: AtomicU64,
}

#[derive(Debug)]
struct Inner {
    state: State,
    milestones: Option<Milestones>,
    /// Every event is passed on, to be made a line of.
    pass_on: bool,
    pending: VecDeque<Pending>,
    /// How many were not kept.
    lost: u64,
    closing: bool,
    closed: bool,
}

#[derive(Debug)]
enum Pending {
    Line(String),
    Event(Box<Event>, Instant),
}

impl Progress {
    /// Starts the display. `mode` may be [`Mode::Auto`] only where the printer's configuration says enough to resolve
    /// it; the command line, which knows of `CI` and `TERM`, passes what [`Mode::resolve`] gave.
    pub fn start(mode: Mode, printer: &Printer, facts: &Facts) -> Self {
        Self::start_on(mode, printer, facts, Arc::new(stderr_size))
    }

    fn start_on(mode: Mode, printer: &Printer, facts: &Facts, size: Size) -> Self {
        let config = printer.config();
        let mode = mode.resolve(config.stderr_is_terminal, false, config.quiet);
        let palette = printer.stderr_palette();
        let detail = match (mode, config.verbose) {
            (Mode::Bars, _) => Some(Detail::Losses),
            (Mode::Plain, 0) => Some(Detail::MilestonesAndErrors),
            (Mode::Plain, _) => Some(Detail::Milestones),
            _ => None,
        };
        let pass_on = mode == Mode::Json || (config.verbose > 0 && !config.quiet);
        if detail.is_none() && !pass_on {
            return Self { shared: None, printer: printer.clone() };
        }
        let state = State::new(facts);
        let shared = Arc::new(Shared {
            inner: Mutex::new(Inner {
                state,
                milestones: detail.map(|detail| Milestones::new(detail, palette)),
                pass_on,
                pending: VecDeque::new(),
                lost: 0,
                closing: false,
                closed: false,
            }),
            wake: Condvar::new(),
            headway: AtomicU64::new(0),
        });
        let writer = Writer {
            mode,
            verbose: config.verbose,
            palette,
            printer: printer.clone(),
            bar: (mode == Mode::Bars).then(|| bar(printer, &size)),
            size,
            drawn: String::new(),
            next_tick: facts.started + FIRST_TICK,
            introduced: false,
        };
        let owned = Arc::clone(&shared);
        let spawned = thread::Builder::new().name("progress".to_owned()).spawn(move || writer.run(&owned));
        match spawned {
            Ok(_) => Self { shared: Some(shared), printer: printer.clone() },
            Err(error) => {
                printer.set_display(None);
                printer.warn(&format!("no progress is shown: {error}"));
                Self { shared: None, printer: printer.clone() }
            }
        }
    }

    /// Takes one event in: updates counters under a short lock, never waits for the terminal.
    pub fn on(&self, event: &Event) {
        let Some(shared) = &self.shared else { return };
        let mut inner = shared.lock();
        let inner = &mut *inner;
        inner.state.apply(event);
        if let Some(milestones) = &mut inner.milestones
            && !matches!(event, Event::AttemptStarted { .. })
            && let Some(line) = milestones.on(event, &inner.state, Instant::now())
        {
            inner.push(Pending::Line(line));
        }
        if inner.pass_on {
            inner.push(Pending::Event(Box::new(event.clone()), Instant::now()));
        }
    }

    /// Writes what is left, takes the block off the terminal and waits for that; not for a terminal that takes nothing.
    pub fn finish(self) {
        drop(self);
    }

    fn close(&mut self) {
        let Some(shared) = self.shared.take() else { return };
        let mut inner = shared.lock();
        inner.closing = true;
        shared.wake.notify_all();
        loop {
            let before = shared.headway.load(Ordering::Relaxed);
            let waited = shared.wake.wait_timeout_while(inner, PATIENCE, |inner| !inner.closed);
            let (guard, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            inner = guard;
            if !timeout.timed_out() || shared.headway.load(Ordering::Relaxed) == before {
                break;
            }
        }
        drop(inner);
        self.printer.set_display(None);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
    /// The counters, also after a panic: a display that is off by one beats a second panic.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn push(&mut self, pending: Pending) {
        if self.pending.len() < PENDING {
            self.pending.push_back(pending);
        } else {
            self.lost += 1;
        }
    }
}

/// The one bar whose message is the whole block.
fn bar(printer: &Printer, size: &Size) -> ProgressBar {
    let screen = Screen::new(printer.err_sink(), Arc::clone(size));
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::term_like(Box::new(screen)));
    if let Ok(style) = ProgressStyle::with_template("{msg}") {
        bar.set_style(style);
    }
    printer.set_display(Some(bar.clone()));
    bar
}

/// What the thread owns.
struct Writer {
    mode: Mode,
    verbose: u8,
    palette: Palette,
    printer: Printer,
    bar: Option<ProgressBar>,
    size: Size,
    /// The block on the terminal, to leave it alone while it stays the same.
    drawn: String,
    next_tick: Instant,
    introduced: bool,
}

impl Writer {
    fn run(mut self, shared: &Shared) {
        loop {
            let waited = shared.wake.wait_timeout_while(shared.lock(), FRAME, |inner| !inner.closing);
            let (mut inner, _) = waited.unwrap_or_else(PoisonError::into_inner);
            let pending = std::mem::take(&mut inner.pending);
            let lost = std::mem::take(&mut inner.lost);
            let closing = inner.closing;
            let state = inner.state.clone();
            drop(inner);

            let now = Instant::now();
            self.talk(&state, pending, lost, now, shared);
            if self.mode == Mode::Plain {
                self.plain(&state, now, closing);
            }
            if closing {
                if let Some(bar) = &self.bar {
                    bar.finish_and_clear();
                }
                shared.lock().closed = true;
                shared.wake.notify_all();
                return;
            }
            self.draw(&state, now);
            shared.headway.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Writes the lines that have come up.
    fn talk(&mut self, state: &State, pending: VecDeque<Pending>, lost: u64, now: Instant, shared: &Shared) {
        if self.mode == Mode::Plain && !self.introduced && !state.lanes().is_empty() {
            self.introduced = true;
            self.printer.talk(&(plain::first(state, self.palette) + "\n"));
        }
        let mut pending = pending.into_iter().filter_map(|pending| match pending {
            Pending::Line(line) => Some(line),
            Pending::Event(event, at) if self.mode == Mode::Json => Some(json_line(&json::object(&event, state, at))),
            Pending::Event(event, at) => verbose::line(&event, state, self.verbose, at, self.palette),
        });
        loop {
            let mut chunk = String::new();
            for line in pending.by_ref().take(CHUNK) {
                chunk += &line;
                chunk.push('\n');
            }
            if chunk.is_empty() {
                break;
            }
            self.printer.talk(&chunk);
            shared.headway.fetch_add(1, Ordering::Relaxed);
        }
        if lost > 0 {
            let line = if self.mode == Mode::Json {
                json_line(&json!({ "event": "lost", "count": lost }))
            } else {
                format!(
                    "{}… {lost} lines lost: they came faster than they were read",
                    plain::stamp(state.elapsed(now), self.palette)
                )
            };
            self.printer.talk(&(line + "\n"));
        }
    }

    fn plain(&mut self, state: &State, now: Instant, closing: bool) {
        if closing {
            if self.introduced {
                self.printer.talk(&(plain::last(state, now, self.palette) + "\n"));
            }
        } else if self.introduced && now >= self.next_tick && state.finished.is_none() {
            self.next_tick = now + TICK;
            self.printer.talk(&(plain::tick(state, now, self.palette) + "\n"));
        }
    }

    fn draw(&mut self, state: &State, now: Instant) {
        let Some(bar) = &self.bar else { return };
        let (width, height) = (self.size)();
        // The last column and one row stay free: see `screen`.
        let (width, height) = (usize::from(width).saturating_sub(1), usize::from(height).saturating_sub(1));
        let block = block::lines(state, width.max(1), height.max(1), now, self.palette).join("\n");
        if block != self.drawn {
            bar.set_message(block.clone());
            self.drawn = block;
        }
    }
}

#[cfg(test)]
mod tests;
