//! What the running simulator remembers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::fault::Fault;
use super::ledger::Ledger;
use super::oracle::Oracle;
use super::server::Config;

/// At speed 1 the simulator is this many times as fast as the models it imitates: answers take 50 to 900 ms.
const USUAL: f64 = 5.0;

/// Waits end on ticks of this length, so that many streams wake up together.
const TICK: Duration = Duration::from_millis(4);

/// What all requests share.
#[derive(Debug)]
pub(super) struct State {
    pub(super) seed: u64,
    pub(super) oracle: Oracle,
    pub(super) speed: f64,
    /// Faults of every chat and embeddings request.
    pub(super) faults: Vec<Fault>,
    pub(super) ledger: Arc<Ledger>,
    /// How often each request came, by a hash of model and messages.
    counts: Mutex<HashMap<u64, u32>>,
    /// Ends everything that waits.
    pub(super) stop: CancellationToken,
    origin: Instant,
}

impl State {
    /// A fresh one.
    pub(super) fn new(config: Config, stop: CancellationToken) -> Self {
        Self {
            seed: config.seed,
            oracle: config.oracle,
            speed: config.speed,
            faults: config.faults,
            ledger: Arc::default(),
            counts: Mutex::default(),
            stop,
            origin: Instant::now(),
        }
    }

    /// A fresh one without faults at the usual speed.
    #[cfg(test)]
    pub(super) fn for_tests() -> Self {
        Self::new(Config { seed: 1, ..Config::default() }, CancellationToken::new())
    }

    /// Counts a request; from 1.
    pub(super) fn comes(&self, request: u64) -> u32 {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(request).or_insert(0);
        *count = count.saturating_add(1);
        *count
    }

    /// A time of real life at the simulator's speed.
    pub(super) fn scaled(&self, real: Duration) -> Duration {
        self.unhurried(real.div_f64(USUAL))
    }

    /// So many milliseconds of real life at the simulator's speed.
    pub(super) fn scaled_ms(&self, real: u64) -> Duration {
        self.scaled(Duration::from_millis(real))
    }

    /// A time at speed 1 at the simulator's speed.
    pub(super) fn unhurried(&self, usual: Duration) -> Duration {
        Duration::try_from_secs_f64(usual.as_secs_f64() / self.speed).unwrap_or(Duration::MAX)
    }

    /// Waits, to the next tick. False: the simulator is being stopped.
    pub(super) async fn wait(&self, time: Duration) -> bool {
        if time.is_zero() {
            return !self.stop.is_cancelled();
        }
        let Some(until) = Instant::now().checked_add(time) else { return self.hang().await };
        let ticks = (until - self.origin).as_nanos().div_ceil(TICK.as_nanos());
        let until = self.origin + TICK * u32::try_from(ticks).unwrap_or(u32::MAX);
        tokio::select! {
            () = tokio::time::sleep_until(until) => true,
            () = self.stop.cancelled() => false,
        }
    }

    /// Waits until the simulator is stopped.
    pub(super) async fn hang(&self) -> bool {
        self.stop.cancelled().await;
        false
    }
}
