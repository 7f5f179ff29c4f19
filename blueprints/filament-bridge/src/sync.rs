//! Synchronising: what Filament DB has and Spoolman lacks is made there, what both have is mapped, and what they disagree
//! on becomes a conflict.

use crate::{
    bridge::Bridge,
    conflicts,
    mappings::{self, FilamentMapping, Mappings, SpoolMapping},
    plan::Plan,
    security::{Synchronise, ViewBridge},
    upstream::Inventories,
};
use axum::{Json, extract::State};
use doorward::{
    Db, Error, Id, Installation, Kind, Time,
    db::{self, Ending, FromRow, Row},
};
use serde::Serialize;
use serde_json::{Value, json};

/// One synchronisation, as the log has it.
#[derive(Debug, Serialize)]
pub(crate) struct Synchronisation {
    id: Id<Synchronisation>,
    at: Time,
    summary: Value,
}

impl Kind for Synchronisation {
    const PREFIX: &'static str = "syn";
}

impl FromRow for Synchronisation {
    fn from_row(row: &Row<'_>) -> Result<Self, db::Error> {
        let summary: String = row.read(2)?;
        let summary = serde_json::from_str(&summary).unwrap_or(Value::Null);
        Ok(Self { id: row.read(0)?, at: row.read(1)?, summary })
    }
}

/// What a synchronisation would do.
pub(crate) async fn dry_run(State(bridge): State<Bridge>, db: Db) -> Result<Json<Plan>, Error> {
    let (plan, _) = plan(&bridge, &db).await?;
    Ok(Json(plan))
}

pub(crate) async fn trigger(State(bridge): State<Bridge>, db: Db) -> Result<Json<Value>, Error> {
    run(&bridge, &db).await.map(Json)
}

pub(crate) async fn log(db: Db) -> Result<Json<Vec<Synchronisation>>, Error> {
    let read = db.read((), |tx, ()| {
        tx.permit::<ViewBridge>(&Installation)?;
        Ok(tx.list("SELECT id, at, summary FROM sync_log ORDER BY id DESC LIMIT 100", &[])?)
    });
    read.await.map(Json)
}

/// Synchronises, and answers what that came to.
pub(crate) async fn run(bridge: &Bridge, db: &Db) -> Result<Value, Error> {
    let _turn = bridge.turn.lock().await;
    let (plan, inventories) = plan(bridge, db).await?;
    let mapped = carry_over(bridge, &plan, &inventories, db).await?;
    let summary = json!({
        "mapped": plan.map.len(), "filaments_made": plan.make_filaments.len(), "spools_made": mapped,
        "conflicts": plan.conflicts.len(),
    });
    conflicts::replace(db, plan.conflicts).await?;
    let write = db.write(summary.to_string(), |tx, summary| {
        let permit = tx.permit::<Synchronise>(&Installation)?;
        let (id, now) = (tx.new_id::<Synchronisation>(), tx.now());
        let sql = "INSERT INTO sync_log (id, at, summary) VALUES ($1, $2, $3)";
        tx.change(&permit, sql, &[id.into(), now.into(), summary.as_str().into()])?;
        Ok(Ending::Done((), tx.deed(permit).about(id)))
    });
    write.await?;
    Ok(summary)
}

async fn plan(bridge: &Bridge, db: &Db) -> Result<(Plan, Inventories), Error> {
    let read = db.read((), |tx, ()| {
        tx.permit::<Synchronise>(&Installation)?;
        Ok(Mappings::all(tx)?)
    });
    let mappings = read.await?;
    let inventories = bridge.upstreams.inventories().await?;
    Ok((Plan::of(&inventories, &mappings), inventories))
}

/// Makes what is lacking and maps it, each as soon as it is made, so that a break in between makes nothing twice. Answers
/// how many spools it made.
async fn carry_over(bridge: &Bridge, plan: &Plan, had: &Inventories, db: &Db) -> Result<usize, Error> {
    let map = |filamentdb_id: &str, spoolman_id, name: &str| FilamentMapping {
        filamentdb_id: filamentdb_id.to_owned(),
        spoolman_id,
        name: name.to_owned(),
    };
    let filaments = plan.map.iter().map(|(id, there, name)| map(id, *there, name)).collect();
    mappings::keep(db, Mappings { filaments, spools: Vec::new() }).await?;
    for filament in had.filaments.iter().filter(|filament| plan.make_filaments.contains(&filament.id)) {
        let there = bridge.upstreams.make_filament(filament).await?;
        let filaments = vec![map(&filament.id, there, &filament.name)];
        mappings::keep(db, Mappings { filaments, spools: Vec::new() }).await?;
    }
    let mappings = db.read((), |tx, ()| Ok(Mappings::all(tx)?)).await?;
    let mut made = 0;
    for filament in &had.filaments {
        let Some(there) = mappings.filament(&filament.id) else { continue };
        let lacks = |id: &str| plan.make_spools.iter().any(|(_, spool)| spool == id);
        for spool in filament.spools.iter().filter(|spool| lacks(&spool.id)) {
            let spoolman_id = bridge.upstreams.make_spool(there, spool.weight).await?;
            let spools = vec![SpoolMapping { filamentdb_id: spool.id.clone(), spoolman_id }];
            mappings::keep(db, Mappings { filaments: Vec::new(), spools }).await?;
            made += 1;
        }
    }
    Ok(made)
}
