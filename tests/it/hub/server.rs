//! A hub on loopback: repositories with commits and branches, its API, and a store at another address that large files
//! are redirected to, as the real one does it.

use std::collections::{BTreeMap, HashMap};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sha2::Digest as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};

use crate::server::{Act, Played, Reply, head, play, read_request};

/// The one repository.
pub(crate) const REPOSITORY: &str = "acme/quiz";

/// A request to the hub or to its store.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    /// Whether it came to the store.
    pub(crate) at_store: bool,
    /// Set when its connection has been given up by the client.
    pub(crate) closed: bool,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether it asks for a file's bytes.
    pub(crate) fn is_download(&self) -> bool {
        self.method == "GET" && (self.at_store || self.target.contains("/resolve/"))
    }

    /// Where the bytes asked for begin.
    pub(crate) fn from(&self) -> Option<usize> {
        self.header("range")
            .map(|range| range.strip_prefix("bytes=").unwrap().strip_suffix('-').unwrap().parse().unwrap())
    }
}

#[derive(Debug, Clone)]
struct File {
    bytes: Vec<u8>,
    /// Kept in the store.
    large: bool,
}

type Script = Arc<dyn Fn(&Request, usize) -> Option<Reply> + Send + Sync>;

#[derive(Default)]
struct State {
    /// Files by path, by commit.
    commits: HashMap<String, BTreeMap<String, File>>,
    /// Commits by branch.
    branches: BTreeMap<String, String>,
    /// A token without which nothing is told.
    token: Option<String>,
    gated: bool,
    /// Entries to a page of a listing.
    page: usize,
    /// Answers in the hub's place; it is told how many downloads there were before.
    script: Option<Script>,
    requests: Vec<Request>,
}

/// A running hub.
pub(crate) struct Hub {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    runtime: Option<Runtime>,
}

