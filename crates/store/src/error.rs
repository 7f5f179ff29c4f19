//! What can go wrong below the use cases.

/// What can go wrong with the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The engine refused a statement or a connection.
    #[error("sqlite: {0}")]
    Sqlite(#[from] rusqlite::Error),
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
    /// The file is no database, or a damaged one.
    #[error("the database is damaged or is no database: {0}")]
    Damaged(rusqlite::Error),
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
}
