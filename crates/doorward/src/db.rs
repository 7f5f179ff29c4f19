//! The database, for an app's own tables: the same transactions, decisions and events as Doorward's own.
//!
//! A transaction is a plain function that is handed to [`Db::read`] or [`Db::write`]. It runs on a thread of the
//! database, may run more than once, and must wait for nothing. What it writes takes a [`Permit`], which only the
//! policy gives and which does not leave the transaction; how it ends is an [`Ending`]: done, with the event of what was
//! done; refused, with the event of that; or housekeeping, which is no act of anyone.
//!
//! SQL is one text for every database that Doorward runs on: parameters are `$1`, `$2`, … and bound by number, times are
//! microseconds, booleans are 0 and 1, ids are sixteen bytes; an expected conflict is an `ON CONFLICT`, since a
//! statement that fails spoils its transaction; lists are read in pages, by key.

use crate::{Error as AppError, embed::Doorward};
use domain::Actor;
use std::fmt;

pub use policy::{Permit, Visible};
pub use store::{
    Column, Deed, Ending, Failure, FromColumn, FromRow, Load, Look as Reading, Migrations, ReadTx, Row,
    StoreError as Error, Value, Work as Writing, WriteTx,
};

/// The database, as one caller sees it: as an extractor, whoever sent the request; by [`Doorward::db`], a task of the
/// app's own.
#[derive(Clone)]
pub struct Db {
    doorward: Doorward,
    actor: Actor,
}

impl Db {
    pub(crate) const fn new(doorward: Doorward, actor: Actor) -> Self {
        Self { doorward, actor }
    }

    /// Runs `look` on `input` in one transaction that cannot write.
    pub async fn read<I, T, F>(&self, input: I, look: F) -> Result<T, AppError>
    where
        I: Send + 'static,
        T: Send + 'static,
        F: FnOnce(&mut Reading<'_, '_>, I) -> Result<T, AppError> + Send + 'static,
    {
        self.doorward.door().read(&self.actor, input, look).await
    }

    /// Runs `work` on `input` in one writing transaction. It may run more than once, and runs to its end even when the
    /// caller goes away. What is answered is durable.
    pub async fn write<I, T, F>(&self, input: I, work: F) -> Result<T, AppError>
    where
        I: Send + 'static,
        T: Send + 'static,
        F: Fn(&mut Writing<'_, '_>, &I) -> Result<Ending<T, AppError>, AppError> + Send + 'static,
    {
        self.doorward.door().write(&self.actor, input, work).await
    }
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Db(as {})", self.actor.who.label())
    }
}
