//! The server: accepts, reads requests, plays replies, keeps the books.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};

use super::call::{Call, End};
use super::reply::{Act, Reply};

type Script = Arc<dyn Fn(&Call) -> Reply + Send + Sync>;

#[derive(Default)]
struct Books {
    scripts: HashMap<String, Script>,
    calls: Vec<Call>,
    others: Vec<String>,
    in_flight: HashMap<String, usize>,
    most_in_flight: HashMap<String, usize>,
    most_in_flight_together: usize,
    troubles: Vec<String>,
}

struct Shared {
    started: Instant,
    books: Mutex<Books>,
}

impl Shared {
    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters a request and asks the model's script what to do; without one, does what is usual.
    fn open(&self, headers: Vec<(String, String)>, body: Value, usual: fn(&Call) -> Reply) -> (usize, Reply) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let last = body["messages"].as_array().and_then(|messages| messages.last()).cloned().unwrap_or_default();
        let mut call = Call {
            model: text(&body["model"]),
            prompt: text(&last["content"]),
            attempt: 1,
            number: 1,
            stream: body["stream"].as_bool().unwrap_or(false),
            headers,
            body,
            at: self.started.elapsed(),
            ended: None,
        };
        let (id, script) = {
            let mut books = self.books();
            for earlier in books.calls.iter().filter(|earlier| earlier.model == call.model) {
                call.number += 1;
                call.attempt += usize::from(earlier.prompt == call.prompt);
            }
            let now = books.in_flight.entry(call.model.clone()).or_default();
            *now += 1;
            let now = *now;
            let most = books.most_in_flight.entry(call.model.clone()).or_default();
            *most = now.max(*most);
            let together = books.in_flight.values().sum();
            books.most_in_flight_together = books.most_in_flight_together.max(together);
            books.calls.push(call.clone());
            (books.calls.len() - 1, books.scripts.get(&call.model).cloned())
        };
        let reply = catch_unwind(AssertUnwindSafe(|| script.map_or_else(|| usual(&call), |script| script(&call))));
        let reply = reply.unwrap_or_else(|panic| {
            let message = panic.downcast_ref::<String>().cloned().or_else(|| {
                let text: Option<&&str> = panic.downcast_ref();
                text.map(ToString::to_string)
            });
            self.trouble(format!("the script of {} panicked: {}", call.model, message.unwrap_or_default()));
            Reply::error(500, "the script panicked")
        });
        (id, reply)
    }

    fn close(&self, id: usize, end: End) {
        let mut books = self.books();
        let model = books.calls[id].model.clone();
        books.calls[id].ended = Some((self.started.elapsed(), end));
        if let Some(now) = books.in_flight.get_mut(&model) {
            *now -= 1;
        }
    }

    fn trouble(&self, text: String) {
        self.books().troubles.push(text);
    }
}

/// A running server. Dropping it fails the test if a script panicked or a client broke HTTP.
pub(crate) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    runtime: Option<Runtime>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Server {
    pub(crate) fn start() -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let shared = Arc::new(Shared { started: Instant::now(), books: Mutex::default() });
        // Bound by hand: a test that runs in a runtime of its own may not block on another one.
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        listener.set_nonblocking(true).unwrap();
        let books = Arc::clone(&shared);
        runtime.spawn(async move {
            let listener = TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&books)));
            }
        });
        Self { address, shared, runtime: Some(runtime) }
    }

    /// A server whose one model behaves as the script says.
    pub(crate) fn with(model: &str, script: impl Fn(&Call) -> Reply + Send + Sync + 'static) -> Self {
        Self::start().on(model, script)
    }

    /// From now on this model behaves as the script says.
    pub(crate) fn on(self, model: &str, script: impl Fn(&Call) -> Reply + Send + Sync + 'static) -> Self {
        self.shared.books().scripts.insert(model.to_owned(), Arc::new(script));
        self
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Every request for a chat or for embeddings so far, in order of arrival.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.shared.books().calls.clone()
    }

    /// The requests to one model.
    pub(crate) fn calls_of(&self, model: &str) -> Vec<Call> {
        self.calls().into_iter().filter(|call| call.model == model).collect()
    }

    /// Requests for anything else: `GET /v1/models`.
    pub(crate) fn others(&self) -> Vec<String> {
        self.shared.books().others.clone()
    }

    /// Requests of a model in flight at the same time, at most.
    pub(crate) fn most_in_flight(&self, model: &str) -> usize {
        self.shared.books().most_in_flight.get(model).copied().unwrap_or(0)
    }

    /// Requests of all models in flight at the same time, at most.
    pub(crate) fn most_in_flight_together(&self) -> usize {
        self.shared.books().most_in_flight_together
    }

    /// Time since the server's start, as in [`Call::at`].
    pub(crate) fn now(&self) -> Duration {
        self.shared.started.elapsed()
    }

    /// Waits until the calls are as wanted; a test that waits for too long fails.
    #[track_caller]
    pub(crate) fn wait_for(&self, what: &str, wanted: impl Fn(&[Call]) -> bool) {
        let started = Instant::now();
        while !wanted(&self.shared.books().calls) {
            assert!(started.elapsed() < Duration::from_secs(30), "waited in vain for {what}: {:#?}", self.calls());
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        let troubles = std::mem::take(&mut self.shared.books().troubles);
        assert!(std::thread::panicking() || troubles.is_empty(), "the fault server had troubles: {troubles:#?}");
    }
}

