//! What the handlers and the background work of the bridge share.

use crate::{Settings, health::Health, upstream::Upstreams};
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
    pub(crate) health: Arc<Health>,
}

impl Bridge {
    /// A bridge between the two inventories that the settings name.
    pub fn new(doorward: Doorward, settings: Settings) -> Self {
        let upstreams = Arc::new(Upstreams::of(&settings));
        let (turn, health) = (Arc::default(), Arc::default());
        Self { doorward, settings: Arc::new(settings), upstreams, turn, health }
    }
}
