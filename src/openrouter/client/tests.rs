use std::time::Instant;

use bytes::Bytes;
use serde_json::json;

use super::super::error::Scope;
use super::super::testserver::{Step, TestServer, head, response};
use super::*;

const KEY: &str = "sk-or-v1-0123456789abcdef";
const EVENTS: &str = "content-type: text/event-stream\r\n";
const JSON: &str = "content-type: application/json\r\n";
const HELLO: &str =
    r#"{"id":"gen-1","choices":[{"message":{"content":"hello"},"finish_reason":"stop"}],"usage":{"cost":0.1}}"#;

fn config(url: &str) -> EndpointConfig {
    EndpointConfig { base_url: url.to_owned(), api_key: Some(KEY.into()), headers: Vec::new(), connections: 4 }
}

fn client(url: &str) -> Client {
    Client::new(&config(url)).unwrap()
}

fn request(stream: bool) -> ChatRequest {
    ChatRequest { body: Bytes::from_static(b"{\"model\":\"a/b\"}"), stream }
}

fn within(total: u64) -> Timeouts {
    Timeouts { total: Duration::from_millis(total), first_token: None, idle: None }
}

/// Long enough never to matter.
fn patient() -> Timeouts {
    within(30_000)
}

async fn ask(server: &TestServer, stream: bool, timeouts: Timeouts) -> Exchange {
    client(&server.url).chat(&request(stream), timeouts, &CancellationToken::new()).await
}

/// What becomes of a response that is sent as it is before the connection is closed.
async fn answer_to(bytes: impl AsRef<[u8]>) -> Exchange {
    let server = TestServer::one([Step::send(bytes), Step::Close]).await;
    ask(&server, true, patient()).await
}

fn event(content: &str, finish: Option<&str>) -> String {
    format!("data: {}\n\n", json!({ "choices": [{ "delta": { "content": content }, "finish_reason": finish }] }))
}

fn kind(exchange: &Exchange) -> Option<ErrorKind> {
    exchange.error.as_ref().map(|error| error.kind)
}

/// Whether something happens within a second, which is "at once" on a busy machine.
async fn at_once(what: impl Future<Output = ()>) {
    timeout(Duration::from_secs(1), what).await.expect("the connection stayed open");
}

/// Lets connections find their way back to the pool.
async fn settle() {
    tokio::time::sleep(Duration::from_millis(200)).await;
}

#[tokio::test]
async fn what_is_sent_is_the_body_and_few_headers() {
    let mut server = TestServer::one([Step::send(response("200 OK", JSON, HELLO))]).await;
    let mut config = config(&format!("{}/", server.url));
    config.headers = vec![("X-Team".into(), "evals".into()), ("user-agent".into(), "mine".into())];
    let client = Client::new(&config).unwrap();
    client.chat(&request(false), patient(), &CancellationToken::new()).await;
    let sent = server.request().await;
    assert_eq!(sent.body, b"{\"model\":\"a/b\"}");
    assert!(sent.head.starts_with("post /v1/chat/completions http/1.1\r\n"), "{}", sent.head);
    for line in [
        &format!("authorization: bearer {KEY}"),
        "content-type: application/json",
        "x-team: evals",
        "user-agent: mine",
        "accept-encoding: gzip",
    ] {
        assert!(sent.head.lines().any(|sent| sent == line), "{line} is not in {}", sent.head);
    }
    assert!(!sent.head.contains("referer") && !sent.head.contains("title"), "{}", sent.head);
    settle().await;
    client.chat(&request(true), patient(), &CancellationToken::new()).await;
    let sent = server.request().await;
    assert!(sent.head.contains("accept-encoding: identity"), "{}", sent.head);
    assert_eq!(server.connections(), 1, "the connection was not used again");
}

#[test]
fn only_openrouter_is_told_who_asks() {
    let names = |url: &str| headers(&config(url)).unwrap().0;
    for url in ["https://openrouter.ai/api/v1", "https://eu.openrouter.ai/api/v1"] {
        assert_eq!(names(url)["x-openrouter-title"], "bench");
        assert!(names(url).contains_key("http-referer") && is_openrouter(url));
    }
    for url in ["https://notopenrouter.ai/v1", "http://127.0.0.1:1/v1", "https://openrouter.ai.evil.com", "nonsense"] {
        assert!(!names(url).contains_key("x-openrouter-title") && !is_openrouter(url), "{url}");
    }
}

