//! What PostgreSQL says when it refuses.

use crate::error::Interruption;
use postgres::error::{Severity, SqlState};
use std::{error::Error, fmt, io};

/// A refusal of PostgreSQL's, or the loss of the connection to it.
///
/// SECURITY: the server's `DETAIL` and `HINT` are left out: they quote whole rows, password hashes included.
#[derive(Debug, Clone)]
pub struct PostgresFailure {
    message: String,
    code: Option<SqlState>,
    lost: bool,
}

/// The code of a refusal to write to a database that an installation is leaving.
pub(crate) const BARRED: &str = "MV001";

impl PostgresFailure {
    pub(crate) fn of(error: &postgres::Error) -> Self {
        let code = error.code().cloned();
        let Some(refusal) = error.as_db_error() else {
            return Self { message: with_causes(error), code, lost: is_connection(error) };
        };
        let fatal = matches!(refusal.parsed_severity(), Some(Severity::Fatal | Severity::Panic));
        // A statement was prepared before another replica changed the schema: a fresh connection prepares it anew.
        let stale = refusal.code() == &SqlState::FEATURE_NOT_SUPPORTED
            && refusal.message().starts_with("cached plan must not change");
        Self { message: refusal.message().to_owned(), code, lost: fatal || stale }
    }

    /// A failure that was seen on this side.
    pub(crate) fn here(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: None, lost: false }
    }

    pub(crate) const fn interruption(&self) -> Option<Interruption> {
        match &self.code {
            Some(code) if is_conflict(code) => Some(Interruption::Conflict),
            _ if self.lost => Some(Interruption::Lost),
            _ => None,
        }
    }

    /// Whether the database itself refuses writes, because the installation moves.
    pub(crate) fn is_barred(&self) -> bool {
        self.code.as_ref().is_some_and(|code| code.code() == BARRED)
    }

    /// Whether others were in the way, and may not be the next time.
    pub(crate) fn is_in_the_way(&self) -> bool {
        self.interruption() == Some(Interruption::Conflict) || self.is_timeout()
    }

    /// Whether the statement, or a lock that it waited for, took too long.
    pub(crate) fn is_timeout(&self) -> bool {
        self.code
            .as_ref()
            .is_some_and(|code| [SqlState::QUERY_CANCELED, SqlState::LOCK_NOT_AVAILABLE].contains(code))
    }
}

impl fmt::Display for PostgresFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.code.as_ref().map_or(Ok(()), |code| write!(f, " ({})", code.code()))
    }
}

impl Error for PostgresFailure {}

/// Serialization failures and deadlocks: PostgreSQL asks to run the whole function again.
const fn is_conflict(code: &SqlState) -> bool {
    matches!(*code, SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED)
}

/// Whether the error is one of the connection, not of what was said on it.
fn is_connection(error: &postgres::Error) -> bool {
    error.is_closed() || error.source().is_some_and(<dyn Error>::is::<io::Error>)
}

fn with_causes(error: &postgres::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
