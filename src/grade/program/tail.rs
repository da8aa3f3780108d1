//! The end of what a program says on standard error, however much it says.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt};

use crate::text::{excerpt, one_line};

use super::host::without_keys;

/// The bytes kept.
const KEPT: usize = 8 << 10;
/// The lines, and their bytes, that a message shows.
const LINES: usize = 3;
const SHOWN: usize = 400;

/// What was read so far: its end, and how much it was.
#[derive(Debug, Clone, Default)]
pub(super) struct Tail(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    bytes: VecDeque<u8>,
    total: u64,
}

impl Tail {
    /// Reads to the end of the stream, or until it has seen more than `most` bytes.
    pub(super) async fn follow(&self, mut stream: impl AsyncRead + Unpin, most: u64) {
        let mut buffer = vec![0; 4 << 10];
        while let Ok(n @ 1..) = stream.read(&mut buffer).await {
            self.push(&buffer[..n]);
            if self.total() > most {
                return;
            }
        }
    }

    fn push(&self, bytes: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.total += bytes.len() as u64;
        kept.bytes.extend(bytes);
        let over = kept.bytes.len().saturating_sub(KEPT);
        kept.bytes.drain(..over);
    }

    /// The bytes seen.
    pub(super) fn total(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).total
    }

    /// Its last lines on one, for after a message: `: said on stderr`; empty where nothing was said.
    pub(super) fn told(&self) -> String {
        let bytes: Vec<u8> = self.0.lock().unwrap_or_else(PoisonError::into_inner).bytes.iter().copied().collect();
        let bytes = without_keys(&bytes);
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let last = lines[lines.len().saturating_sub(LINES)..].join(" | ");
        // Of a long text the end counts: that is where a traceback names the error.
        let start = last.ceil_char_boundary(last.len().saturating_sub(SHOWN));
        let last = &last[start..];
        if last.is_empty() { String::new() } else { format!(": {}", one_line(&excerpt(last, SHOWN))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_last_lines_of_much_are_kept() {
        let tail = Tail::default();
        let text = "noise\n".repeat(10_000) + "Traceback\n  File x\n\nValueError: \u{1b}[2Jno\n";
        tail.follow(text.as_bytes(), u64::MAX).await;
        assert_eq!(tail.told(), ": Traceback | File x | ValueError: \u{fffd}[2Jno");
        assert_eq!(tail.total(), text.len() as u64);
        assert_eq!(Tail::default().told(), "");
    }

    #[tokio::test]
    async fn what_never_ends_is_not_read_for_ever() {
        let tail = Tail::default();
        tail.follow(tokio::io::repeat(b'x'), 100_000).await;
        assert!(tail.total() > 100_000 && tail.told().len() <= SHOWN + 2);
    }
}
