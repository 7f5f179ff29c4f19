//! A WebSocket: once both sides have switched, bytes go to and fro unread.
//!
//! Whatever ends a tunnel ends it on both sides, and gives the client's slot free: one side has closed and the other
//! has followed, no byte has moved for long, what it rests on has ended, or the time to finish after a shutdown is up.
//! When the shutdown begins, the client is told to go.

mod counted;
mod farewell;
mod frames;

use crate::{
    Limits, Peer, Watch,
    seen::{Ending, Traffic},
    streams::{Entered, Stream},
};
use counted::Counted;
use farewell::Farewell;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{io::copy_bidirectional, time::sleep};
use tokio_util::sync::CancellationToken;

/// The two ends of a tunnel that is about to open.
pub(crate) struct Tunnel {
    /// The client's end, which switches when it has got the app's 101.
    pub(crate) client: OnUpgrade,
    /// The app's end.
    pub(crate) app: OnUpgrade,
    /// The client, whose slot among the connections and seat at the app the tunnel goes on taking.
    pub(crate) peer: Peer,
    /// The tunnel among all that is under way.
    pub(crate) stream: Stream,
    /// The eye on it, until it closes.
    pub(crate) watch: Watch,
    /// Where its bytes are counted.
    pub(crate) traffic: Arc<Traffic>,
}

impl Tunnel {
    /// Carries bytes until the tunnel's end.
    pub(crate) async fn run(self, limits: Limits, shutdown: CancellationToken) {
        let Self { client, app, peer, mut stream, mut watch, traffic } = self;
        let (entered, moved) = (stream.enter(), AtomicU64::new(0));
        let end = tokio::select! {
            carried = carry((client, &shutdown), app, (&moved, &*traffic), entered) => match carried {
                Ok(()) => "closed",
                Err(error) => {
                    tracing::debug!(%error, "a tunnel broke");
                    "broken"
                }
            },
            () = entered.ended() => {
                watch.end(Some(Ending::Ended));
                "what it rests on has ended"
            }
            () = idle(&moved, || sleep(limits.tunnel_idle_time)) => "idle",
            () = drained(&shutdown, limits.drain_time) => "shutdown",
        };
        tracing::debug!(end, "a tunnel ended");
        drop((peer.slot, peer.seat, watch));
    }
}

/// Each side's end goes on to the other, which may still speak.
async fn carry(
    (client, shutdown): (OnUpgrade, &CancellationToken),
    app: OnUpgrade,
    (moved, traffic): (&AtomicU64, &Traffic),
    entered: &Entered,
) -> io::Result<()> {
    let both = futures_util::future::try_join(client, app);
    let (client, app) = both.await.map_err(io::Error::other)?;
    let client = Farewell::new(TokioIo::new(client), shutdown.clone().cancelled_owned());
    let mut client = Counted { inner: client, moved, traffic, entered };
    copy_bidirectional(&mut client, &mut TokioIo::new(app)).await?;
    Ok(())
}

/// Waits until nothing has moved from one pause's beginning to its end, so that no clock is read for each byte.
async fn idle<P: Future<Output = ()>>(moved: &AtomicU64, pause: impl Fn() -> P) {
    loop {
        let before = moved.load(Ordering::Relaxed);
        pause().await;
        if moved.load(Ordering::Relaxed) == before {
            return;
        }
    }
}

/// Waits until the shutdown is `span` old.
async fn drained(shutdown: &CancellationToken, span: Duration) {
    shutdown.cancelled().await;
    sleep(span).await;
}

#[cfg(test)]
mod tests;