impl Hub {
    pub(crate) fn start() -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let state = Arc::new(Mutex::new(State { page: 1000, ..State::default() }));
        let bind = || std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let (hub, store) = (bind(), bind());
        let (address, store_address) = (hub.local_addr().unwrap(), store.local_addr().unwrap());
        for (listener, at_store) in [(hub, false), (store, true)] {
            listener.set_nonblocking(true).unwrap();
            let state = Arc::clone(&state);
            runtime.spawn(async move {
                let listener = TcpListener::from_std(listener).unwrap();
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(serve(stream, Arc::clone(&state), at_store, store_address));
                }
            });
        }
        Self { address, state, runtime: Some(runtime) }
    }

    /// A commit whose files are these; those whose names begin with `large` lie in the store.
    pub(crate) fn commit(self, branch: &str, files: &[(&str, &str)]) -> Self {
        self.push(branch, files);
        self
    }

    /// The same later; gives its hash.
    pub(crate) fn push(&self, branch: &str, files: &[(&str, &str)]) -> String {
        let file = |(path, content): &(&str, &str)| {
            let large = path.rsplit('/').next().unwrap().starts_with("large");
            ((*path).to_owned(), File { bytes: content.as_bytes().to_vec(), large })
        };
        let mut state = self.state();
        let commit = hex(&sha1::Sha1::digest(format!("{branch} {files:?}")));
        state.commits.insert(commit.clone(), files.iter().map(file).collect());
        state.branches.insert(branch.to_owned(), commit.clone());
        commit
    }

    pub(crate) fn private(self, token: &str) -> Self {
        self.state().token = Some(token.to_owned());
        self
    }

    pub(crate) fn gated(self) -> Self {
        self.state().gated = true;
        self
    }

    pub(crate) fn page(self, entries: usize) -> Self {
        self.state().page = entries;
        self
    }

    /// From now on this answers where it answers at all; it is told how many downloads there were before.
    pub(crate) fn script(&self, script: impl Fn(&Request, usize) -> Option<Reply> + Send + Sync + 'static) {
        self.state().script = Some(Arc::new(script));
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The commit of a branch.
    pub(crate) fn tip(&self, branch: &str) -> String {
        self.state().branches[branch].clone()
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.state().requests.clone()
    }

    /// Method and path of every request since the last time, and forgets them.
    pub(crate) fn take(&self) -> Vec<String> {
        let requests = std::mem::take(&mut self.state().requests);
        requests.into_iter().map(|request| format!("{} {}", request.method, request.target)).collect()
    }

    #[track_caller]
    pub(crate) fn wait_for(&self, what: &str, wanted: impl Fn(&[Request]) -> bool) {
        let started = Instant::now();
        while !wanted(&self.state().requests) {
            assert!(started.elapsed() < Duration::from_secs(30), "waited in vain for {what}: {:#?}", self.requests());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn serve(mut stream: TcpStream, state: Arc<Mutex<State>>, at_store: bool, store: SocketAddr) {
    let mut buffer = Vec::new();
    while let Ok(Some((line, headers, _))) = read_request(&mut stream, &mut buffer).await {
        let (method, target) = line.split_once(' ').unwrap();
        let request =
            Request { method: method.to_owned(), target: target.to_owned(), headers, at_store, closed: false };
        let (index, reply) = {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            let before = state.requests.iter().filter(|earlier| earlier.is_download()).count();
            let script = state.script.clone();
            state.requests.push(request.clone());
            let scripted = script.and_then(|script| script(&request, before));
            (state.requests.len() - 1, scripted.unwrap_or_else(|| state.reply(&request, store)))
        };
        let (mut read, mut write) = stream.split();
        let played = play(&mut read, &mut write, reply.acts).await;
        if played != Played::Whole {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(request) = state.requests.get_mut(index) {
                request.closed = played == Played::ClientGone;
            }
            return;
        }
    }
}

impl State {
    fn reply(&self, request: &Request, store: SocketAddr) -> Reply {
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        if request.at_store {
            return self.stored(path, request);
        }
        let is = |part: &str| path.strip_prefix(&format!("{part}/{REPOSITORY}/")).map(str::to_owned);
        let authorized = match (&self.token, request.header("authorization")) {
            (Some(token), Some(sent)) => sent == format!("Bearer {token}"),
            (Some(_), None) => false,
            (None, Some("Bearer hf_wrong")) => return refused(401, "", "Invalid credentials in Authorization header"),
            (None, _) => true,
        };
        let (api, file) = (is("/api/datasets"), is("/datasets"));
        if !authorized || api.is_none() && file.is_none() {
            // As the hub does: who may not see it is not told whether there is one.
            return refused(401, "RepoNotFound", "Repository not found");
        }
        if self.gated && file.is_some() {
            return refused(403, "GatedRepo", "Access to dataset acme/quiz is restricted");
        }
        if let Some(rest) = api {
            return self.api(&rest, query);
        }
        let rest = file.unwrap_or_default();
        let mut parts = rest.splitn(3, '/');
        assert_eq!(parts.next(), Some("resolve"), "{rest}");
        let (Some(revision), Some(path)) = (parts.next(), parts.next()) else { return refused(404, "", "") };
        let Some((commit, files)) = self.files(revision) else {
            return refused(404, "RevisionNotFound", "Invalid rev id");
        };
        let Some(file) = files.get(&decoded(path)) else { return refused(404, "EntryNotFound", "Entry not found") };
        let sha = hex(&sha2::Sha256::digest(&file.bytes));
        if file.large {
            let (location, etag, size) =
                (format!("http://{store}/{sha}?signed"), format!("\"{sha}\""), file.bytes.len().to_string());
            let headers = [
                ("location", &*location),
                ("x-repo-commit", commit),
                ("x-linked-etag", &*etag),
                ("x-linked-size", &*size),
                ("content-length", "0"),
            ];
            return Reply::acts([Act::Send(head(302, &headers))]);
        }
        let etag = format!("\"{}\"", blob(&file.bytes));
        bytes(request, &file.bytes, &[("etag", &etag), ("x-repo-commit", commit)])
    }

    fn api(&self, rest: &str, query: &str) -> Reply {
        let parts: Vec<String> = rest.split('/').map(decoded).collect();
        let revision = parts.get(1).map(String::as_str).unwrap_or_default();
        match parts[0].as_str() {
            "refs" => {
                let name = |(name, commit): (&String, &String)| json!({ "name": name, "targetCommit": commit });
                let branches: Vec<Value> = self.branches.iter().map(name).collect();
                Reply::json(200, &[], &json!({ "branches": branches, "converts": [], "tags": [] }))
            }
            "revision" => match self.files(revision) {
                Some((commit, _)) => Reply::json(200, &[], &json!({ "id": REPOSITORY, "sha": commit, "siblings": [] })),
                None => refused(404, "RevisionNotFound", "Invalid rev id"),
            },
            "tree" => {
                let Some((_, files)) = self.files(revision) else { return refused(404, "RevisionNotFound", "") };
                let folder = parts[2..].join("/");
                let entries = entries(files, &folder, query.contains("recursive=true"));
                if entries.is_empty() {
                    return refused(404, "EntryNotFound", "Entry not found");
                }
                let cursor = query.split('&').find_map(|pair| pair.strip_prefix("cursor=")).unwrap_or("0");
                let from: usize = cursor.parse().unwrap();
                let page: Vec<Value> = entries.iter().skip(from).take(self.page).cloned().collect();
                let query = query.split('&').next().unwrap_or_default();
                // The hub's own address, as a mirror passes it on.
                let next = format!("<https://huggingface.co/x?{query}&cursor={}>; rel=\"next\"", from + page.len());
                let more = from + page.len() < entries.len();
                let link = [("link", next.as_str())];
                Reply::json(200, if more { &link } else { &[] }, &Value::Array(page))
            }
            _ => refused(404, "", "no such thing"),
        }
    }

    fn stored(&self, path: &str, request: &Request) -> Reply {
        let found = self.commits.values().flat_map(BTreeMap::values);
        let file =
            found.into_iter().find(|file| hex(&sha2::Sha256::digest(&file.bytes)) == path.trim_start_matches('/'));
        match file {
            // A store of objects has another ETag than the hub.
            Some(file) => bytes(request, &file.bytes, &[("etag", "\"d41d8cd98f00b204e9800998ecf8427e-2\"")]),
            None => refused(404, "", ""),
        }
    }

    fn files(&self, revision: &str) -> Option<(&str, &BTreeMap<String, File>)> {
        let revision = decoded(revision);
        let commit = self.branches.get(&revision).unwrap_or(&revision);
        self.commits.get_key_value(commit).map(|(commit, files)| (commit.as_str(), files))
    }
}

fn entries(files: &BTreeMap<String, File>, folder: &str, recursive: bool) -> Vec<Value> {
    let below = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let mut entries: BTreeMap<String, Value> = BTreeMap::new();
    for (path, file) in files {
        let Some(rest) = path.strip_prefix(&below) else { continue };
        for (at, _) in rest.match_indices('/').filter(|(at, _)| recursive || !rest[..*at].contains('/')) {
            let path = format!("{below}{}", &rest[..at]);
            let oid = hex(&sha1::Sha1::digest(&path));
            entries.insert(path.clone(), json!({ "type": "directory", "oid": oid, "size": 0, "path": path }));
        }
        if !recursive && rest.contains('/') {
            continue;
        }
        let mut entry = json!({ "type": "file", "oid": blob(&file.bytes), "size": file.bytes.len(), "path": path });
        if file.large {
            let sha = hex(&sha2::Sha256::digest(&file.bytes));
            entry["oid"] = json!(blob(b"a pointer"));
            entry["lfs"] = json!({ "oid": sha, "size": file.bytes.len(), "pointerSize": 134 });
            entry["xetHash"] = json!("0".repeat(64));
        }
        entries.insert(path.clone(), entry);
    }
    entries.into_values().collect()
}

/// All or the wanted part of some bytes; nothing of them for HEAD.
pub(crate) fn bytes(request: &Request, all: &[u8], headers: &[(&str, &str)]) -> Reply {
    let from = request.from();
    if from.is_some_and(|from| from >= all.len()) {
        return Reply::full(416, &[("content-range", &format!("bytes */{}", all.len()))], b"");
    }
    let part = &all[from.unwrap_or(0)..];
    let (length, range) =
        (part.len().to_string(), format!("bytes {}-{}/{}", from.unwrap_or(0), all.len() - 1, all.len()));
    let mut headers = headers.to_vec();
    headers.push(("content-length", &length));
    if from.is_some() {
        headers.push(("content-range", &range));
    }
    let head = head(if from.is_some() { 206 } else { 200 }, &headers);
    let body = if request.method == "HEAD" { b"" } else { part };
    Reply::acts([Act::Send([&head, body].concat())])
}

/// Some bytes of which only the first so many are sent before the connection ends.
pub(crate) fn cut(request: &Request, all: &[u8], after: usize) -> Reply {
    let Reply { mut acts } = bytes(request, all, &[]);
    if let Some(Act::Send(sent)) = acts.first_mut() {
        let body = sent.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
        sent.truncate(body + after);
    }
    acts.push(Act::Close);
    Reply::acts(acts)
}

fn refused(status: u16, code: &str, message: &str) -> Reply {
    let headers = [("x-error-code", code), ("x-error-message", message), ("content-length", "0")];
    Reply::acts([Act::Send(head(status, &headers))])
}

/// The id of a git blob.
fn blob(bytes: &[u8]) -> String {
    hex(&sha1::Sha1::digest([format!("blob {}\0", bytes.len()).as_bytes(), bytes].concat()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

fn decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let byte = u8::from_str_radix(&part[..2], 16).unwrap();
        format!("{text}{}{}", char::from(byte), &part[2..])
    })
}
