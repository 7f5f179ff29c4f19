//! The eye on one request, from its head to the end of its answer.
//!
//! INVARIANT: whatever way a request ends, its watch is dropped, and dropping it tells the witness once.

use super::{Open, Outcome, Seen, Witness, Words};
use crate::{Body, Refusal, RequestId, body::Progress};
use access::{AppRoute, Snapshot};
use bytes::Bytes;
use http::{Method, Response, StatusCode, request::Parts};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use std::{
    fmt,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::time::Instant;

/// The eye on one request; the default one watches nothing.
#[derive(Default)]
pub struct Watch(Option<Watching>);

struct Watching {
    seen: Seen,
    witness: Arc<dyn Witness>,
    began: Instant,
    /// What the outcome will be once there is an answer.
    decided: Outcome,
    waited: Duration,
    waits_since: Option<Instant>,
    upload: Option<Arc<Progress>>,
    traffic: Option<Arc<Traffic>>,
}

/// How an answer's body has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It was passed on to its end.
    Whole,
    /// Whoever makes it has failed.
    Broken,
    /// The session, token, account or access behind it has ended.
    Ended,
}

/// Bytes that went through a tunnel.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    pub(crate) bytes_in: AtomicU64,
    pub(crate) bytes_out: AtomicU64,
}

impl Watch {
    /// Begins when a request's head has been read.
    pub fn begin(witness: &Arc<dyn Witness>, id: &RequestId, client: IpAddr, head: &Parts) -> Self {
        let seen = Seen {
            id: id.clone(),
            client,
            method: head.method.clone(),
            version: head.version,
            words: witness.keeps_words().then(|| Words::of(head)),
            route: None,
            upstream: None,
            snapshot: None,
            outcome: Outcome::Gone,
            failure: None,
            status: None,
            bytes_in: 0,
            bytes_out: 0,
            duration: Duration::ZERO,
            door: Duration::ZERO,
            is_tunnel: false,
        };
        Self(Some(Watching {
            seen,
            witness: Arc::clone(witness),
            began: Instant::now(),
            decided: Outcome::Forwarded,
            waited: Duration::ZERO,
            waits_since: None,
            upload: None,
            traffic: None,
        }))
    }

    /// The request is for this app.
    pub fn at(&mut self, route: &Arc<AppRoute>) {
        self.note(|watching| watching.seen.route = Some(Arc::clone(route)));
    }

    /// This is who asks.
    pub fn by(&mut self, snapshot: &Arc<Snapshot>) {
        self.note(|watching| watching.seen.snapshot = Some(Arc::clone(snapshot)));
    }

    /// Doorward answers for itself.
    pub fn own(&mut self) {
        self.note(|watching| watching.decided = Outcome::Own);
    }

    /// A request's body that is counted on its way to Doorward itself.
    pub fn count(&mut self, body: Incoming) -> Body {
        if body.is_end_stream() {
            return Body::default();
        }
        let progress = Arc::<Progress>::default();
        self.uploads(&progress);
        Body::new(body.map_frame(move |frame| {
            progress.count(frame.data_ref().map_or(0, Bytes::len));
            frame
        }))
    }

    /// The request is a proxy's question about this other one.
    pub(crate) fn is_about(&mut self, client: IpAddr, head: &Parts) {
        self.note(|watching| {
            watching.decided = Outcome::Checked;
            watching.seen.client = client;
            watching.seen.method = head.method.clone();
            watching.seen.words = watching.witness.keeps_words().then(|| Words::of(head));
        });
    }

    pub(crate) fn refused(&mut self, refusal: &Refusal) {
        self.note(|watching| watching.decided = Outcome::Refused(refusal.code()));
    }

    /// The answer comes from this one of the app's places.
    pub(crate) fn to(&mut self, upstream: Option<usize>) {
        self.note(|watching| watching.seen.upstream = upstream);
    }

    /// The app failed in this way.
    pub(crate) fn failed(&mut self, kind: Option<&'static str>) {
        self.note(|watching| watching.seen.failure = kind);
    }

