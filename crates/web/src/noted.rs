//! Who was found to ask, left for whoever handed the request in: the access log names them.

use access::Snapshot;
use http::request::Parts;
use std::sync::{Arc, OnceLock};

/// A place in a request's extensions where the one who asks is noted, once their credential was checked.
#[derive(Debug, Clone, Default)]
pub struct Noted(Arc<OnceLock<Arc<Snapshot>>>);

impl Noted {
    /// Who it was, if anyone was found.
    pub fn who(&self) -> Option<&Arc<Snapshot>> {
        self.0.get()
    }

    /// Notes who asks. A request may be authenticated more than once; it is the same person each time.
    pub fn note(parts: &Parts, who: &Arc<Snapshot>) {
        if let Some(noted) = parts.extensions.get::<Self>() {
            noted.0.get_or_init(|| Arc::clone(who));
        }
    }
}
