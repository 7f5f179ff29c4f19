//! Which filament and which spool of the one inventory is which of the other.

use crate::security::{Synchronise, ViewBridge};
use axum::Json;
use doorward::{
    Db, Error, Installation,
    db::{self, FromRow, Permit, ReadTx, Row, Writing},
};
use serde::{Deserialize, Serialize};

/// A filament in both inventories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FilamentMapping {
    pub(crate) filamentdb_id: String,
    pub(crate) spoolman_id: i64,
    #[serde(default)]
    pub(crate) name: String,
}

/// A spool in both inventories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SpoolMapping {
    pub(crate) filamentdb_id: String,
    pub(crate) spoolman_id: i64,
}

/// All that is mapped.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Mappings {
    #[serde(rename = "filament_mappings")]
    pub(crate) filaments: Vec<FilamentMapping>,
    #[serde(rename = "spool_mappings")]
    pub(crate) spools: Vec<SpoolMapping>,
}

impl FromRow for FilamentMapping {
    fn from_row(row: &Row<'_>) -> Result<Self, db::Error> {
        Ok(Self { filamentdb_id: row.read(0)?, spoolman_id: row.read(1)?, name: row.read(2)? })
    }
}

impl FromRow for SpoolMapping {
    fn from_row(row: &Row<'_>) -> Result<Self, db::Error> {
        Ok(Self { filamentdb_id: row.read(0)?, spoolman_id: row.read(1)? })
    }
}

impl Mappings {
    /// All that is mapped. The inventories of a household are small; what is beyond the limit stays unmapped.
    pub(crate) fn all(tx: &mut ReadTx<'_>) -> Result<Self, db::Error> {
        let filaments = "SELECT filamentdb_id, spoolman_id, name FROM filament_mappings ORDER BY filamentdb_id \
                         LIMIT 100000";
        let spools =
            "SELECT filamentdb_id, spoolman_id FROM spool_mappings ORDER BY filamentdb_id LIMIT 100000";
        Ok(Self { filaments: tx.list(filaments, &[])?, spools: tx.list(spools, &[])? })
    }

    /// The id in Spoolman of a filament of Filament DB's.
    pub(crate) fn filament(&self, id: &str) -> Option<i64> {
        self.filaments.iter().find(|mapping| mapping.filamentdb_id == id).map(|mapping| mapping.spoolman_id)
    }

    /// The id in Spoolman of a spool of Filament DB's.
    pub(crate) fn spool(&self, id: &str) -> Option<i64> {
        self.spools.iter().find(|mapping| mapping.filamentdb_id == id).map(|mapping| mapping.spoolman_id)
    }
}

/// Maps a filament; one that was mapped before is mapped anew.
pub(crate) fn map_filament<'c, A: doorward::Action>(
    tx: &mut Writing<'_, 'c>,
    permit: &Permit<'c, A>,
    mapping: &FilamentMapping,
) -> Result<(), db::Error> {
    let stale = "DELETE FROM filament_mappings WHERE spoolman_id = $1 AND filamentdb_id <> $2";
    tx.change(permit, stale, &[mapping.spoolman_id.into(), mapping.filamentdb_id.as_str().into()])?;
    let sql = "INSERT INTO filament_mappings (filamentdb_id, spoolman_id, name) VALUES ($1, $2, $3) \
               ON CONFLICT (filamentdb_id) DO UPDATE SET spoolman_id = excluded.spoolman_id, name = excluded.name";
    let row =
        [mapping.filamentdb_id.as_str().into(), mapping.spoolman_id.into(), mapping.name.as_str().into()];
    tx.change(permit, sql, &row).map(drop)
}

/// Maps a spool; one that was mapped before is mapped anew.
pub(crate) fn map_spool<'c, A: doorward::Action>(
    tx: &mut Writing<'_, 'c>,
    permit: &Permit<'c, A>,
    mapping: &SpoolMapping,
) -> Result<(), db::Error> {
    let stale = "DELETE FROM spool_mappings WHERE spoolman_id = $1 AND filamentdb_id <> $2";
    tx.change(permit, stale, &[mapping.spoolman_id.into(), mapping.filamentdb_id.as_str().into()])?;
    let sql = "INSERT INTO spool_mappings (filamentdb_id, spoolman_id) VALUES ($1, $2) \
               ON CONFLICT (filamentdb_id) DO UPDATE SET spoolman_id = excluded.spoolman_id";
    tx.change(permit, sql, &[mapping.filamentdb_id.as_str().into(), mapping.spoolman_id.into()]).map(drop)
}

/// Writes down what a synchronisation mapped.
pub(crate) async fn keep(db: &Db, mapped: Mappings) -> Result<(), Error> {
    let write = db.write(mapped, |tx, mapped| {
        let permit = tx.permit::<Synchronise>(&Installation)?;
        mapped.filaments.iter().try_for_each(|mapping| map_filament(tx, &permit, mapping))?;
        mapped.spools.iter().try_for_each(|mapping| map_spool(tx, &permit, mapping))?;
        Ok(db::Ending::Done((), tx.deed(permit)))
    });
    write.await
}

pub(crate) async fn show(db: Db) -> Result<Json<Mappings>, Error> {
    let read = db.read((), |tx, ()| {
        tx.permit::<ViewBridge>(&Installation)?;
        Ok(Mappings::all(tx)?)
    });
    read.await.map(Json)
}
