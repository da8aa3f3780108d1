//! Connections that a handler can break: closed or reset at any point of an answer, which HTTP alone cannot express.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

const OPEN: u8 = 0;
const CLOSED: u8 = 1;
const RESET: u8 = 2;

/// A handler's hold on the connection its request came by.
#[derive(Debug, Clone)]
pub(super) struct Hold(Arc<AtomicU8>);

impl Hold {
    /// Nothing more is written, and the connection is closed (FIN), or reset where that was asked for before.
    pub(super) fn close(&self) {
        self.0.fetch_max(CLOSED, Ordering::AcqRel);
    }

    /// Nothing more is written, and the connection is reset (RST).
    pub(super) fn reset(&self) {
        self.0.store(RESET, Ordering::Release);
    }
}

/// Accepts connections that can be broken.
pub(super) struct Door(pub(super) TcpListener);

impl Listener for Door {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        loop {
            match self.0.accept().await {
                Ok((stream, from)) => {
                    // Every chunk is to arrive when it is sent. Where that cannot be had, chunks just clump.
                    let _ = stream.set_nodelay(true);
                    return (Line { stream, fate: Arc::new(AtomicU8::new(OPEN)) }, from);
                }
                // Out of file handles, or a client that has already gone: others may still come.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, Door>> for Hold {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        Self(Arc::clone(&stream.io().fate))
    }
}

/// A TCP connection until a handler breaks it.
pub(super) struct Line {
    stream: TcpStream,
    fate: Arc<AtomicU8>,
}

impl Line {
    fn broken(&self) -> Option<io::Error> {
        (self.fate.load(Ordering::Acquire) != OPEN).then(|| io::ErrorKind::ConnectionAborted.into())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.fate.load(Ordering::Acquire) == RESET {
            // Without it the client sees an orderly close: a milder fault, nothing to report.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.broken() {
            Some(error) => Poll::Ready(Err(error)),
            None => Pin::new(&mut self.stream).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.broken() {
            Some(error) => Poll::Ready(Err(error)),
            None => Pin::new(&mut self.stream).poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.broken() {
            // A shutdown would send FIN before the drop can send RST.
            Some(_) => Poll::Ready(Ok(())),
            None => Pin::new(&mut self.stream).poll_shutdown(cx),
        }
    }
}
