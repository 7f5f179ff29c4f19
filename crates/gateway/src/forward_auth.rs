//! Forward auth: another proxy describes a request and is told whether it may pass, and as whom (`security.md` 11).
//!
//! The same steps as the pipeline's, up to the app. INVARIANT: only trusted proxies are answered, and an answer that
//! lets a request pass holds every field that tells the app who asks or that may carry a credential of ours, so that
//! whatever the client wrote there is overwritten.

mod answer;
mod described;

use crate::{
    Asked, Body, Gateway, Peer, Refusal, changes, host,
    own_path::{self, Owner},
};
use access::IdentityHeaders;
use described::Question;
use http::{Method, Request, Response, request::Parts};
use std::sync::Arc;

/// Where a proxy asks that describes the request in `X-Forwarded-…` fields.
const PATH: &str = "/api/v1/forward-auth";

/// What Envoy's `ext_authz` puts before the path of the request that it asks about, at the app's own host.
///
/// It lies below `/.doorward/`, which is Doorward's on every app's host: where Envoy is set up wrongly, its question
/// is refused, and never taken for a request that the app answers.
const ENVOY_PREFIX: &str = "/.doorward/forward-auth";

/// How a proxy asks, and so how it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// It hands what is no 2xx on to the client: Caddy, Traefik, `HAProxy`.
    HandsOn,
    /// It knows no redirect, only 401: nginx.
    StatusAlone,
    /// It sends method, host and path as they are, after a prefix, and can be told what to remove: Envoy.
    Envoy,
}

/// Whether a request at the home host is a proxy's question.
pub fn asks_forward_auth<B>(request: &Request<B>) -> bool {
    let is_read = *request.method() == Method::GET || *request.method() == Method::HEAD;
    is_read && request.uri().path() == PATH
}

impl Gateway {
    /// Whether a request at any other host is a proxy's question: Envoy's, or one of a proxy that names Doorward by
    /// its address.
    pub(crate) fn is_asked_by_proxy<B>(&self, peer: &Peer, request: &Request<B>) -> bool {
        let rest = request.uri().path().strip_prefix(ENVOY_PREFIX);
        if rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
            return true;
        }
        let is_app = |host: &str| self.access.find_app(host).is_some();
        asks_forward_auth(request)
            && self.trusted.contains(peer.address.ip())
            && host::named(request.version(), request.uri(), request.headers())
                .is_ok_and(|host| !is_app(&host))
    }

    /// Answers whether the request that a proxy describes may pass.
    pub async fn forward_auth(&self, peer: &Peer, head: Parts) -> Response<Body> {
        let mut asked = self.asked(peer, head);
        let question = match self.read(peer, &mut asked) {
            Ok(question) => question,
            Err(refusal) => {
                described::want_no_page(&mut asked);
                let response = self.refuse(&refusal, &mut asked, Manner::HandsOn).await;
                return asked.watch.answered(response);
            }
        };
        asked.watch.is_about(asked.client.address, &asked.head);
        let response = match self.check(&mut asked).await {
            Ok(identity) => answer::pass(&asked, &identity, &question),
            Err(refusal) => self.refuse(&refusal, &mut asked, question.manner).await,
        };
        asked.watch.answered(response)
    }

    fn read(&self, peer: &Peer, asked: &mut Asked) -> Result<Question, Refusal> {
        if !self.trusted.contains(peer.address.ip()) {
            return Err(Refusal::UntrustedProxy);
        }
        described::read(asked).inspect_err(|refusal| {
            tracing::warn!(request = %asked.id, proxy = %peer.address.ip(), ?refusal, "a proxy asked wrongly");
        })
    }

    async fn check(&self, asked: &mut Asked) -> Result<Arc<IdentityHeaders>, Refusal> {
        let route = self.find_route(asked).await?;
        match own_path::owner(asked.head.uri.path()) {
            // SECURITY: the proxy sends on what it has been sent, with what this gateway would have taken out.
            Owner::App if changes::asks_for_another(asked, &route) => Err(Refusal::BadRequest(
                "a rule looks at the method and path: a field that asks for another is not passed on",
            )),
            Owner::App => self.admit(asked, &route).await,
            // The proxy leads these paths here: an app that got them could answer in Doorward's place.
            Owner::Doorward | Owner::Unclear => Err(Refusal::NotFound),
        }
    }

    async fn refuse(&self, refusal: &Refusal, asked: &mut Asked, manner: Manner) -> Response<Body> {
        asked.watch.refused(refusal);
        tracing::debug!(request = %asked.id, code = refusal.code(), "refused, as a proxy asked");
        let mut response = match (refusal, manner, &asked.route) {
            (Refusal::SignIn, Manner::StatusAlone, Some(route)) if asked.is_navigation() => {
                answer::sign_in_at(&route.origin, asked.target())
            }
            _ => answer::found(self.faces.refuse(refusal, asked).await),
        };
        crate::answer::name(&mut response, asked);
        crate::answer::complete(&mut response, refusal, asked);
        response
    }
}