#[tokio::test]
async fn without_a_key_no_authorization_is_sent() {
    let mut server = TestServer::one([Step::send(response("200 OK", JSON, HELLO))]).await;
    let client = Client::new(&EndpointConfig { api_key: None, ..config(&server.url) }).unwrap();
    client.chat(&request(false), patient(), &CancellationToken::new()).await;
    assert!(!server.request().await.head.contains("authorization"));
}

#[test]
fn set_up_mistakes_are_told_without_the_secret() {
    let message = |change: fn(&mut EndpointConfig)| {
        let mut config = config("https://example.com/v1");
        change(&mut config);
        Client::new(&config).map(drop).unwrap_err().to_string()
    };
    assert!(message(|c| c.base_url = "example.com/v1".into()).contains("is not a URL"));
    assert!(message(|c| c.base_url = "ftp://example.com".into()).contains("http://"));
    assert!(message(|c| c.base_url = "http://x/v1/chat/completions".into()).contains("/chat/completions"));
    assert!(message(|c| c.headers = vec![("a b".into(), "x".into())]).contains("not a header name"));
    assert!(message(|c| c.headers = vec![("Content-Length".into(), "1".into())]).contains("connection itself"));
    let secret = message(|c| c.base_url = "https://me:hunter2@example.com".into());
    assert!(secret.contains("password") && !secret.contains("hunter2"), "{secret}");
    let secret = message(|c| c.api_key = Some("sk-or-\u{7f}secret".into()));
    assert!(secret.contains("API key") && !secret.contains("sk-or"), "{secret}");
    let secret = message(|c| c.headers = vec![("X-Key".into(), "hun\nter2".into())]);
    assert!(secret.contains("X-Key") && !secret.contains("ter2"), "{secret}");
    // A key read from a file has a line break at its end.
    let mut config = config("https://example.com/v1");
    config.api_key = Some(format!("{KEY}\n").into());
    config.headers = vec![("X-Api-Key".into(), "hunter2hunter2".into())];
    let client = Client::new(&config).unwrap();
    for text in [format!("{client:?}"), format!("{config:?}")] {
        assert!(!text.contains("0123456789") && !text.contains("hunter2"), "{text}");
    }
}

#[tokio::test]
async fn an_answer_is_understood_whatever_its_content_type() {
    let stream = event("hello", Some("stop")) + "data: [DONE]\n\n";
    for kind_of_body in ["text/event-stream", "application/json; charset=utf-8", "text/plain", "text/html", ""] {
        for body in [HELLO, &stream] {
            let headers = format!("content-type: {kind_of_body}\r\n");
            let exchange = answer_to(response("200 OK", &headers, body)).await;
            assert_eq!((kind(&exchange), exchange.text.as_str()), (None, "hello"), "{kind_of_body}");
            assert_eq!(exchange.status, Some(200));
            assert_eq!(exchange.timing.first_token.is_some(), body == stream);
        }
    }
}

