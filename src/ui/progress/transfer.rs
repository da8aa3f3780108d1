//! The progress of downloads: a line that is drawn anew on a terminal, a line every ten seconds in a log, or one JSON
//! object a second.

use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use crate::text::{fit, one_line};
use crate::ui::Printer;
use crate::units::{human_bytes, human_duration};

use super::json::json_line;
use super::mode::Mode;
use super::screen::{Screen, stderr_size};

/// How often a line is drawn at most.
const FRAME: Duration = Duration::from_millis(100);
/// How often a tool is told.
const EVENT: Duration = Duration::from_secs(1);
/// How often a log is told.
const TICK: Duration = Duration::from_secs(10);
/// Columns of a file's name.
const NAME: usize = 40;

/// Shows downloads, one at a time.
pub struct Transfers {
    printer: Printer,
    mode: Mode,
    current: Mutex<Option<Current>>,
}

struct Current {
    transfer: Transfer,
    bar: Option<ProgressBar>,
    /// When something was shown last.
    shown: Instant,
}

/// One download.
#[derive(Debug, Clone)]
struct Transfer {
    name: String,
    size: u64,
    have: u64,
    /// What was there when it began: nothing of it says how fast the network is.
    before: u64,
    began: Instant,
}

impl Transfers {
    /// Downloads that are shown so. `mode` is what [`Mode::resolve`] gave.
    pub fn new(mode: Mode, printer: &Printer) -> Self {
        Self { printer: printer.clone(), mode, current: Mutex::default() }
    }

    /// A download begins: the file's name and size in bytes, and how much of it is there already.
    pub fn begin(&self, name: &str, size: u64, have: u64) {
        let now = Instant::now();
        let transfer = Transfer { name: one_line(name).into_owned(), size, have, before: have, began: now };
        let bar = (self.mode == Mode::Bars).then(|| bar(&self.printer));
        self.tell(&transfer, "download_started");
        *self.lock() = Some(Current { transfer, bar, shown: now });
    }

    /// So much of it is there now.
    pub fn at(&self, have: u64) {
        let mut current = self.lock();
        let Some(Current { transfer, bar, shown }) = &mut *current else { return };
        transfer.have = have;
        transfer.before = transfer.before.min(have);
        let every = match self.mode {
            Mode::Bars => FRAME,
            Mode::Json => EVENT,
            _ => TICK,
        };
        let now = Instant::now();
        if now.duration_since(*shown) < every {
            return;
        }
        *shown = now;
        match (self.mode, bar) {
            (Mode::Bars, Some(bar)) => {
                let width = usize::from(stderr_size().0).saturating_sub(1);
                bar.set_message(fit(&transfer.line(now), width.max(1)));
            }
            (Mode::Plain, _) => self.printer.talk(&(transfer.line(now) + "\n")),
            _ => self.tell(transfer, "download"),
        }
    }

    /// It is over.
    pub fn end(&self) {
        let Some(Current { transfer, bar, .. }) = self.lock().take() else { return };
        if let Some(bar) = bar {
            bar.finish_and_clear();
            self.printer.set_display(None);
        }
        self.tell(&transfer, "download_ended");
    }

    /// One object for tools.
    fn tell(&self, transfer: &Transfer, event: &str) {
        if self.mode == Mode::Json {
            let Transfer { name, size, have, .. } = transfer;
            let object = json!({ "event": event, "file": name, "bytes": have, "size": size });
            self.printer.talk(&(json_line(&object) + "\n"));
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Current>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Transfers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transfers").field("mode", &self.mode).finish_non_exhaustive()
    }
}

impl Transfer {
    /// `data/test.parquet  42%, 1.2 GB of 2.9 GB, 12.0 MB/s, 2m05s left`.
    fn line(&self, now: Instant) -> String {
        let Self { name, size, have, before, began } = self;
        let share = if *size == 0 { 100 } else { u128::from(*have) * 100 / u128::from(*size) };
        let mut line = format!("{}  {share}%, {} of {}", fit(name, NAME), human_bytes(*have), human_bytes(*size));
        let seconds = now.duration_since(*began).as_secs_f64();
        let gained = have.saturating_sub(*before) as f64;
        // The first moments tell nothing.
        if seconds >= 0.5 && gained > 0.0 {
            let rate = gained / seconds;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a figure for people")]
            let per_second = rate as u64;
            let left = Duration::try_from_secs_f64(size.saturating_sub(*have) as f64 / rate).unwrap_or_default();
            let _ = write!(line, ", {}/s, {} left", human_bytes(per_second), human_duration(left));
        }
        line
    }
}

fn bar(printer: &Printer) -> ProgressBar {
    let screen = Screen::new(printer.err_sink(), Arc::new(stderr_size));
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::term_like(Box::new(screen)));
    if let Ok(style) = ProgressStyle::with_template("{msg}") {
        bar.set_style(style);
    }
    printer.set_display(Some(bar.clone()));
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transfer(size: u64, have: u64, before: u64) -> Transfer {
        Transfer { name: "data/test.parquet".to_owned(), size, have, before, began: Instant::now() }
    }

    #[test]
    fn a_line_tells_how_far_how_fast_and_how_long() {
        let half = transfer(2_000_000_000, 1_000_000_000, 500_000_000);
        let line = half.line(half.began + Duration::from_secs(10));
        assert_eq!(line, "data/test.parquet  50%, 1.0 GB of 2.0 GB, 50.0 MB/s, 20s left");
        assert_eq!(half.line(half.began), "data/test.parquet  50%, 1.0 GB of 2.0 GB");
        let none = transfer(0, 0, 0);
        assert_eq!(none.line(none.began + Duration::from_secs(1)), "data/test.parquet  100%, 0 B of 0 B");
    }
}
