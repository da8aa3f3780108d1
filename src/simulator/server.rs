//! The HTTP side: routes, keys, faults by header, and playing a scripted answer.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, DefaultBodyLimit, Path, Query, State as Shared};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::connection::{Door, Hold};
use super::errors::{failed, html, refused};
use super::fault::{Fault, Faults, Kind};
use super::oracle::Oracle;
use super::play;
use super::profile::Profile;
use super::reply::Reply;
use super::state::State;
use super::{account, catalog, chat, embeddings};

/// The largest request body: a prompt with some images in it.
const BODY_LIMIT: usize = 64 << 20;

/// How the simulator is set up.
#[derive(Debug)]
pub struct Config {
    /// Where it listens; port 0 takes any free one.
    pub addr: SocketAddr,
    /// Another seed is another set of answers, times and mishaps.
    pub seed: u64,
    /// The right answers.
    pub oracle: Oracle,
    /// 1 is the usual speed, at which answers take 50 to 900 ms; 2 is twice as fast, 0.2 about real life, infinity
    /// waits for nothing.
    pub speed: f64,
    /// Faults of every chat and embeddings request.
    pub faults: Vec<Fault>,
}

impl Default for Config {
    /// Any free port of 127.0.0.1, seed 0, no right answers, the usual speed, no faults asked for.
    fn default() -> Self {
        let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self { addr, seed: 0, oracle: Oracle::default(), speed: 1.0, faults: Vec::new() }
    }
}

