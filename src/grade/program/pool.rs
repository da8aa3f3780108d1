//! The workers of one `command` grader: started when they are needed, asked one question at a time.

use std::sync::{Mutex, PoisonError};

use tokio::sync::Semaphore;

use super::host::Host;
use super::spawn::Launch;
use super::worker::{Patience, Trouble, Worker};

/// Workers that run the same program. Those that run end when this is dropped.
#[derive(Debug)]
pub(super) struct Pool {
    /// As many may be asked at once as there are permits.
    slots: Semaphore,
    idle: Mutex<Vec<Worker>>,
}

impl Pool {
    /// At most this many at once.
    pub(super) fn new(workers: usize) -> Self {
        Self { slots: Semaphore::new(workers), idle: Mutex::default() }
    }

    /// Asks whichever worker is free, or a new one. `read` makes something of the answer; where it cannot, the worker
    /// is not asked again. A worker that ends instead of answering is replaced once.
    ///
    /// # Errors
    /// Why there is no answer, for after the program's name.
    pub(super) async fn ask<T>(
        &self,
        host: &Host,
        launch: impl Fn(&Host) -> Launch,
        patience: Patience,
        question: impl Fn(u64) -> Vec<u8>,
        read: impl Fn(&[u8], u64) -> Result<T, String>,
    ) -> Result<T, String> {
        // Never closed, so a permit always comes.
        let _slot = self.slots.acquire().await;
        let mut first = None;
        loop {
            let worker = match self.idle_worker().filter(|_| first.is_none()) {
                Some(worker) => Ok(worker),
                None => Worker::start(host, launch(host)).await,
            };
            let asked = match worker {
                Ok(worker) => {
                    let id = worker.next_id();
                    worker.ask(&question(id), patience).await.map(|(answer, worker)| (id, answer, worker))
                }
                Err(trouble) => Err(trouble),
            };
            match asked {
                Ok((id, answer, worker)) => {
                    let read = read(&answer, id)?;
                    if let Some(worker) = worker {
                        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(worker);
                    }
                    return Ok(read);
                }
                Err(Trouble::Ended(how)) if first.is_none() => first = Some(how),
                Err(Trouble::Ended(how)) => return Err(format!("{how} (twice, on a fresh process as well)")),
                Err(Trouble::Wrong(how)) => return Err(how),
            }
        }
    }

    /// A worker that waits, and can still be asked.
    fn idle_worker(&self) -> Option<Worker> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        std::iter::from_fn(|| idle.pop()).find_map(|mut worker| worker.is_fit().then_some(worker))
    }
}
