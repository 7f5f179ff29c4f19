//! The gateway of a test's product, on a port of its own.
//!
//! Apps are known by the host that a request names, so that one port serves them all.

use super::TestApp;
use domain::FixedEntropy;
use futures_util::future::BoxFuture;
use gateway::{Body, Front, Gateway, Limits, Peer, Place, Server, TrustedProxies};
use http::{Request, Response};
use hyper::body::Incoming;
use std::{net::SocketAddr, sync::Arc};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

/// A gateway that serves until it is dropped.
pub struct Gate {
    address: SocketAddr,
    _shutdown: DropGuard,
}

struct Apps(Gateway);

impl Front for Apps {
    fn call(&self, peer: Peer, request: Request<Incoming>) -> BoxFuture<'_, Response<Body>> {
        Box::pin(self.0.handle(peer, request))
    }
}

impl Gate {
    /// Puts the gateway before the apps of `app`.
    pub async fn before(app: &TestApp) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("the port");
        let (limits, tasks, shutdown) = (Limits::default(), TaskTracker::new(), CancellationToken::new());
        let place = Place {
            trusted: TrustedProxies::default(),
            own: vec![address],
            limits,
            tasks: tasks.clone(),
            shutdown: shutdown.clone(),
        };
        let entropy = Arc::new(FixedEntropy::new(11));
        let front = Arc::new(Apps(crate::serve::gateway(&app.desk, entropy, place)));
        let server = Server {
            front,
            tls: None,
            trusted: TrustedProxies::default(),
            limits,
            tasks: tasks.clone(),
            shutdown: shutdown.clone(),
        };
        tasks.spawn(server.serve(listener));
        Self { address, _shutdown: shutdown.drop_guard() }
    }

    /// Sends a request of these lines over a connection of its own, and gives all that comes back.
    pub async fn say(&self, lines: &[&str]) -> String {
        let request = format!("{}\r\nConnection: close\r\n\r\n", lines.join("\r\n"));
        let mut stream = TcpStream::connect(self.address).await.expect("the gateway listens");
        stream.write_all(request.as_bytes()).await.expect("the gateway takes it");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("the gateway answers");
        String::from_utf8_lossy(&answer).into_owned()
    }
}
