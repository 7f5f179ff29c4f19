//! Seeing what the door does: figures of every request, and a line in the access log.
//!
//! INVARIANT: a request never waits to be seen; what finds no room is counted.

mod access_log;
mod counts;
mod figures;
mod histogram;
mod line;

pub use access_log::{LogSettings, Sample, Target};
pub(crate) use figures::Figures;

use crate::{
    exit::{Exit, Stop},
    serve::Wired,
};
use access_log::AccessLog;
use domain::Clock;
use gateway::{Open, Seen, Witness};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// The witness of the gateway and the home host.
pub(crate) struct Seeing {
    figures: Arc<Figures>,
    log: Option<AccessLog>,
    clock: Arc<dyn Clock>,
    hangups: Mutex<Option<Signal>>,
}

impl Seeing {
    /// Begins to see; opens the access log, if there is to be one.
    pub(crate) fn begin(settings: &LogSettings, wired: &Wired) -> Result<Arc<Self>, Stop> {
        let (figures, clock) = (Arc::clone(&wired.figures), Arc::clone(&wired.clock));
        let log = AccessLog::start(settings, &figures)?;
        let hangups = log.as_ref().filter(|log| log.is_file()).map(|_| hear_hangups()).transpose()?;
        Ok(Arc::new(Self { figures, log, clock, hangups: Mutex::new(hangups) }))
    }

    /// Opens the log's file anew at each SIGHUP: whoever rotates logs has moved it away.
    ///
    /// Without a file the signal keeps its usual meaning.
    pub(crate) async fn reopen_when_told(self: Arc<Self>, shutdown: CancellationToken) {
        let hangups = self.hangups.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (Some(log), Some(mut hangups)) = (&self.log, hangups) else { return };
        while let Some(Some(())) = shutdown.run_until_cancelled(hangups.recv()).await {
            log.reopen().await;
        }
    }

    /// Writes all lines that still wait, and ends the log.
    pub(crate) fn end(&self) {
        if let Some(log) = &self.log {
            log.end();
        }
    }
}

/// Listens from the moment that the log is open, so that no signal meets a program that does not know it yet.
fn hear_hangups() -> Result<Signal, Stop> {
    let refused = |error| Stop::new(Exit::Failed, format!("signals cannot be heard: {error}"));
    signal(SignalKind::hangup()).map_err(refused)
}

impl Witness for Seeing {
    fn keeps_words(&self) -> bool {
        self.log.is_some()
    }

    fn saw(&self, seen: Seen) {
        self.figures.saw(&seen);
        if let Some(log) = &self.log {
            log.write(self.clock.now(), seen);
        }
    }

    fn opened(&self, what: Open) {
        self.figures.opened(what);
    }

    fn closed(&self, what: Open) {
        self.figures.closed(what);
    }
}
