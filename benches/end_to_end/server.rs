//! An endpoint that costs next to nothing: one thread, canned bytes, no look at what is asked.
//!
//! In: how long to wait before an answer, and its shape. Out: `POST` gets the answer, `GET` tells how many requests came
//! and how large they were, and starts counting anew. It ends with its standard input, so it cannot outlive its parent.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::Result;
use crate::load::{Shape, TOKENS, answer};

/// What is sent for every request, in pieces that are written one by one.
struct Canned {
    delay: Duration,
    pieces: Vec<Vec<u8>>,
}

/// What came in since the last look.
#[derive(Default)]
struct Counts {
    requests: AtomicU64,
    body_bytes: AtomicU64,
}

/// Serves until standard input ends. Arguments: delay in milliseconds, shape.
pub(crate) fn main(args: &[String]) -> Result<()> {
    let [delay, shape] = args else { return Err("--server DELAY_MS SHAPE".into()) };
    let shape: Shape = shape.parse()?;
    let canned = Arc::new(Canned { delay: Duration::from_millis(delay.parse()?), pieces: pieces(shape) });
    std::thread::spawn(|| {
        let mut nothing = Vec::new();
        let _ = std::io::stdin().read_to_end(&mut nothing);
        // The parent is gone, and nothing here needs an orderly end.
        std::process::exit(0);
    });
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve(canned))
}

async fn serve(canned: Arc<Canned>) -> Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    // Hundreds of connections arrive at once; a short queue would send them back for a second.
    let listener = socket.listen(4096)?;
    println!("{}", listener.local_addr()?);
    std::io::stdout().flush()?;
    let counts = Arc::new(Counts::default());
    loop {
        let (stream, _) = listener.accept().await?;
        let _ = stream.set_nodelay(true);
        tokio::spawn(connection(stream, Arc::clone(&canned), Arc::clone(&counts)));
    }
}

/// Answers one request after the other until the client leaves.
async fn connection(mut stream: TcpStream, canned: Arc<Canned>, counts: Arc<Counts>) -> std::io::Result<()> {
    let mut buffer = Vec::with_capacity(16 << 10);
    loop {
        let Some(request) = read_request(&mut stream, &mut buffer).await? else { return Ok(()) };
        match request {
            Request::Look => {
                let (requests, bytes) = (counts.requests.swap(0, Relaxed), counts.body_bytes.swap(0, Relaxed));
                let body = format!("{requests} {bytes}");
                let reply = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                stream.write_all(reply.as_bytes()).await?;
            }
            Request::Chat { body_bytes } => {
                counts.requests.fetch_add(1, Relaxed);
                counts.body_bytes.fetch_add(body_bytes, Relaxed);
                if !canned.delay.is_zero() {
                    tokio::time::sleep(canned.delay).await;
                }
                for piece in &canned.pieces {
                    stream.write_all(piece).await?;
                }
            }
        }
    }
}

enum Request {
    Look,
    Chat { body_bytes: u64 },
}

async fn read_request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> std::io::Result<Option<Request>> {
    let head = loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    };
    let length = content_length(&buffer[..head]);
    while buffer.len() < head + length {
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
    let look = buffer.starts_with(b"GET ");
    buffer.drain(..head + length);
    Ok(Some(if look { Request::Look } else { Request::Chat { body_bytes: length as u64 } }))
}

fn content_length(head: &[u8]) -> usize {
    let header = b"content-length:";
    let lines = head.split(|byte| *byte == b'\n');
    let mut values =
        lines.filter(|line| line.len() > header.len() && line[..header.len()].eq_ignore_ascii_case(header));
    let value = values.next().and_then(|line| std::str::from_utf8(&line[header.len()..]).ok());
    value.and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

/// The response, in OpenRouter's form, cut as it goes onto the wire.
fn pieces(shape: Shape) -> Vec<Vec<u8>> {
    const USAGE: &str = r#"{"prompt_tokens":24,"completion_tokens":48,"total_tokens":72,"cost":0.000012}"#;
    if shape == Shape::Whole {
        let body = format!(
            r#"{{"id":"gen-1700000000-bench","object":"chat.completion","created":1700000000,"model":"bench/model","provider":"Bench","choices":[{{"index":0,"finish_reason":"stop","native_finish_reason":"stop","message":{{"role":"assistant","content":"{}","refusal":null}}}}],"usage":{USAGE}}}"#,
            answer()
        );
        let length = body.len();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n");
        return vec![(head + &body).into_bytes()];
    }
    let event = |delta: &str, finish: &str, usage: &str| {
        let event = format!(
            "data: {{\"id\":\"gen-1700000000-bench\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"bench/model\",\"provider\":\"Bench\",\"choices\":[{{\"index\":0,\"delta\":{{\"role\":\"assistant\",\"content\":\"{delta}\"}},\"finish_reason\":{finish},\"native_finish_reason\":{finish},\"logprobs\":null}}]{usage}}}\n\n"
        );
        format!("{:x}\r\n{event}\r\n", event.len()).into_bytes()
    };
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    let mut pieces = vec![head];
    pieces.extend(TOKENS.map(|n| event(&format!("tok{n} "), "null", "")));
    pieces.push(event("", "\"stop\"", ""));
    pieces.push(event("", "\"stop\"", &format!(",\"usage\":{USAGE}")));
    pieces.push(b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n".to_vec());
    if shape == Shape::Stream { vec![pieces.concat()] } else { pieces }
}

/// A running server, ended when dropped.
pub(crate) struct Server {
    child: std::process::Child,
    /// `127.0.0.1:PORT`.
    pub(crate) address: String,
}

impl Server {
    pub(crate) fn start(delay: Duration, shape: Shape) -> Result<Self> {
        use std::io::BufRead;
        use std::process::{Command, Stdio};
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["--server", &delay.as_millis().to_string(), &shape.to_string()]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut address = String::new();
        let stdout = child.stdout.take().ok_or("no standard output")?;
        std::io::BufReader::new(stdout).read_line(&mut address)?;
        Ok(Self { child, address: address.trim().to_owned() })
    }

    /// Requests and bytes of request bodies since the last look.
    pub(crate) fn look(&self) -> Result<(u64, u64)> {
        let mut stream = std::net::TcpStream::connect(&self.address)?;
        let mut request = String::new();
        write!(request, "GET / HTTP/1.1\r\nhost: {}\r\n\r\n", self.address)?;
        stream.write_all(request.as_bytes())?;
        let mut buffer = [0; 512];
        let length = stream.read(&mut buffer)?;
        let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
        let (requests, bytes) = text.rsplit('\n').next().and_then(|body| body.split_once(' ')).ok_or("no counts")?;
        Ok((requests.parse()?, bytes.parse()?))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
