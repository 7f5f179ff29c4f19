//! One connection to a place, and what is known of it beside what HTTP says.

use crate::Body;
use futures_util::future::{Either, select};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::rt::TokioIo;
use std::{
    io::{self, IoSlice},
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::oneshot,
};
use tokio_util::task::TaskTracker;

/// One connection to a place. Dropped, it is closed at once, whatever is still on its way.
pub(super) struct Connection {
    pub(super) sender: SendRequest<Body>,
    heard: Arc<AtomicBool>,
    open: oneshot::Sender<()>,
}

impl Connection {
    /// Speaks HTTP/1.1 over `stream`, in a task of its own. An answer's head has at most `head_bytes`.
    pub(super) async fn start(
        stream: TcpStream,
        head_bytes: usize,
        tasks: &TaskTracker,
    ) -> hyper::Result<Self> {
        let heard = Arc::new(AtomicBool::new(false));
        let stream = Overheard { stream, heard: Arc::clone(&heard) };
        let (sender, driver) =
            Builder::new().max_header_size(head_bytes).handshake(TokioIo::new(stream)).await?;
        let (open, closed) = oneshot::channel();
        tasks.spawn(async move {
            let ended = match select(pin!(driver.with_upgrades()), closed).await {
                Either::Left((ended, _)) => ended,
                Either::Right((Ok(()), driver)) => driver.await,
                Either::Right((Err(_), _)) => Ok(()),
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection to an app broke");
            }
        });
        Ok(Self { sender, heard, open })
    }

    /// Whether a byte has come since this was last asked.
    pub(super) fn was_heard(&self) -> bool {
        self.heard.swap(false, Ordering::Relaxed)
    }

    /// Lets the connection live on by itself, as a tunnel does.
    pub(super) fn let_go(self) {
        // The task is gone only when the connection is.
        let _is_closed = self.open.send(()).is_err();
    }
}

/// A connection that notes whether a byte has come.
struct Overheard {
    stream: TcpStream,
    heard: Arc<AtomicBool>,
}

impl AsyncRead for Overheard {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.heard.store(true, Ordering::Relaxed);
        }
        polled
    }
}

impl AsyncWrite for Overheard {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
