//! The body of a success as it arrives: finds out whether it is a stream or one JSON text, and reads it.

use super::classify::local;
use super::details;
use super::error::{ApiError, ErrorKind};
use super::fold::{Answer, CHAT, Circumstances, Ending, Fold, StreamFold, nothing};
use super::redact::Redactor;

/// The largest body that is held in memory, in bytes.
pub(super) const BODY_LIMIT: usize = 32 << 20;
/// The largest stream, in bytes. It is not held, and a long answer may come a token at a time.
pub(super) const STREAM_LIMIT: usize = 256 << 20;

/// A body that is being read.
#[derive(Debug, Default)]
pub(super) struct Intake {
    body: Body,
    size: usize,
    /// The first bytes of a stream until it has an event, for telling what it is instead.
    start: Vec<u8>,
}

#[derive(Debug, Default)]
enum Body {
    /// Nothing but white space so far: some pad for minutes to keep the connection alive.
    #[default]
    Unknown,
    Json(Vec<u8>),
    Stream(Box<StreamFold>),
}

impl Intake {
    /// Takes the next bytes.
    ///
    /// The first byte decides, whatever the content type says: no JSON text begins like a line of an event stream.
    ///
    /// # Errors
    /// A limit is passed, or the rest of a stream is of no use.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), ApiError> {
        self.size += bytes.len();
        let mut bytes = bytes;
        if matches!(self.body, Body::Unknown) {
            bytes = skip_padding(bytes);
            self.body = match bytes.first() {
                None => Body::Unknown,
                Some(b':' | b'd' | b'e' | b'i' | b'r') => Body::Stream(Box::default()),
                Some(_) => Body::Json(Vec::new()),
            };
        }
        let limit = if matches!(self.body, Body::Stream(_)) { STREAM_LIMIT } else { BODY_LIMIT };
        if self.size > limit {
            let message = format!("the answer's body is larger than {} MiB", limit >> 20);
            return Err(local(ErrorKind::TooLarge, false, &message));
        }
        match &mut self.body {
            Body::Unknown => Ok(()),
            Body::Json(buffer) => {
                buffer.extend_from_slice(bytes);
                Ok(())
            }
            Body::Stream(fold) => {
                if !fold.has_event() {
                    let room = details::RAW_LIMIT.saturating_sub(self.start.len());
                    self.start.extend_from_slice(&bytes[..room.min(bytes.len())]);
                }
                fold.push(bytes)
            }
        }
    }

    /// Whether this is a stream, as far as is known.
    pub(super) fn is_stream(&self) -> bool {
        matches!(self.body, Body::Stream(_))
    }

    /// Whether this is one JSON text, as far as is known.
    pub(super) fn is_json(&self) -> bool {
        matches!(self.body, Body::Json(_))
    }

    /// Whether a token has arrived in a stream.
    pub(super) fn has_token(&self) -> bool {
        matches!(&self.body, Body::Stream(fold) if fold.has_token())
    }

    /// Whether a stream has said all but perhaps its usage.
    pub(super) fn is_finished(&self) -> bool {
        matches!(&self.body, Body::Stream(fold) if fold.is_finished())
    }

    /// Whether a stream has said `[DONE]`.
    pub(super) fn is_done(&self) -> bool {
        matches!(&self.body, Body::Stream(fold) if fold.is_done())
    }

    /// The answer, however the body ended.
    pub(super) fn finish(self, ending: Ending, circumstances: &Circumstances<'_>) -> Answer {
        match self.body {
            Body::Stream(fold) => fold.end(ending, &Circumstances { start: &self.start, ..*circumstances }),
            Body::Json(bytes) => whole(&bytes, ending, circumstances),
            Body::Unknown => whole(&[], ending, circumstances),
        }
    }
}

/// An answer that is one JSON text.
fn whole(bytes: &[u8], ending: Ending, circumstances: &Circumstances<'_>) -> Answer {
    let nobody = Redactor::default();
    let redactor = circumstances.redactor.unwrap_or(&nobody);
    let text = String::from_utf8_lossy(bytes);
    let json = text.trim();
    let mut fold = Fold::default();
    let understood = fold.json(json);
    if let Err(error) = fold.check() {
        return fold.finish(Ending::Cut(error), circumstances);
    }
    if understood && fold.is_completion() {
        fold.whole();
        return fold.finish(ending, circumstances);
    }
    let error = match ending {
        Ending::Cancelled(error) => error,
        Ending::Cut(error) if !understood => error,
        _ if !understood && json.starts_with('{') => {
            let message = format!("the answer is not whole JSON: it breaks off after {} bytes", json.len());
            let raw = Some(details::raw(json, redactor));
            ApiError { raw, ..local(ErrorKind::Protocol, true, &message) }
        }
        _ => {
            let anonymous = serde_json::from_str(json).map_or_else(|_| json.to_owned(), details::anonymous);
            nothing(CHAT, anonymous.as_bytes(), redactor)
        }
    };
    Answer { error: Some(error), ..fold.finish(Ending::Eof, circumstances) }
}

/// Skips white space and a byte order mark.
fn skip_padding(bytes: &[u8]) -> &[u8] {
    let padding = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, 0xef | 0xbb | 0xbf);
    let start = bytes.iter().position(|byte| !padding(byte)).unwrap_or(bytes.len());
    &bytes[start..]
}
