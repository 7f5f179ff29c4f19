//! A body that ends when what it rests on ends.

use super::Stream;
use crate::BodyError;
use access::AppRoute;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body::{Body as _, Frame, SizeHint};
use hyper::body::Incoming;
use std::{
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

/// A body announced to be no longer than this is expected to come at once.
const SHORT: u64 = 64 * 1024;
/// How often a body may be asked for its next frame before it counts as one that takes its time.
const FEW: u8 = 3;

/// A body that ends when what it rests on ends.
///
/// It is entered among the streams when it takes its time, so that a short answer does not pay for it: at the first
/// wait, or, where it is announced to be short, when it has not come at its third frame.
pub(crate) struct Guarded {
    body: Incoming,
    stream: Stream,
    turns: u8,
    /// Whether it was waited for without being entered, since it was last seen that nothing was touched.
    has_waited: bool,
    /// What came after a touch, until it is known whether it may pass.
    held: Option<(Frame<Bytes>, BoxFuture<'static, bool>)>,
    /// Whether it is entered at the first wait, however short it is announced to be.
    is_watched: bool,
}

impl Guarded {
    pub(crate) const fn new(body: Incoming, stream: Stream) -> Self {
        Self { body, stream, turns: 0, has_waited: false, held: None, is_watched: false }
    }

    /// A client's body, which the client may hold back for as long as it likes.
    pub(crate) const fn upload(body: Incoming, stream: Stream) -> Self {
        Self { body, stream, turns: 0, has_waited: false, held: None, is_watched: true }
    }

    /// The next frame, or the error that cuts the body off.
    pub(crate) fn poll_frame(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if self.stream.entered().is_some_and(super::Entered::is_ended) {
            return Poll::Ready(Some(Err(BodyError::Ended)));
        }
        if self.held.is_some() {
            return self.poll_held(context);
        }
        self.turns = self.turns.saturating_add(1);
        let is_slow = self.turns > FEW;
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if polled.is_pending() && (is_slow || self.is_watched || !self.is_short()) {
            ready!(self.stream.enter().poll_ended(context));
            return Poll::Ready(Some(Err(BodyError::Ended)));
        }
        if is_slow {
            self.stream.enter();
        }
        let Poll::Ready(frame) = polled else {
            self.has_waited |= self.stream.entered().is_none();
            return Poll::Pending;
        };
        let Some(frame) = frame.transpose()? else { return Poll::Ready(None) };
        // SECURITY: a body that is expected to come at once may come after what it rests on has ended.
        if mem::take(&mut self.has_waited) && !self.stream.is_current() {
            self.held = Some((frame, self.stream.look()));
            return self.poll_held(context);
        }
        Poll::Ready(Some(Ok(frame)))
    }

    /// Gives what is held once it is known that it may pass; from then on the stream is watched.
    fn poll_held(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let Some((_, look)) = &mut self.held else { return Poll::Pending };
        let is_good = ready!(look.as_mut().poll(context));
        let held = self.held.take().filter(|_| is_good);
        self.stream.enter();
        Poll::Ready(Some(held.map(|(frame, _)| frame).ok_or(BodyError::Ended)))
    }

    /// The host that it goes through.
    pub(crate) fn route(&self) -> &AppRoute {
        self.stream.route()
    }

    /// The client has sent some of it.
    pub(crate) fn note_use(&self) {
        if let Some(entered) = self.stream.entered() {
            entered.note_use();
        }
    }

    pub(crate) fn is_end_stream(&self) -> bool {
        self.held.is_none() && self.body.is_end_stream()
    }

    pub(crate) fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }

    fn is_short(&self) -> bool {
        self.size_hint().exact().is_some_and(|left| left <= SHORT)
    }
}
