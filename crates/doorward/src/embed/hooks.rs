//! What the app wants to know of: every event, once it is written.
//!
//! A hook runs on a task of its own, after the commit, so that nothing waits for it. The log is the record: what a slow
//! hook has no room for is counted in the log file and not called again.

use domain::Event;
use std::sync::Arc;
use store::Hook;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Something that is told of events.
pub(super) type Told = Arc<dyn Fn(&Event) + Send + Sync>;

/// How many events may wait for the hooks.
const ROOM: usize = 4096;

/// The database's end of the queue.
pub(super) struct Queue(mpsc::Sender<Event>);

/// The hooks, and the events that wait for them.
pub(super) struct Waiting {
    events: mpsc::Receiver<Event>,
    hooks: Vec<Told>,
}

/// A queue before these hooks.
pub(super) fn queue(hooks: Vec<Told>) -> (Queue, Waiting) {
    let (sender, events) = mpsc::channel(ROOM);
    (Queue(sender), Waiting { events, hooks })
}

impl Hook for Queue {
    fn written(&self, event: &Event) {
        if self.0.try_send(event.clone()).is_err() {
            tracing::warn!(event = %event.id, "no room for a hook: the event is in the log alone");
        }
    }
}

impl Waiting {
    /// Calls the hooks until the shutdown, and then for what still waits.
    pub(super) async fn work(mut self, shutdown: CancellationToken) {
        while let Some(Some(event)) = shutdown.run_until_cancelled(self.events.recv()).await {
            self.tell(&event);
        }
        while let Ok(event) = self.events.try_recv() {
            self.tell(&event);
        }
    }

    fn tell(&self, event: &Event) {
        for hook in &self.hooks {
            hook(event);
        }
    }
}
