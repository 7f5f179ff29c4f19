//! The way to the apps: a place is chosen, a connection to it taken or made, and one request sent over it.

mod attempt;
mod checks;
mod choice;
mod connect;
mod connection;
mod download;
mod framing;
mod health;
mod outbound;
mod place;
mod pool;

pub(crate) use download::Download;
pub use outbound::{Outbound, OutboundError};
pub(crate) use place::Turn;

use crate::{Body, Limits, Refusal, body::Progress};
use access::{Access, AppRoute};
pub(crate) use attempt::Again;
use attempt::{Failed, exchange_over, repeat};
use choice::Places;
use connection::Connection;
use domain::Upstream;
use http::{Method, Request, Response};
use hyper::body::Incoming;
use pool::{Lease, Pool};
use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::time::timeout;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The way to the apps.
pub(crate) struct Upstreams {
    places: Arc<Places>,
    pool: Arc<Pool>,
    limits: Limits,
    own: Arc<[SocketAddr]>,
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
    #[error("the end of the app's answer can be read in two ways")]
    Framing,
}

impl SendError {
    /// The stable name that metrics tell the app's failure by; nothing where the app is not to blame.
    pub(crate) const fn kind(&self) -> Option<&'static str> {
        match self {
            Self::Connect(_) => Some("connect"),
            Self::Forbidden => Some("forbidden"),
            Self::Loop => Some("loop"),
            Self::Timeout => Some("timeout"),
            Self::Broken(_) | Self::Framing => Some("broken"),
            Self::TooLarge | Self::Unreadable | Self::Ended => None,
        }
    }
}

impl From<SendError> for Refusal {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Connect(_) | SendError::Forbidden | SendError::Broken(_) | SendError::Framing => {
                Self::BadGateway
            }
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

impl Answer {
    /// Which of the route's places it comes from.
    pub(crate) fn upstream(&self, route: &AppRoute) -> Option<usize> {
        let place = self.lease.turn.place();
        let is_it = |upstream: &Upstream| match upstream {
            Upstream::Http { host, port } => *host == *place.host && *port == place.port,
            Upstream::Sample => false,
        };
        route.app.upstreams.iter().position(is_it)
    }
}

impl Upstreams {
    /// No connections yet. `own` are this gateway's listeners, which no app may be at. A task of its own follows
    /// the apps that `access` knows.
    pub(crate) fn new(
        limits: Limits,
        own: Vec<SocketAddr>,
        (access, tasks, shutdown): (Arc<Access>, TaskTracker, CancellationToken),
    ) -> Self {
        let (places, own) = (Arc::<Places>::default(), own.into());
        let checks = checks::follow(access, Arc::clone(&places), Arc::clone(&own));
        tasks.spawn(shutdown.clone().run_until_cancelled_owned(checks));
        Self { places, pool: Pool::start(limits, tasks, shutdown), limits, own }
    }

