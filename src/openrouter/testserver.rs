//! A server for tests that sends scripted bytes, right or wrong, and tells what it received and when the client left.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What is done on a connection once a request has arrived.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Send(Vec<u8>),
    /// One byte a write.
    Drip(Vec<u8>),
    Pause(Duration),
    /// The same bytes again and again, with a pause between, until the client leaves.
    Repeat(Vec<u8>, Duration),
    /// Nothing until the client leaves.
    Hang,
    Close,
    Reset,
}

impl Step {
    pub(super) fn send(bytes: impl AsRef<[u8]>) -> Self {
        Self::Send(bytes.as_ref().to_vec())
    }
}

/// Head of an HTTP response of unknown length, which ends with the connection.
pub(super) fn head(status: &str, headers: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}connection: close\r\n\r\n")
}

/// A whole HTTP response.
pub(super) fn response(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// A request as it arrived.
#[derive(Debug)]
pub(super) struct Request {
    /// Request line and headers, in lower case.
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

#[derive(Debug)]
pub(super) struct TestServer {
    pub(super) url: String,
    requests: UnboundedReceiver<Request>,
    gone: UnboundedReceiver<()>,
    connections: Arc<AtomicUsize>,
}

type Scripts = Arc<Mutex<VecDeque<Vec<Step>>>>;

impl TestServer {
    /// Plays one script a request, in order; the last one again for every further request.
    pub(super) async fn start(scripts: impl IntoIterator<Item = Vec<Step>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let scripts: Scripts = Arc::new(Mutex::new(scripts.into_iter().collect()));
        let (seen, requests) = unbounded_channel();
        let (left, gone) = unbounded_channel();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(socket, Arc::clone(&scripts), seen.clone(), left.clone()));
            }
        });
        Self { url, requests, gone, connections }
    }

    pub(super) async fn one(steps: impl IntoIterator<Item = Step>) -> Self {
        Self::start([steps.into_iter().collect()]).await
    }

    pub(super) async fn request(&mut self) -> Request {
        self.requests.recv().await.unwrap()
    }

    /// Waits until a client leaves in the middle of a script.
    pub(super) async fn client_left(&mut self) {
        self.gone.recv().await.unwrap();
    }

    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

async fn serve(mut socket: TcpStream, scripts: Scripts, seen: UnboundedSender<Request>, left: UnboundedSender<()>) {
    socket.set_nodelay(true).unwrap();
    while let Some(request) = receive(&mut socket).await {
        let _ = seen.send(request);
        let script = {
            let mut scripts = scripts.lock().unwrap();
            if scripts.len() > 1 { scripts.pop_front().unwrap() } else { scripts[0].clone() }
        };
        for step in script {
            let goes_on = match step {
                Step::Send(bytes) => socket.write_all(&bytes).await.is_ok(),
                Step::Drip(bytes) => drip(&mut socket, &bytes).await,
                Step::Pause(wait) => !closes_within(&mut socket, wait).await,
                Step::Repeat(bytes, pause) => {
                    while socket.write_all(&bytes).await.is_ok() && !closes_within(&mut socket, pause).await {}
                    false
                }
                Step::Hang => !closes_within(&mut socket, Duration::from_mins(1)).await,
                Step::Close => return,
                Step::Reset => {
                    socket.set_zero_linger().unwrap();
                    return;
                }
            };
            if !goes_on {
                let _ = left.send(());
                return;
            }
        }
    }
}

async fn drip(socket: &mut TcpStream, bytes: &[u8]) -> bool {
    for byte in bytes {
        if socket.write_all(&[*byte]).await.is_err() {
            return false;
        }
        tokio::task::yield_now().await;
    }
    true
}

/// Waits; `true` as soon as the client closes.
async fn closes_within(socket: &mut TcpStream, wait: Duration) -> bool {
    let mut byte = [0];
    matches!(tokio::time::timeout(wait, socket.read(&mut byte)).await, Ok(Ok(0) | Err(_)))
}

async fn receive(socket: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    loop {
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        let Some(end) = memchr::memmem::find(&bytes, b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
        let length: usize = length.trim().parse().unwrap();
        while bytes.len() < end + 4 + length {
            if socket.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
        }
        return Some(Request { head, body: bytes.split_off(end + 4) });
    }
}
