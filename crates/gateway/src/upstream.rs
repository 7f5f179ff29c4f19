//! The way to the apps: connections kept to each, and one request sent over one of them.

mod connect;
mod download;
mod pool;

pub(crate) use download::Download;

use crate::{Body, Limits, Refusal, body::Progress};
use access::AppRoute;
use http::{Request, Response};
use http_body::Body as _;
use hyper::body::Incoming;
use pool::{Lease, Pool};
use std::{io, net::SocketAddr, sync::Arc};
use tokio::time::timeout;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The way to the apps.
pub(crate) struct Upstreams {
    pool: Arc<Pool>,
    limits: Limits,
    own: Vec<SocketAddr>,
}

/// An app gave no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SendError {
    #[error("no connection to the app")]
    Connect(#[source] io::Error),
    #[error("the app's name leads to no address that apps may have")]
    Forbidden,
    #[error("the app's address is this gateway's own")]
    Loop,
    #[error("the app did not answer in time")]
    Timeout,
    #[error("the body is longer than allowed")]
    TooLarge,
    #[error("the client's body breaks off or cannot be read")]
    Unreadable,
    #[error("what the request rests on has ended")]
    Ended,
    #[error("the app broke the connection or speaks no HTTP")]
    Broken(#[from] hyper::Error),
}

impl From<SendError> for Refusal {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Connect(_) | SendError::Forbidden | SendError::Broken(_) => Self::BadGateway,
            SendError::Loop => Self::Loop,
            SendError::Timeout => Self::GatewayTimeout,
            SendError::TooLarge => Self::TooLarge,
            SendError::Unreadable => Self::BadRequest("a body is whole, and framed as HTTP/1.1 says"),
            SendError::Ended => Self::Ended,
        }
    }
}

/// An app's answer, and the connection that its body still comes on.
pub(crate) struct Answer {
    pub(crate) response: Response<Incoming>,
    pub(crate) lease: Lease,
}

impl Upstreams {
    /// No connections yet. `own` are this gateway's listeners, which no app may be at.
    pub(crate) fn new(
        limits: Limits,
        own: Vec<SocketAddr>,
        tasks: TaskTracker,
        shutdown: CancellationToken,
    ) -> Self {
        Self { pool: Pool::start(limits, tasks, shutdown), limits, own }
    }

    /// Sends `request` to the app and waits for the head of its answer, as long as the request's body moves.
    pub(crate) async fn send(
        &self,
        route: &Arc<AppRoute>,
        request: Request<Body>,
        progress: Option<&Progress>,
    ) -> Result<Answer, SendError> {
        let mut answer = std::pin::pin!(self.exchange(route, request));
        loop {
            let frames = progress.map(Progress::frames);
            match timeout(self.limits.answer_time, answer.as_mut()).await {
                Ok(Err(_)) if progress.is_some_and(Progress::is_too_large) => {
                    return Err(SendError::TooLarge);
                }
                Ok(Err(_)) if progress.is_some_and(Progress::is_unreadable) => {
                    return Err(SendError::Unreadable);
                }
                Ok(Err(_)) if progress.is_some_and(Progress::is_ended) => return Err(SendError::Ended),
                Ok(answered) => return answered,
                Err(_) if frames != progress.map(Progress::frames) => {}
                Err(_) => return Err(SendError::Timeout),
            }
        }
    }

    /// Over a kept connection if there is one, which the app may close at the very moment that it is used. Then
    /// a request that was not written goes over the next, and one that may be repeated over a fresh one.
    async fn exchange(&self, route: &Arc<AppRoute>, request: Request<Body>) -> Result<Answer, SendError> {
        let mut request = request;
        while let Some(mut lease) = self.pool.find(route) {
            let again = repeatable(&request);
            let mut error = match lease.sender.try_send_request(request).await {
                Ok(response) => return Ok(Answer { response, lease }),
                Err(error) => error,
            };
            if let Some(unsent) = error.take_message() {
                request = unsent;
                continue;
            }
            request = again.ok_or_else(|| error.into_error())?;
            break;
        }
        let stream = connect::open(route.app.upstreams.first(), self.limits.connect_time, &self.own).await?;
        let mut lease = self.pool.adopt(route, stream).await?;
        let response = lease.sender.send_request(request).await?;
        Ok(Answer { response, lease })
    }
}

/// A copy of a request that may be sent twice: a read without a body (RFC 9110 §9.2.2).
fn repeatable(request: &Request<Body>) -> Option<Request<Body>> {
    let is_repeatable = request.method().is_safe() && request.body().is_end_stream();
    is_repeatable.then(|| {
        let mut again = Request::new(Body::default());
        again.method_mut().clone_from(request.method());
        again.uri_mut().clone_from(request.uri());
        again.headers_mut().clone_from(request.headers());
        again
    })
}
