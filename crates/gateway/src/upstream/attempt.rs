//! One request over one connection, and what may be sent again when no answer comes.

use super::{SendError, connection::Connection};
use crate::Body;
use futures_util::future::BoxFuture;
use http::{Method, Request, Response};
use http_body::Body as _;
use hyper::body::Incoming;

/// One place gave no answer.
pub(super) struct Failed {
    pub(super) error: SendError,
    /// The request, where another place may be asked.
    pub(super) again: Option<Request<Body>>,
    /// Whether this place may have got it.
    pub(super) was_sent: bool,
}

impl From<SendError> for Failed {
    /// The place gave an answer, which is none.
    fn from(error: SendError) -> Self {
        Self { error, again: None, was_sent: true }
    }
}

/// A request that was given to a connection got no answer over it.
pub(super) struct Unanswered {
    error: hyper::Error,
    /// The request, if nothing of it was written.
    unsent: Option<Request<Body>>,
    was_heard: bool,
}

impl Unanswered {
    /// Whether the connection broke before a byte of an answer, and not because of the client's body.
    pub(super) fn is_app_gone(&self) -> bool {
        !self.was_heard && !self.error.is_user()
    }

    /// What may be sent again: the request itself if it was not written, else a copy if no answer began.
    pub(super) fn again(self, again: Option<Again<'_>>) -> Failed {
        let was_sent = self.unsent.is_none();
        let again = again.filter(|_| self.is_app_gone());
        let again = self.unsent.or_else(|| again.map(|again| (again.copy)()));
        Failed { error: self.error.into(), again, was_sent }
    }
}

pub(super) async fn exchange_over(
    connection: &mut Connection,
    request: Request<Body>,
) -> Result<Response<Incoming>, Unanswered> {
    connection.was_heard();
    connection.sender.try_send_request(request).await.map_err(|mut error| Unanswered {
        unsent: error.take_message(),
        was_heard: connection.was_heard(),
        error: error.into_error(),
    })
}

/// What is needed to send a request a second time.
#[derive(Clone, Copy)]
pub(crate) struct Again<'r> {
    /// Makes the request once more, without a body. Few are needed twice, so none is copied beforehand.
    pub(crate) copy: &'r (dyn Fn() -> Request<Body> + Send + Sync),
    /// Tells whether what the request rests on is still good.
    pub(crate) is_good: &'r (dyn Fn() -> BoxFuture<'r, bool> + Send + Sync),
}

/// How a request may be made again: one without a body, whose method `may_repeat`.
pub(super) fn repeat<'r>(
    request: &Request<Body>,
    again: Again<'r>,
    may_repeat: impl FnOnce(&Method) -> bool,
) -> Option<Again<'r>> {
    (may_repeat(request.method()) && request.body().is_end_stream()).then_some(again)
}
