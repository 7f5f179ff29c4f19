//! A client's connection, counted from its acceptance to its end.

use super::{Open, Witness};
use std::sync::Arc;

/// A connection that is open until this is dropped.
pub(crate) struct Connected(Option<Arc<dyn Witness>>);

impl Connected {
    /// Tells `witness` of a connection that has opened.
    pub(crate) fn before(witness: Option<&Arc<dyn Witness>>) -> Self {
        if let Some(witness) = witness {
            witness.opened(Open::Connection);
        }
        Self(witness.cloned())
    }
}

impl Drop for Connected {
    fn drop(&mut self) {
        if let Some(witness) = &self.0 {
            witness.closed(Open::Connection);
        }
    }
}
