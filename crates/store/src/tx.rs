//! A transaction, as functions that hold SQL see it.
//!
//! INVARIANT: a statement that failed poisons its transaction, on every engine: what came before it is never
//! committed without it, even when the error was swallowed.

use crate::{
    FromRow, StoreError, Touch, Value, error::Interruption, migrations, postgresql::Running, sqlite,
};
use domain::{Entropy, Id, Kind, Time};
use std::ops::{Deref, DerefMut};

/// A transaction that reads. Functions that only read take `&mut ReadTx`.
pub struct ReadTx<'c> {
    inner: Inner<'c>,
    now: Time,
    poisoned: bool,
    interruption: Option<Interruption>,
}

/// The engine's own transaction.
pub(crate) enum Inner<'c> {
    Sqlite(&'c rusqlite::Connection),
    Postgres(Running<'c>),
    /// No connection: every statement fails.
    Nowhere,
}

impl Inner<'_> {
    fn rows<T: FromRow>(&mut self, sql: &'static str, params: &[Value]) -> Result<Vec<T>, StoreError> {
        match self {
            Self::Sqlite(connection) => sqlite::rows(connection, sql, params),
            Self::Postgres(running) => running.rows(sql, params),
            Self::Nowhere => Err(nowhere()),
        }
    }

    fn change<T: FromRow>(&mut self, sql: &'static str, params: &[Value]) -> Result<Vec<T>, StoreError> {
        match self {
            Self::Sqlite(connection) => sqlite::change(connection, sql, params),
            Self::Postgres(running) => running.change(sql, params),
            Self::Nowhere => Err(nowhere()),
        }
    }

    fn execute(&mut self, sql: &'static str, params: &[Value]) -> Result<u64, StoreError> {
        match self {
            Self::Sqlite(connection) => sqlite::execute(connection, sql, params),
            Self::Postgres(running) => running.execute(sql, params),
            Self::Nowhere => Err(nowhere()),
        }
    }
}

fn nowhere() -> StoreError {
    StoreError::Away("the connection is gone".to_owned())
}

/// A transaction that writes; it derefs to one that reads.
pub struct WriteTx<'c> {
    read: ReadTx<'c>,
    entropy: &'c dyn Entropy,
    touched: Vec<Touch>,
}

impl<'c> ReadTx<'c> {
    pub(crate) const fn new(inner: Inner<'c>, now: Time) -> Self {
        Self { inner, now, poisoned: false, interruption: None }
    }

    /// The moment of this transaction.
    pub const fn now(&self) -> Time {
        self.now
    }

    /// Every row of the answer, which is small by construction: lists are paged. A statement that would write is
    /// an error.
    pub fn list<T: FromRow>(&mut self, sql: &'static str, params: &[Value]) -> Result<Vec<T>, StoreError> {
        self.statement(sql, params, |inner| inner.rows(sql, params))
    }

    /// The first row of the answer, if there is one.
    pub fn find<T: FromRow>(&mut self, sql: &'static str, params: &[Value]) -> Result<Option<T>, StoreError> {
        Ok(self.list(sql, params)?.into_iter().next())
    }

    /// Whether the statement answers any row.
    pub fn any(&mut self, sql: &'static str, params: &[Value]) -> Result<bool, StoreError> {
        Ok(self.find::<i64>(sql, params)?.is_some())
    }

    pub(crate) const fn is_poisoned(&self) -> bool {
        self.poisoned
    }

    /// Why the engine broke this transaction off, if it did and another try may go well.
    pub(crate) const fn interruption(&self) -> Option<Interruption> {
        self.interruption
    }

    fn statement<T>(
        &mut self,
        sql: &'static str,
        params: &[Value],
        run: impl FnOnce(&mut Inner<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.poisoned {
            return Err(StoreError::Poisoned);
        }
        // The text alone: values may be secret.
        tracing::trace!(target: "doorward_store::sql", sql);
        let result =
            if params.iter().any(Value::has_nul) { Err(StoreError::Nul) } else { run(&mut self.inner) };
        result.inspect_err(|error| {
            self.poisoned = true;
            self.interruption = error.interruption();
        })
    }
}

impl<'c> WriteTx<'c> {
    pub(crate) const fn new(read: ReadTx<'c>, entropy: &'c dyn Entropy) -> Self {
        Self { read, entropy, touched: Vec::new() }
    }

    /// Runs a statement; answers how many rows it changed.
    pub(crate) fn execute(&mut self, sql: &'static str, params: &[Value]) -> Result<u64, StoreError> {
        self.read.statement(sql, params, |inner| inner.execute(sql, params))
    }

    /// Runs a statement that changes something; answers the rows that it returns.
    pub(crate) fn change<T: FromRow>(
        &mut self,
        sql: &'static str,
        params: &[Value],
    ) -> Result<Vec<T>, StoreError> {
        self.read.statement(sql, params, |inner| inner.change(sql, params))
    }

    /// Whether others write at the same time, so that rows are locked against them. With a file one thread writes.
    pub(crate) const fn locks_rows(&self) -> bool {
        matches!(self.read.inner, Inner::Postgres(_))
    }

    /// Runs the statements of a migration, one after the other.
    pub(crate) fn run_script(&mut self, text: &str) -> Result<(), StoreError> {
        self.read.statement("a migration", &[], |inner| match inner {
            Inner::Sqlite(connection) => Ok(connection.execute_batch(&migrations::for_sqlite(text))?),
            Inner::Postgres(running) => running.run_script(&migrations::postgresql::for_postgresql(text)),
            Inner::Nowhere => Err(nowhere()),
        })
    }

    /// Waits until no other replica changes tables. It must come first: what the transaction sees is settled behind it.
    pub(crate) fn take_turn_with_replicas(&mut self) -> Result<(), StoreError> {
        self.read.statement("a turn", &[], |inner| match inner {
            // Nobody else has the file.
            Inner::Sqlite(_) => Ok(()),
            Inner::Postgres(running) => running.run_script(migrations::postgresql::TURN),
            Inner::Nowhere => Err(nowhere()),
        })
    }

    /// A fresh id at the transaction's moment.
    pub fn new_id<K: Kind>(&self) -> Id<K> {
        Id::new(self.read.now, self.entropy)
    }

    /// Says whom this change concerns, so that caches forget them after the commit.
    pub(crate) fn touch(&mut self, touch: Touch) {
        if !self.touched.contains(&touch) {
            self.touched.push(touch);
        }
    }

    pub(crate) fn into_inner(self) -> Inner<'c> {
        self.read.inner
    }

    pub(crate) fn take_touched(&mut self) -> Vec<Touch> {
        std::mem::take(&mut self.touched)
    }

    /// After a roll-back to the savepoint the connection is usable again: nothing of the failure is left.
    pub(crate) fn forgive(&mut self) {
        self.read.poisoned = false;
        self.touched.clear();
    }
}

impl<'c> Deref for WriteTx<'c> {
    type Target = ReadTx<'c>;

    fn deref(&self) -> &ReadTx<'c> {
        &self.read
    }
}

impl<'c> DerefMut for WriteTx<'c> {
    fn deref_mut(&mut self) -> &mut ReadTx<'c> {
        &mut self.read
    }
}
