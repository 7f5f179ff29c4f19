//! Schema changes, in order, each applied once. The same text serves every engine: `{int}`, `{blob}`,
//! `{xid}` and `{strict}` stand for what they spell differently.

pub(crate) mod postgresql;

use crate::StoreError;
use domain::Time;
use rusqlite::Connection;

const ALL: &[(i64, &str)] = &[
    (1, include_str!("../migrations/0001_the_door.sql")),
    (2, include_str!("../migrations/0002_the_gate.sql")),
    (3, include_str!("../migrations/0003_root_keys.sql")),
    (4, include_str!("../migrations/0004_touches.sql")),
    (5, include_str!("../migrations/0005_duties.sql")),
    (6, include_str!("../migrations/0006_event_numbers.sql")),
    (7, include_str!("../migrations/0007_signing_keys.sql")),
];

const LEDGER: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT";

pub(crate) const fn newest() -> i64 {
    match ALL.last() {
        Some((version, _)) => *version,
        None => 0,
    }
}

/// The schema of a database, 0 for an empty one.
pub(crate) fn found(connection: &Connection) -> Result<i64, StoreError> {
    let ledger = "SELECT count(*) FROM sqlite_schema WHERE name = 'schema_migrations'";
    let known: i64 = connection.query_row(ledger, [], |row| row.get(0)).map_err(StoreError::opening)?;
    if known == 0 {
        return Ok(0);
    }
    let version = "SELECT coalesce(max(version), 0) FROM schema_migrations";
    connection.query_row(version, [], |row| row.get(0)).map_err(StoreError::opening)
}

/// Refuses a database that a newer program wrote; changes nothing.
pub(crate) fn refuse_newer(connection: &Connection) -> Result<(), StoreError> {
    let (found, known) = (found(connection)?, newest());
    if found > known { Err(StoreError::Newer { found, known }) } else { Ok(()) }
}

/// Applies what is missing, each change in a transaction of its own.
pub(crate) fn apply(connection: &Connection, now: Time) -> Result<(), StoreError> {
    refuse_newer(connection)?;
    connection.execute_batch(LEDGER)?;
    let found = found(connection)?;
    for (version, text) in ALL.iter().filter(|(version, _)| *version > found) {
        let transaction = connection.unchecked_transaction()?;
        transaction.execute_batch(&for_sqlite(text))?;
        let entry = "INSERT INTO schema_migrations (version, applied_at) VALUES (?1, ?2)";
        transaction.execute(entry, (version, now.micros()))?;
        transaction.commit()?;
    }
    Ok(())
}

/// A migration's text as SQLite reads it.
pub(crate) fn for_sqlite(text: &str) -> String {
    text.replace("{int}", "INTEGER")
        .replace("{xid}", "INTEGER")
        .replace("{blob}", "BLOB")
        .replace("{strict}", "STRICT")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_numbered_without_gaps_and_apply_twice_as_once() {
        assert!(ALL.iter().zip(1..).all(|((version, _), expected)| *version == expected));
        let connection = Connection::open_in_memory().unwrap();
        apply(&connection, Time::from_micros(1)).unwrap();
        apply(&connection, Time::from_micros(2)).unwrap();
        assert_eq!(found(&connection).unwrap(), newest());
    }

    #[test]
    fn a_newer_schema_is_refused() {
        let connection = Connection::open_in_memory().unwrap();
        apply(&connection, Time::from_micros(1)).unwrap();
        connection.execute("INSERT INTO schema_migrations VALUES (999, 1)", []).unwrap();
        assert!(matches!(
            apply(&connection, Time::from_micros(2)),
            Err(StoreError::Newer { found: 999, .. })
        ));
    }
}
