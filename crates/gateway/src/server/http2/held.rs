//! An answer's body together with the visit that it ends.

use super::{
    stall::{Stalls, Waiting},
    traffic::Visit,
};
use crate::{Body, BodyError};
use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

/// An answer's body. When it is dropped the visit is over, answered if its end was reached.
pub(super) struct Held {
    body: Body,
    visit: Visit,
    /// Whether the client takes what there is; `None` when there is nothing to take.
    waiting: Option<Waiting>,
}

impl Held {
    pub(super) fn new(body: Body, visit: Visit, stalls: &Arc<Stalls>) -> Self {
        let waiting = (!body.is_end_stream()).then(|| stalls.begin());
        let mut held = Self { body, visit, waiting };
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
        if let Some(waiting) = &this.waiting {
            waiting.asks();
        }
        let frame = ready!(Pin::new(&mut this.body).poll_frame(context));
        if let Some(waiting) = &this.waiting {
            waiting.has();
        }
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
