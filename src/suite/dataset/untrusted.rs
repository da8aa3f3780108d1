//! What stands between a hostile file and the libraries that read tables.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

use super::rows::FileError;

/// One row may be so large, as JSON.
pub(super) const MAX_ROW: usize = 64 << 20;

/// Text that any file may give, whatever its size.
const BASE: u64 = 4 << 30;
/// Text that a file may give for every byte of it.
const RATE: u64 = 1000;
/// What a row takes besides its text.
const ROW: u64 = 256;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs what a library does with a file. `None`: it panicked.
///
/// Both libraries index and assert in places where a damaged file says otherwise than it should. Nothing of theirs is
/// used after a panic, so that no half-done state is seen; and what the panic says helps nobody, so it is not printed.
pub(super) fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |info| {
            if !QUIET.get() {
                before(info);
            }
        }));
    });
    let before = QUIET.replace(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    QUIET.set(before);
    done.ok()
}

/// How much text a file may still give.
///
/// Tables name a value once and refer to it a million times, so that a small file can hold more rows than any memory.
#[derive(Debug)]
pub(super) struct Allowance(u64);

impl Allowance {
    /// For a file of this size.
    pub(super) fn of(file_bytes: u64) -> Self {
        Self(file_bytes.saturating_mul(RATE).saturating_add(BASE))
    }

    /// Takes a row of this size from it.
    pub(super) fn take(&mut self, row_bytes: usize) -> Result<(), FileError> {
        match self.0.checked_sub(row_bytes as u64 + ROW) {
            Some(left) => {
                self.0 = left;
                Ok(())
            }
            None => Err(FileError::new("reading stopped: its rows hold a thousand times what the file does")
                .hint("if that is no mistake, convert it to .jsonl, or read less of it with `limit`")),
        }
    }
}

/// A library's message, short enough to be shown.
pub(super) fn shortened(message: &str) -> String {
    let mut line: String = message.lines().next().unwrap_or_default().chars().take(160).collect();
    if line.len() < message.len() {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_of_a_library_is_no_panic_of_ours() {
        assert_eq!(guarded(|| 1), Some(1));
        assert_eq!(guarded(|| [0][std::hint::black_box(7)]), None);
        assert_eq!(guarded(|| guarded(|| [0][std::hint::black_box(7)])), Some(None));
    }

    #[test]
    fn a_small_file_does_not_give_endless_rows() {
        let mut allowance = Allowance::of(100);
        let rows = (0..10_000).take_while(|_| allowance.take(1 << 20).is_ok()).count();
        assert!((4000..4100).contains(&rows), "{rows}");
    }
}
