//! The certificate: read at the start, and again when it changes or somebody asks for that by SIGHUP.
//!
//! INVARIANT: what was shown last goes on being shown until a pair has been read that can be.

use crate::{
    clock::SystemClock,
    exit::{Exit, Stop},
};
use domain::Clock as _;
use gateway::{Tls, TlsFiles};
use std::{
    fs::{self, Metadata},
    os::unix::fs::MetadataExt as _,
    path::Path,
    sync::Arc,
    time::Duration,
};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

const LOOK_EVERY: Duration = Duration::from_secs(2);

/// The certificate, and what its files looked like when they were read last.
pub(super) struct Certificate {
    tls: Arc<Tls>,
    seen: Stamps,
    hangup: Signal,
}

/// What tells a file from the one that was there before: its place, its size, and when it was written.
type Stamp = Option<(u64, u64, u64, i64, i64)>;
type Stamps = [Stamp; 2];

impl Certificate {
    /// Reads it, and begins to hear SIGHUP.
    pub(super) fn open(files: TlsFiles) -> Result<Self, Stop> {
        let unheard = |error| Stop::new(Exit::Failed, format!("signals cannot be heard: {error}"));
        let hangup = signal(SignalKind::hangup()).map_err(unheard)?;
        let seen = stamps(&files);
        let tls = Tls::read(files, SystemClock.now());
        let tls =
            tls.map_err(|error| Stop::new(Exit::Setting, format!("https cannot be served: {error}")))?;
        Ok(Self { tls: Arc::new(tls), seen, hangup })
    }

    /// What listeners show.
    pub(super) fn tls(&self) -> Arc<Tls> {
        Arc::clone(&self.tls)
    }

    /// Looks after it until the shutdown.
    pub(super) async fn keep_fresh(mut self, shutdown: CancellationToken) {
        let mut looks = interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let is_asked_for = tokio::select! {
                () = shutdown.cancelled() => return,
                _ = self.hangup.recv() => true,
                _ = looks.tick() => false,
            };
            // The stamps first: what is written while it is read is then read once more.
            let now = stamps(self.tls.files());
            if is_asked_for || now != self.seen {
                self.seen = now;
                self.read_again();
            }
        }
    }

    fn read_again(&self) {
        match self.tls.reload(SystemClock.now()) {
            Ok(()) => tracing::info!("the certificate was read again, and is shown from now on"),
            Err(error) => tracing::error!(%error, "the certificate stays as it was"),
        }
    }
}

fn stamps(files: &TlsFiles) -> Stamps {
    [stamp(&files.certificate), stamp(&files.key)]
}

fn stamp(path: &Path) -> Stamp {
    let of = |file: Metadata| (file.dev(), file.ino(), file.size(), file.mtime(), file.mtime_nsec());
    fs::metadata(path).ok().map(of)
}
