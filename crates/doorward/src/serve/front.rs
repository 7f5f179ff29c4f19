//! Tells the home host from the apps' hosts.

use super::Wired;
use access::Access;
use axum::Router;
use futures_util::future::BoxFuture;
use gateway::{Body, Front, Gateway, Peer, REQUEST_ID, RequestIds, TrustedProxies, Watch, Witness};
use http::{Request, Response};
use hyper::body::Incoming;
use std::sync::Arc;
use tower::ServiceExt as _;
use web::{Client, Door, Noted};

/// The home host's pages and REST, and the gateway for every other host.
pub(super) struct HostFront {
    home_host: String,
    home: Router,
    gateway: Gateway,
    trusted: TrustedProxies,
    ids: RequestIds,
    access: Arc<Access>,
    witness: Arc<dyn Witness>,
}

impl HostFront {
    pub(super) fn new(
        wired: &Wired,
        gateway: Gateway,
        (trusted, witness): (TrustedProxies, Arc<dyn Witness>),
    ) -> Self {
        let home_host = wired.desk.home().host().to_owned();
        let home = web::home::router(wired.desk.clone());
        let ids = RequestIds::of(Arc::clone(&wired.entropy));
        let access = Arc::clone(&wired.desk.access);
        Self { home_host, home, gateway, trusted, ids, access, witness }
    }

    /// A host that is named in two ways, or not at all, is nobody's: the gateway refuses it.
    fn is_home(&self, request: &Request<Incoming>) -> bool {
        let named = gateway::named_host(request.version(), request.uri(), request.headers());
        named.is_ok_and(|host| host == self.home_host)
    }

    /// The figures are there for programs on this machine by any name that it has, unless an app has the name.
    fn is_for_figures(&self, peer: &Peer, request: &Request<Incoming>) -> bool {
        let host = gateway::named_host(request.version(), request.uri(), request.headers());
        web::is_for_loopback(request)
            && peer.address.ip().to_canonical().is_loopback()
            && host.is_ok_and(|host| self.access.find_app(&host).is_none())
    }

    /// Load balancers ask whether the program is well by any name that it has, unless an app has the name.
    fn is_probe(&self, request: &Request<Incoming>) -> bool {
        let host = gateway::named_host(request.version(), request.uri(), request.headers());
        matches!(request.uri().path(), "/healthz" | "/readyz")
            && host.is_ok_and(|host| self.access.find_app(&host).is_none())
    }

    async fn at_home(&self, peer: Peer, request: Request<Incoming>) -> Response<Body> {
        let (mut head, body) = request.into_parts();
        let address = self.trusted.client(peer.address, &head.headers).address;
        let id = self.ids.next();
        let mut watch = Watch::begin(&self.witness, &id, address, &head);
        watch.own();
        let body = axum::body::Body::new(watch.count(body));
        let noted = Noted::default();
        head.extensions.insert(Client { address: Some(address), request: id.text(), door: Door::Network });
        head.extensions.insert(noted.clone());
        let answered = self.home.clone().oneshot(Request::from_parts(head, body)).await;
        let mut response = answered.unwrap_or_else(|never| match never {}).map(Body::new);
        if let Some(who) = noted.who() {
            watch.by(who);
        }
        response.headers_mut().insert(REQUEST_ID, id.header());
        watch.answered(response)
    }
}

impl Front for HostFront {
    fn call(&self, peer: Peer, request: Request<Incoming>) -> BoxFuture<'_, Response<Body>> {
        let is_home = self.is_home(&request);
        if is_home && gateway::asks_forward_auth(&request) {
            let (head, _) = request.into_parts();
            Box::pin(async move { self.gateway.forward_auth(&peer, head).await })
        } else if is_home || self.is_for_figures(&peer, &request) || self.is_probe(&request) {
            Box::pin(self.at_home(peer, request))
        } else {
            Box::pin(self.gateway.handle(peer, request))
        }
    }

    fn witness(&self) -> Option<&Arc<dyn Witness>> {
        Some(&self.witness)
    }
}
