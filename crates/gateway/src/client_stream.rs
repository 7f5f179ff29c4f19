//! A client's connection that gives up on a client which takes nothing, or wants nothing any more.
//!
//! A client may close its side after a request and still wait for the answer. One that went away looks the same from
//! here. So its end is looked for while nobody reads, and once it has come, the answer must move.

use crate::{Limits, patience::Patience};
use std::{
    io::{self, ErrorKind, IoSlice},
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A client's connection that gives up on a client which takes nothing, or wants nothing any more.
pub(crate) struct ClientStream<S> {
    stream: S,
    /// The byte that was met in looking for the end.
    ahead: Option<u8>,
    has_ended: bool,
    /// Whether somebody has asked since the last flush for what the client sends, and waits for it.
    is_awaited: bool,
    writing: Patience,
    half_closed: Patience,
}

impl<S: AsyncRead + AsyncWrite + Unpin> ClientStream<S> {
    pub(crate) const fn new(stream: S, limits: &Limits) -> Self {
        Self {
            stream,
            ahead: None,
            has_ended: false,
            is_awaited: false,
            writing: Patience::new(limits.write_time),
            half_closed: Patience::new(limits.half_closed_time),
        }
    }

    /// What the client has sent, with an end that is remembered.
    fn poll_sent(&mut self, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let (before, room) = (buffer.filled().len(), buffer.remaining());
        if self.has_ended || room == 0 {
            return Poll::Ready(Ok(()));
        }
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        self.has_ended = buffer.filled().len() == before;
        Poll::Ready(Ok(()))
    }

    /// Looks for the client's end while nobody reads; an error once it has been there too long.
    fn poll_gone(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        if !mem::take(&mut self.is_awaited) && !self.has_ended && self.ahead.is_none() {
            let mut byte = [0];
            let mut buffer = ReadBuf::new(&mut byte);
            if let Poll::Ready(looked) = self.poll_sent(context, &mut buffer) {
                looked?;
                self.ahead = buffer.filled().first().copied();
                // Whoever asked before the last flush would not be woken for what was met here.
                context.waker().wake_by_ref();
            }
        }
        let is_lost = self.has_ended && self.half_closed.poll_lost(context).is_ready();
        if is_lost { Err(timed_out("the client has closed its side, and no answer comes")) } else { Ok(()) }
    }

    /// What writing has come to: lost, when the client takes nothing for too long.
    fn poll_taken<T>(
        &mut self,
        polled: Poll<io::Result<T>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            self.writing.renew();
            return polled;
        }
        ready!(self.writing.poll_lost(context));
        Poll::Ready(Err(timed_out("the client takes nothing")))
    }

    fn poll_written(
        &mut self,
        polled: Poll<io::Result<usize>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        self.half_closed.renew();
        self.poll_taken(polled, context)
    }
}

fn timed_out(message: &'static str) -> io::Error {
    io::Error::new(ErrorKind::TimedOut, message)
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for ClientStream<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let Some(byte) = this.ahead.filter(|_| buffer.remaining() > 0) else {
            let polled = this.poll_sent(context, buffer);
            this.is_awaited = polled.is_pending();
            return polled;
        };
        this.ahead = None;
        buffer.put_slice(&[byte]);
        // The byte is there, whatever becomes of the rest; an error comes again.
        let _rest = this.poll_sent(context, buffer);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for ClientStream<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.poll_written(polled, context)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.poll_gone(context)?;
        let polled = Pin::new(&mut this.stream).poll_flush(context);
        this.poll_taken(polled, context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.stream).poll_shutdown(context);
        this.poll_taken(polled, context)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.stream).poll_write_vectored(context, slices);
        this.poll_written(polled, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
