//! A request's body that has a deadline, so that no request lasts longer by being slow.

use super::Error;
use axum::body::{Body, HttpBody};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use std::{
    io::{self, ErrorKind},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::{Sleep, sleep};
use web::Problem;

/// Whether a body did not come in time.
#[derive(Clone, Default)]
pub(super) struct Late(Arc<AtomicBool>);

struct Timely {
    body: Body,
    deadline: Pin<Box<Sleep>>,
    late: Late,
}

impl Late {
    /// The same body, which breaks off when it is not there in time.
    pub(super) fn watch(&self, body: Body, time: Duration) -> Body {
        if body.is_end_stream() {
            return body;
        }
        Body::new(Timely { body, deadline: Box::pin(sleep(time)), late: self.clone() })
    }

    /// What is answered in place of whatever a handler made of a body that broke off.
    pub(super) fn refusal(&self) -> Option<Error> {
        self.0.load(Ordering::Relaxed).then(|| Problem::slow_body().into())
    }
}

impl HttpBody for Timely {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        let this = self.get_mut();
        // The deadline is asked first: a body that drips must not keep it waiting.
        if this.deadline.as_mut().poll(context).is_ready() {
            this.late.0.store(true, Ordering::Relaxed);
            let late = io::Error::new(ErrorKind::TimedOut, "the body did not come in time");
            return Poll::Ready(Some(Err(late.into())));
        }
        Pin::new(&mut this.body).poll_frame(context).map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
