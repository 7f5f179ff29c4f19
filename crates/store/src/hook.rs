//! Who else is told of events, once they are written.

use domain::Event;

/// Is told of every event after its commit.
pub trait Hook: Send + Sync {
    /// Runs on a thread of the database: must be quick and must not wait.
    fn written(&self, event: &Event);
}
