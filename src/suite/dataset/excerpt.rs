//! A line of a dataset file, for showing it beside a mistake.

use std::io::{BufRead, Read};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use crate::suite::diagnostic::Source;

use super::open::Opened;

/// Of a line so much is shown.
const SHOWN: u64 = 1024;

/// What is unpacked for the sake of one line; further lines are told by their number alone.
const MAX_UNPACKED: usize = 64 << 20;

/// The beginning of a line of a file.
pub(super) fn excerpt(path: &Path, shown: &str, line: Option<usize>) -> Option<(Arc<Source>, Range<usize>)> {
    let line = line?;
    let opened = Opened::unhashed(path).ok()?;
    let mut left_to_read = if opened.packing.is_some() { MAX_UNPACKED } else { usize::MAX };
    let (mut reader, _) = opened.into_reader();
    let mut left = line.saturating_sub(1);
    while left > 0 {
        let buffer = reader.fill_buf().ok()?;
        if buffer.is_empty() || left_to_read == 0 {
            return None;
        }
        let used = if let Some(at) = memchr::memchr_iter(b'\n', buffer).nth(left - 1) {
            left = 0;
            at + 1
        } else {
            left -= memchr::memchr_iter(b'\n', buffer).count();
            buffer.len()
        };
        left_to_read = left_to_read.saturating_sub(used);
        reader.consume(used);
    }
    let mut bytes = Vec::new();
    reader.take(SHOWN).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let text = text.lines().next().unwrap_or_default().to_owned();
    let range = 0..text.len();
    Some((Arc::new(Source { path: shown.into(), text, first_line: line }), range))
}
