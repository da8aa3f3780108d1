//! The fault server does what its scripts say, seen by a plain HTTP client.

use std::time::Duration;

use reqwest::{Client, Response};
use serde_json::{Value, json};

use super::{Act, Answer, End, Reply, Server, ms, refusing_url};

fn client() -> Client {
    // Fails only where another test was first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().build().unwrap()
}

async fn ask(client: &Client, server: &Server, model: &str, stream: bool) -> reqwest::Result<Response> {
    let body = json!({
        "model": model, "stream": stream, "messages": [{ "role": "user", "content": "please say pie" }],
    });
    let request = client.post(format!("{}/chat/completions", server.base_url()));
    request.header("content-type", "application/json").body(body.to_string()).send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_without_a_script_echoes() {
    let (server, client) = (Server::start(), client());
    let body: Value = ask(&client, &server, "any", false).await.unwrap().json().await.unwrap();
    assert_eq!(body["choices"][0]["message"]["content"], "pie");
    let text = ask(&client, &server, "any", true).await.unwrap().text().await.unwrap();
    assert!(text.contains(r#""content":"pi""#) && text.ends_with("data: [DONE]\n\n"), "{text}");
    let calls = server.calls_of("any");
    assert_eq!((calls[1].number, calls[1].attempt, calls[1].word()), (2, 2, "pie"));
    assert_eq!(calls[1].header("content-type"), Some("application/json"));
    server.wait_for("both ends", |calls| calls.iter().all(|call| matches!(call.ended, Some((_, End::Answered)))));
    client.get(format!("{}/models", server.base_url())).send().await.unwrap();
    assert_eq!(server.others(), ["GET /v1/models"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_is_noticed() {
    let (server, client) = (Server::with("hang", |_| Reply::hang()), client());
    let asked = tokio::time::timeout(ms(100), ask(&client, &server, "hang", false)).await;
    assert!(asked.is_err());
    server.wait_for("the close", |calls| matches!(calls[0].ended, Some((_, End::ClosedByClient))));
    let repeat =
        Server::with("m", |_| Reply::open("text/event-stream").then(Act::Repeat(b"1\r\n\n\r\n".into(), ms(5))));
    let response = ask(&client, &repeat, "m", true).await.unwrap();
    drop(response);
    repeat.wait_for("the close", |calls| matches!(calls[0].ended, Some((_, End::ClosedByClient))));
}

#[tokio::test]
async fn connections_are_cut_and_reset() {
    let client = client();
    for act in [Act::Close, Act::Reset] {
        let cut = act.clone();
        let server = Server::with("cut", move |call| call.answer().unfinished().then(cut.clone()));
        let read = ask(&client, &server, "cut", true).await.unwrap().bytes().await;
        assert!(read.is_err(), "{act:?} was taken for a whole body");
        let gone = Server::with("gone", move |_| Reply::acts([act.clone()]));
        assert!(ask(&client, &gone, "gone", true).await.is_err());
    }
    let refused = client.get(refusing_url()).send().await.unwrap_err();
    assert!(refused.is_connect());
}

#[tokio::test]
async fn delays_and_flight_are_counted() {
    let (server, client) = (Server::with("slow", |call| call.answer().delay(ms(150)).reply(call)), client());
    let asked = std::time::Instant::now();
    let all = (0..5).map(|_| ask(&client, &server, "slow", false));
    for response in futures::future::join_all(all).await {
        response.unwrap().bytes().await.unwrap();
    }
    assert!(asked.elapsed() >= ms(150));
    assert_eq!((server.most_in_flight("slow"), server.most_in_flight_together()), (5, 5));
    assert_eq!(server.most_in_flight("other"), 0);
}

#[tokio::test]
async fn statuses_and_headers_arrive() {
    let limited = |_: &_| Reply::json(429, &[("retry-after", "7")], &json!({ "error": { "code": 429 } }));
    let server = Server::with("limited", limited).on("paused", |call| {
        Answer::new("abcd").reasoning("hm").usage(json!({ "prompt_tokens": 5 })).pieces(4, ms(10)).reply(call)
    });
    let client = client();
    let response = ask(&client, &server, "limited", true).await.unwrap();
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()["retry-after"], "7");
    let text = ask(&client, &server, "paused", true).await.unwrap().text().await.unwrap();
    assert_eq!(text.matches(r#""content":"#).count(), 4);
    assert!(text.contains(r#""reasoning":"hm""#) && text.contains(r#""usage":{"prompt_tokens":5}"#), "{text}");
}

#[test]
fn a_panic_in_a_script_fails_the_test_that_holds_the_server() {
    let server = Server::with("bad", |_| panic!("as asked"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let response = runtime.block_on(ask(&client(), &server, "bad", false)).unwrap();
    assert_eq!(response.status(), 500);
    let dropped = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(server)));
    let message = *dropped.unwrap_err().downcast::<String>().unwrap();
    assert!(message.contains("as asked"), "{message}");
}

#[tokio::test]
async fn time_on_the_server_goes_on() {
    let server = Server::start();
    let before = server.now();
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert!(server.now() > before);
}