/// An address where nothing listens.
pub(crate) fn refusing_url() -> String {
    let address = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|l| l.local_addr()).unwrap();
    format!("http://{address}/v1")
}

async fn serve(mut stream: TcpStream, shared: Arc<Shared>) {
    let _ = stream.set_nodelay(true);
    let mut buffer = Vec::new();
    loop {
        let (target, headers, body) = match read_request(&mut stream, &mut buffer).await {
            Ok(Some(request)) => request,
            Ok(None) => return,
            Err(error) => return shared.trouble(format!("a request could not be read: {error}")),
        };
        let usual = match target.as_str() {
            "POST /v1/chat/completions" => Some(Call::echo as fn(&Call) -> Reply),
            "POST /v1/embeddings" => Some(Call::embed as fn(&Call) -> Reply),
            _ => None,
        };
        let Some(usual) = usual else {
            shared.books().others.push(target);
            let (mut read, mut write) = stream.split();
            let not_found = Reply::error(404, "not found");
            if play(&mut read, &mut write, not_found.acts).await != Played::Whole {
                return;
            }
            continue;
        };
        let Ok(body) = serde_json::from_slice(&body) else {
            return shared.trouble(format!("a body is not JSON: {}", String::from_utf8_lossy(&body)));
        };
        let (id, reply) = shared.open(headers, body, usual);
        let played = {
            let (mut read, mut write) = stream.split();
            play(&mut read, &mut write, reply.acts).await
        };
        match played {
            Played::Whole => shared.close(id, End::Answered),
            Played::ClientGone => return shared.close(id, End::ClosedByClient),
            Played::Close => return shared.close(id, End::ClosedByServer),
            Played::Reset => {
                let _ = stream.set_zero_linger();
                return shared.close(id, End::ClosedByServer);
            }
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Played {
    Whole,
    ClientGone,
    Close,
    Reset,
}

pub(crate) async fn play(read: &mut ReadHalf<'_>, write: &mut WriteHalf<'_>, acts: Vec<Act>) -> Played {
    for act in acts {
        let gone = match act {
            Act::Send(bytes) => send(read, write, &bytes).await,
            Act::Wait(time) => tokio::time::timeout(time, gone(read)).await.is_ok(),
            Act::Hang => {
                gone(read).await;
                true
            }
            Act::Repeat(bytes, pause) => {
                while !send(read, write, &bytes).await {
                    if tokio::time::timeout(pause, gone(read)).await.is_ok() {
                        break;
                    }
                }
                true
            }
            Act::Close => return Played::Close,
            Act::Reset => return Played::Reset,
        };
        if gone {
            return Played::ClientGone;
        }
    }
    Played::Whole
}

/// Writes all of it; true where the client went away instead.
async fn send(read: &mut ReadHalf<'_>, write: &mut WriteHalf<'_>, bytes: &[u8]) -> bool {
    tokio::select! {
        written = write.write_all(bytes) => written.is_err(),
        () = gone(read) => true,
    }
}

/// Ends when the client closes the connection; it has nothing to say while a request is open.
async fn gone(read: &mut ReadHalf<'_>) {
    let _ = read.read(&mut [0; 1]).await;
}

pub(crate) type Request = (String, Vec<(String, String)>, Vec<u8>);

/// Method and path, headers, body. `None` where the client closed the connection between requests.
pub(crate) async fn read_request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<Option<Request>> {
    let invalid = |text: &str| io::Error::new(io::ErrorKind::InvalidData, text.to_owned());
    let end = loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        // A client that is killed resets what it had open: that is no trouble of the server.
        match stream.read_buf(buffer).await {
            Ok(0) | Err(_) => return Ok(None),
            Ok(_) => {}
        }
    };
    let head = String::from_utf8(buffer[..end].to_vec()).map_err(|_| invalid("the head is not UTF-8"))?;
    let mut lines = head.split("\r\n");
    let target = lines.next().and_then(|line| line.strip_suffix(" HTTP/1.1")).ok_or_else(|| invalid("not HTTP/1.1"))?;
    let header = |line: &str| line.split_once(':').map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()));
    let headers: Vec<_> = lines.filter_map(header).collect();
    let length = headers.iter().find(|(name, _)| name == "content-length").map_or(Ok(0), |(_, value)| value.parse());
    let whole = end + 4 + length.map_err(|_| invalid("content-length is not a number"))?;
    while buffer.len() < whole {
        match stream.read_buf(buffer).await {
            Ok(0) | Err(_) => return Ok(None),
            Ok(_) => {}
        }
    }
    let body = buffer[end + 4..whole].to_vec();
    buffer.drain(..whole);
    Ok(Some((target.to_owned(), headers, body)))
}
