//! An endpoint on loopback that does with each request what a test says.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

type Script = Box<dyn Fn(usize, &Value) -> Act + Send + Sync>;

/// What the server does with a request.
pub(super) enum Act {
    Answer(Value),
    Refuse(u16, &'static str),
    /// Nothing, until the client leaves.
    Hang,
}

struct Inner {
    script: Script,
    bodies: Mutex<Vec<(String, Value)>>,
    in_flight: AtomicUsize,
    most: AtomicUsize,
}

/// An endpoint that does what a function of a request's number, from 0, and body says.
pub(super) struct Endpointed {
    pub(super) url: String,
    inner: Arc<Inner>,
}

/// Counts a request as in flight until its answer is made, or its client has left.
struct Flying<'a>(&'a AtomicUsize);

impl Drop for Flying<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn serve(State(inner): State<Arc<Inner>>, uri: Uri, body: Bytes) -> Response {
    let now = inner.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
    let _flying = Flying(&inner.in_flight);
    inner.most.fetch_max(now, Ordering::SeqCst);
    let body: Value = serde_json::from_slice(&body).unwrap();
    let number = {
        let mut bodies = inner.bodies.lock().unwrap();
        bodies.push((uri.path().to_owned(), body.clone()));
        bodies.len() - 1
    };
    match (inner.script)(number, &body) {
        Act::Answer(answer) => {
            tokio::time::sleep(Duration::from_millis(5)).await;
            answer.to_string().into_response()
        }
        Act::Refuse(status, message) => {
            let error = json!({"error": {"code": status, "message": message}}).to_string();
            (StatusCode::from_u16(status).unwrap(), error).into_response()
        }
        Act::Hang => std::future::pending().await,
    }
}

impl Endpointed {
    pub(super) async fn start(script: impl Fn(usize, &Value) -> Act + Send + Sync + 'static) -> Self {
        let inner = Arc::new(Inner {
            script: Box::new(script),
            bodies: Mutex::default(),
            in_flight: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let app = Router::new().fallback(serve).with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, inner }
    }

    pub(super) fn bodies(&self) -> Vec<(String, Value)> {
        self.inner.bodies.lock().unwrap().clone()
    }

    /// Requests in flight at the same time, at most.
    pub(super) fn most_in_flight(&self) -> usize {
        self.inner.most.load(Ordering::SeqCst)
    }

    /// Waits until so many requests have come and so many are still open.
    pub(super) async fn wait_for(&self, came: usize, open: usize) {
        let started = Instant::now();
        while (self.bodies().len(), self.inner.in_flight.load(Ordering::SeqCst)) != (came, open) {
            assert!(started.elapsed() < Duration::from_secs(20), "{} came", self.bodies().len());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}