/// Why the simulator does not start.
#[derive(Debug, thiserror::Error)]
pub enum SimulatorError {
    /// The address cannot be had.
    #[error("cannot listen on {addr}: {source}")]
    Listen {
        /// The address asked for.
        addr: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// Speeds are above zero.
    #[error("`{0}` is not a speed: it must be above zero, for example 1, 2.5 or inf")]
    Speed(f64),
    /// There is no tokio runtime to serve on.
    #[error("the simulator needs a tokio runtime")]
    NoRuntime,
}

/// A running simulator; dropped, it stops.
#[derive(Debug)]
pub struct Simulator {
    addr: SocketAddr,
    stop: CancellationToken,
    serving: JoinHandle<io::Result<()>>,
}

impl Simulator {
    /// Starts serving on the current tokio runtime; requests are taken from now on.
    ///
    /// # Errors
    /// The address cannot be had, the speed is none, or there is no runtime.
    pub fn start(config: Config) -> Result<Self, SimulatorError> {
        if config.speed.is_nan() || config.speed <= 0.0 {
            return Err(SimulatorError::Speed(config.speed));
        }
        let runtime = tokio::runtime::Handle::try_current().map_err(|_| SimulatorError::NoRuntime)?;
        let failed = |source| SimulatorError::Listen { addr: config.addr, source };
        let listener = std::net::TcpListener::bind(config.addr).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let addr = listener.local_addr().map_err(failed)?;
        let listener = TcpListener::from_std(listener).map_err(failed)?;
        let stop = CancellationToken::new();
        let serving = runtime.spawn(run(listener, config, stop.clone().cancelled_owned()));
        Ok(Self { addr, stop, serving })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// What a client takes as its base: `http://127.0.0.1:PORT/api/v1`.
    pub fn base_url(&self) -> String {
        let mut addr = self.addr;
        if addr.ip().is_unspecified() {
            addr.set_ip(Ipv4Addr::LOCALHOST.into());
        }
        format!("http://{addr}/api/v1")
    }

    /// Stops: answers under way are broken off, connections closed.
    pub async fn shutdown(mut self) {
        self.stop.cancel();
        // Everything that waits has been told; what is left is a client that does not read, and it gets no longer.
        let _ = tokio::time::timeout(Duration::from_secs(1), &mut self.serving).await;
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Serves on a listener until `shutdown` ends; `config.addr` is not looked at.
///
/// # Errors
/// Serving failed.
pub async fn run(
    listener: TcpListener,
    config: Config,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let stop = CancellationToken::new();
    let state = Arc::new(State::new(config, stop.clone()));
    let ending = async move {
        shutdown.await;
        stop.cancel();
    };
    let service = router(state).into_make_service_with_connect_info::<Hold>();
    axum::serve(Door(listener), service).with_graceful_shutdown(ending).await
}

fn router(state: Arc<State>) -> Router {
    let api = Router::new()
        .route("/chat/completions", post(chat))
        .route("/embeddings", post(embed))
        .route("/models", get(models))
        .route("/models/user", get(models))
        .route("/models/count", get(count))
        .route("/models/{author}/{slug}/endpoints", get(endpoints))
        .route("/model/{author}/{slug}", get(model))
        .route("/providers", get(providers))
        .route("/key", get(key))
        .route("/auth/key", get(key))
        .route("/credits", get(credits))
        .route("/generation", get(generation));
    Router::new()
        .nest("/api/v1", api.clone())
        .nest("/v1", api)
        .fallback(nowhere)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(state)
}

type App = Shared<Arc<State>>;
type Line = ConnectInfo<Hold>;

/// Who asks, by the key that was sent. Any key will do, and none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Caller {
    Welcome,
    Refused,
    Broke,
}

fn caller(headers: &HeaderMap) -> Caller {
    match headers.get("authorization").and_then(|value| value.to_str().ok()) {
        Some("Bearer sk-or-v1-invalid") => Caller::Refused,
        Some("Bearer sk-or-v1-broke") => Caller::Broke,
        _ => Caller::Welcome,
    }
}

/// The faults the request's header asks for.
fn by_header(headers: &HeaderMap) -> Result<Vec<Fault>, String> {
    let mut faults = Vec::new();
    for value in headers.get_all("x-bench-fault") {
        let text = value.to_str().map_err(|_| "X-Bench-Fault is not plain text")?;
        faults.extend(Fault::parse_list(text).map_err(|error| error.to_string())?);
    }
    Ok(faults)
}

/// An answer of an endpoint other than chat, with the faults that can befall any.
fn plain(state: &State, headers: &HeaderMap, uri: &Uri, answer: impl FnOnce(&Faults) -> Reply) -> Reply {
    let faults = match by_header(headers) {
        Ok(asked) => {
            let request = uri.to_string();
            let nth = state.comes(super::chance::digest(&[request.as_bytes()]));
            let mut dice = super::chance::Chance::new(state.seed, &[request.as_bytes(), &nth.to_le_bytes()]);
            Faults(asked.into_iter().filter(|fault| fault.strikes(nth, &mut dice)).collect())
        }
        Err(mistake) => return refused(400, &mistake),
    };
    if let Some((status, argument)) = faults.status() {
        return failed(status, argument, "SIMULATED", "").disturbed(&faults);
    }
    if let Some(status) = faults.number(Kind::Html, 502).and_then(|status| u16::try_from(status).ok()) {
        return html(status).disturbed(&faults);
    }
    answer(&faults).disturbed(&faults)
}

/// The same for endpoints that want a key.
fn keyed(state: &State, headers: &HeaderMap, uri: &Uri, answer: impl FnOnce(&Faults, Caller) -> Reply) -> Reply {
    match caller(headers) {
        Caller::Refused => refused(401, "User not found."),
        caller => plain(state, headers, uri, |faults| answer(faults, caller)),
    }
}

async fn chat(Shared(state): App, ConnectInfo(line): Line, headers: HeaderMap, body: Bytes) -> Response {
    let reply = match (caller(&headers), by_header(&headers)) {
        (Caller::Refused, _) => refused(401, "User not found."),
        (Caller::Broke, _) => failed(402, None, "", ""),
        (_, Err(mistake)) => refused(400, &mistake),
        (Caller::Welcome, Ok(faults)) => {
            chat::answer(&state, &body, &faults.into_iter().chain(state.faults.iter().cloned()).collect::<Vec<_>>())
        }
    };
    play::respond(state, line, reply).await
}

async fn embed(Shared(state): App, ConnectInfo(line): Line, headers: HeaderMap, uri: Uri, body: Bytes) -> Response {
    let reply = keyed(&state, &headers, &uri, |_, caller| match caller {
        Caller::Broke => failed(402, None, "", ""),
        _ => embeddings::answer(state.seed, &body).later(state.scaled_ms(200)),
    });
    play::respond(state, line, reply).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Page {
    offset: usize,
    limit: Option<usize>,
}

async fn models(
    Shared(state): App,
    ConnectInfo(line): Line,
    headers: HeaderMap,
    uri: Uri,
    Query(page): Query<Page>,
) -> Response {
    let reply = plain(&state, &headers, &uri, |faults| {
        let asked = faults.has(Kind::PriceUnknown) || Faults(state.faults.clone()).has(Kind::PriceUnknown);
        Reply::json(200, &catalog::models(page.offset, page.limit, !asked))
    });
    play::respond(state, line, reply).await
}

async fn count(Shared(state): App, ConnectInfo(line): Line, headers: HeaderMap, uri: Uri) -> Response {
    let reply = plain(&state, &headers, &uri, |_| Reply::json(200, &catalog::count()));
    play::respond(state, line, reply).await
}

async fn endpoints(
    Shared(state): App,
    ConnectInfo(line): Line,
    headers: HeaderMap,
    uri: Uri,
    Path((author, slug)): Path<(String, String)>,
) -> Response {
    let reply = plain(&state, &headers, &uri, |_| one_model(&author, &slug, catalog::endpoints));
    play::respond(state, line, reply).await
}

async fn model(
    Shared(state): App,
    ConnectInfo(line): Line,
    headers: HeaderMap,
    uri: Uri,
    Path((author, slug)): Path<(String, String)>,
) -> Response {
    let reply = plain(&state, &headers, &uri, |_| {
        one_model(&author, &slug, |profile| serde_json::json!({"data": catalog::model(profile, true)}))
    });
    play::respond(state, line, reply).await
}

/// What there is to say of a model, or 404 for one that does not exist.
fn one_model(author: &str, slug: &str, say: impl Fn(&Profile) -> serde_json::Value) -> Reply {
    if slug.contains("does-not-exist") {
        return refused(404, "Model not found");
    }
    Reply::json(200, &say(&Profile::find(&format!("{author}/{slug}"))))
}

async fn providers(Shared(state): App, ConnectInfo(line): Line, headers: HeaderMap, uri: Uri) -> Response {
    let reply = plain(&state, &headers, &uri, |_| Reply::json(200, &catalog::providers()));
    play::respond(state, line, reply).await
}

async fn key(Shared(state): App, ConnectInfo(line): Line, headers: HeaderMap, uri: Uri) -> Response {
    let reply = keyed(&state, &headers, &uri, |faults, caller| {
        let mut faults = faults.clone();
        faults.0.extend(state.faults.iter().cloned());
        Reply::json(200, &account::key(&state.ledger, caller == Caller::Broke, &faults))
    });
    play::respond(state, line, reply).await
}

async fn credits(Shared(state): App, ConnectInfo(line): Line, headers: HeaderMap, uri: Uri) -> Response {
    let reply = keyed(&state, &headers, &uri, |faults, caller| {
        if faults.has(Kind::CreditsForbidden) || Faults(state.faults.clone()).has(Kind::CreditsForbidden) {
            return refused(403, "Only management keys can fetch credits");
        }
        Reply::json(200, &account::credits(&state.ledger, caller == Caller::Broke))
    });
    play::respond(state, line, reply).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    id: String,
}

async fn generation(
    Shared(state): App,
    ConnectInfo(line): Line,
    headers: HeaderMap,
    uri: Uri,
    Query(Wanted { id }): Query<Wanted>,
) -> Response {
    let reply = keyed(&state, &headers, &uri, |_, _| match account::generation(&state.ledger, &id) {
        Some(body) => Reply::json(200, &body),
        None => refused(404, "Generation not found"),
    });
    play::respond(state, line, reply).await
}

async fn nowhere(Shared(state): App, ConnectInfo(line): Line, uri: Uri) -> Response {
    let message = format!("{} is nothing that this simulator serves", uri.path());
    play::respond(state, line, refused(404, &message)).await
}

/// Status and headers of a reply around a body.
pub(super) fn response(reply: &Reply, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert("content-type", HeaderValue::from_static(reply.content_type));
    headers.insert("x-bench-simulated", HeaderValue::from_static("1"));
    for (name, value) in &reply.headers {
        // A fault's argument may be no header value; then there is no such header.
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    response
}
