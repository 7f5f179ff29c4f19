//! Which database, and where.

use crate::{
    PostgresAddress, StoreError,
    door::{Asked, Queued, Shared},
    migrations,
    postgresql::Threads,
    sqlite::{self, Readers, Writer},
};
use domain::Time;
use std::{num::NonZeroUsize, path::Path, sync::Arc};

/// An open database.
pub enum Engine {
    /// An embedded file.
    Sqlite {
        /// The threads that read.
        #[doc(hidden)]
        readers: SqliteReaders,
        /// The thread that writes.
        #[doc(hidden)]
        writer: SqliteWriter,
    },
    /// A PostgreSQL server.
    Postgres(#[doc(hidden)] PostgresThreads),
}

/// The reading half of an embedded database.
pub struct SqliteReaders(Readers);
/// The writing half of an embedded database.
pub struct SqliteWriter(Writer);
/// The connections to a PostgreSQL server.
pub struct PostgresThreads(Threads);

impl Engine {
    /// Opens the file at `path`, makes it when it is missing, and brings its schema up to date. A database that
    /// a newer program wrote, or that is damaged, is refused before anything is changed.
    pub(crate) fn open_sqlite(path: &Path, readers: usize, shared: &Arc<Shared>) -> Result<Self, StoreError> {
        if path.exists() {
            migrations::refuse_newer(&sqlite::peek(path)?)?;
        }
        let writer = Writer::open(path, Arc::clone(shared))?;
        let readers = Readers::open(path, readers, shared)?;
        Ok(Self::Sqlite { readers: SqliteReaders(readers), writer: SqliteWriter(writer) })
    }

    /// Opens the database at `address` and brings its schema up to date, with at most `connections` and one more.
    /// One that a newer program wrote is refused before anything is changed.
    pub(crate) fn open_postgres(
        address: &PostgresAddress,
        connections: NonZeroUsize,
        shared: &Arc<Shared>,
    ) -> Result<Self, StoreError> {
        Ok(Self::Postgres(PostgresThreads(Threads::start(address, connections, shared)?)))
    }

    /// Whether what others change is heard of at once. Nobody else changes a file.
    pub(crate) fn is_fed(&self, now: Time) -> bool {
        match self {
            Self::Sqlite { .. } => true,
            Self::Postgres(threads) => threads.0.is_fed(now),
        }
    }

    /// Tells this process from others. A file has one.
    pub(crate) fn replica(&self) -> i64 {
        match self {
            Self::Sqlite { .. } => 0,
            Self::Postgres(threads) => threads.0.replica(),
        }
    }

    pub(crate) async fn send_write(&self, job: Box<dyn Queued>) -> Result<(), StoreError> {
        match self {
            Self::Sqlite { writer, .. } => writer.0.send(job).await,
            Self::Postgres(threads) => threads.0.send_write(job).await,
        }
    }

    pub(crate) async fn send_read(&self, job: Box<dyn Asked>) -> Result<(), StoreError> {
        match self {
            Self::Sqlite { readers, .. } => readers.0.send(job).await,
            Self::Postgres(threads) => threads.0.send_read(job).await,
        }
    }
}
