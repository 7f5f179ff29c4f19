//! The app behind Doorward's own server: TLS, limits, access log and figures as at the gateway.

use axum::{Router, body::Body as AppBody};
use futures_util::future::BoxFuture;
use gateway::{Body, Front, Peer, Place, REQUEST_ID, RequestIds, TrustedProxies, Watch, Witness};
use http::{Request, Response};
use hyper::body::Incoming;
use std::sync::Arc;
use tower::ServiceExt as _;
use web::{Client, Door, Noted};

/// Answers every request with the app's router.
pub(super) struct AppFront {
    router: Router,
    trusted: TrustedProxies,
    ids: RequestIds,
    witness: Arc<dyn Witness>,
}

impl AppFront {
    pub(super) fn new(router: Router, ids: RequestIds, place: &Place) -> Self {
        Self { router, ids, trusted: place.trusted.clone(), witness: Arc::clone(&place.witness) }
    }

    async fn answer(&self, peer: Peer, request: Request<Incoming>) -> Response<Body> {
        let (mut head, body) = request.into_parts();
        let address = self.trusted.client(peer.address, &head.headers).address;
        let id = self.ids.next();
        let mut watch = Watch::begin(&self.witness, &id, address, &head);
        watch.own();
        let body = AppBody::new(watch.count(body));
        let noted = Noted::default();
        head.extensions.insert(Client { address: Some(address), request: id.text(), door: Door::Network });
        head.extensions.insert(noted.clone());
        let answered = self.router.clone().oneshot(Request::from_parts(head, body)).await;
        let mut response = answered.unwrap_or_else(|never| match never {}).map(Body::new);
        if let Some(who) = noted.who() {
            watch.by(who);
        }
        response.headers_mut().insert(REQUEST_ID, id.header());
        watch.answered(response)
    }
}

impl Front for AppFront {
    fn call(&self, peer: Peer, request: Request<Incoming>) -> BoxFuture<'_, Response<Body>> {
        Box::pin(self.answer(peer, request))
    }

    fn witness(&self) -> Option<&Arc<dyn Witness>> {
        Some(&self.witness)
    }
}
