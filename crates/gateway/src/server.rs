//! The listener: connections in, each served until it closes, becomes a tunnel, or the shutdown drains it.
//!
//! What a connection may take is counted in `slots.rs`; what is spoken on it is found out in `connection.rs`: HTTP/1.1,
//! or with a certificate TLS, and within it what both sides prefer.

mod accept;
mod connection;
mod http1;
mod http2;
mod slots;
mod tls;

pub(crate) use slots::Slot;
pub use tls::{Tls, TlsError, TlsFiles};

use crate::{Body, Limits, Peer, TrustedProxies, Witness, Workers};
use futures_util::future::BoxFuture;
use http::{Request, Response};
use hyper::body::Incoming;
use std::sync::{Arc, atomic::AtomicBool};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Whatever answers requests; the binary tells the home host from the apps' here.
pub trait Front: Send + Sync + 'static {
    /// Answers one request.
    fn call(&self, peer: Peer, request: Request<Incoming>) -> BoxFuture<'_, Response<Body>>;

    /// Who is told of connections that open and close.
    fn witness(&self) -> Option<&Arc<dyn Witness>> {
        None
    }
}

/// Serves a listener.
pub struct Server {
    /// Answers the requests.
    pub front: Arc<dyn Front>,
    /// The certificate, where TLS is spoken; without it, plain HTTP is.
    pub tls: Option<Arc<Tls>>,
    /// The proxies that may bring more connections than one network may.
    pub trusted: TrustedProxies,
    /// How much of everything a client may take.
    pub limits: Limits,
    /// The threads that serve the connections.
    pub workers: Arc<Workers>,
    /// Owns a task for each connection, and over HTTP/2 one for each request.
    pub tasks: TaskTracker,
    /// Set when the shutdown is near: answers over HTTP/1.1 close their connections from then on, so that a load
    /// balancer keeps none to a program that will be gone.
    pub leaving: Arc<AtomicBool>,
    /// Closes the listener when it fires, once what waits in its queue has been accepted; so does the shutdown.
    pub closing: CancellationToken,
    /// Closes every connection when its requests are answered.
    pub shutdown: CancellationToken,
}

impl Server {
    /// Accepts connections until the listener is to close; those under way are then in the hands of the task tracker.
    pub async fn serve(self, listener: TcpListener) {
        accept::all(Arc::new(self), listener).await;
    }
}
