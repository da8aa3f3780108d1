//! Ctrl-C and SIGTERM: the first asks the run to stop, the second leaves at once.

use tokio_util::sync::CancellationToken;

/// Resolves on Ctrl-C (SIGINT) or SIGTERM, each time it is awaited anew.
async fn signal() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            result = tokio::signal::ctrl_c() => result,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

/// Cancels `first` on the first signal and resolves on the second. Never resolves where signals cannot be had.
pub(super) async fn listen(first: CancellationToken) {
    if signal().await.is_ok() {
        first.cancel();
        if signal().await.is_ok() {
            return;
        }
    }
    std::future::pending::<()>().await;
}
