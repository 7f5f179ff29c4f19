//! Schema changes of a PostgreSQL database, which several replicas may start on at once.

use super::{ALL, ENTRY, FLOOR, FLOORS_SINCE, Found, newest};
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

/// What the changes that are newer than what is known ask for; one that does not say, for lack of the column even, asks
/// for itself.
const FLOOR_ABOVE: &str = "SELECT coalesce(max(coalesce(CAST(to_jsonb(m) ->> 'compatible_from' AS bigint), version)), 0) \
    FROM schema_migrations AS m WHERE version > $1";

/// Applies what is missing, each change in a transaction of its own and under a lock that replicas share. A database
/// of a newer program on which this one cannot serve is refused untouched.
pub(crate) fn apply(client: &mut Client, now: Time) -> Result<(), StoreError> {
    for step in ALL {
        let mut transaction = client.transaction()?;
        transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK])?;
        let found = found_in(&mut transaction)?.refuse_newer()?;
        if found.version >= step.version {
            continue;
        }
        transaction.batch_execute(LEDGER)?;
        transaction.batch_execute(&for_postgresql(step.text))?;
        transaction.execute(ENTRY, &[&step.version, &now.micros()])?;
        if step.version >= FLOORS_SINCE {
            transaction.execute(FLOOR, &[&step.floor, &step.version])?;
        }
        transaction.commit()?;
    }
    Ok(())
}

/// What a server's database says of its schema.
pub(crate) fn found(client: &mut Client) -> Result<Found, StoreError> {
    found_in(&mut client.build_transaction().read_only(true).start()?)
}

fn found_in(transaction: &mut Transaction<'_>) -> Result<Found, StoreError> {
    let ledger = "SELECT to_regclass('schema_migrations') IS NOT NULL";
    if !transaction.query_one(ledger, &[])?.get::<_, bool>(0) {
        return Ok(Found { version: 0, floor: 0 });
    }
    let version = "SELECT coalesce(max(version), 0) FROM schema_migrations";
    let version = transaction.query_one(version, &[])?.get(0);
    let floor = transaction.query_one(FLOOR_ABOVE, &[&newest()])?.get(0);
    Ok(Found { version, floor })
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
