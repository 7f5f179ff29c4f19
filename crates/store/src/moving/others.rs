//! Who else is connected to a server's database: replicas of this release, which mind the mark, and whoever may not.

use crate::{StoreError, postgresql::APPLICATION};
use postgres::Client;
use std::time::Duration;

/// Whoever is connected to this database. Some of what a server knows of a connection it tells to few, its name to all.
const OTHERS: &str = "SELECT pid, coalesce(application_name, ''), coalesce(usename::text, '') FROM pg_stat_activity \
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND usesysid IS NOT NULL \
    AND coalesce(backend_type, 'client backend') = 'client backend' ORDER BY pid";
/// A connection that was just closed may still be seen for a moment: how often is looked, and how long after each time.
const LOOKS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(100);
/// The first schema whose programs name it to the server.
const SINCE: u32 = 9;

struct Other {
    pid: i32,
    application: String,
    user: String,
}

fn others(client: &mut Client) -> Result<Vec<Other>, StoreError> {
    let rows = client.query(OTHERS, &[])?;
    let other = |row: &postgres::Row| {
        Ok(Other { pid: row.try_get(0)?, application: row.try_get(1)?, user: row.try_get(2)? })
    };
    rows.iter().map(other).collect()
}

/// Whether a connection is that of a program which looks at the mark: it says which schema it knows.
fn minds_marks(application: &str) -> bool {
    let schema = application.strip_prefix(APPLICATION).and_then(|schema| schema.parse::<u32>().ok());
    schema.is_some_and(|schema| schema >= SINCE)
}

/// Those of whom nobody can say that they stop reading when the installation has left, in words.
pub(super) fn strangers(client: &mut Client) -> Result<Vec<String>, StoreError> {
    let mut looks = 0;
    loop {
        let found = others(client)?;
        let strangers: Vec<_> = found
            .iter()
            .filter(|other| !minds_marks(&other.application))
            .map(|Other { pid, application, user }| format!("`{application}` of `{user}` (process {pid})"))
            .collect();
        looks += 1;
        if strangers.is_empty() || looks == LOOKS {
            return Ok(strangers);
        }
        std::thread::sleep(PAUSE);
    }
}

/// Ends the connections of Doorward's, so that whoever had one connects anew and finds the mark; as far as the role may.
pub(super) fn end_ours(client: &mut Client) -> Result<(), StoreError> {
    for other in others(client)?.iter().filter(|other| minds_marks(&other.application)) {
        if let Err(error) = client.execute("SELECT pg_terminate_backend($1)", &[&other.pid]) {
            tracing::debug!(%error, "a replica's connection could not be ended");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PostgresAddress;

    #[test]
    fn only_a_program_that_names_its_schema_minds_marks() {
        let address: PostgresAddress = "postgresql://localhost/doorward".parse().unwrap();
        assert!(
            minds_marks(address.application()) && minds_marks("doorward/9") && minds_marks("doorward/10")
        );
        for other in ["", "doorward", "psql", "doorward/", "doorward/8", "doorward/x", "notes/9"] {
            assert!(!minds_marks(other), "{other}");
        }
    }
}
