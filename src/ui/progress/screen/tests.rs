use std::sync::atomic::{AtomicU16, Ordering};

use indicatif::{InMemoryTerm, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::*;

/// Standard error as a terminal in memory.
struct Terminal(InMemoryTerm);

impl io::Write for Terminal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // The terminal in memory has no line discipline that would turn a newline into a new line's start.
        let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n").replace('\n', "\r\n");
        self.0.write_str(&text)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn bar(rows: u16, columns: u16) -> (ProgressBar, InMemoryTerm, Sink, Arc<AtomicU16>) {
    let terminal = InMemoryTerm::new(rows, columns);
    let sink: Sink = Arc::new(Mutex::new(Box::new(Terminal(terminal.clone()))));
    let width = Arc::new(AtomicU16::new(columns));
    let shared = Arc::clone(&width);
    let size: Size = Arc::new(move || (shared.load(Ordering::Relaxed), rows));
    let screen = Screen::new(Arc::clone(&sink), size);
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::term_like(Box::new(screen)));
    bar.set_style(ProgressStyle::with_template("{msg}").unwrap());
    (bar, terminal, sink, width)
}

fn say(sink: &Sink, text: &str) {
    lock(sink).write_all(text.as_bytes()).unwrap();
}

#[test]
fn a_frame_replaces_the_one_before_whatever_their_sizes() {
    let (bar, terminal, ..) = bar(10, 40);
    bar.set_message("head\nsonnet 10\ntotal 10");
    assert_eq!(terminal.contents(), "head\nsonnet 10\ntotal 10");
    bar.set_message("head\nopus 1\nsonnet 9\ntotal 9");
    assert_eq!(terminal.contents(), "head\nopus 1\nsonnet 9\ntotal 9");
    bar.set_message("h\ntotal");
    assert_eq!(terminal.contents(), "h\ntotal");
}

#[test]
fn the_last_frame_is_taken_away() {
    let (bar, terminal, sink, _) = bar(10, 40);
    say(&sink, "before\n");
    bar.set_message("head\ntotal");
    bar.finish_and_clear();
    say(&sink, "table\n");
    assert_eq!(terminal.contents(), "before\ntable");
}

#[test]
fn talk_goes_above_the_block_without_tearing_it() {
    let (bar, terminal, sink, _) = bar(5, 40);
    bar.set_message("head\nsonnet\ntotal");
    for i in 0..4 {
        bar.suspend(|| say(&sink, &format!("note {i}\n")));
    }
    assert_eq!(terminal.contents(), "note 2\nnote 3\nhead\nsonnet\ntotal");
}

#[test]
fn the_cursor_rests_at_the_start_of_the_last_line() {
    let (bar, terminal, sink, _) = bar(5, 20);
    bar.set_message(format!("head\n  total {}", "x".repeat(11)));
    // What a terminal echoes for Ctrl-C.
    say(&sink, "^C");
    bar.set_message("head\n  total 2");
    assert_eq!(terminal.contents(), "head\n  total 2");
}

#[test]
fn rows_that_a_narrower_terminal_broke_in_two_are_erased() {
    let (bar, terminal, sink, width) = bar(12, 20);
    say(&sink, "before\n");
    let wide = format!("{}\n{}\n{}", "a".repeat(18), "b".repeat(18), "c".repeat(18));
    bar.set_message(wide);
    // The terminal in memory does not reflow: draw what one that does would show, the cursor at the start of `c`.
    let broken = format!(
        "\u{1b}[2A\u{1b}[J{0}\n{1}\n{2}\n{3}\n{4}\n{5}\u{1b}[1A\r",
        "a".repeat(10),
        "a".repeat(8),
        "b".repeat(10),
        "b".repeat(8),
        "c".repeat(10),
        "c".repeat(8)
    );
    say(&sink, &broken);
    width.store(10, Ordering::Relaxed);
    bar.set_message("aa\nbb\ncc");
    assert_eq!(terminal.contents(), "before\naa\nbb\ncc");
}
