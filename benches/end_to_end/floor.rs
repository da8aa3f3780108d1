//! The least a client can do with the same means: reqwest on a multi-threaded runtime, HTTP/1.1, one client, the same
//! number of requests in flight, bodies of the same size, each response read to its end and dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use bytes::Bytes;
use tokio::task::JoinSet;

use crate::Result;

/// Sends it all. Arguments: URL, models, cases a model, in flight a model, bytes of a body.
pub(crate) fn main(args: &[String]) -> Result<()> {
    let [url, models, cases, in_flight, body_bytes] = args else {
        return Err("--floor URL MODELS CASES IN_FLIGHT BODY_BYTES".into());
    };
    let (models, cases): (usize, usize) = (models.parse()?, cases.parse()?);
    let (in_flight, body_bytes): (usize, usize) = (in_flight.parse()?, body_bytes.parse()?);
    // Fails only where one is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let mut workers = JoinSet::new();
        // One for all: each client reads the system's certificates when it is made, some 13 ms.
        let client = reqwest::Client::builder().http1_only().no_proxy().build()?;
        for _ in 0..models {
            let left = Arc::new(AtomicUsize::new(cases));
            for _ in 0..in_flight.min(cases) {
                workers.spawn(worker(client.clone(), url.clone(), Arc::clone(&left), body_bytes));
            }
        }
        while let Some(done) = workers.join_next().await {
            done??;
        }
        Ok(())
    })
}

async fn worker(client: reqwest::Client, url: String, left: Arc<AtomicUsize>, body_bytes: usize) -> Result<()> {
    let body = Bytes::from(vec![b'x'; body_bytes]);
    while left.try_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_ok() {
        let request = client.post(&url).header("content-type", "application/json").body(body.clone());
        let mut response = request.send().await?.error_for_status()?;
        while response.chunk().await?.is_some() {}
    }
    Ok(())
}
