//! Server-sent events: bytes in, events out.
//!
//! Follows the decoding rules of the WHATWG HTML standard, section 9.2.6 (one leading byte order mark, lines ended by
//! LF, CR or CRLF, comments, several `data` lines joined by LF), for bytes cut anywhere: inside a character, inside a
//! CRLF, inside the byte order mark. Text stays bytes until an event is whole, so what is not UTF-8 costs one event at
//! most. A line and an event are bounded, so a server cannot fill memory.

use std::borrow::Cow;
use std::mem;

/// The longest line and the largest event that is taken, in bytes.
pub const EVENT_LIMIT: usize = 1 << 20;

const BOM: [u8; 3] = [0xef, 0xbb, 0xbf];

/// A line or an event is larger than is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a line or event of the stream is larger than {0} bytes")]
pub struct TooLong(pub usize);

/// One event: its `event` field, empty where there was none, and its `data` lines joined by LF.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event<'a> {
    name: &'a [u8],
    data: &'a [u8],
}

impl<'a> Event<'a> {
    /// The event's type, empty where none was sent. What is not UTF-8 becomes `�`.
    pub fn name(&self) -> Cow<'a, str> {
        lossy(self.name)
    }

    /// The event's data. What is not UTF-8 becomes `�`.
    pub fn data(&self) -> Cow<'a, str> {
        lossy(self.data)
    }
}

/// Decodes a stream of events from chunks of bytes, whatever way they are cut.
///
/// An event that lies within one chunk is handed out without being copied.
///
/// ```
/// use bench::openrouter::sse::Decoder;
///
/// let mut decoder = Decoder::default();
/// let mut seen = Vec::new();
/// for chunk in [&b": keep-alive\r\n\r\nda"[..], b"ta: {\"a\":", b"1}\r\n\r\n"] {
///     decoder.push(chunk, |event| seen.push(event.data().into_owned()))?;
/// }
/// assert_eq!(seen, [r#"{"a":1}"#]);
/// # Ok::<(), bench::openrouter::sse::TooLong>(())
/// ```
#[derive(Debug)]
pub struct Decoder {
    /// The start of a line whose end has not arrived.
    line: Vec<u8>,
    /// The `data` lines of the event that is under way, unless there is one and it lies in the current chunk.
    data: Vec<u8>,
    /// The `event` field of the event that is under way.
    name: Vec<u8>,
    /// Whether the event under way has a `data` line.
    has_data: bool,
    /// The chunk before ended in CR: an LF at the start of the next one belongs to it.
    after_cr: bool,
    /// How much of a byte order mark has been seen; `None` once the stream's first bytes are decided.
    bom: Option<usize>,
    limit: usize,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::with_limit(EVENT_LIMIT)
    }
}

impl Decoder {
    /// A decoder that takes lines and events of at most `limit` bytes.
    pub const fn with_limit(limit: usize) -> Self {
        Self {
            line: Vec::new(),
            data: Vec::new(),
            name: Vec::new(),
            has_data: false,
            after_cr: false,
            bom: Some(0),
            limit,
        }
    }

