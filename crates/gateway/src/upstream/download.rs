//! An app's answer on its way to the client.

use super::{Answer, pool::Lease};
use crate::{
    Body, BodyError, answer,
    body::Progress,
    patience::Patience,
    streams::{Guarded, Stream},
};
use bytes::Bytes;
use http::{Response, Version};
use http_body::{Frame, SizeHint};
use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

/// An answer's body. At its end it gives the connection back; dropped before, it closes the connection.
pub(crate) struct Download {
    body: Guarded,
    lease: Option<Lease>,
    /// Only where the app has said how much is to come: what has no end may be a stream of events.
    stall: Option<Patience>,
}

impl Answer {
    /// The answer to a request whose body got as far as `progress`.
    pub(super) fn to(mut self, progress: Option<&Progress>) -> Self {
        self.lease.may_linger = !progress.is_some_and(Progress::shut);
        self
    }

    /// The answer as the client gets it, whatever HTTP/1 the app speaks; its body is a stream's.
    pub(crate) fn into_response(self, stream: Stream) -> Response<Body> {
        let Self { mut response, lease } = self;
        *response.version_mut() = Version::HTTP_11;
        let limit = lease.pool.limits.stall_time;
        response.map(|body| {
            let body = Guarded::new(body, stream);
            let stall = body.size_hint().exact().map(|_| Patience::new(limit));
            let mut download = Download { body, lease: Some(lease), stall };
            download.give_back_at_end();
            Body::download(download)
        })
    }
}

impl Download {
    pub(crate) fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        let Poll::Ready(frame) = this.body.poll_frame(context) else {
            return this.poll_stalled(context);
        };
        let frame = frame.map(|frame| frame.map(|frame| this.clean(frame)));
        match &frame {
            Some(Ok(_)) => this.give_back_at_end(),
            Some(Err(_)) => this.lease = None,
            None => this.give_back(),
        }
        if let Some(stall) = &mut this.stall {
            stall.renew();
        }
        Poll::Ready(frame)
    }

    /// SECURITY: over HTTP/2 trailers reach the client as they are, and could say what the head may not.
    fn clean(&self, frame: Frame<Bytes>) -> Frame<Bytes> {
        match frame.into_trailers() {
            Ok(trailers) => Frame::trailers(answer::trailers(&trailers, self.body.route())),
            Err(data) => data,
        }
    }

    fn poll_stalled<T>(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T, BodyError>>> {
        let Some(stall) = &mut self.stall else { return Poll::Pending };
        ready!(stall.poll_lost(context));
        self.lease = None;
        Poll::Ready(Some(Err(BodyError::Stalled)))
    }

    fn give_back_at_end(&mut self) {
        if self.body.is_end_stream() {
            self.give_back();
        }
    }

    fn give_back(&mut self) {
        if let Some(lease) = self.lease.take() {
            lease.give_back();
        }
    }

    pub(crate) fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    pub(crate) fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
