//! One connection: what is spoken on it, and by whom it is answered.

use super::{
    Server,
    tls::{Spoken, Tls},
};
use crate::{Peer, seen::Connected};
use std::{error::Error, sync::Arc};
use tokio::{net::TcpStream, time::timeout};

/// How a connection ended.
pub(super) type Ended = Result<(), Box<dyn Error + Send + Sync>>;

impl Server {
    /// Serves a connection to its end.
    pub(super) async fn connection(self: Arc<Self>, stream: TcpStream, peer: Peer) {
        let _connected = Connected::before(self.front.witness());
        if let Err(error) = self.converse(stream, peer).await {
            tracing::debug!(%error, "a client's connection broke");
        }
    }

    async fn converse(&self, stream: TcpStream, peer: Peer) -> Ended {
        stream.set_nodelay(true)?;
        match &self.tls {
            None => self.http1(stream, peer).await,
            // Apart, so that a connection in the clear takes no room for TLS.
            Some(tls) => Box::pin(self.converse_within_tls(tls, stream, peer)).await,
        }
    }

    /// SECURITY: whoever lets the handshake drag on would hold a slot for nothing.
    async fn converse_within_tls(&self, tls: &Tls, stream: TcpStream, peer: Peer) -> Ended {
        let handshake = timeout(self.limits.handshake_time, tls.accept(stream));
        let Some(spoken) = self.shutdown.run_until_cancelled(handshake).await else { return Ok(()) };
        match spoken?? {
            Spoken::Http1(stream) => self.http1(stream, peer).await,
            Spoken::Http2(stream) => self.http2(stream, peer).await,
            Spoken::NoTls => Ok(()),
        }
    }
}
