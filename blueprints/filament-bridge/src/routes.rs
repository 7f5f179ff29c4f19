//! The bridge's routes on one screen, and what goes on beside them.

use crate::{
    backup,
    bridge::Bridge,
    config, conflicts, mappings, nightly, page,
    security::{self, BackUp, ChangeBridge, Synchronise, ViewBridge},
    sync,
};
use axum::{
    Json,
    extract::State,
    routing::{get, post},
};
use doorward::{Requirement, Routes};
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval};

/// Every route of the bridge, and what it takes to be let through.
pub fn routes(bridge: &Bridge) -> Routes {
    let at = || bridge.clone();
    security::routes()
        .public("/api/health", get(health).with_state(at()))
        .requires::<ViewBridge>("/api/config", get(config::show))
        .requires::<ChangeBridge>("/api/config", axum::routing::put(config::change))
        .requires::<ViewBridge>("/api/mappings", get(mappings::show))
        .requires::<ViewBridge>("/api/conflicts", get(conflicts::show))
        .requires::<ChangeBridge>(
            "/api/conflicts/{kind}/{key}/resolve",
            post(conflicts::settle).with_state(at()),
        )
        .requires::<Synchronise>("/api/sync/trigger", post(sync::trigger).with_state(at()))
        .requires::<Synchronise>("/api/sync/dry-run", post(sync::dry_run).with_state(at()))
        .requires::<ViewBridge>("/api/sync-log", get(sync::log))
        .requires::<BackUp>("/api/backup/export", get(backup::export))
        .requires::<BackUp>("/api/backup/import", post(backup::import))
        .requires::<ViewBridge>("/api/backup/status", get(backup::status))
        .requires::<BackUp>("/api/backup/spoolman", post(backup::spoolman).with_state(at()))
        .requires::<BackUp>("/api/backup/filamentdb", post(backup::filament_db).with_state(at()))
        .requires::<BackUp>("/api/backup/filamentdb", get(backup::snapshot))
        .public("/assets/bridge.js", get(page::script))
        .public("/assets/bridge.css", get(page::style))
        .fallback(Requirement::public(), get(page::show))
}

/// Synchronises again and again, and has backups made every night, until the bridge stops.
pub fn background(bridge: &Bridge) {
    if let Some(hour) = bridge.settings.backup_hour {
        let own = bridge.clone();
        bridge.doorward.spawn(move |stopping| nightly::work(own, hour, stopping));
    }
    let Some(every) = bridge.settings.sync_every else { return };
    let own = bridge.clone();
    bridge.doorward.spawn(move |stopping| async move {
        let mut ticks = interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let db = own.doorward.db("synchronisation");
        while stopping.run_until_cancelled(ticks.tick()).await.is_some() {
            let run = sync::run(&own, &db);
            if let Some(Err(error)) = stopping.run_until_cancelled(run).await {
                tracing::warn!(%error, "nothing was synchronised");
            }
        }
    });
}

async fn health(State(bridge): State<Bridge>) -> Json<Value> {
    let systems = bridge.health.systems(&bridge).await;
    Json(json!({ "status": "ok", "bridge_version": env!("CARGO_PKG_VERSION"), "systems": systems }))
}
