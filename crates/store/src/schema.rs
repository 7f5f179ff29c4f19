//! Which schema a database has, seen and changed without opening a door on it.

use crate::{
    PostgresAddress, StoreError,
    migrations::{self, Found},
    moving::{Mark, mark_of_file, mark_of_server},
    postgresql, sqlite,
};
use domain::Time;
use std::path::Path;

/// The schema of a database beside the newest one that this program knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schema {
    /// The one that the database has; 0 when it is empty.
    pub found: i64,
    /// The one that this program brings it to.
    pub known: i64,
    /// Whether this program may serve on it, once it has brought it up to date where that is needed.
    pub serves: bool,
}

impl Schema {
    const fn of(found: Found) -> Self {
        Self { found: found.version, known: migrations::newest(), serves: found.serves() }
    }

    /// The schema of a file, which need not exist; nothing is made or changed.
    pub fn of_file(path: &Path) -> Result<Self, StoreError> {
        if !path.exists() {
            return Ok(Self::of(Found { version: 0, floor: 0 }));
        }
        migrations::found(&sqlite::peek(path)?).map(Self::of)
    }

    /// The schema of a server's database; nothing is changed.
    pub fn of_server(address: &PostgresAddress) -> Result<Self, StoreError> {
        postgresql::apart(address, migrations::postgresql::found).map(Self::of)
    }

    /// Brings a file's schema up to date; makes the file when it is missing.
    pub fn migrate_file(path: &Path, now: Time) -> Result<Self, StoreError> {
        let connection = sqlite::open_writer(path)?;
        Mark::admit(mark_of_file(&connection)?)?;
        migrations::apply(&connection, now)?;
        Self::of_file(path)
    }

    /// Brings the schema of a server's database up to date.
    pub fn migrate_server(address: &PostgresAddress, now: Time) -> Result<Self, StoreError> {
        postgresql::apart(address, move |client| {
            Mark::admit(mark_of_server(client)?)?;
            migrations::postgresql::apply(client, now)
        })?;
        Self::of_server(address)
    }
}