    /// Sends `request` to the app and waits for the head of its answer, as long as the request's body moves.
    pub(crate) async fn send(
        &self,
        route: &Arc<AppRoute>,
        (request, again): (Request<Body>, Again<'_>),
        progress: Option<&Progress>,
    ) -> Result<Answer, SendError> {
        let seconds = route.app.gate.limits.answer_seconds;
        let limit = seconds.map_or(self.limits.answer_time, |seconds| Duration::from_secs(seconds.into()));
        let mut answer = std::pin::pin!(self.exchange(route, request, again));
        loop {
            let frames = progress.map(Progress::frames);
            match timeout(limit, answer.as_mut()).await {
                Ok(Err(_)) if progress.is_some_and(Progress::is_too_large) => {
                    return Err(SendError::TooLarge);
                }
                Ok(Err(_)) if progress.is_some_and(Progress::is_unreadable) => {
                    return Err(SendError::Unreadable);
                }
                Ok(Err(_)) if progress.is_some_and(Progress::is_ended) => return Err(SendError::Ended),
                Ok(answered) => return answered.map(|answer| answer.to(progress)),
                Err(_) if frames != progress.map(Progress::frames) => {}
                Err(_) => return Err(SendError::Timeout),
            }
        }
    }

    /// Asks one place after the other, each at most once, for as long as that is safe.
    ///
    /// A request of which nothing was sent is safe. One that may have been sent goes to one other place, and only
    /// if it has no body and asks for the same however often it is made (RFC 9110 §9.2.2).
    async fn exchange(
        &self,
        route: &AppRoute,
        request: Request<Body>,
        again: Again<'_>,
    ) -> Result<Answer, SendError> {
        let choice = self.places.of(route).ok_or(SendError::Forbidden)?;
        let (mut request, mut may_repeat) = (request, choice.places().len() > 1);
        let (mut tried, mut last) = (Vec::new(), SendError::Forbidden);
        while let Some(turn) = choice.next(&tried) {
            let place = turn.place().id;
            let failed = match self.ask(turn, (request, again), may_repeat).await {
                Ok(answer) => return Ok(answer),
                Err(failed) => failed,
            };
            let Some(next) = failed.again else { return Err(failed.error) };
            // SECURITY: what the request rests on may have ended while the place was waited for (`security.md` 4).
            if !(again.is_good)().await {
                return Err(SendError::Ended);
            }
            tried.push(place);
            (request, last) = (next, failed.error);
            may_repeat &= !failed.was_sent;
        }
        Err(last)
    }

    /// Asks one place: over a kept connection if there is one, which the app may close at the very moment that it
    /// is used. Then a request that was not written goes over the next, and a read over a fresh one.
    async fn ask(
        &self,
        turn: Turn,
        (mut request, again): (Request<Body>, Again<'_>),
        may_repeat: bool,
    ) -> Result<Answer, Failed> {
        while let Some(mut connection) = self.pool.find(turn.place()) {
            let may_repeat = |method: &Method| method.is_safe() || may_repeat && method.is_idempotent();
            let repeat = repeat(&request, again, may_repeat);
            let unanswered = match exchange_over(&mut connection, request).await {
                Ok(response) => return Ok(self.answer(response, connection, turn)?),
                Err(unanswered) => unanswered,
            };
            match unanswered.again(repeat) {
                Failed { again: Some(unsent), was_sent: false, .. } => request = unsent,
                Failed { again: Some(_), .. } if !(again.is_good)().await => {
                    return Err(SendError::Ended.into());
                }
                Failed { again: Some(copy), .. } if copy.method().is_safe() => {
                    request = copy;
                    break;
                }
                failed => return Err(failed),
            }
        }
        Box::pin(self.ask_afresh(turn, (request, again), may_repeat)).await
    }

    /// Asks one place over a fresh connection, whose failing is a sign that nobody is there.
    async fn ask_afresh(
        &self,
        mut turn: Turn,
        (request, again): (Request<Body>, Again<'_>),
        may_repeat: bool,
    ) -> Result<Answer, Failed> {
        let mut connection = match self.connect(&turn).await {
            Ok(connection) => connection,
            Err(error) => {
                turn.failed();
                return Err(Failed { error, again: Some(request), was_sent: false });
            }
        };
        let again = repeat(&request, again, |method| may_repeat && method.is_idempotent());
        match exchange_over(&mut connection, request).await {
            Ok(response) => Ok(self.answer(response, connection, turn)?),
            Err(unanswered) => {
                if unanswered.is_app_gone() {
                    turn.failed();
                }
                Err(unanswered.again(again))
            }
        }
    }

    async fn connect(&self, turn: &Turn) -> Result<Connection, SendError> {
        let stream = connect::open(turn.place(), self.limits.connect_time, &self.own).await?;
        Ok(self.pool.adopt(stream).await?)
    }

    fn answer(
        &self,
        response: Response<Incoming>,
        connection: Connection,
        mut turn: Turn,
    ) -> Result<Answer, SendError> {
        turn.answered();
        framing::check(response.headers())?;
        let lease =
            Lease { connection, turn, may_linger: true, is_spent: false, pool: Arc::clone(&self.pool) };
        Ok(Answer { response, lease })
    }
}
