//! The wish to stop: Ctrl-C, or what a service manager sends.

use crate::exit::{Exit, Stop};
use tokio::signal::unix::{SignalKind, signal};

/// Waits for SIGINT or SIGTERM.
pub(super) async fn requested() -> Result<(), Stop> {
    let broken = |error| Stop::new(Exit::Failed, format!("signals cannot be heard: {error}"));
    let mut interrupt = signal(SignalKind::interrupt()).map_err(broken)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(broken)?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}
