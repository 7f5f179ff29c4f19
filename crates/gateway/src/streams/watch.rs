//! The watch over what is under way: one task, which is there while there are streams.
//!
//! What was touched is looked at as soon as it was; what lapses by the clock, at the next of the rounds. Rounds go
//! by the clock of the credentials, so a machine that slept, or whose clock was set, does not fool them.

use super::{Entry, Streams};
use futures_util::{StreamExt as _, stream};
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::time::{MissedTickBehavior, interval, timeout};

const ROUND_EVERY: Duration = Duration::from_millis(500);
/// How many streams are looked up at the same time.
const AT_ONCE: usize = 64;
/// How long a look may take.
const LOOK_TIME: Duration = Duration::from_secs(2);

impl Streams {
    /// Begins the watch, unless somebody has it.
    pub(super) fn keep_watched(self: &Arc<Self>) {
        let is_watched = self.is_watched.load(Ordering::SeqCst);
        if !is_watched && !self.is_watched.swap(true, Ordering::SeqCst) {
            self.tasks.spawn(Arc::clone(self).watch());
        }
    }

    async fn watch(self: Arc<Self>) {
        let mut rounds = interval(ROUND_EVERY);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        rounds.tick().await;
        loop {
            let due = tokio::select! {
                () = self.bell.notified() => self.take_touched(),
                _ = rounds.tick() => self.lapsed(self.access.now()),
                () = self.shutdown.cancelled(), if !self.shutdown.is_cancelled() => Vec::new(),
            };
            stream::iter(due).for_each_concurrent(AT_ONCE, |entry| self.look(entry)).await;
            if self.may_go() {
                return;
            }
        }
    }

    /// INVARIANT: a stream is counted before it asks whether there is a watch. So when this finds none after it
    /// gave up the watch, the next stream begins another.
    fn may_go(&self) -> bool {
        if !self.is_empty() {
            return false;
        }
        self.is_watched.store(false, Ordering::SeqCst);
        self.is_empty() || self.is_watched.swap(true, Ordering::SeqCst)
    }

    /// SECURITY: what cannot be looked up ends, or an overload would keep alive what was revoked.
    async fn look(&self, entry: Arc<Entry>) {
        match timeout(LOOK_TIME, entry.standing.look(&self.access)).await {
            Ok(Some(until)) => entry.extend(until),
            Ok(None) | Err(_) => entry.end(),
        }
    }
}
