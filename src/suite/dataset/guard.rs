//! Bytes that pass to a parser only while they are text, and only so many of them without a row.

use std::cell::{Cell, RefCell};
use std::io::{self, Read};
use std::rc::Rc;

use super::encoding::{NotText, not_utf8};
use super::rows::FileError;

/// A row of a document, and what stands before it, may be this large.
pub(super) const MAX_ROW: usize = 64 << 20;

/// What passes by.
pub(super) struct Guard<R> {
    inner: R,
    shown: String,
    watch: Watch,
    /// The first bytes of a character that has not ended yet.
    begun: Vec<u8>,
    line: usize,
    /// Bytes of this line before those that were not looked at.
    column: usize,
    /// Why nothing more will pass: what stands before the mistake passes first, so that its rows are read.
    pending: Option<FileError>,
}

/// What the guard shares with who reads behind it.
#[derive(Debug, Clone, Default)]
pub(super) struct Watch(Rc<Watched>);

#[derive(Debug, Default)]
struct Watched {
    /// Bytes since the last row.
    since: Cell<usize>,
    mistake: RefCell<Option<FileError>>,
}

impl Watch {
    /// A row has ended.
    pub(super) fn row(&self) {
        self.0.since.set(0);
    }

    /// Why the guard let nothing more pass.
    pub(super) fn mistake(&self) -> Option<FileError> {
        self.0.mistake.take()
    }
}

impl<R: Read> Guard<R> {
    pub(super) fn new(inner: R, shown: &str) -> (Self, Watch) {
        let watch = Watch::default();
        (
            Self {
                inner,
                shown: shown.to_owned(),
                watch: watch.clone(),
                begun: Vec::new(),
                line: 1,
                column: 0,
                pending: None,
            },
            watch,
        )
    }

    fn stop(&self, mistake: FileError) -> io::Error {
        self.watch.0.mistake.replace(Some(mistake));
        io::Error::other("refused")
    }

    /// How much of what was read may pass; `is_end`: nothing comes after it.
    fn look(&mut self, chunk: &[u8], is_end: bool) -> usize {
        let bytes = [&self.begun, chunk].concat();
        let (mut valid, mut mistake) = match std::str::from_utf8(&bytes) {
            Ok(_) => (bytes.len(), None),
            Err(error) if error.error_len().is_none() && !is_end => (error.valid_up_to(), None),
            Err(error) => (error.valid_up_to(), Some(not_utf8(&bytes, error.valid_up_to()))),
        };
        if let Some(at) = memchr::memchr(0, &bytes[..valid]) {
            valid = at;
            mistake = Some(NotText { at, message: "holds a NUL byte (0x00)".to_owned(), encoding: None });
        }
        self.pending = mistake.map(|mistake| self.not_text(&bytes, mistake));
        self.line += memchr::memchr_iter(b'\n', &bytes[..valid]).count();
        self.column = self.column_after(&bytes[..valid]);
        let before = self.begun.len();
        self.begun = bytes[valid..].to_vec();
        if self.pending.is_some() { valid.saturating_sub(before) } else { chunk.len() }
    }

    /// The bytes of the last line, these being read.
    fn column_after(&self, bytes: &[u8]) -> usize {
        memchr::memrchr(b'\n', bytes).map_or(self.column + bytes.len(), |at| bytes.len() - at - 1)
    }

    fn not_text(&self, bytes: &[u8], mut mistake: NotText) -> FileError {
        let before = &bytes[..mistake.at];
        let line = self.line + memchr::memchr_iter(b'\n', before).count();
        let column = self.column_after(before);
        // The offset is that in this chunk: line and column are more use.
        if let Some(at) = mistake.message.find(" (byte ") {
            let end = mistake.message[at..].find(')').map_or(mistake.message.len(), |end| at + end + 1);
            mistake.message.replace_range(at..end, "");
        }
        let message = format!("line {line} {} (byte {} of the line)", mistake.message, column + 1);
        FileError::new(message).hint(mistake.hint(&self.shown)).line(line)
    }
}

impl<R: Read> Read for Guard<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(mistake) = self.pending.take() {
            return Err(self.stop(mistake));
        }
        let length = self.inner.read(buffer)?;
        let since = self.watch.0.since.get() + length;
        if since > MAX_ROW {
            let message = format!("more than {} MB without the end of a row", MAX_ROW >> 20);
            return Err(
                self.stop(FileError::new(message).hint("one row may be no larger: split it, or leave parts out"))
            );
        }
        self.watch.0.since.set(since);
        if length == 0 && self.begun.is_empty() {
            return Ok(0);
        }
        let passes = self.look(&buffer[..length], length == 0);
        match self.pending.take_if(|_| passes == 0) {
            Some(mistake) => Err(self.stop(mistake)),
            None => Ok(passes),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pass(content: &[u8], piece: usize) -> Result<Vec<u8>, FileError> {
        let (mut guard, watch) = Guard::new(content, "a.json");
        let (mut passed, mut buffer) = (Vec::new(), vec![0; piece]);
        loop {
            match guard.read(&mut buffer) {
                Ok(0) => return Ok(passed),
                Ok(length) => passed.extend(&buffer[..length]),
                Err(_) => return Err(watch.mistake().unwrap()),
            }
        }
    }

    #[test]
    fn a_byte_that_is_no_text_is_told_with_its_line() {
        for piece in [1, 2, 5, 100] {
            let mistake = pass(b"[\n {\"a\": \"caf\xe9 at noon, as ever\"}]", piece).unwrap_err();
            assert_eq!(mistake.line, Some(2));
            assert!(mistake.message.starts_with("line 2 is not UTF-8: byte 0xe9"), "{}", mistake.message);
            assert!(mistake.message.ends_with("(byte 12 of the line)"), "{}", mistake.message);
            assert!(pass(b"a\xc3", piece).is_err());
            assert!(pass(b"a\0", piece).is_err());
        }
    }

    #[test]
    fn so_much_passes_without_a_row() {
        let (mut guard, watch) = Guard::new(io::repeat(b' ').take(1 << 40), "a.json");
        let read = io::copy(&mut guard, &mut io::sink());
        assert!(read.is_err());
        assert!(watch.mistake().unwrap().message.contains("64 MB"));
    }

    proptest! {
        #[test]
        fn text_passes_as_it_is(text in "[a-zé€😀\n]{0,40}", piece in 1_usize..7) {
            prop_assert_eq!(pass(text.as_bytes(), piece).unwrap(), text.as_bytes());
        }
    }
}
