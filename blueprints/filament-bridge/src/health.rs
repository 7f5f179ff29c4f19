//! Whether the inventories answer, asked of them now and then, however often anybody asks here.

use crate::bridge::Bridge;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Mutex, OwnedMutexGuard},
    time::Instant,
};

/// How long an answer is given again.
const FRESH: Duration = Duration::from_secs(15);

/// What was last seen, and when.
#[derive(Default)]
pub(crate) struct Health(Arc<Mutex<Option<(Instant, Value)>>>);

impl Health {
    /// Which inventories answer, as it was a moment ago at most.
    ///
    /// SECURITY: anyone may ask. One question at a time goes out, and it is asked to its end by a task of its own, so
    /// that whoever hangs up does not make the next one ask again.
    pub(crate) async fn systems(&self, bridge: &Bridge) -> Value {
        let seen = Arc::clone(&self.0).lock_owned().await;
        if let Some(systems) = fresh(seen.as_ref()) {
            return systems;
        }
        let asked = bridge.clone();
        bridge.doorward.spawn(|stopping| async move {
            stopping.run_until_cancelled(look(asked, seen)).await;
        });
        let seen = self.0.lock().await;
        let unknown = || json!({ "spoolman": false, "filamentdb": false });
        seen.as_ref().map_or_else(unknown, |(_, systems)| systems.clone())
    }
}

async fn look(bridge: Bridge, mut seen: OwnedMutexGuard<Option<(Instant, Value)>>) {
    let systems = bridge.upstreams.systems().await;
    *seen = Some((Instant::now(), systems));
}

fn fresh(seen: Option<&(Instant, Value)>) -> Option<Value> {
    seen.filter(|(at, _)| at.elapsed() < FRESH).map(|(_, systems)| systems.clone())
}
