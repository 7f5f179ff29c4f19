//! The wish to stop, Ctrl-C or what a service manager sends, and what is done about it before anything ends.

use crate::exit::{Exit, Stop};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long requests may take to come over connections that were accepted last.
const LAST_REQUESTS: Duration = Duration::from_millis(200);

/// Hears the wish to stop from the moment that it is made.
pub(super) struct Wish {
    interrupt: Signal,
    terminate: Signal,
}

impl Wish {
    /// Begins to listen: before anybody is told that the server is there, so that nobody stops it unheard.
    pub(super) fn heard() -> Result<Self, Stop> {
        let hear = |kind| {
            signal(kind).map_err(|error| Stop::new(Exit::Failed, format!("signals cannot be heard: {error}")))
        };
        Ok(Self { interrupt: hear(SignalKind::interrupt())?, terminate: hear(SignalKind::terminate())? })
    }

    /// Waits for SIGINT or SIGTERM.
    pub(super) async fn come(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// What clients come in by.
pub(super) struct Entrance {
    /// Whether they are sent elsewhere.
    pub(super) leaving: Arc<AtomicBool>,
    /// Closes the listeners.
    pub(super) closing: CancellationToken,
    /// The listeners.
    pub(super) listeners: TaskTracker,
}

impl Entrance {
    /// An entrance that is open; `leaving` is set when clients are sent elsewhere.
    pub(super) fn new(leaving: Arc<AtomicBool>) -> Self {
        Self { leaving, closing: CancellationToken::new(), listeners: TaskTracker::new() }
    }

    /// Sends clients elsewhere for so long, while everything is still answered; whoever wishes once more to stop
    /// waits no longer. Then nobody comes in any more, and who is in has begun to ask.
    pub(super) async fn leave(self, delay: Duration, mut again: Wish) {
        if delay.is_zero() {
            return;
        }
        tracing::info!(seconds = delay.as_secs(), "leaving: /readyz sends clients elsewhere");
        self.leaving.store(true, Ordering::Relaxed);
        if timeout(delay, again.come()).await.is_ok() {
            return;
        }
        self.closing.cancel();
        self.listeners.close();
        self.listeners.wait().await;
        sleep(LAST_REQUESTS).await;
    }
}
