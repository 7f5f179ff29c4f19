//! What the two inventories disagree on, until the administrator has settled it.

use crate::{
    bridge::Bridge,
    mappings::Mappings,
    plan::Disagreement,
    security::{ChangeBridge, Synchronise, ViewBridge},
    upstream::System,
};
use axum::{
    Json,
    extract::{Path, State},
};
use doorward::{
    Db, Error, Installation, Time,
    db::{self, Ending, FromRow, ReadTx, Row},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A conflict that is open.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Conflict {
    pub(crate) kind: String,
    pub(crate) key: String,
    pub(crate) filamentdb: String,
    pub(crate) spoolman: String,
    pub(crate) opened_at: Time,
}

/// Whose word counts.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Settlement {
    #[serde(rename = "use")]
    counts: Counts,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Counts {
    FilamentDb,
    Spoolman,
}

impl FromRow for Conflict {
    fn from_row(row: &Row<'_>) -> Result<Self, db::Error> {
        Ok(Self {
            kind: row.read(0)?,
            key: row.read(1)?,
            filamentdb: row.read(2)?,
            spoolman: row.read(3)?,
            opened_at: row.read(4)?,
        })
    }
}

/// The conflicts that are open.
pub(crate) fn open(tx: &mut ReadTx<'_>) -> Result<Vec<Conflict>, db::Error> {
    tx.list(
        "SELECT kind, key, filamentdb, spoolman, opened_at FROM conflicts ORDER BY kind, key LIMIT 10000",
        &[],
    )
}

/// Replaces the open conflicts by those that a synchronisation found; one that was open keeps its time.
pub(crate) async fn replace(db: &Db, found: Vec<Disagreement>) -> Result<(), Error> {
    let write = db.write(found, |tx, found| {
        let permit = tx.permit::<Synchronise>(&Installation)?;
        let known = open(tx)?;
        tx.change(&permit, "DELETE FROM conflicts", &[])?;
        for Disagreement { kind, key, filamentdb, spoolman } in found {
            let before = known.iter().find(|known| known.kind == *kind && known.key == *key);
            let opened_at = before.map_or(tx.now(), |known| known.opened_at);
            let sql = "INSERT INTO conflicts (kind, key, filamentdb, spoolman, opened_at) VALUES ($1, $2, $3, $4, $5) \
                       ON CONFLICT DO NOTHING";
            let words = [(*kind).into(), key.as_str().into(), filamentdb.as_str().into(), spoolman.as_str().into()];
            let [kind, key, filamentdb, spoolman] = words;
            tx.change(&permit, sql, &[kind, key, filamentdb, spoolman, opened_at.into()])?;
        }
        Ok(Ending::Housekeeping(()))
    });
    write.await
}

pub(crate) async fn show(db: Db) -> Result<Json<Vec<Conflict>>, Error> {
    let read = db.read((), |tx, ()| {
        tx.permit::<ViewBridge>(&Installation)?;
        Ok(open(tx)?)
    });
    read.await.map(Json)
}

/// Tells the inventory whose word does not count what the other one says, and closes the conflict.
pub(crate) async fn settle(
    State(bridge): State<Bridge>,
    Path((kind, key)): Path<(String, String)>,
    db: Db,
    Json(settlement): Json<Settlement>,
) -> Result<Json<Value>, Error> {
    let named = (kind.replace('-', " "), key);
    let read = db.read(named.clone(), |tx, (kind, key)| {
        tx.permit::<ChangeBridge>(&Installation)?;
        let conflict = open(tx)?.into_iter().find(|open| open.kind == kind && open.key == key);
        Ok((conflict.ok_or(Error::NotFound("conflict"))?, Mappings::all(tx)?))
    });
    let (conflict, mappings) = read.await?;
    tell(&bridge, (&conflict, settlement.counts), &mappings).await?;
    let write = db.write((named, format!("{:?}", settlement.counts)), |tx, ((kind, key), counts)| {
        let permit = tx.permit::<ChangeBridge>(&Installation)?;
        let named = [kind.as_str().into(), key.as_str().into()];
        tx.change(&permit, "DELETE FROM conflicts WHERE kind = $1 AND key = $2", &named)?;
        let deed = tx.deed(permit).about(key).change(json!({ "conflict": kind }), json!({ "use": counts }));
        Ok(Ending::Done((), deed))
    });
    write.await?;
    Ok(Json(json!({ "ok": true })))
}

async fn tell(
    bridge: &Bridge,
    (conflict, counts): (&Conflict, Counts),
    mappings: &Mappings,
) -> Result<(), Error> {
    let told = match counts {
        Counts::FilamentDb => System::Spoolman,
        Counts::Spoolman => System::FilamentDb,
    };
    let weight = |text: &str| text.parse::<f64>().map_err(|_| Error::Refused("this is no weight".to_owned()));
    let missing = || Error::NotFound("mapping");
    // What stands in a path must be a name, and nothing that leads elsewhere.
    if !conflict.key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) {
        return Err(Error::Refused("this id cannot stand in a path".to_owned()));
    }
    match (conflict.kind.as_str(), told) {
        ("filament name", System::Spoolman) => {
            let id = mappings.filament(&conflict.key).ok_or_else(missing)?;
            let change = json!({ "name": conflict.filamentdb });
            bridge.upstreams.change_spoolman(&format!("/api/v1/filament/{id}"), &change).await
        }
        ("filament name", System::FilamentDb) => {
            let change = json!({ "name": conflict.spoolman });
            bridge.upstreams.change_filament_db(&format!("/api/filaments/{}", conflict.key), &change).await
        }
        (_, System::Spoolman) => {
            let id = mappings.spool(&conflict.key).ok_or_else(missing)?;
            let change = json!({ "remaining_weight": weight(&conflict.filamentdb)? });
            bridge.upstreams.change_spoolman(&format!("/api/v1/spool/{id}"), &change).await
        }
        (_, System::FilamentDb) => {
            let change = json!({ "totalWeight": weight(&conflict.spoolman)? });
            bridge.upstreams.change_filament_db(&format!("/api/spools/{}", conflict.key), &change).await
        }
    }
}