#[tokio::test]
async fn headers_tell_of_cache_simulator_and_generation() {
    let headers = "X-OpenRouter-Cache-Status: HIT\r\nx-bench-simulated: 1\r\nX-Generation-Id: gen-header\r\n";
    let body = HELLO.replace(r#""id":"gen-1","#, "");
    let exchange = answer_to(response("200 OK", headers, &body)).await;
    assert!(exchange.cached && exchange.simulated);
    assert_eq!(exchange.generation_id.as_deref(), Some("gen-header"));
    let exchange = answer_to(response("200 OK", "X-OpenRouter-Cache-Status: MISS\r\n", HELLO)).await;
    assert!(!exchange.cached && !exchange.simulated);
    assert_eq!(exchange.generation_id.as_deref(), Some("gen-1"));
    let exchange = answer_to(response("500 Oops", headers, "{}")).await;
    assert!(exchange.simulated);
}

#[tokio::test]
async fn a_stream_that_arrives_byte_by_byte_is_read_whole() {
    let stream = format!(": ping\r\n\r\n{}data: [DONE]\r\n\r\n", event("漢字 🦀", Some("stop")).replace('\n', "\r\n"));
    let chunked: Vec<u8> = stream.bytes().flat_map(|byte| [b'1', b'\r', b'\n', byte, b'\r', b'\n']).collect();
    let head = format!("HTTP/1.1 200 OK\r\n{EVENTS}transfer-encoding: chunked\r\n\r\n");
    let server = TestServer::one([Step::send(head), Step::Drip(chunked), Step::send("0\r\n\r\n")]).await;
    let exchange = ask(&server, true, patient()).await;
    assert_eq!((kind(&exchange), exchange.text.as_str()), (None, "漢字 🦀"));
}

#[tokio::test]
async fn the_first_token_is_timed_and_what_comes_before_it_is_not() {
    let server = TestServer::one([
        Step::send(head("200 OK", EVENTS)),
        Step::send(": OPENROUTER PROCESSING\n\n"),
        Step::send(event("", None)),
        Step::Pause(Duration::from_secs(1)),
        Step::send(event("a", None)),
        Step::Pause(Duration::from_secs(1)),
        Step::send(event("b", Some("stop")) + "data: [DONE]\n\n"),
        Step::Hang,
    ])
    .await;
    let started = Instant::now();
    let exchange = ask(&server, true, patient()).await;
    assert_eq!((kind(&exchange), exchange.text.as_str()), (None, "ab"));
    let timing = exchange.timing;
    let [headers, first] = [timing.headers.unwrap(), timing.first_token.unwrap()];
    assert!(timing.sent >= started);
    let apart = Duration::from_millis(500);
    assert!(first >= headers + apart && timing.end >= first + apart, "{timing:?}");
    assert!(timing.end < Duration::from_secs(10), "an open connection was waited for after the end: {timing:?}");
}

#[tokio::test]
async fn a_connection_that_stays_open_after_the_finish_reason_is_not_waited_for() {
    let mut server =
        TestServer::one([Step::send(head("200 OK", EVENTS)), Step::send(event("hi", Some("stop"))), Step::Hang]).await;
    let timeouts = Timeouts { idle: Some(Duration::from_secs(2)), ..patient() };
    let exchange = ask(&server, true, timeouts).await;
    assert_eq!((kind(&exchange), exchange.text.as_str()), (None, "hi"));
    assert!(exchange.timing.end < Duration::from_secs(1), "{:?}", exchange.timing);
    at_once(server.client_left()).await;
}

#[tokio::test]
async fn a_compressed_stream_is_not_held_back() {
    let plain = [event("a", None), event("b", Some("stop")) + "data: [DONE]\n\n"];
    let mut crc = crc32fast::Hasher::new();
    crc.update(plain.concat().as_bytes());
    // Gzip with stored blocks: its header, a block for each event, an empty last block, checksum and length.
    let block = |last: u8, text: &str| {
        let len = u16::try_from(text.len()).unwrap();
        [&[last], &len.to_le_bytes()[..], &(!len).to_le_bytes(), text.as_bytes()].concat()
    };
    let length = u32::try_from(plain.concat().len()).unwrap();
    let end = [block(1, ""), crc.finalize().to_le_bytes().to_vec(), length.to_le_bytes().to_vec()].concat();
    let server = TestServer::one([
        Step::send(head("200 OK", &format!("{EVENTS}content-encoding: gzip\r\n"))),
        Step::send([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]),
        Step::Send(block(0, &plain[0])),
        Step::Pause(Duration::from_millis(1500)),
        Step::Send(block(0, &plain[1])),
        Step::Send(end),
        Step::Close,
    ])
    .await;
    let exchange = ask(&server, true, patient()).await;
    assert_eq!((kind(&exchange), exchange.text.as_str()), (None, "ab"), "{:?}", exchange.error);
    let timing = exchange.timing;
    assert!(timing.end >= timing.first_token.unwrap() + Duration::from_millis(800), "{timing:?}");
}

#[tokio::test]
async fn each_limit_ends_the_request_closes_its_connection_and_keeps_what_had_arrived() {
    let ms = |ms| Some(Duration::from_millis(ms));
    let begin = head("200 OK", EVENTS) + &event("par", None);
    let comments = head("200 OK", EVENTS) + ": OPENROUTER PROCESSING\n\n";
    let pause = Duration::from_millis(20);
    let drip = |text: &str| Step::Repeat(text.as_bytes().to_vec(), pause);
    let flood = Step::Repeat(": x\n\n".repeat(10_000).into_bytes(), Duration::ZERO);
    let idle = Timeouts { idle: ms(300), ..patient() };
    let first = Timeouts { first_token: ms(300), ..patient() };
    let ends = async |(steps, timeouts, want, text): (Vec<Step>, Timeouts, ErrorKind, &str)| {
        let mut server = TestServer::one(steps.clone()).await;
        let exchange = ask(&server, true, timeouts).await;
        assert_eq!((kind(&exchange), exchange.text.as_str()), (Some(want), text), "{steps:?}");
        assert!(exchange.timing.end >= Duration::from_millis(290), "{steps:?}");
        let error = exchange.error.unwrap();
        assert!(error.retryable && error.kind.is_timeout() && error.message.ends_with('s'), "{error:?}");
        at_once(server.client_left()).await;
    };
    let quiet = [
        (vec![Step::Hang], within(300), ErrorKind::Timeout, ""),
        (vec![Step::Hang], first, ErrorKind::FirstTokenTimeout, ""),
        (vec![Step::send(&comments), Step::Hang], first, ErrorKind::FirstTokenTimeout, ""),
        (vec![Step::send(&comments), drip(": ping\n\n")], first, ErrorKind::FirstTokenTimeout, ""),
        (vec![Step::send(&begin), Step::Hang], idle, ErrorKind::IdleTimeout, "par"),
        (vec![Step::send(&begin), Step::Hang], within(1500), ErrorKind::Timeout, "par"),
        (vec![Step::send(&begin), drip("d")], Timeouts { idle: ms(1000), ..within(2500) }, ErrorKind::Timeout, "par"),
        (
            vec![Step::send(head("200 OK", "") + "{"), drip(" ")],
            Timeouts { first_token: ms(1000), ..within(2500) },
            ErrorKind::Timeout,
            "",
        ),
        (
            vec![Step::send(head("200 OK", JSON)), drip(" ")],
            Timeouts { first_token: ms(1000), ..within(2500) },
            ErrorKind::Timeout,
            "",
        ),
    ];
    // Side by side: what they take is waiting.
    futures::future::join_all(quiet.into_iter().map(&ends)).await;
    // One after another: what they take is the processor.
    for limits in [within(300), first] {
        let want = if limits.first_token.is_some() { ErrorKind::FirstTokenTimeout } else { ErrorKind::Timeout };
        ends((vec![Step::send(&comments), flood.clone()], limits, want, "")).await;
    }
}

#[tokio::test]
async fn a_slow_drip_is_not_idle() {
    let mut steps = vec![Step::send(head("200 OK", EVENTS))];
    for _ in 0..8 {
        steps.extend([Step::send(event("x", None)), Step::Pause(Duration::from_millis(150))]);
    }
    steps.extend([Step::send(event("y", Some("stop"))), Step::Close]);
    let server = TestServer::one(steps).await;
    let limits =
        Timeouts { idle: Some(Duration::from_secs(1)), first_token: Some(Duration::from_secs(10)), ..patient() };
    let exchange = ask(&server, true, limits).await;
    assert_eq!((kind(&exchange), exchange.text.as_str()), (None, "xxxxxxxxy"));
    assert!(exchange.timing.end > Duration::from_secs(1));
}

#[tokio::test]
async fn first_token_and_idle_limits_do_not_concern_an_answer_that_is_not_streamed() {
    let steps = [
        Step::Pause(Duration::from_millis(150)),
        Step::send(head("200 OK", JSON)),
        Step::send("  \n"),
        Step::Pause(Duration::from_millis(150)),
        Step::send(&HELLO[..20]),
        Step::Pause(Duration::from_millis(150)),
        Step::send(&HELLO[20..]),
        Step::Close,
    ];
    let server = TestServer::one(steps).await;
    let limit = Some(Duration::from_millis(50));
    let exchange = ask(&server, false, Timeouts { first_token: limit, idle: limit, ..patient() }).await;
    assert_eq!((kind(&exchange), exchange.text.as_str()), (None, "hello"));
    assert_eq!(exchange.timing.first_token, None);
}

#[tokio::test]
async fn cancelling_closes_the_connection_at_once() {
    for steps in [
        vec![Step::Hang],
        vec![Step::send(head("200 OK", EVENTS) + &event("par", None)), Step::Hang],
        vec![Step::send(head("200 OK", EVENTS)), Step::Repeat(event("x", None).into_bytes(), Duration::ZERO)],
        vec![Step::send(head("200 OK", JSON) + &HELLO[..50]), Step::Hang],
        vec![Step::send(head("503 No", JSON) + "{"), Step::Hang],
    ] {
        let mut server = TestServer::one(steps.clone()).await;
        let cancel = CancellationToken::new();
        let asking = {
            let (client, cancel) = (client(&server.url), cancel.clone());
            tokio::spawn(async move { client.chat(&request(true), patient(), &cancel).await })
        };
        server.request().await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        let cancelled = Instant::now();
        cancel.cancel();
        let exchange = asking.await.unwrap();
        assert!(cancelled.elapsed() < Duration::from_secs(1));
        let error = exchange.error.unwrap();
        assert_eq!((error.kind, error.retryable), (ErrorKind::Cancelled, false), "{steps:?}");
        at_once(server.client_left()).await;
    }
}

#[tokio::test]
async fn dropping_the_request_closes_the_connection_at_once() {
    let mut server = TestServer::one([Step::Hang]).await;
    let asking = {
        let client = client(&server.url);
        tokio::spawn(async move { client.chat(&request(true), patient(), &CancellationToken::new()).await })
    };
    server.request().await;
    asking.abort();
    at_once(server.client_left()).await;
}

#[tokio::test]
async fn nothing_is_sent_once_cancelled() {
    let server = TestServer::one([Step::Hang]).await;
    let cancel = CancellationToken::new();
    cancel.cancel();
    let exchange = client(&server.url).chat(&request(true), patient(), &cancel).await;
    assert_eq!(kind(&exchange), Some(ErrorKind::Cancelled));
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn too_large_an_answer_is_given_up_at_once() {
    let chunk = event(&"x".repeat(60_000), None).into_bytes();
    for (begin, repeat) in [
        (head("200 OK", EVENTS), chunk),
        (head("200 OK", EVENTS) + "data: ", vec![b'x'; 1 << 16]),
        (head("200 OK", JSON) + "{\"a\":\"", vec![b'x'; 1 << 16]),
    ] {
        let mut server = TestServer::one([Step::send(&begin), Step::Repeat(repeat, Duration::ZERO)]).await;
        let exchange = ask(&server, true, patient()).await;
        let error = exchange.error.unwrap();
        assert_eq!((error.kind, error.retryable), (ErrorKind::TooLarge, false), "{begin}");
        at_once(server.client_left()).await;
    }
}

#[tokio::test]
async fn an_endless_error_body_is_cut_and_the_status_still_tells() {
    let steps = [Step::send(head("429 Slow", "retry-after: 2\r\n")), Step::Repeat(vec![b'x'; 1 << 16], Duration::ZERO)];
    let mut server = TestServer::one(steps).await;
    let error = ask(&server, true, patient()).await.error.unwrap();
    assert_eq!((error.kind, error.retry_after), (ErrorKind::RateLimited, Some(Duration::from_secs(2))));
    assert!(error.message.chars().count() <= 500 && error.raw.unwrap().len() <= 2048);
    at_once(server.client_left()).await;
    let server = TestServer::one([Step::send(head("503 No", JSON) + "{\"error\":"), Step::Hang]).await;
    let error = ask(&server, true, within(300)).await.error.unwrap();
    assert_eq!((error.kind, error.status), (ErrorKind::Overloaded, Some(503)));
}

#[tokio::test]
async fn a_connection_that_breaks_is_told_from_an_answer() {
    let begin = || Step::send(head("200 OK", EVENTS) + &event("par", None));
    let chunked = format!("HTTP/1.1 200 OK\r\n{EVENTS}transfer-encoding: chunked\r\n\r\n5\r\ndata:");
    let long = response("200 OK", JSON, HELLO);
    for (steps, want, text) in [
        (vec![Step::Close], ErrorKind::ConnectionLost, ""),
        (vec![Step::Reset], ErrorKind::ConnectionLost, ""),
        (vec![begin(), Step::Close], ErrorKind::Truncated, "par"),
        (vec![begin(), Step::Pause(Duration::from_millis(50)), Step::Reset], ErrorKind::ConnectionLost, "par"),
        (vec![Step::send(&chunked), Step::Close], ErrorKind::ConnectionLost, ""),
        (vec![Step::send(&long[..long.len() - 30]), Step::Close], ErrorKind::ConnectionLost, ""),
        (vec![Step::send(head("200 OK", JSON) + &HELLO[..40]), Step::Close], ErrorKind::Protocol, ""),
        (vec![Step::send("HTTP/1.1 200"), Step::Close], ErrorKind::ConnectionLost, ""),
        (vec![Step::send("SSH-2.0-OpenSSH_9.6\r\n"), Step::Close], ErrorKind::Protocol, ""),
        (vec![Step::send(head("200 OK", "content-encoding: gzip\r\n") + HELLO), Step::Close], ErrorKind::Protocol, ""),
    ] {
        let server = TestServer::one(steps.clone()).await;
        let exchange = ask(&server, true, patient()).await;
        assert_eq!((kind(&exchange), exchange.text.as_str()), (Some(want), text), "{steps:?} {:?}", exchange.error);
        let error = exchange.error.unwrap();
        assert!(error.retryable && error.scope == Scope::Cell && !error.message.is_empty(), "{error:?}");
    }
}

#[tokio::test]
async fn no_connection_is_told_from_no_name_and_no_tls() {
    let listener = || tokio::net::TcpListener::bind("127.0.0.1:0");
    let closed = listener().await.unwrap().local_addr().unwrap();
    let plain = listener().await.unwrap();
    let not_tls = plain.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut socket, _) = plain.accept().await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut socket, b"HTTP/1.1 400 Speak HTTP\r\n\r\n").await.unwrap();
    });
    for (url, want, told) in [
        (format!("http://{closed}/v1"), ErrorKind::Connect, "refused"),
        ("http://no-such-name.invalid/v1".to_owned(), ErrorKind::Connect, "no-such-name.invalid"),
        (format!("https://{not_tls}/v1"), ErrorKind::Tls, "TLS"),
    ] {
        let exchange = client(&url).chat(&request(true), patient(), &CancellationToken::new()).await;
        let error = exchange.error.unwrap();
        assert_eq!(error.kind, want, "{error:?}");
        assert!(error.message.contains(told), "{error:?}");
        assert_eq!((error.retryable, exchange.status), (true, None));
    }
}

