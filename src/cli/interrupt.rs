//! Ctrl-C, SIGTERM and the closing of the terminal: the first asks the run to stop, the second leaves at once. While
//! suites are still read, and once the asking is over and only outputs are written, one is enough.

use tokio_util::sync::CancellationToken;

/// What a command and whoever listens for signals tell each other.
#[derive(Debug, Clone, Default)]
pub(super) struct Interrupt {
    /// Cancelled by the command when there is something to stop in order; before that a signal just ends it.
    pub(super) begun: CancellationToken,
    /// Cancelled by the first signal.
    pub(super) asked: CancellationToken,
    /// Cancelled by the command when there is nothing left to stop in order.
    pub(super) winding_up: CancellationToken,
}

impl Interrupt {
    /// Resolves when the program must leave at once. Never where signals cannot be had.
    ///
    /// To be awaited in another task than the command's: that one may be waiting for a pipe that nobody reads.
    pub(super) async fn leave_at_once(self) {
        while signal().await.is_ok() {
            if !self.begun.is_cancelled() || self.asked.is_cancelled() || self.winding_up.is_cancelled() {
                return;
            }
            self.asked.cancel();
        }
        std::future::pending::<()>().await;
    }
}

/// Resolves on SIGINT, SIGTERM or SIGHUP, each time it is awaited anew.
async fn signal() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hangup = signal(SignalKind::hangup())?;
        tokio::select! {
            result = tokio::signal::ctrl_c() => result,
            _ = terminate.recv() => Ok(()),
            _ = hangup.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
