//! The bridge put into one document and taken back, and the backups that the inventories make of themselves.

use crate::{
    bridge::Bridge,
    config,
    conflicts::{self, Conflict},
    mappings::{FilamentMapping, Mappings, SpoolMapping, map_filament, map_spool},
    security::{BackUp, ViewBridge},
    upstream::System,
};
use axum::{Json, extract::State};
use doorward::{
    BackupSecrets, Db, Error, Installation, Single, Time,
    db::{Ending, ReadTx, Writing},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// The form of the document.
const SCHEMA_VERSION: u32 = 1;
const MOST: usize = 100_000;

/// The bridge in one document.
#[derive(Serialize)]
pub(crate) struct Export {
    schema_version: u32,
    exported_at: Time,
    config: Map<String, Value>,
    #[serde(flatten)]
    mappings: Mappings,
    open_conflicts: Vec<Conflict>,
}

/// A document that is taken back; what it says of conflicts is found out anew.
#[derive(Deserialize)]
pub(crate) struct Import {
    schema_version: u32,
    #[serde(default)]
    config: Map<String, Value>,
    #[serde(default)]
    filament_mappings: Vec<FilamentMapping>,
    #[serde(default)]
    spool_mappings: Vec<SpoolMapping>,
}

pub(crate) async fn export(single: Single, db: Db) -> Result<Json<Export>, Error> {
    let read = db.read((), |tx, ()| {
        tx.permit::<BackUp>(&Installation)?;
        let (config, mappings, open_conflicts) = (config::all(tx)?, Mappings::all(tx)?, conflicts::open(tx)?);
        Ok(Export { schema_version: SCHEMA_VERSION, exported_at: tx.now(), config, mappings, open_conflicts })
    });
    let mut export = read.await?;
    if let Some(secrets) = single.export().await? {
        let secrets =
            serde_json::to_value(secrets).map_err(|_| Error::Refused("not to be written".to_owned()))?;
        export.config.extend(secrets.as_object().cloned().unwrap_or_default());
    }
    Ok(Json(export))
}

pub(crate) async fn import(single: Single, db: Db, Json(import): Json<Import>) -> Result<Json<Value>, Error> {
    check(&import)?;
    let secrets = BackupSecrets::deserialize(Value::Object(import.config.clone())).ok();
    let has_secrets =
        import.config.contains_key("auth_secret") || import.config.contains_key("admin_password_hash");
    match &secrets {
        Some(secrets) => single.check_restore(secrets).await?,
        None if has_secrets => {
            return Err(Error::Refused("the secrets of the backup cannot be read".to_owned()));
        }
        None => {}
    }
    let write = db.write(import, |tx, import| {
        let permit = tx.permit::<BackUp>(&Installation)?;
        import.filament_mappings.iter().try_for_each(|mapping| map_filament(tx, &permit, mapping))?;
        import.spool_mappings.iter().try_for_each(|mapping| map_spool(tx, &permit, mapping))?;
        let mut settings = 0_usize;
        for (key, value) in import.config.iter().filter(|(key, _)| config::is_plain(key)) {
            let sql = "INSERT INTO bridge_config (key, value) VALUES ($1, $2) \
                       ON CONFLICT (key) DO UPDATE SET value = excluded.value";
            tx.change(&permit, sql, &[key.as_str().into(), value.to_string().into()])?;
            settings += 1;
        }
        let counts = json!({
            "config": settings, "filament_mappings": import.filament_mappings.len(),
            "spool_mappings": import.spool_mappings.len(),
        });
        let deed = tx.deed(permit).change(json!({}), counts.clone());
        Ok(Ending::Done(counts, deed))
    });
    let counts = write.await?;
    // The secrets come last: the session that brought others ends with it.
    if let Some(secrets) = secrets {
        single.restore(secrets).await?;
    }
    Ok(Json(counts))
}

/// SECURITY: a document from elsewhere names ids that will stand in paths, and may be made to fill the disk.
fn check(import: &Import) -> Result<(), Error> {
    if import.schema_version != SCHEMA_VERSION {
        return Err(Error::coded(400, "unsupported_schema_version", "this backup has another form than 1"));
    }
    let ids = import.filament_mappings.iter().map(|mapping| mapping.filamentdb_id.as_str());
    let mut ids = ids.chain(import.spool_mappings.iter().map(|mapping| mapping.filamentdb_id.as_str()));
    let is_id = |id: &str| {
        (1..=100).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    if !ids.all(is_id) {
        return Err(Error::Refused("an id of the backup is none".to_owned()));
    }
    let most = import.config.len().max(import.filament_mappings.len()).max(import.spool_mappings.len());
    if most > MOST { Err(Error::Refused("the backup is too large".to_owned())) } else { Ok(()) }
}

/// When each inventory last made a backup of itself.
pub(crate) async fn status(db: Db) -> Result<Json<Value>, Error> {
    let read = db.read((), |tx, ()| {
        tx.permit::<ViewBridge>(&Installation)?;
        Ok(json!({ "spoolman": last_of(tx, System::Spoolman)?, "filamentdb": last_of(tx, System::FilamentDb)? }))
    });
    read.await.map(Json)
}

pub(crate) async fn spoolman(State(bridge): State<Bridge>, db: Db) -> Result<Json<Value>, Error> {
    make(&bridge, &db, System::Spoolman).await.map(Json)
}

pub(crate) async fn filament_db(State(bridge): State<Bridge>, db: Db) -> Result<Json<Value>, Error> {
    make(&bridge, &db, System::FilamentDb).await.map(Json)
}

/// Has an inventory make a backup of itself, and notes when. Spoolman keeps its own; what Filament DB answers is kept
/// here, for as many days as the settings say.
pub(crate) async fn make(bridge: &Bridge, db: &Db, system: System) -> Result<Value, Error> {
    db.read((), |tx, ()| Ok(tx.permit::<BackUp>(&Installation).map(drop)?)).await?;
    let answered = bridge.upstreams.back_up(system).await?;
    let snapshot = (system == System::FilamentDb).then(|| answered.to_string());
    let input = (system, snapshot, bridge.settings.backup_days);
    let write = db.write(input, |tx, (system, snapshot, days)| {
        let permit = tx.permit::<BackUp>(&Installation)?;
        note(tx, &permit, *system)?;
        if let Some(snapshot) = snapshot {
            keep(tx, &permit, (snapshot, *days))?;
        }
        Ok(Ending::Done(json!({ "ok": true }), tx.deed(permit)))
    });
    write.await
}

/// The last backup of Filament DB's that is kept here.
pub(crate) async fn snapshot(db: Db) -> Result<Json<Value>, Error> {
    let read = db.read((), |tx, ()| {
        tx.permit::<BackUp>(&Installation)?;
        let newest = "SELECT body FROM snapshots ORDER BY at DESC LIMIT 1";
        tx.find::<String>(newest, &[])?.ok_or(Error::NotFound("snapshot"))
    });
    let text = read.await?;
    serde_json::from_str(&text).map(Json).map_err(|_| Error::NotFound("snapshot"))
}

fn keep<'c>(
    tx: &mut Writing<'_, 'c>,
    permit: &doorward::db::Permit<'c, BackUp>,
    (snapshot, days): (&str, u32),
) -> Result<(), Error> {
    let sql = "INSERT INTO snapshots (at, body) VALUES ($1, $2) ON CONFLICT (at) DO UPDATE SET body = excluded.body";
    tx.change(permit, sql, &[tx.now().into(), snapshot.into()])?;
    let oldest = tx.now().minus(Duration::from_hours(24 * u64::from(days)));
    let stale = "DELETE FROM snapshots WHERE at < $1 AND at < (SELECT max(at) FROM snapshots)";
    tx.change(permit, stale, &[oldest.into()])?;
    Ok(())
}

fn note<'c>(
    tx: &mut Writing<'_, 'c>,
    permit: &doorward::db::Permit<'c, BackUp>,
    system: System,
) -> Result<(), Error> {
    let sql = "INSERT INTO bridge_config (key, value) VALUES ($1, $2) \
               ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    let now = json!(tx.now()).to_string();
    tx.change(permit, sql, &[key(system).into(), now.into()])?;
    Ok(())
}

/// When an inventory last made a backup of itself.
pub(crate) fn last_of(tx: &mut ReadTx<'_>, system: System) -> Result<Option<Time>, Error> {
    let found: Option<String> =
        tx.find("SELECT value FROM bridge_config WHERE key = $1", &[key(system).into()])?;
    Ok(found.and_then(|text| serde_json::from_str(&text).ok()))
}

const fn key(system: System) -> &'static str {
    match system {
        System::Spoolman => "last_backup_spoolman",
        System::FilamentDb => "last_backup_filamentdb",
    }
}
