//! Which database, and where.

use crate::{
    StoreError,
    door::{Asked, Queued, Shared},
    migrations,
    sqlite::{self, Readers, Writer},
};
use std::{path::Path, sync::Arc};

/// An open database. PostgreSQL will be the second variant.
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
}

/// The reading half of an embedded database.
pub struct SqliteReaders(Readers);
/// The writing half of an embedded database.
pub struct SqliteWriter(Writer);

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

    pub(crate) async fn send_write(&self, job: Box<dyn Queued>) -> Result<(), StoreError> {
        let Self::Sqlite { writer, .. } = self;
        writer.0.send(job).await
    }

    pub(crate) async fn send_read(&self, job: Box<dyn Asked>) -> Result<(), StoreError> {
        let Self::Sqlite { readers, .. } = self;
        readers.0.send(job).await
    }
}
