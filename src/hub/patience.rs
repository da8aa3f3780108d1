//! How long and how often something is tried again.

use std::time::Duration;

use tokio::time::sleep;

use crate::units::human_duration;

use super::http::Trouble;
use super::settings::Settings;
use super::watch::Watch;

/// Tries without headway before it is given up.
const TRIES: u32 = 5;
/// A server that asks to be left alone for longer is told of instead: the windows of the hub's limits are so long.
const LONGEST_WAIT: Duration = Duration::from_mins(5);
/// From here on a wait is told.
const TOLD: Duration = Duration::from_secs(2);

/// The tries of one thing.
#[derive(Debug)]
pub(super) struct Patience<'a> {
    failed: u32,
    backoff: Duration,
    watch: &'a dyn Watch,
}

impl<'a> Patience<'a> {
    pub(super) fn new(settings: &Settings, watch: &'a dyn Watch) -> Self {
        Self { failed: 0, backoff: settings.backoff, watch }
    }

    /// Something was gained: counting begins anew.
    pub(super) fn headway(&mut self) {
        self.failed = 0;
    }

    /// Waits until it may be tried again.
    ///
    /// # Errors
    /// The trouble, where it does not pass or has not passed for too long.
    pub(super) async fn bear(&mut self, trouble: Trouble) -> Result<(), Trouble> {
        let Trouble::Passing { message, wait } = trouble else { return Err(trouble) };
        self.failed += 1;
        if let Some(wait) = wait.filter(|wait| *wait > LONGEST_WAIT) {
            let message = format!("{message} and asks to be asked again in {}", human_duration(wait));
            return Err(Trouble::passing(message));
        }
        if self.failed >= TRIES {
            return Err(Trouble::passing(format!("{message} (tried {TRIES} times)")));
        }
        let wait = wait.unwrap_or(self.backoff * (1 << (self.failed - 1)));
        if wait >= TOLD {
            self.watch.note(&format!("{message}: trying again in {}", human_duration(wait)));
        }
        sleep(wait).await;
        Ok(())
    }
}

/// Tries until it works or patience is at its end.
///
/// # Errors
/// As [`Patience::bear`].
pub(super) async fn patiently<T>(
    mut patience: Patience<'_>,
    mut work: impl AsyncFnMut() -> Result<T, Trouble>,
) -> Result<T, Trouble> {
    loop {
        match work().await {
            Ok(done) => return Ok(done),
            Err(trouble) => patience.bear(trouble).await?,
        }
    }
}
