//! Whether the database can be reached: what all threads know of it together.
//!
//! INVARIANT: while it is away one thread looks for it, at growing intervals; the others say so at once, rather than
//! each wait for a connection of its own. Whom a commit concerned is told again when it is back, if the caches could
//! not read then what had changed.

use super::{address::PostgresAddress, connection::Connection};
use crate::{ReadTx, StoreError, Touch, door::Shared, tx::Inner};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// What the threads know together.
pub(super) struct Link {
    /// Tells this replica's touches from those of others.
    replica: i64,
    state: Mutex<State>,
    changed: Condvar,
    /// The installation was moved to another database.
    left: AtomicBool,
    /// Held while caches are told, so that the last to be told has read the newest.
    telling: Mutex<()>,
}

struct State {
    away: bool,
    stopping: bool,
    /// What caches could not be told in full.
    owed: Vec<Touch>,
    /// Whether other replicas are to be rung for.
    ring: bool,
}

impl Link {
    pub(super) fn new(replica: i64) -> Self {
        let state = State { away: false, stopping: false, owed: Vec::new(), ring: false };
        Self {
            replica,
            state: Mutex::new(state),
            changed: Condvar::new(),
            left: AtomicBool::new(false),
            telling: Mutex::new(()),
        }
    }

    pub(super) const fn replica(&self) -> i64 {
        self.replica
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_away(&self) -> bool {
        self.state().away
    }

    /// Says that the database could not be reached.
    pub(super) fn lose(&self) {
        let was_away = std::mem::replace(&mut self.state().away, true);
        if !was_away {
            tracing::error!(
                "the database is away: it is looked for, and what needs it is answered 503 until then"
            );
        }
        self.changed.notify_all();
    }

    /// Says that the installation is at another database now; nothing is read or written here any more.
    pub(super) fn leave(&self) {
        if !self.left.swap(true, Ordering::SeqCst) {
            tracing::error!(
                "the installation was moved away from this database, and nothing is answered from here any more: name \
                 the new one, or its data directory, and start again"
            );
        }
    }

    /// Says what a connection that could not be made means: that the installation is elsewhere, or the database away.
    pub(super) fn miss(&self, error: &StoreError) {
        if matches!(error, StoreError::Moved(_)) { self.leave() } else { self.lose() }
    }

    pub(super) fn is_left(&self) -> bool {
        self.left.load(Ordering::SeqCst)
    }

    /// Asks that other replicas be told to read what was committed.
    pub(super) fn ring(&self) {
        self.state().ring = true;
        self.changed.notify_all();
    }

    /// Waits until somebody asked for that; answers false when nobody did and it is time to stop.
    pub(super) fn waits_for_ring(&self) -> bool {
        let idle = |state: &mut State| !state.stopping && !state.ring;
        let mut state = self.changed.wait_while(self.state(), idle).unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut state.ring)
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.state().stopping
    }

    /// Ends the threads that watch, read the feed and ring.
    pub(super) fn stop(&self) {
        self.state().stopping = true;
        self.changed.notify_all();
    }

    /// Tells the caches whom a commit concerned. SECURITY: also without a connection, so that they forget at least;
    /// what they had to read then is read later.
    pub(super) fn tell(&self, connection: Option<&mut Connection>, shared: &Shared, touched: &[Touch]) {
        if touched.is_empty() {
            return;
        }
        let _turn = self.telling.lock().unwrap_or_else(PoisonError::into_inner);
        let inner = connection.and_then(|connection| connection.look().ok());
        let inner = inner.map_or(Inner::Nowhere, Inner::Postgres);
        let mut tx = ReadTx::new(inner, shared.clock.now());
        // A listener that panics must not take a thread along on which others wait.
        if catch_unwind(AssertUnwindSafe(|| shared.committed(touched, &mut tx))).is_err() {
            tracing::error!("a listener broke off while it was told of a commit");
        }
        if tx.is_poisoned() {
            self.state().owed.extend(touched);
            self.changed.notify_all();
        }
    }

    /// Looks for the database whenever it is away, until it is told to stop.
    pub(super) fn keep_watch(&self, address: &PostgresAddress, shared: &Arc<Shared>) {
        let mut wait = FIRST_WAIT;
        while self.is_missed() && !self.is_left() {
            if self.rest(wait) {
                return;
            }
            match Connection::open(address) {
                Ok(mut connection) => {
                    self.found();
                    let owed = std::mem::take(&mut self.state().owed);
                    self.tell(Some(&mut connection), shared, &owed);
                }
                Err(error) => {
                    tracing::warn!(%error, "the database is still away");
                    self.miss(&error);
                }
            }
            wait = if self.is_whole() { FIRST_WAIT } else { LONGEST_WAIT.min(wait * 2) };
        }
    }

    /// Waits until the database is away, or something is owed; answers false when it is time to stop.
    fn is_missed(&self) -> bool {
        let idle = |state: &mut State| !state.stopping && !state.away && state.owed.is_empty();
        let state = self.changed.wait_while(self.state(), idle).unwrap_or_else(PoisonError::into_inner);
        !state.stopping
    }

    /// Waits for a while; answers true when it is time to stop.
    pub(super) fn rest(&self, wait: Duration) -> bool {
        let waited = self.changed.wait_timeout_while(self.state(), wait, |state| !state.stopping);
        waited.unwrap_or_else(PoisonError::into_inner).0.stopping
    }

    /// Whether the database is there, and nothing is owed.
    fn is_whole(&self) -> bool {
        let state = self.state();
        !state.away && state.owed.is_empty()
    }

    fn found(&self) {
        let mut state = self.state();
        if state.away {
            tracing::info!("the database is back");
        }
        state.away = false;
    }
}
