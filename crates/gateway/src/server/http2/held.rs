//! An answer's body together with the visit that it ends.

use super::traffic::Visit;
use crate::{Body, BodyError};
use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

/// An answer's body. When it is dropped the visit is over, answered if its end was reached.
pub(super) struct Held {
    body: Body,
    visit: Visit,
}

impl Held {
    pub(super) fn new(body: Body, visit: Visit) -> Self {
        let mut held = Self { body, visit };
        held.look_for_end();
        held
    }

    fn look_for_end(&mut self) {
        if self.body.is_end_stream() {
            self.visit.is_answered();
        }
    }
}

impl http_body::Body for Held {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        let frame = ready!(Pin::new(&mut this.body).poll_frame(context));
        if frame.is_none() {
            this.visit.is_answered();
        } else {
            this.look_for_end();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
