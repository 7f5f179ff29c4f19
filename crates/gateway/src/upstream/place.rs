//! One place that apps are at: a host and a port, shared by every route that leads there.
//!
//! INVARIANT: whoever uses a place holds a [`Turn`], which counts the request and gives up its trial when dropped.

use super::health::{Health, Standing};
use std::{
    fmt, mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};
use tokio::time::Instant;

/// One place that apps are at.
#[derive(Debug)]
pub(super) struct Place {
    /// Tells it from all others, also from one at the same address that was forgotten since.
    pub(super) id: u64,
    pub(super) host: Box<str>,
    pub(super) port: u16,
    under_way: AtomicUsize,
    is_suspect: AtomicBool,
    health: Mutex<Health>,
}

/// A request's use of a place, until its answer has ended.
#[derive(Debug)]
pub(crate) struct Turn {
    place: Arc<Place>,
    is_trial: bool,
}

impl Place {
    pub(super) fn new(id: u64, host: &str, port: u16) -> Self {
        Self {
            id,
            host: host.into(),
            port,
            under_way: AtomicUsize::new(0),
            is_suspect: AtomicBool::new(false),
            health: Mutex::default(),
        }
    }

    /// Requests under way.
    pub(super) fn load(&self) -> usize {
        self.under_way.load(Ordering::Relaxed)
    }

    /// What requests may do with it. Neither lock nor clock is touched while nothing speaks against it.
    pub(super) fn standing(&self) -> Standing {
        if self.is_suspect.load(Ordering::Relaxed) {
            self.health().standing(Instant::now())
        } else {
            Standing::Well
        }
    }

    /// A turn at it, whatever its standing.
    pub(super) fn enter(self: &Arc<Self>) -> Turn {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        Turn { place: Arc::clone(self), is_trial: false }
    }

    /// A turn at it, unless it is unwell or on a trial that another request has taken.
    pub(super) fn enter_if_well(self: &Arc<Self>) -> Option<Turn> {
        match self.standing() {
            Standing::Well => Some(self.enter()),
            Standing::OnTrial if self.health().begin_trial(Instant::now()) => {
                let mut turn = self.enter();
                turn.is_trial = true;
                Some(turn)
            }
            Standing::OnTrial | Standing::Unwell => None,
        }
    }

    /// Nobody was there at `now`.
    pub(super) fn failed(&self, now: Instant) {
        if self.change(|health| health.failed(now)) {
            tracing::warn!(place = %self, "an app does not answer; it rests");
        }
    }

    /// What a check has found.
    pub(super) fn checked(&self, is_well: bool) {
        if self.change(|health| health.checked(is_well)) {
            tracing::warn!(place = %self, is_well, "a check found an app changed");
        }
    }

    /// Nobody checks it any more.
    pub(super) fn forget_checks(&self) {
        if self.is_suspect.load(Ordering::Relaxed) {
            self.change(Health::forget_checks);
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut Health) -> T) -> T {
        let mut health = self.health();
        let changed = change(&mut health);
        self.is_suspect.store(health.is_suspect(), Ordering::Relaxed);
        changed
    }

    fn health(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl Turn {
    pub(super) const fn place(&self) -> &Arc<Place> {
        &self.place
    }

    /// The place gave an answer.
    pub(super) fn answered(&mut self) {
        self.end_trial();
        if self.place.is_suspect.load(Ordering::Relaxed) && self.place.change(Health::answered) {
            tracing::info!(place = %self.place, "an app answers again");
        }
    }

    /// Nobody was at the place, or it broke off before a byte of an answer.
    pub(super) fn failed(&mut self) {
        self.end_trial();
        self.place.failed(Instant::now());
    }

    fn end_trial(&mut self) {
        if mem::take(&mut self.is_trial) {
            self.place.health().end_trial();
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.end_trial();
        self.place.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}