    /// Takes the next bytes and hands out every event that they complete, in order.
    ///
    /// # Errors
    /// [`TooLong`] for a line or an event past the limit. The decoder is of no use after that.
    pub fn push(&mut self, chunk: &[u8], mut each: impl FnMut(Event<'_>)) -> Result<(), TooLong> {
        let mut rest = self.skip_bom(chunk);
        if self.after_cr && !rest.is_empty() {
            self.after_cr = false;
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        // The only `data` line of the event so far, as long as it can stay where it is.
        let mut held: Option<&[u8]> = None;
        while let Some(end) = memchr::memchr2(b'\n', b'\r', rest) {
            let (line, ending, tail) = (&rest[..end], rest[end], &rest[end + 1..]);
            rest = match (ending, tail.first()) {
                (b'\r', Some(b'\n')) => &tail[1..],
                (b'\r', None) => {
                    self.after_cr = true;
                    tail
                }
                _ => tail,
            };
            if self.line.len() + line.len() > self.limit {
                return Err(TooLong(self.limit));
            }
            if self.line.is_empty() {
                match Field::of(line) {
                    Field::Data(value) if !self.has_data => {
                        self.has_data = true;
                        held = Some(value);
                    }
                    field => self.take(field, &mut held, &mut each)?,
                }
            } else {
                let mut whole = mem::take(&mut self.line);
                whole.extend_from_slice(line);
                self.take(Field::of(&whole), &mut held, &mut each)?;
                whole.clear();
                self.line = whole;
            }
        }
        if let Some(value) = held {
            self.data.extend_from_slice(value);
        }
        if self.line.len() + rest.len() > self.limit {
            return Err(TooLong(self.limit));
        }
        self.line.extend_from_slice(rest);
        Ok(())
    }

    /// Ends the stream. The standard drops an event without the blank line after it; servers that close right after
    /// their last `data` line exist, so it is handed out.
    ///
    /// # Errors
    /// [`TooLong`] as for [`push`](Self::push).
    pub fn finish(mut self, mut each: impl FnMut(Event<'_>)) -> Result<(), TooLong> {
        let line = mem::take(&mut self.line);
        if !line.is_empty() {
            self.take(Field::of(&line), &mut None, &mut each)?;
        }
        self.take(Field::End, &mut None, &mut each)
    }

    /// Acts on a line that could not be kept in place.
    fn take(
        &mut self,
        field: Field<'_>,
        held: &mut Option<&[u8]>,
        each: &mut impl FnMut(Event<'_>),
    ) -> Result<(), TooLong> {
        match field {
            Field::Data(value) => {
                if let Some(first) = held.take() {
                    self.data.extend_from_slice(first);
                }
                if self.data.len() + value.len() > self.limit {
                    return Err(TooLong(self.limit));
                }
                if mem::replace(&mut self.has_data, true) {
                    self.data.push(b'\n');
                }
                self.data.extend_from_slice(value);
            }
            Field::Name(value) => {
                self.name.clear();
                self.name.extend_from_slice(value);
            }
            Field::End => {
                if mem::take(&mut self.has_data) {
                    each(Event { name: &self.name, data: held.take().unwrap_or(&self.data) });
                    self.data.clear();
                }
                self.name.clear();
            }
            Field::Other => {}
        }
        Ok(())
    }

    fn skip_bom<'a>(&mut self, chunk: &'a [u8]) -> &'a [u8] {
        let Some(mut seen) = self.bom else { return chunk };
        let mut rest = chunk;
        while let [first, tail @ ..] = rest {
            if *first != BOM[seen] {
                // It was none after all: what looked like one begins the first line.
                self.line.extend_from_slice(&BOM[..seen]);
                self.bom = None;
                return rest;
            }
            rest = tail;
            seen += 1;
            if seen == BOM.len() {
                self.bom = None;
                return rest;
            }
        }
        self.bom = Some(seen);
        rest
    }
}

/// As `String::from_utf8_lossy`, which looks at every character; nearly all that comes is valid, and that is told at once.
fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// What a line says.
#[derive(Clone, Copy)]
enum Field<'a> {
    Data(&'a [u8]),
    Name(&'a [u8]),
    /// A blank line ends the event.
    End,
    /// A comment, `id`, `retry`, or a field nobody knows.
    Other,
}

impl<'a> Field<'a> {
    fn of(line: &'a [u8]) -> Self {
        if line.is_empty() {
            return Self::End;
        }
        if let Some(value) = field(line, b"data") {
            Self::Data(value)
        } else if let Some(value) = field(line, b"event") {
            Self::Name(value)
        } else {
            Self::Other
        }
    }
}

/// The value of the line if it is the field `name`: after the colon and one space, or empty without a colon.
fn field<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    match line.strip_prefix(name)? {
        [] => Some(&[]),
        [b':', b' ', value @ ..] | [b':', value @ ..] => Some(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
