//! Schema changes of a PostgreSQL database, which several replicas may start on at once.

use super::{ALL, newest};
use crate::StoreError;
use domain::Time;
use postgres::{Client, Transaction};

/// What is locked while a change is made: the letters of `doorward`.
const LOCK: i64 = i64::from_be_bytes(*b"doorward");

/// What waits for the others that change the tables of an app. `LOCK` alone takes no picture of the data, so that the
/// transaction sees what was done meanwhile; a lock that a query takes would come too late for it.
pub(crate) const TURN: &str = "SET LOCAL statement_timeout = '5min'; SET LOCAL lock_timeout = '5min'; \
                               LOCK TABLE schema_migrations IN EXCLUSIVE MODE";

const LEDGER: &str =
    "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT PRIMARY KEY, applied_at BIGINT NOT NULL)";

/// Applies what is missing, each change in a transaction of its own and under a lock that replicas share. A database
/// of a newer program is refused untouched.
pub(crate) fn apply(client: &mut Client, now: Time) -> Result<(), StoreError> {
    for (version, text) in ALL {
        let mut transaction = client.transaction()?;
        transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK])?;
        let found = found_in(&mut transaction)?;
        if found > newest() {
            return Err(StoreError::Newer { found, known: newest() });
        }
        if found >= *version {
            continue;
        }
        transaction.batch_execute(LEDGER)?;
        transaction.batch_execute(&for_postgresql(text))?;
        let entry = "INSERT INTO schema_migrations (version, applied_at) VALUES ($1, $2)";
        transaction.execute(entry, &[version, &now.micros()])?;
        transaction.commit()?;
    }
    Ok(())
}

/// The schema of a database, 0 for an empty one.
pub(crate) fn found(client: &mut Client) -> Result<i64, StoreError> {
    found_in(&mut client.build_transaction().read_only(true).start()?)
}

fn found_in(transaction: &mut Transaction<'_>) -> Result<i64, StoreError> {
    let ledger = "SELECT to_regclass('schema_migrations') IS NOT NULL";
    if !transaction.query_one(ledger, &[])?.get::<_, bool>(0) {
        return Ok(0);
    }
    let version = "SELECT coalesce(max(version), 0) FROM schema_migrations";
    Ok(transaction.query_one(version, &[])?.get(0))
}

/// Texts are compared byte by byte, as SQLite does it, whatever the database's own order is.
pub(crate) fn for_postgresql(text: &str) -> String {
    text.replace("{int}", "BIGINT")
        .replace("{xid}", "XID8")
        .replace("{blob}", "BYTEA")
        .replace("{strict}", "")
        .replace(" TEXT", " TEXT COLLATE \"C\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_placeholder_has_its_type() {
        let text = "CREATE TABLE t (\n    id    {blob} PRIMARY KEY,\n    name  TEXT NOT NULL,\n    at    {int}\n) {strict};";
        assert_eq!(
            for_postgresql(text),
            "CREATE TABLE t (\n    id    BYTEA PRIMARY KEY,\n    name  TEXT COLLATE \"C\" NOT NULL,\n    at    BIGINT\n) ;"
        );
    }
}
