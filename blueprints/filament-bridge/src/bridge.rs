//! What the handlers and the background work of the bridge share.

use crate::{Settings, upstream::Upstreams};
use doorward::Doorward;
use std::sync::Arc;
use tokio::sync::Mutex;

/// A running bridge. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Bridge {
    pub(crate) doorward: Doorward,
    pub(crate) settings: Arc<Settings>,
    pub(crate) upstreams: Arc<Upstreams>,
    /// One synchronisation at a time: two would each carry over what they find missing.
    pub(crate) turn: Arc<Mutex<()>>,
}

impl Bridge {
    /// A bridge between the two inventories that the settings name.
    pub fn new(doorward: Doorward, settings: Settings) -> Self {
        let upstreams = Arc::new(Upstreams::of(&settings));
        Self { doorward, settings: Arc::new(settings), upstreams, turn: Arc::default() }
    }
}
