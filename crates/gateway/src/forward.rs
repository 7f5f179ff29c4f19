//! The last steps of the pipeline: the request goes to the app, and its answer comes back.

use crate::{
    Asked, Body, Gateway, Peer, Refusal, answer,
    body::{self, Progress, Upload},
    framing, outgoing, quota,
    streams::{Guarded, Standing, Stream},
    tunnel::Tunnel,
    upstream::{Again, Answer},
};
use access::{AppRoute, IdentityHeaders};
use futures_util::FutureExt as _;
use http::{HeaderValue, Request, Response, StatusCode, header::TRANSFER_ENCODING};
use http_body::Body as _;
use hyper::{body::Incoming, upgrade::OnUpgrade};
use std::sync::Arc;

impl Gateway {
    /// Sends the request to the app, with `body`, and gives its answer, less what is not for the client.
    pub(crate) async fn forward(
        &self,
        asked: &mut Asked,
        (route, identity): (&Arc<AppRoute>, &IdentityHeaders),
        peer: Peer,
        body: Incoming,
    ) -> Result<Response<Body>, Refusal> {
        let standing = Standing::of(asked, route);
        let request = Request::from_parts(outgoing::head(asked, identity, route), body);
        let body = (self.streams.stream(standing.clone()), framing::may_have_trailers(&asked.head));
        let (request, progress) = upload(request, body, quota::body_bytes(&self.limits, route))?;
        if let Some(progress) = &progress {
            asked.watch.uploads(progress);
        }
        asked.watch.waits();
        let sent = {
            let asked = &*asked;
            let copy = || self.copy(asked, identity, route);
            let is_good = || standing.is_good(&self.access).boxed();
            let again = Again { copy: &copy, is_good: &is_good };
            self.upstreams.send(route, (request, again), progress.as_deref()).await
        };
        asked.watch.has_waited();
        let mut answer = sent.map_err(|error| {
            asked.watch.failed(error.kind());
            let cause = std::error::Error::source(&error);
            tracing::warn!(request = %asked.id, app = %route.app.name, %error, cause, "an app did not answer");
            error
        })?;
        asked.watch.to(answer.upstream(route));
        self.check_standing(&standing).await?;
        if answer.response.status() == StatusCode::SWITCHING_PROTOCOLS {
            return self.switch(asked, peer, answer, self.streams.stream(standing));
        }
        if asked.is_web_socket() {
            answer.lease.spend();
        }
        let mut response = answer.into_response(self.streams.stream(standing));
        answer::clean(response.headers_mut());
        Ok(response)
    }

    /// The request without a body once more, with an assertion that is still fresh.
    fn copy(&self, asked: &Asked, identity: &IdentityHeaders, route: &AppRoute) -> Request<Body> {
        let told = asked.snapshot.as_ref().filter(|_| !identity.fields().is_empty());
        let fresh = told.map(|who| self.access.identity_headers(who, route));
        let head = outgoing::head(asked, fresh.as_deref().unwrap_or(identity), route);
        Request::from_parts(head, Body::default())
    }

    /// SECURITY: the app may have taken its time, in which what the request rests on has ended: then nobody is to read
    /// what it says (`security.md` 4).
    async fn check_standing(&self, standing: &Standing) -> Result<(), Refusal> {
        if standing.is_good(&self.access).await { Ok(()) } else { Err(Refusal::Ended) }
    }

    /// Opens a tunnel, if the client has asked for one: an app that switches unasked is not understood.
    fn switch(
        &self,
        asked: &mut Asked,
        peer: Peer,
        answer: Answer,
        stream: Stream,
    ) -> Result<Response<Body>, Refusal> {
        let Answer { mut response, lease } = answer;
        let client = asked.is_web_socket().then(|| asked.head.extensions.remove::<OnUpgrade>()).flatten();
        let Some(client) = client else { return Err(Refusal::BadGateway) };
        let app = hyper::upgrade::on(&mut response);
        let (watch, traffic) = asked.watch.tunnel();
        let tunnel = Tunnel { client, app, peer, stream, watch, traffic };
        let tunnel = tunnel.run(self.limits, self.shutdown.clone());
        let turn = lease.let_go();
        self.tasks.spawn(tunnel.map(|()| drop(turn)));
        answer::clean(response.headers_mut());
        answer::switch_protocols(response.headers_mut());
        Ok(response.map(|_| Body::default()))
    }
}

/// Makes the client's body one that is counted on its way.
///
/// A body of unknown length is announced as such, for otherwise none is sent with a `GET`.
fn upload(
    request: Request<Incoming>,
    (stream, may_have_trailers): (Stream, bool),
    longest: Option<u64>,
) -> Result<(Request<Body>, Option<Arc<Progress>>), Refusal> {
    let (mut head, body) = request.into_parts();
    if body.is_end_stream() {
        return Ok((Request::from_parts(head, Body::default()), None));
    }
    let size = body.size_hint();
    if longest.is_some_and(|most| size.lower() > most) {
        return Err(Refusal::TooLarge);
    }
    if size.exact().is_none() {
        head.headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    }
    let is_held = body::is_expected(&head.headers);
    let mut upload = Upload::new(Guarded::upload(body, stream), longest, may_have_trailers);
    if is_held {
        upload.hold_back();
    }
    let progress = upload.progress();
    let mut request = Request::from_parts(head, Body::upload(upload));
    if is_held {
        let_pass_at_continue(&mut request, &progress);
    }
    Ok((request, Some(progress)))
}

/// The app's `100 Continue` lets the body pass, upon which the client is told the same.
fn let_pass_at_continue(request: &mut Request<Body>, progress: &Arc<Progress>) {
    let progress = Arc::clone(progress);
    hyper::ext::on_informational(request, move |answer| {
        if answer.status() == StatusCode::CONTINUE {
            progress.let_pass();
        }
    });
}
