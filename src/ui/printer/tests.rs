use super::*;

/// A stream whose bytes can be looked at, or that fails.
#[derive(Clone, Default)]
pub(in crate::ui) struct Tape {
    bytes: Arc<Mutex<Vec<u8>>>,
    fails_with: Option<io::ErrorKind>,
}

impl Tape {
    pub(in crate::ui) fn text(&self) -> String {
        String::from_utf8(self.bytes.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Tape {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.fails_with {
            Some(kind) => Err(kind.into()),
            None => self.bytes.lock().unwrap().write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(in crate::ui) fn printer(config: PrinterConfig) -> (Printer, Tape, Tape) {
    let (out, err) = (Tape::default(), Tape::default());
    (Printer::with_streams(config, Box::new(out.clone()), Box::new(err.clone())), out, err)
}

#[derive(Debug, thiserror::Error)]
#[error("cannot write the journal")]
struct Outer(#[source] io::Error);

#[test]
fn data_and_talk_go_to_different_streams() {
    let (printer, out, err) = printer(PrinterConfig::default());
    assert_eq!(printer.out("a,b\u{1b}\r\n").unwrap(), Delivery::Written);
    printer.note("noted");
    printer.warn("look");
    printer.error(&"it broke", &["fix it", "or not"]);
    assert_eq!(out.text(), "a,b\u{1b}\r\n", "data is not touched");
    assert_eq!(err.text(), "noted\nwarning: look\nerror: it broke\nhint: fix it\nhint: or not\n");
}

#[test]
fn strangers_words_lose_their_teeth_and_our_colours_stay() {
    let (printer, _, err) = printer(PrinterConfig { color_stderr: true, ..PrinterConfig::default() });
    printer.error(&"a\u{1b}[2J\nb", &["c\u{7}"]);
    assert_eq!(err.text(), "\u{1b}[1m\u{1b}[31merror:\u{1b}[0m a\u{fffd}[2J b\n\u{1b}[36mhint:\u{1b}[0m c\u{fffd}\n");
}

#[test]
fn quiet_leaves_errors_and_data() {
    let (printer, out, err) = printer(PrinterConfig { quiet: true, ..PrinterConfig::default() });
    printer.note("noted");
    printer.warn("look");
    printer.error(&"it broke", &[]);
    assert_eq!(printer.out("data").unwrap(), Delivery::Written);
    assert_eq!(err.text(), "error: it broke\n");
    assert_eq!(out.text(), "data");
}

#[test]
fn an_error_shows_its_causes_once() {
    let (printer, _, err) = printer(PrinterConfig::default());
    printer.error_chain(&Outer(io::Error::other("no space left")), &["free some"]);
    assert_eq!(err.text(), "error: cannot write the journal\n  caused by: no space left\nhint: free some\n");
}

#[test]
fn a_reader_that_has_gone_is_no_error_and_a_full_disk_is() {
    let with = |kind| {
        let out = Tape { fails_with: Some(kind), ..Tape::default() };
        Printer::with_streams(PrinterConfig::default(), Box::new(out), Box::new(Tape::default()))
    };
    assert_eq!(with(io::ErrorKind::BrokenPipe).out("x").unwrap(), Delivery::ReaderGone);
    assert_eq!(with(io::ErrorKind::StorageFull).out("x").unwrap_err().kind(), io::ErrorKind::StorageFull);
}

#[test]
fn talk_for_tools_is_json() {
    let (printer, _, err) = printer(PrinterConfig { talk: Talk::Json, ..PrinterConfig::default() });
    printer.warn("a\u{9b}b");
    printer.error_chain(&Outer(io::Error::other("full")), &["free some"]);
    let lines: Vec<serde_json::Value> = err.text().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert!(!err.text().contains('\u{9b}'));
    assert_eq!(lines[0]["message"], "a\u{9b}b");
    assert_eq!(lines[1]["causes"][0], "full");
    assert_eq!(lines[1]["hints"][0], "free some");
}

#[test]
fn rendered_blocks_keep_lines_and_colours() {
    let text = "\u{1b}[1merror\u{1b}[0m: x\n --> s.yaml\u{7}";
    let (colored, _, err) = printer(PrinterConfig { color_stderr: true, quiet: true, ..PrinterConfig::default() });
    colored.error_block(text);
    assert_eq!(err.text(), "\u{1b}[1merror\u{1b}[0m: x\n --> s.yaml\u{fffd}\n");
    let (plain, _, err) = printer(PrinterConfig::default());
    plain.error_block(text);
    assert_eq!(err.text(), "error: x\n --> s.yaml\u{fffd}\n");
}

#[test]
fn log_lines_are_written_whole() {
    let (printer, _, err) = printer(PrinterConfig::default());
    let mut log = printer.log_writer();
    log.write_all(b"one ").unwrap();
    assert_eq!(err.text(), "");
    log.write_all(b"line\nnext").unwrap();
    assert_eq!(err.text(), "one line\n");
    drop(log);
    assert_eq!(err.text(), "one line\nnext\n");
}

#[test]
fn a_message_is_bounded() {
    let (printer, _, err) = printer(PrinterConfig::default());
    printer.error(&"x".repeat(1 << 20), &[]);
    assert!(err.text().len() < 2 * LONGEST_MESSAGE);
}
