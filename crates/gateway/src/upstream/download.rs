//! An app's answer on its way to the client.

use super::{Answer, pool::Lease};
use crate::{
    Body, BodyError,
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
}

impl Answer {
    /// The answer as the client gets it, whatever HTTP/1 the app speaks; its body is a stream's.
    pub(crate) fn into_response(self, stream: Stream) -> Response<Body> {
        let Self { mut response, lease } = self;
        *response.version_mut() = Version::HTTP_11;
        let lease = Some(lease);
        response.map(|body| {
            let mut download = Download { body: Guarded::new(body, stream), lease };
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
        let frame = ready!(this.body.poll_frame(context));
        match &frame {
            Some(Ok(_)) => this.give_back_at_end(),
            Some(Err(_)) => this.lease = None,
            None => this.give_back(),
        }
        Poll::Ready(frame)
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
