//! The listener: connections in, each served until it closes, becomes a tunnel, or the shutdown drains it.

use crate::{Body, Limits, Peer, client_stream::ClientStream};
use futures_util::future::BoxFuture;
use http::{Request, Response};
use hyper::{body::Incoming, server::conn::http1::Builder, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{
    convert::Infallible,
    error::Error,
    io::{self, ErrorKind},
    net::SocketAddr,
    pin::pin,
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long to wait when the system has no more file descriptors or memory for a connection.
const PAUSE: Duration = Duration::from_millis(50);

/// Whatever answers requests; the binary tells the home host from the apps' here.
pub trait Front: Send + Sync + 'static {
    /// Answers one request.
    fn call(&self, peer: Peer, request: Request<Incoming>) -> BoxFuture<'_, Response<Body>>;
}

/// Serves a listener.
pub struct Server {
    /// Answers the requests.
    pub front: Arc<dyn Front>,
    /// How much of everything a client may take.
    pub limits: Limits,
    /// Owns a task for each connection.
    pub tasks: TaskTracker,
    /// Closes the listener when it fires, and every connection when its request is answered.
    pub shutdown: CancellationToken,
}

impl Server {
    /// Accepts connections until the shutdown; those under way are then in the hands of the task tracker.
    pub async fn serve(self, listener: TcpListener) {
        let slots = Arc::new(Semaphore::new(self.limits.connections));
        let server = Arc::new(self);
        let accepting = async {
            // A slot first: beyond the limit, clients wait in the listener's queue.
            while let Ok(slot) = Arc::clone(&slots).acquire_owned().await {
                let (stream, address) = accept(&listener).await;
                let peer = Peer { address, slot: Some(Arc::new(slot)) };
                server.tasks.spawn(Arc::clone(&server).connection(stream, peer));
            }
        };
        server.shutdown.run_until_cancelled(accepting).await;
    }

    async fn connection(self: Arc<Self>, stream: TcpStream, peer: Peer) {
        if let Err(error) = self.converse(stream, peer).await {
            tracing::debug!(%error, "a client's connection broke");
        }
    }

    async fn converse(&self, stream: TcpStream, peer: Peer) -> Result<(), Box<dyn Error + Send + Sync>> {
        stream.set_nodelay(true)?;
        let front = &self.front;
        let service = service_fn(move |request| {
            let (front, peer) = (Arc::clone(front), peer.clone());
            async move { Ok::<_, Infallible>(front.call(peer, request).await) }
        });
        let stream = TokioIo::new(ClientStream::new(stream, &self.limits));
        let mut connection = pin!(self.http().serve_connection(stream, service).with_upgrades());
        if let Some(ended) = self.shutdown.run_until_cancelled(connection.as_mut()).await {
            return Ok(ended?);
        }
        connection.as_mut().graceful_shutdown();
        Ok(timeout(self.limits.drain_time, connection).await??)
    }

    /// HTTP/1.1 within the limits; the time for a head also ends connections that lie idle.
    fn http(&self) -> Builder {
        let mut http = Builder::new();
        http.timer(TokioTimer::new())
            .half_close(true)
            .header_read_timeout(self.limits.header_time)
            .max_headers(self.limits.header_fields)
            .max_buf_size(self.limits.header_bytes)
            .max_header_size(self.limits.header_bytes);
        http
    }
}

/// The next connection, whatever goes wrong with others.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "no connection could be accepted");
                sleep(PAUSE).await;
            }
        }
    }
}

/// Whether the client went away before it was accepted, as opposed to the system having no room for more.
fn is_of_one_connection(error: &io::Error) -> bool {
    use ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
