//! The client's end of a tunnel, with an eye on whether anything moves.

use crate::{seen::Traffic, streams::Entered};
use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::atomic::{AtomicU64, Ordering},
    task::{Context, Poll, ready},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The client's end of a tunnel.
pub(super) struct Counted<'a, T> {
    pub(super) inner: T,
    /// Grows while bytes come or go.
    pub(super) moved: &'a AtomicU64,
    /// How many came and how many went.
    pub(super) traffic: &'a Traffic,
    /// The stream that the client uses when it sends something.
    pub(super) entered: &'a Entered,
}

impl<T: Unpin> Counted<'_, T> {
    fn inner(self: Pin<&mut Self>) -> Pin<&mut T> {
        Pin::new(&mut self.get_mut().inner)
    }

    fn count(&self, bytes: usize, direction: &AtomicU64) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.moved.fetch_add(bytes, Ordering::Relaxed);
        direction.fetch_add(bytes, Ordering::Relaxed);
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Counted<'_, T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(self.as_mut().inner().poll_read(context, buffer))?;
        let read = buffer.filled().len().saturating_sub(before);
        if read > 0 {
            self.count(read, &self.traffic.bytes_in);
            self.entered.note_use();
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Counted<'_, T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(self.as_mut().inner().poll_write(context, bytes))?;
        self.count(written, &self.traffic.bytes_out);
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(self.as_mut().inner().poll_write_vectored(context, slices))?;
        self.count(written, &self.traffic.bytes_out);
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner().poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner().poll_shutdown(context)
    }
}
