//! Schema changes, in order, each applied once. The same text serves every engine: `{int}`, `{blob}`,
//! `{xid}` and `{strict}` stand for what they spell differently.

pub(crate) mod postgresql;

use crate::StoreError;
use domain::Time;
use rusqlite::Connection;

const ALL: &[Step] = &[
    alone(1, include_str!("../migrations/0001_the_door.sql")),
    alone(2, include_str!("../migrations/0002_the_gate.sql")),
    alone(3, include_str!("../migrations/0003_root_keys.sql")),
    alone(4, include_str!("../migrations/0004_touches.sql")),
    beside(5, 4, include_str!("../migrations/0005_duties.sql")),
    beside(6, 4, include_str!("../migrations/0006_event_numbers.sql")),
    beside(7, 4, include_str!("../migrations/0007_floors.sql")),
    beside(8, 4, include_str!("../migrations/0008_signing_keys.sql")),
    beside(9, 4, include_str!("../migrations/0009_moves.sql")),
];

/// From here on a schema says which programs it still serves.
const FLOORS_SINCE: i64 = 7;

/// A change of the schema.
pub(crate) struct Step {
    version: i64,
    /// The oldest schema whose programs go on serving after the change.
    floor: i64,
    text: &'static str,
}

/// A change that only programs can live with which know it.
const fn alone(version: i64, text: &'static str) -> Step {
    Step { version, floor: version, text }
}

/// A change that programs which know schema `floor`, or a later one, do not notice: it adds what they leave alone.
const fn beside(version: i64, floor: i64, text: &'static str) -> Step {
    Step { version, floor, text }
}

/// What a database says of its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    /// Its last change; 0 where it is empty.
    pub(crate) version: i64,
    /// The oldest schema whose programs may serve on it, if that is newer than what this program knows.
    pub(crate) floor: i64,
}

impl Found {
    /// Whether this program may serve on it.
    pub(crate) const fn serves(self) -> bool {
        self.version <= newest() || self.floor <= newest()
    }

    /// Refuses a database that a newer program wrote, unless this one may serve on it all the same.
    fn refuse_newer(self) -> Result<Self, StoreError> {
        let known = newest();
        if self.serves() { Ok(self) } else { Err(StoreError::Newer { found: self.version, known }) }
    }
}

const LEDGER: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT";

const ENTRY: &str = "INSERT INTO schema_migrations (version, applied_at) VALUES ($1, $2)";
const FLOOR: &str = "UPDATE schema_migrations SET compatible_from = $1 WHERE version = $2";

pub(crate) const fn newest() -> i64 {
    match ALL.last() {
        Some(step) => step.version,
        None => 0,
    }
}

/// What a file says of its schema.
pub(crate) fn found(connection: &Connection) -> Result<Found, StoreError> {
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get(0)).map_err(StoreError::opening);
    let ledger: i64 = number("SELECT count(*) FROM sqlite_schema WHERE name = 'schema_migrations'")?;
    if ledger == 0 {
        return Ok(Found { version: 0, floor: 0 });
    }
    let version = number("SELECT coalesce(max(version), 0) FROM schema_migrations")?;
    let told: i64 =
        number("SELECT count(*) FROM pragma_table_info('schema_migrations') WHERE name = 'compatible_from'")?;
    let floor = if told == 0 { version } else { floor_above(connection, newest())? };
    Ok(Found { version, floor })
}

/// What the changes that are newer than `known` ask for; one that does not say asks for itself.
fn floor_above(connection: &Connection, known: i64) -> Result<i64, StoreError> {
    let floor = "SELECT coalesce(max(coalesce(compatible_from, version)), 0) FROM schema_migrations WHERE version > ?1";
    connection.query_row(floor, [known], |row| row.get(0)).map_err(StoreError::opening)
}

/// Refuses a database that a newer program wrote and this one cannot serve on; changes nothing.
pub(crate) fn refuse_newer(connection: &Connection) -> Result<(), StoreError> {
    found(connection)?.refuse_newer().map(drop)
}

/// Applies what is missing, each change in a transaction of its own.
pub(crate) fn apply(connection: &Connection, now: Time) -> Result<(), StoreError> {
    let found = found(connection)?.refuse_newer()?;
    connection.execute_batch(LEDGER)?;
    for step in ALL.iter().filter(|step| step.version > found.version) {
        let transaction = connection.unchecked_transaction()?;
        transaction.execute_batch(&for_sqlite(step.text))?;
        transaction.execute(ENTRY, (step.version, now.micros()))?;
        if step.version >= FLOORS_SINCE {
            transaction.execute(FLOOR, (step.floor, step.version))?;
        }
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
        assert!(
            ALL.iter().zip(1..).all(|(step, expected)| step.version == expected && step.floor <= expected)
        );
        let connection = Connection::open_in_memory().unwrap();
        apply(&connection, Time::from_micros(1)).unwrap();
        apply(&connection, Time::from_micros(2)).unwrap();
        assert_eq!(found(&connection).unwrap(), Found { version: newest(), floor: 0 });
    }

    /// A program that knows schema 4 or later serves on the newest.
    #[test]
    fn what_a_schema_asks_for_is_written_down_with_it() {
        let connection = Connection::open_in_memory().unwrap();
        apply(&connection, Time::from_micros(1)).unwrap();
        let floors = (4..newest()).map(|known| floor_above(&connection, known).unwrap() <= known);
        assert!(floors.into_iter().all(|serves| serves));
        assert_eq!(floor_above(&connection, 3).unwrap(), 4);
    }

    #[test]
    fn a_newer_schema_that_serves_this_program_is_left_as_it_is() {
        let connection = Connection::open_in_memory().unwrap();
        apply(&connection, Time::from_micros(1)).unwrap();
        let newer = "INSERT INTO schema_migrations (version, applied_at, compatible_from) VALUES (?1, 1, ?2)";
        connection.execute(newer, (newest() + 1, newest())).unwrap();
        apply(&connection, Time::from_micros(2)).unwrap();
        assert_eq!(found(&connection).unwrap().version, newest() + 1);
        // Of several changes, the one that asks for most counts.
        connection.execute(newer, (newest() + 2, newest() + 2)).unwrap();
        connection.execute(newer, (newest() + 3, newest())).unwrap();
        assert!(matches!(apply(&connection, Time::from_micros(3)), Err(StoreError::Newer { .. })));
    }

    #[test]
    fn a_newer_schema_is_refused() {
        let connection = Connection::open_in_memory().unwrap();
        apply(&connection, Time::from_micros(1)).unwrap();
        connection
            .execute("INSERT INTO schema_migrations (version, applied_at) VALUES (999, 1)", [])
            .unwrap();
        assert!(matches!(
            apply(&connection, Time::from_micros(2)),
            Err(StoreError::Newer { found: 999, .. })
        ));
    }
}
