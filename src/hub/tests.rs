//! The client against servers that do not answer, and disks that do not take.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::*;

/// Nobody is told.
#[derive(Debug)]
struct Nobody;

impl Watch for Nobody {
    fn note(&self, _: &str) {}
    fn begin(&self, _: &str, _: u64, _: u64) {}
    fn at(&self, _: u64) {}
    fn end(&self) {}
}

/// A server that answers every request with these bytes, or with none and never; and how often it was asked.
fn server(answer: Option<&'static str>) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            count.fetch_add(1, Ordering::SeqCst);
            match answer {
                Some(answer) => stream.write_all(answer.as_bytes()).unwrap(),
                None => open.push(stream),
            }
        }
    });
    (url, asked)
}

fn hub(url: &str, cache: &Path) -> Hub {
    let mut settings = Settings::new(Some(url), cache.to_owned()).unwrap();
    settings.idle = Duration::from_millis(100);
    settings.backoff = Duration::from_millis(1);
    Hub::new(settings, Arc::new(Nobody))
}

fn fails(url: &str) -> FetchError {
    let folder = tempfile::tempdir().unwrap();
    hub(url, folder.path()).files(&"hf://o/n/a.csv".parse().unwrap()).unwrap_err()
}

#[test]
fn a_silent_hub_is_given_up_after_a_few_tries() {
    let (url, asked) = server(None);
    let error = fails(&url);
    assert!(error.message.contains("was silent for 100ms (tried 5 times)"), "{error}");
    assert_eq!(asked.load(Ordering::SeqCst), 5);
}

#[test]
fn a_broken_hub_is_tried_a_few_times_and_one_that_refuses_once() {
    let (url, asked) = server(Some("HTTP/1.1 503 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"));
    assert!(fails(&url).message.contains("503 Service Unavailable (tried 5 times)"));
    assert_eq!(asked.load(Ordering::SeqCst), 5);
    let (url, asked) = server(Some("HTTP/1.1 400 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"));
    assert!(fails(&url).message.contains("400 Bad Request"));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[test]
fn it_waits_for_files_outside_and_inside_of_any_runtime() {
    let (url, _) = server(Some("HTTP/1.1 400 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"));
    fails(&url);
    let one = tokio::runtime::Builder::new_current_thread().build().unwrap();
    one.block_on(async { fails(&url) });
    let many = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    many.block_on(async { tokio::spawn(async move { fails(&url) }).await.unwrap() });
}

#[test]
fn a_cache_that_cannot_be_written_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 50\r\nconnection: close\r\n\r\n{\"sha\":\"0123456789abcdef0123456789abcdef01234567\"}";
    let (url, _) = server(Some(answer));
    let error = hub(&url, &file).files(&"hf://o/n/a.csv".parse().unwrap()).unwrap_err();
    assert!(error.message.contains("cannot keep a file of the hub") && error.message.contains("file/hub-"), "{error}");
    assert!(error.hint.unwrap().contains("BENCH_CACHE_DIR"));
}
