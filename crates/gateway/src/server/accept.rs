//! Connections as they come in, each handed to a worker with the slot that it takes.

use super::{Server, slots::Slots};
use crate::Peer;
use futures_util::FutureExt as _;
use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::OwnedSemaphorePermit,
    time::sleep,
};

/// How long to wait when the system has no more file descriptors or memory for a connection.
const PAUSE: Duration = Duration::from_millis(50);

/// Accepts connections until the listener is to close, and then those that wait in its queue already.
pub(super) async fn all(server: Arc<Server>, listener: TcpListener) {
    let slots = Slots::new(server.limits, server.trusted.clone());
    loop {
        let accepted = tokio::select! {
            accepted = one(&slots, &listener) => accepted,
            () = server.closing.cancelled() => break,
            () = server.shutdown.cancelled() => break,
        };
        let Some(accepted) = accepted else { return };
        admit(&server, &slots, accepted);
    }
    while let Some(Some(waiting)) = one(&slots, &listener).now_or_never() {
        admit(&server, &slots, waiting);
    }
}

type Accepted = (OwnedSemaphorePermit, TcpStream, SocketAddr);

/// The next connection. A slot first: beyond the limit, clients wait in the listener's queue.
async fn one(slots: &Arc<Slots>, listener: &TcpListener) -> Option<Accepted> {
    let free = slots.wait().await?;
    let (stream, address) = next(listener).await;
    Some((free, stream, address))
}

/// Serves a connection, unless its network has as many as one may.
fn admit(server: &Arc<Server>, slots: &Arc<Slots>, (free, stream, address): Accepted) {
    let Some(slot) = slots.admit(free, address.ip()) else {
        tracing::debug!(%address, "closed at once: its network has as many connections as one may");
        return;
    };
    let peer = Peer { slot: Some(Arc::new(slot)), ..Peer::at(address) };
    hand_over(server, stream, peer);
}

/// Leaves the connection to one of the workers, on whose runtime all of it happens from here on.
fn hand_over(server: &Arc<Server>, stream: TcpStream, peer: Peer) {
    let server_there = Arc::clone(server);
    let serve = move |stream: std::net::TcpStream| async move {
        match TcpStream::from_std(stream) {
            Ok(stream) => server_there.connection(stream, peer).await,
            Err(error) => tracing::debug!(%error, "a connection was lost on its way to a worker"),
        }
    };
    match stream.into_std() {
        Ok(stream) => server.workers.run(move || serve(stream)),
        Err(error) => tracing::debug!(%error, "a connection was lost on its way to a worker"),
    }
}

/// The next connection, whatever goes wrong with others.
async fn next(listener: &TcpListener) -> (TcpStream, SocketAddr) {
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
