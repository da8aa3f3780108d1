use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::super::client::{Client, EndpointConfig};
use super::super::error::Scope;
use super::super::testserver::{Step, TestServer, head, response};
use super::*;

const JSON: &str = "content-type: application/json\r\n";

fn read_text(body: &Value, texts: usize) -> (Answer, Vec<Vec<f32>>) {
    read(body.to_string().as_bytes(), texts, &HeaderMap::new(), &Redactor::default())
}

#[track_caller]
fn refused(body: &Value, texts: usize) -> String {
    let (answer, vectors) = read_text(body, texts);
    assert!(vectors.is_empty());
    answer.error.expect("an error").message
}

fn item(index: Value, embedding: Value) -> Value {
    json!({"object": "embedding", "index": index, "embedding": embedding})
}

#[test]
fn vectors_come_in_the_order_of_the_texts_whatever_the_order_of_the_answer() {
    let body = json!({"data": [item(1.into(), json!([3, 4.5])), item(0.into(), json!([1, -2e-3]))],
        "model": "m", "id": "gen-emb-1", "usage": {"prompt_tokens": 7, "cost": 0.25}});
    let (answer, vectors) = read_text(&body, 2);
    assert_eq!(vectors, [vec![1.0, -0.002], vec![3.0, 4.5]]);
    let usage = answer.usage.unwrap();
    assert_eq!((usage.prompt_tokens, usage.cost.unwrap().to_string().as_str()), (Some(7), "0.25"));
    assert_eq!((answer.served_model.as_deref(), answer.generation_id.as_deref()), (Some("m"), Some("gen-emb-1")));
}

#[test]
fn vectors_without_an_index_and_in_base64_are_understood() {
    let bytes: Vec<u8> = [1.0_f32, -0.5].iter().flat_map(|number| number.to_le_bytes()).collect();
    let body = json!({"data": [item(Value::Null, STANDARD.encode(bytes).into()), item(Value::Null, json!([2, 3]))]});
    assert_eq!(read_text(&body, 2).1, [vec![1.0, -0.5], vec![2.0, 3.0]]);
}

#[test]
fn an_answer_that_does_not_fit_the_texts_is_an_error() {
    let one = || item(0.into(), json!([1]));
    let cases = [
        (json!({"data": [one()]}), 2, "1 vectors for 2 texts"),
        (json!({"data": [one(), one()]}), 2, "two vectors have the `index` 0"),
        (json!({"data": [one(), item(2.into(), json!([1]))]}), 2, "a vector has the `index` 2"),
        (json!({"data": [one(), item(Value::Null, json!([1]))]}), 2, "some vectors have an `index` and some have none"),
        (json!({"data": [one(), item(1.into(), json!([1, 2]))]}), 2, "its vectors are of different lengths"),
        (json!({"data": [item(0.into(), json!(["x"]))]}), 1, "the embedding at `data[0]` is no list of numbers"),
        (json!({"data": [item(0.into(), json!([]))]}), 1, "the embedding at `data[0]` is no list of numbers"),
        (json!({"data": [item(0.into(), json!([1e300]))]}), 1, "the embedding at `data[0]` is no list of numbers"),
        (json!({"data": {}}), 1, "0 vectors for 1 texts"),
    ];
    for (body, texts, want) in cases {
        let message = refused(&body, texts);
        assert_eq!(message, format!("the answer does not fit the texts: {want}"), "{body}");
    }
}

#[test]
fn an_error_inside_a_success_and_a_page_are_errors() {
    let body = json!({"error": {"code": 401, "message": "No auth"}});
    let (answer, _) = read_text(&body, 1);
    let error = answer.error.unwrap();
    assert_eq!((error.kind, error.scope), (ErrorKind::Auth, Scope::Account));
    assert!(!refused(&json!({"object": "list"}), 1).is_empty());
    let (answer, _) = read(b"<html><title>gateway</title>", 1, &HeaderMap::new(), &Redactor::default());
    assert!(answer.error.unwrap().message.contains("gateway"));
}

fn client(url: &str) -> Client {
    let config = EndpointConfig { base_url: url.to_owned(), api_key: None, headers: Vec::new(), connections: 1 };
    Client::new(&config).unwrap()
}

fn request() -> EmbeddingsRequest {
    let params = json!({"dimensions": 2});
    EmbeddingsRequest::new("a/embed", &["x", "y"], None, params.as_object().unwrap())
}

async fn ask(steps: Vec<Step>) -> (Embedded, TestServer) {
    let server = TestServer::start([steps]).await;
    let embedded = client(&server.url).embed(&request(), Duration::from_secs(30), &CancellationToken::new()).await;
    (embedded, server)
}

#[tokio::test]
async fn a_request_goes_to_the_embeddings_of_the_endpoint() {
    let body = json!({"data": [item(0.into(), json!([1])), item(1.into(), json!([2]))]}).to_string();
    let (embedded, mut server) = ask(vec![Step::send(response("200 OK", JSON, body))]).await;
    assert!(embedded.exchange.error.is_none());
    assert_eq!(embedded.vectors, [[1.0], [2.0]]);
    let sent = server.request().await;
    assert!(sent.head.starts_with("post /v1/embeddings http/1.1\r\n"), "{}", sent.head);
    let sent: Value = serde_json::from_slice(&sent.body).unwrap();
    assert_eq!(sent, json!({"model": "a/embed", "input": ["x", "y"], "encoding_format": "float", "dimensions": 2}));
}

#[tokio::test]
async fn failures_are_sorted_as_those_of_chats() {
    let body = r#"{"error":{"message":"slow down"}}"#;
    let refused = response("429 Too Many Requests", "retry-after: 7\r\n", body);
    let error = ask(vec![Step::send(refused)]).await.0.exchange.error.unwrap();
    assert_eq!((error.kind, error.retry_after), (ErrorKind::RateLimited, Some(Duration::from_secs(7))));
    let cut = ask(vec![Step::send(head("200 OK", "content-length: 100\r\n")), Step::Close]).await.0;
    assert_eq!(cut.exchange.error.unwrap().kind, ErrorKind::ConnectionLost);
}

#[tokio::test]
async fn a_cancelled_request_closes_its_connection() {
    let mut server = TestServer::start([vec![Step::Hang]]).await;
    let (cancel, client) = (CancellationToken::new(), client(&server.url));
    let token = cancel.clone();
    let asking = tokio::spawn(async move { client.embed(&request(), Duration::from_secs(30), &token).await });
    server.request().await;
    cancel.cancel();
    assert_eq!(asking.await.unwrap().exchange.error.unwrap().kind, ErrorKind::Cancelled);
    server.client_left().await;
}

#[tokio::test]
async fn a_body_without_an_end_is_given_up() {
    let endless = vec![Step::send(head("200 OK", JSON)), Step::Repeat(vec![b' '; 1 << 20], Duration::ZERO)];
    let error = ask(endless).await.0.exchange.error.unwrap();
    assert_eq!(error.kind, ErrorKind::TooLarge);
}
