//! What happened to one request, told once to a witness: when its answer has ended or broken off, when the client has
//! gone, or when its tunnel has closed.
//!
//! SECURITY: no query, cookie, token or other field value is kept here; what is never gathered is in no log.

mod connections;
mod watch;
mod words;

pub(crate) use connections::Connected;
pub use watch::Watch;
pub(crate) use watch::{Ending, Traffic};
pub use words::Words;

use crate::RequestId;
use access::{AppRoute, Snapshot};
use domain::Upstream;
use http::{Method, StatusCode, Version};
use std::{net::IpAddr, sync::Arc, time::Duration};

/// Is told what the gateway does. It is called on the threads that carry requests: it never waits.
pub trait Witness: Send + Sync {
    /// Whether it wants a request's [`Words`], which take a copy.
    fn keeps_words(&self) -> bool;

    /// A request is over; called once for each.
    fn saw(&self, seen: Seen);

    /// Something has opened that stays open.
    fn opened(&self, what: Open);

    /// It has closed.
    fn closed(&self, what: Open);
}

/// What is open for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Open {
    /// A client's connection, as long as it speaks HTTP.
    Connection,
    /// A connection that has become a tunnel.
    Tunnel,
}

/// What happened to one request.
#[derive(Debug)]
pub struct Seen {
    /// Its id.
    pub id: RequestId,
    /// The client's address, behind any trusted proxies.
    pub client: IpAddr,
    /// The method.
    pub method: Method,
    /// The version of HTTP that the client speaks.
    pub version: Version,
    /// What it asked for, where the witness wants it.
    pub words: Option<Words>,
    /// The app that its host leads to.
    pub route: Option<Arc<AppRoute>>,
    /// Which of the app's places has answered, the first being 0.
    pub upstream: Option<usize>,
    /// Whose credential it carried.
    pub snapshot: Option<Arc<Snapshot>>,
    /// What became of it.
    pub outcome: Outcome,
    /// What went wrong with the app, if anything did.
    pub failure: Option<&'static str>,
    /// The status of the answer, if there was one.
    pub status: Option<StatusCode>,
    /// Bytes of its body that were read.
    pub bytes_in: u64,
    /// Bytes of the answer's body that were written.
    pub bytes_out: u64,
    /// From its head to the end of the answer.
    pub duration: Duration,
    /// From its head to the answer's, less the wait for the app: what the door itself added.
    pub door: Duration,
    /// Whether it became a tunnel.
    pub is_tunnel: bool,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The app answered.
    Forwarded,
    /// Doorward answered for itself.
    Own,
    /// A proxy was told that it may pass.
    Checked,
    /// It was refused, with this code.
    Refused(&'static str),
    /// The answer broke off before its end.
    Cut,
    /// The door ended it, since the session, token, account or access behind it had ended.
    Ended,
    /// The client went away before the end of the answer.
    Gone,
}

impl Outcome {
    /// The stable name that programs tell it by.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Forwarded => "forwarded",
            Self::Own => "own",
            Self::Checked => "checked",
            Self::Refused(code) => code,
            Self::Cut => "cut",
            Self::Ended => "ended",
            Self::Gone => "gone",
        }
    }
}

impl Seen {
    /// The place that the app has answered at.
    pub fn place(&self) -> Option<&Upstream> {
        self.route.as_ref()?.app.upstreams.get(self.upstream?)
    }
}
