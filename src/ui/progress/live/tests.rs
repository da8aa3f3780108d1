use std::io;

use indicatif::{InMemoryTerm, TermLike};

use super::*;
use crate::engine::StopReason;
use crate::journal::Verdict;
use crate::ui::printer::tests::printer;
use crate::ui::progress::scripts::{cell, run_started};
use crate::ui::{PrinterConfig, Talk};

fn facts() -> Facts {
    Facts { suite: "triage".into(), models: 2, cells: 4, simulated: true, started: Instant::now() }
}

fn size() -> Size {
    Arc::new(|| (80, 24))
}

fn play(progress: &Progress) {
    let now = Instant::now();
    progress.on(&run_started(&[("a", 2), ("b", 2)], now));
    progress.on(&cell(0, Verdict::Pass, now));
    progress.on(&cell(0, Verdict::Fail, now));
    progress.on(&Event::LaneFinished { lane: 0, at: now });
    let message = "no such model".to_owned();
    progress.on(&Event::LaneStopped { lane: 1, reason: StopReason::ModelGone, message, skipped: 2 });
    progress.on(&Event::LaneFinished { lane: 1, at: now });
    progress.on(&Event::RunFinished { reason: None, at: now });
}

#[test]
fn plain_lines_are_all_written_by_the_end() {
    let (printer, out, err) = printer(PrinterConfig::default());
    let progress = Progress::start(Mode::Auto, &printer, &facts());
    play(&progress);
    progress.finish();
    insta::assert_snapshot!(err.text(), @"
triage: 2 models, 4 cells (SIMULATED)
[   0s] a finished: 2/2 cells · 1 pass · 1 fail · p50 1.2s · $0.002
[   0s] b cut off: no such model (2 of 2 cells skipped)
[   0s] finished · 2/4 cells · 1 pass · 1 fail · 2 skipped · $0.002
");
    assert_eq!(out.text(), "");
}

#[test]
fn json_is_one_object_for_each_event_and_message() {
    let (printer, _, err) = printer(PrinterConfig { talk: Talk::Json, ..PrinterConfig::default() });
    let progress = Progress::start(Mode::Json, &printer, &facts());
    play(&progress);
    printer.note("said");
    progress.finish();
    let objects: Vec<serde_json::Value> = err.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(objects.len(), 8);
    assert_eq!(objects.iter().filter(|object| object["event"] == "message").count(), 1);
}

#[test]
fn verbose_tells_of_each_cell() {
    let (printer, _, err) = printer(PrinterConfig { verbose: 1, ..PrinterConfig::default() });
    let progress = Progress::start(Mode::Plain, &printer, &facts());
    play(&progress);
    progress.finish();
    let text = err.text();
    assert!(text.contains("pass    a · refund-1 · 1.2s · $0.001\n"), "{text}");
    assert!(text.contains("fail    a · refund-1 · 1.2s · $0.001 · expected `billing`, got `sales`\n"), "{text}");
}

#[test]
fn quiet_shows_nothing() {
    let (printer, out, err) = printer(PrinterConfig { quiet: true, verbose: 1, ..PrinterConfig::default() });
    let progress = Progress::start(Mode::Auto, &printer, &facts());
    play(&progress);
    progress.finish();
    assert_eq!((out.text(), err.text()), (String::new(), String::new()));
}

/// Standard error as a terminal in memory.
struct Terminal(InMemoryTerm);

impl io::Write for Terminal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write_str(&String::from_utf8_lossy(bytes).replace("\r\n", "\n").replace('\n', "\r\n"))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn bars_are_drawn_and_leave_only_losses_behind() {
    let terminal = InMemoryTerm::new(24, 80);
    let config = PrinterConfig { stderr_is_terminal: true, stdout_is_terminal: true, ..PrinterConfig::default() };
    // The table goes to the same terminal.
    let (out, err) = (Terminal(terminal.clone()), Terminal(terminal.clone()));
    let printer = Printer::with_streams(config, Box::new(out), Box::new(err));
    let progress = Progress::start_on(Mode::Auto, &printer, &facts(), size());
    play(&progress);
    printer.note("said while drawing");
    let patience = Instant::now();
    while !terminal.contents().contains("  total") && patience.elapsed() < Duration::from_secs(20) {
        thread::sleep(Duration::from_millis(5));
    }
    let drawn = terminal.contents();
    assert!(drawn.contains("✓ a") && drawn.contains("✗ b") && drawn.contains("said while drawing\n"), "{drawn}");
    progress.finish();
    printer.note("after");
    assert!(printer.out("table\n").is_ok());
    let left = terminal.contents();
    let mut left: Vec<&str> = left.lines().collect();
    assert_eq!(left.split_off(2), ["after", "table"]);
    left.sort_unstable();
    assert_eq!(left, ["[   0s] b cut off: no such model (2 of 2 cells skipped)", "said while drawing"]);
}

/// Standard error that takes nothing, as a terminal after Ctrl-S.
struct Stuck(Arc<Mutex<()>>);

impl io::Write for Stuck {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        drop(self.0.lock());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_terminal_that_takes_nothing_delays_neither_events_nor_the_end() {
    let gate = Arc::new(Mutex::new(()));
    let held = gate.lock().unwrap();
    let config = PrinterConfig { stderr_is_terminal: true, verbose: 2, ..PrinterConfig::default() };
    let printer = Printer::with_streams(config, Box::new(io::sink()), Box::new(Stuck(Arc::clone(&gate))));
    let progress = Progress::start_on(Mode::Bars, &printer, &facts(), size());
    let began = Instant::now();
    play(&progress);
    for _ in 0..PENDING + 10 {
        progress.on(&Event::AttemptStarted { lane: 0, attempt: 1 });
    }
    assert!(progress.shared.as_ref().is_some_and(|shared| shared.lock().lost > 0), "what is kept is bounded");
    progress.finish();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    drop(held);
}
