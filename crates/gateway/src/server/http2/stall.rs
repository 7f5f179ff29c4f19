//! Answers that a client does not take.
//!
//! SECURITY: over HTTP/2 a client says how much it will take of each answer. One that takes nothing, and answers pings,
//! would hold its slots, its seats at the app and the app's connections for ever, and never block a write.

use std::{
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::time::sleep;

/// The tick that stands for a body which waits for the app, and not for the client.
const WITH_APP: u64 = 0;

/// What the clients of one connection have not taken yet.
pub(super) struct Stalls {
    tick: AtomicU64,
    bodies: Mutex<Vec<Weak<AtomicU64>>>,
}

/// Since when one body waits for the client.
pub(super) struct Waiting {
    stalls: Arc<Stalls>,
    since: Arc<AtomicU64>,
}

impl Stalls {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { tick: AtomicU64::new(1), bodies: Mutex::default() })
    }

    /// A body that the client is to ask for.
    pub(super) fn begin(self: &Arc<Self>) -> Waiting {
        let since = Arc::new(AtomicU64::new(self.tick.load(Ordering::Relaxed)));
        self.bodies.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&since));
        Waiting { stalls: Arc::clone(self), since }
    }

    /// Waits until some body has waited for the client for `limit`, or half of it more.
    pub(super) async fn wait(&self, limit: Duration) {
        loop {
            sleep(limit / 2).await;
            let now = self.tick.fetch_add(1, Ordering::Relaxed).saturating_add(1);
            if self.is_stalled_since(now.saturating_sub(3)) {
                return;
            }
        }
    }

    fn is_stalled_since(&self, tick: u64) -> bool {
        let mut bodies = self.bodies.lock().unwrap_or_else(PoisonError::into_inner);
        bodies.retain(|body| body.strong_count() > 0);
        let waiting = bodies.iter().filter_map(Weak::upgrade).map(|since| since.load(Ordering::Relaxed));
        waiting.filter(|since| *since != WITH_APP).any(|since| since <= tick)
    }
}

impl Waiting {
    /// The client has room for more, and the app is asked for it.
    pub(super) fn asks(&self) {
        self.since.store(WITH_APP, Ordering::Relaxed);
    }

    /// The client has something to take.
    pub(super) fn has(&self) {
        self.since.store(self.stalls.tick.load(Ordering::Relaxed), Ordering::Relaxed);
    }
}
