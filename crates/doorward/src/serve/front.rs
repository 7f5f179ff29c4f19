//! Tells the home host from the apps' hosts.

use super::Wired;
use axum::Router;
use domain::Entropy;
use futures_util::future::BoxFuture;
use gateway::{Body, Front, Gateway, Peer, RequestId, TrustedProxies};
use http::{Request, Response};
use hyper::body::Incoming;
use std::sync::Arc;
use tower::ServiceExt as _;
use web::{Client, Door};

/// The home host's pages and REST, and the gateway for every other host.
pub(super) struct HostFront {
    home_host: String,
    home: Router,
    gateway: Gateway,
    trusted: TrustedProxies,
    entropy: Arc<dyn Entropy>,
}

impl HostFront {
    pub(super) fn new(wired: &Wired, gateway: Gateway, trusted: TrustedProxies) -> Self {
        let home_host = wired.desk.home().host().to_owned();
        let home = web::home::router(wired.desk.clone());
        Self { home_host, home, gateway, trusted, entropy: Arc::clone(&wired.entropy) }
    }

    /// A host that is named in two ways, or not at all, is nobody's: the gateway refuses it.
    fn is_home(&self, request: &Request<Incoming>) -> bool {
        let named = gateway::named_host(request.version(), request.uri(), request.headers());
        named.is_ok_and(|host| host == self.home_host)
    }

    async fn at_home(&self, peer: Peer, mut request: Request<Incoming>) -> Response<Body> {
        let address = self.trusted.client(peer.address, request.headers()).address;
        let id = RequestId::new(&*self.entropy);
        let client = Client { address: Some(address), request: id.text(), door: Door::Network };
        request.extensions_mut().insert(client);
        let answered = self.home.clone().oneshot(request.map(axum::body::Body::new)).await;
        answered.unwrap_or_else(|never| match never {}).map(Body::new)
    }
}

impl Front for HostFront {
    fn call(&self, peer: Peer, request: Request<Incoming>) -> BoxFuture<'_, Response<Body>> {
        Box::pin(async move {
            let is_home = self.is_home(&request);
            if is_home && gateway::asks_forward_auth(&request) {
                self.gateway.forward_auth(&peer, request.into_parts().0).await
            } else if is_home {
                self.at_home(peer, request).await
            } else {
                self.gateway.handle(peer, request).await
            }
        })
    }
}
