//! The wish to stop: Ctrl-C, or what a service manager sends.

use crate::exit::{Exit, Stop};
use tokio::signal::unix::{Signal, SignalKind, signal};

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
    pub(super) async fn come(mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