    /// The request's body is counted here.
    pub(crate) fn uploads(&mut self, progress: &Arc<Progress>) {
        self.note(|watching| watching.upload = Some(Arc::clone(progress)));
    }

    /// From now on the time is the app's and not the door's.
    pub(crate) fn waits(&mut self) {
        self.note(|watching| watching.waits_since = Some(Instant::now()));
    }

    /// From now on it is the door's again.
    pub(crate) fn has_waited(&mut self) {
        self.note(Watching::stop_waiting);
    }

    /// The answer begins: gives it with a body that is watched to its end.
    pub fn answered(mut self, response: Response<Body>) -> Response<Body> {
        let status = response.status();
        self.note(|watching| watching.answer(status));
        if self.0.is_none() {
            return response;
        }
        response.map(|body| Body::watched(body, self))
    }

    /// The request has become a tunnel: gives the eye on it, and where its bytes are counted.
    pub(crate) fn tunnel(&mut self) -> (Self, Arc<Traffic>) {
        let traffic = Arc::new(Traffic::default());
        self.note(|watching| {
            watching.answer(StatusCode::SWITCHING_PROTOCOLS);
            watching.seen.is_tunnel = true;
            watching.traffic = Some(Arc::clone(&traffic));
            watching.witness.opened(Open::Tunnel);
        });
        (std::mem::take(self), traffic)
    }

    /// Whether the answer to the request has a body at all (RFC 9110 §6.4.1).
    pub(crate) fn has_body(&self) -> bool {
        self.0.as_ref().is_some_and(|watching| {
            let bare = [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED];
            watching.seen.method != Method::HEAD && !watching.seen.status.is_some_and(|s| bare.contains(&s))
        })
    }

    /// So many bytes of the answer went out.
    pub(crate) fn passed(&mut self, bytes: u64) {
        self.note(|watching| watching.seen.bytes_out = watching.seen.bytes_out.saturating_add(bytes));
    }

    /// The bytes that went out so far.
    pub(crate) fn bytes_out(&self) -> u64 {
        self.0.as_ref().map_or(0, |watching| watching.seen.bytes_out)
    }

    /// Tells the witness: the answer has ended so, or the client has gone.
    pub(crate) fn end(&mut self, ending: Option<Ending>) {
        if let Some(watching) = self.0.take() {
            watching.tell(ending);
        }
    }

    fn note(&mut self, note: impl FnOnce(&mut Watching)) {
        if let Some(watching) = &mut self.0 {
            note(watching);
        }
    }
}

impl Watching {
    fn stop_waiting(&mut self) {
        if let Some(since) = self.waits_since.take() {
            self.waited = self.waited.saturating_add(since.elapsed());
        }
    }

    fn answer(&mut self, status: StatusCode) {
        self.seen.outcome = self.decided;
        self.seen.status = Some(status);
        self.seen.door = self.began.elapsed().saturating_sub(self.waited);
    }

    fn tell(mut self, ending: Option<Ending>) {
        self.stop_waiting();
        let duration = self.began.elapsed();
        let seen = &mut self.seen;
        seen.duration = duration;
        if seen.status.is_none() {
            seen.door = duration.saturating_sub(self.waited);
        }
        seen.outcome = match (seen.outcome, ending) {
            (Outcome::Forwarded | Outcome::Own, Some(Ending::Broken)) => Outcome::Cut,
            (Outcome::Forwarded | Outcome::Own, Some(Ending::Ended)) => Outcome::Ended,
            (Outcome::Forwarded | Outcome::Own, None) if !seen.is_tunnel => Outcome::Gone,
            (outcome, _) => outcome,
        };
        if seen.outcome == Outcome::Cut && seen.upstream.is_some() {
            seen.failure = Some("cut");
        }
        seen.bytes_in = self.upload.as_ref().map_or(0, |upload| upload.bytes());
        if let Some(traffic) = &self.traffic {
            seen.bytes_in = traffic.bytes_in.load(Ordering::Relaxed);
            seen.bytes_out = traffic.bytes_out.load(Ordering::Relaxed);
            self.witness.closed(Open::Tunnel);
        }
        self.witness.saw(self.seen);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.end(None);
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").finish_non_exhaustive()
    }
}
