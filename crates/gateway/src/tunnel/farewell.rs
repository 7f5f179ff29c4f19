//! The client's end of a WebSocket, which is told to go when the program stops: then it comes back at once, elsewhere.
//!
//! A Close frame is put between two frames of the app's. After it, the client is sent nothing more; its own Close goes
//! to the app, which ends the WebSocket as if the client had left.

use super::frames::Frames;
use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_util::sync::WaitForCancellationFutureOwned;

/// A Close frame with the code 1001, "going away" (RFC 6455, section 7.4.1).
const GOING_AWAY: [u8; 4] = [0x88, 2, 0x03, 0xe9];

/// The client's end, until it is told and after.
pub(super) struct Farewell<T> {
    inner: T,
    frames: Frames,
    stage: Stage,
}

enum Stage {
    /// Until the program stops.
    Carrying(Pin<Box<WaitForCancellationFutureOwned>>),
    /// Until the frame that is under way has ended.
    Waiting,
    /// So much of the Close frame has been sent.
    Telling(usize),
    Told,
}

impl<T: AsyncWrite + Unpin> Farewell<T> {
    pub(super) fn new(inner: T, stop: WaitForCancellationFutureOwned) -> Self {
        Self { inner, frames: Frames::default(), stage: Stage::Carrying(Box::pin(stop)) }
    }

    /// Sends what the app has sent, and follows its frames.
    fn poll_carry(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let sent = ready!(Pin::new(&mut self.inner).poll_write(context, bytes))?;
        self.frames.follow(bytes.get(..sent).unwrap_or(bytes));
        Poll::Ready(Ok(sent))
    }

    /// Goes on with the farewell, as far as it can; ready once it has been said.
    fn poll_tell(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            match &mut self.stage {
                Stage::Carrying(stop) => {
                    ready!(stop.as_mut().poll(context));
                    self.stage = Stage::Waiting;
                }
                Stage::Waiting if self.frames.is_between() => self.stage = Stage::Telling(0),
                Stage::Waiting => return Poll::Pending,
                Stage::Telling(sent) => match GOING_AWAY.get(*sent..) {
                    None | Some([]) => {
                        ready!(Pin::new(&mut self.inner).poll_flush(context))?;
                        self.stage = Stage::Told;
                    }
                    Some(rest) => {
                        let more = ready!(Pin::new(&mut self.inner).poll_write(context, rest))?;
                        *sent = sent.saturating_add(more);
                    }
                },
                Stage::Told => return Poll::Ready(Ok(())),
            }
        }
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncRead for Farewell<T> {
    /// What the client sends is waited for at all times, so that the wish to stop is heard here when nothing moves.
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if let Poll::Ready(Err(error)) = this.poll_tell(context) {
            return Poll::Ready(Err(error));
        }
        Pin::new(&mut this.inner).poll_read(context, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Farewell<T> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if let Poll::Ready(told) = this.poll_tell(context) {
            return Poll::Ready(told.map(|()| bytes.len()));
        }
        match this.stage {
            Stage::Carrying(_) | Stage::Told => this.poll_carry(context, bytes),
            Stage::Telling(_) => Poll::Pending,
            Stage::Waiting => {
                let rest = this.frames.rest_of_one(bytes);
                let carried = ready!(this.poll_carry(context, bytes.get(..rest).unwrap_or(bytes)))?;
                match this.poll_tell(context) {
                    Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                    _ => Poll::Ready(Ok(carried)),
                }
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(context)
    }
}