#[tokio::test]
async fn a_redirect_is_told_and_not_followed() {
    let target = TestServer::one([Step::send(response("200 OK", JSON, HELLO))]).await;
    let location = format!("location: {}/elsewhere?key={KEY}\r\n", target.url);
    for status in ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let error = answer_to(response(status, &location, "")).await.error.unwrap();
        assert_eq!((error.kind, error.scope, error.retryable), (ErrorKind::Protocol, Scope::Model, false));
        assert!(error.message.contains("/elsewhere?key=[redacted]"), "{error}");
    }
    assert_eq!(target.connections(), 0);
}

#[tokio::test]
async fn the_key_is_in_no_error_whatever_echoes_it() {
    let echo = json!({ "error": { "code": 401, "message": format!("no such key: {KEY}"), "metadata": { "raw": KEY,
        "provider_name": KEY, "error_type": KEY, "previous_errors": [{ "provider": KEY, "code": 500 }] } } })
    .to_string();
    let html = format!("<html><title>Bearer {KEY}</title>{}</html>", KEY.repeat(200));
    for bytes in [
        response("401 Unauthorized", JSON, &echo),
        response("200 OK", JSON, &echo),
        response("200 OK", EVENTS, format!("data: {echo}\n\n")),
        response("502 Bad Gateway", "content-type: text/html\r\n", &html),
        response("200 OK", "content-type: text/html\r\n", &html),
        response("400 Bad Request", "content-type: text/plain\r\n", format!("{}{KEY}", "x".repeat(480))),
        response("400 Bad Request", JSON, json!({ "you_sent": KEY }).to_string()),
        response("200 OK", EVENTS, format!("data: {{{KEY}\n\ndata: x\n\n")),
        format!("HTTP/1.1 200 {KEY}\r\nX-Generation-Id: {KEY}\r\n{KEY}\r\n\r\n").into_bytes(),
    ] {
        let exchange = answer_to(&bytes).await;
        let text = format!("{exchange:?} {}", exchange.error.clone().unwrap());
        // Not even the start of it, where a message was cut.
        assert!(!text.contains("sk-or-v1-0"), "{text}");
        assert!(exchange.error.is_some());
    }
}

#[tokio::test]
async fn requests_at_once_have_a_connection_each_and_leave_them_for_the_next() {
    let server =
        TestServer::one([Step::Pause(Duration::from_millis(100)), Step::send(response("200 OK", JSON, HELLO))]).await;
    let client = client(&server.url);
    for _ in 0..2 {
        let (request, cancel) = (request(false), CancellationToken::new());
        let asked = (0..4).map(|_| client.chat(&request, patient(), &cancel));
        let exchanges = futures::future::join_all(asked).await;
        assert!(exchanges.iter().all(|exchange| exchange.text == "hello"));
        settle().await;
    }
    assert_eq!(server.connections(), 4);
}
