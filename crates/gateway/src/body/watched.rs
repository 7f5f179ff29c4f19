//! An answer's body on its way to the client, under the eye of a [`Watch`].

use super::{Body, BodyError};
use crate::{Watch, seen::Ending};
use bytes::Bytes;
use http_body::{Body as _, Frame};
use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

/// An answer's body, counted, whose end is told to the witness.
pub(super) struct Watched {
    pub(super) body: Body,
    watch: Watch,
    length: Option<u64>,
}

impl Body {
    /// The same body, watched to its end; one that has ended already is done with here.
    pub(crate) fn watched(body: Self, mut watch: Watch) -> Self {
        if body.is_end_stream() || !watch.has_body() {
            watch.end(Some(Ending::Whole));
            return body;
        }
        let length = body.size_hint().exact();
        Self(super::Kind::Watched(Box::new(Watched { body, watch, length })))
    }
}

impl Watched {
    pub(super) fn poll_frame(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let next = ready!(Pin::new(&mut self.body).poll_frame(context));
        match &next {
            Some(Ok(frame)) => {
                let bytes = frame.data_ref().map_or(0, bytes::Buf::remaining);
                self.watch.passed(u64::try_from(bytes).unwrap_or(u64::MAX));
            }
            Some(Err(BodyError::Ended)) => self.watch.end(Some(Ending::Ended)),
            Some(Err(_)) => self.watch.end(Some(Ending::Broken)),
            None => self.watch.end(Some(Ending::Whole)),
        }
        Poll::Ready(next)
    }

    /// Servers need not ask for more when the body says that it has ended, or when its length has been written.
    fn is_whole(&self) -> bool {
        self.body.is_end_stream() || self.length.is_some_and(|length| self.watch.bytes_out() >= length)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let ending = self.is_whole().then_some(Ending::Whole);
        self.watch.end(ending);
    }
}
