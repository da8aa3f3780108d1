//! Lines from a program that may send too much, or no line at all.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt};

/// What was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// A line without its line break; `last`: the stream has ended with it.
    Whole { bytes: Vec<u8>, last: bool },
    /// The stream has ended without one.
    End,
    /// It is longer than allowed.
    TooLong,
}

/// The next line, of at most `limit` bytes. Text after the last line break is a line too.
///
/// # Errors
/// What reading says.
pub(super) async fn next_line(stream: &mut (impl AsyncBufRead + Unpin), limit: u64) -> io::Result<Line> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut bytes = Vec::new();
    loop {
        let read = stream.fill_buf().await?;
        if read.is_empty() {
            return Ok(if bytes.is_empty() { Line::End } else { Line::Whole { bytes, last: true } });
        }
        let end = memchr::memchr(b'\n', read);
        let part = &read[..end.unwrap_or(read.len())];
        if bytes.len() + part.len() > limit {
            return Ok(Line::TooLong);
        }
        bytes.extend_from_slice(part);
        let used = part.len() + usize::from(end.is_some());
        stream.consume(used);
        if end.is_some() {
            return Ok(Line::Whole { bytes, last: false });
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::BufReader;

    use super::*;

    #[tokio::test]
    async fn lines_come_one_by_one_and_not_too_long() {
        let mut stream = BufReader::with_capacity(3, &b"one\n\nthree"[..]);
        let whole = |text: &str, last| Line::Whole { bytes: text.as_bytes().to_vec(), last };
        for want in [whole("one", false), whole("", false), whole("three", true), Line::End] {
            assert_eq!(next_line(&mut stream, 5).await.unwrap(), want);
        }
        let mut stream = BufReader::with_capacity(3, &b"123456\n"[..]);
        assert_eq!(next_line(&mut stream, 5).await.unwrap(), Line::TooLong);
        let mut endless = BufReader::new(tokio::io::repeat(b'x'));
        assert_eq!(next_line(&mut endless, 1 << 20).await.unwrap(), Line::TooLong);
    }
}
