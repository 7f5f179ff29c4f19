//! A WebSocket: once both sides have switched, bytes go to and fro unread.

use crate::Peer;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use std::io;
use tokio::io::copy_bidirectional;
use tokio_util::sync::CancellationToken;

/// The two ends of a tunnel that is about to open.
pub(crate) struct Tunnel {
    /// The client's end, which switches when it has got the app's 101.
    pub(crate) client: OnUpgrade,
    /// The app's end.
    pub(crate) app: OnUpgrade,
    /// The client, whose slot among the connections the tunnel goes on taking.
    pub(crate) peer: Peer,
}

impl Tunnel {
    /// Carries bytes until one side has closed both ways, or the shutdown.
    pub(crate) async fn run(self, shutdown: CancellationToken) {
        if let Some(Err(error)) = shutdown.run_until_cancelled(self.carry()).await {
            tracing::debug!(%error, "a tunnel broke");
        }
    }

    async fn carry(self) -> io::Result<()> {
        let both = futures_util::future::try_join(self.client, self.app);
        let (client, app) = both.await.map_err(io::Error::other)?;
        copy_bidirectional(&mut TokioIo::new(client), &mut TokioIo::new(app)).await?;
        drop(self.peer.slot);
        Ok(())
    }
}
