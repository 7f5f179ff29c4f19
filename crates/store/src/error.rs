//! What can go wrong below the use cases.

use crate::{
    PostgresFailure,
    moving::{Mark, MoveState},
};

/// What can go wrong with the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite refused a statement or a connection.
    #[error("sqlite: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL refused a statement.
    #[error("postgresql: {0}")]
    Postgres(PostgresFailure),
    /// PostgreSQL cannot be reached, or does not let the program in.
    #[error("the database cannot be reached: {0}")]
    Away(String),
    /// PostgreSQL is there, and cannot be used.
    #[error("the database cannot be used: {0}")]
    Unfit(String),
    /// Other transactions were in the way each time that this one was tried; nothing was changed.
    #[error("other transactions were in the way each time that this one was tried")]
    Contended,
    /// The connection broke while the transaction was committed, and nobody can say whether it was.
    #[error("the connection to the database broke during a commit: whether it was committed is not known")]
    Unknown,
    /// A text with a NUL in it, which PostgreSQL cannot hold; no engine takes it.
    #[error("a text holds a NUL")]
    Nul,
    /// A column holds what the program never writes there.
    #[error("column `{column}` holds something unexpected")]
    Unreadable {
        /// The column's name in the statement.
        column: String,
    },
    /// A statement that writes came where one that reads is wanted.
    #[error("a statement that writes came where one that reads is wanted")]
    NotReading,
    /// An earlier statement of the transaction failed, so nothing of it may be kept.
    #[error("an earlier statement of this transaction failed")]
    Poisoned,
    /// The transaction's function panicked.
    #[error("the transaction's function panicked")]
    Panicked,
    /// The batch that the transaction was in could not be made durable; nothing was changed.
    #[error("the transaction was not committed")]
    NotCommitted,
    /// A duty was done for so long that its lease lapsed and another worker took it; nothing was changed.
    #[error("the lease lapsed, and another worker took it")]
    LeaseLost,
    /// The store is shutting down.
    #[error("the store has stopped")]
    Stopped,
    /// The database was written by a newer program.
    #[error("the database has schema {found}, this program knows {known}: start the newer program again")]
    Newer {
        /// The schema that was found.
        found: i64,
        /// The newest schema that this program knows.
        known: i64,
    },
    /// The installation is on its way to another database, or is there already.
    #[error(transparent)]
    Moved(Mark),
    /// Somebody gave up the move that this was the end of, or began another.
    #[error("this move was given up meanwhile, or another has begun: nothing was switched by it")]
    Overtaken,
    /// The file is no database, or a damaged one.
    #[error("the database is damaged or is no database: {0}")]
    Damaged(rusqlite::Error),
}

/// Why the engine broke a transaction off that may go well when it is tried anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interruption {
    /// Another transaction was in the way.
    Conflict,
    /// The connection is gone.
    Lost,
}

impl StoreError {
    /// Tells damage from every other reason why a database cannot be opened.
    pub(crate) fn opening(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        match error.sqlite_error_code() {
            Some(DatabaseCorrupt | NotADatabase) => Self::Damaged(error),
            _ => Self::Sqlite(error),
        }
    }

    /// Whether the database was known to be away already.
    pub const fn is_away(&self) -> bool {
        matches!(self, Self::Away(_))
    }

    /// Whether the log says so once already: that the database went away, or that the installation did.
    pub fn is_told(&self) -> bool {
        self.is_away() || matches!(self, Self::Moved(mark) if mark.state == MoveState::Gone)
    }

    /// What to do, for whoever was kept from something by what is passing.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Moved(mark) if mark.state == MoveState::Gone => {
                "the installation was moved to another database, and this server must be started anew to use it"
            }
            Self::Moved(_) => "the installation is on its way to another database: try again in some minutes",
            _ => "the database does not answer: try again in a moment",
        }
    }

    /// Whether the same may well work in a moment: the database is away or too busy, nothing is wrong with what was
    /// asked for.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Away(_)
            | Self::Contended
            | Self::Unknown
            | Self::NotCommitted
            | Self::Stopped
            | Self::Moved(_) => true,
            Self::Postgres(failure) => failure.interruption().is_some() || failure.is_timeout(),
            _ => false,
        }
    }

    pub(crate) const fn interruption(&self) -> Option<Interruption> {
        if let Self::Postgres(failure) = self { failure.interruption() } else { None }
    }
}

impl From<postgres::Error> for StoreError {
    fn from(error: postgres::Error) -> Self {
        let failure = PostgresFailure::of(&error);
        if failure.is_barred() { Self::Moved(Mark::of_refusal()) } else { Self::Postgres(failure) }
    }
}
