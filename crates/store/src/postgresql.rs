//! PostgreSQL: a bounded set of threads of our own, each with a synchronous client, and how statements run on one.
//!
//! INVARIANT: a client is made, used and dropped on these threads alone. It blocks on a runtime of its own, which
//! panics on a thread of tokio's.

mod address;
mod connection;
mod failure;
mod feed;
mod link;
mod reading;
mod session;
mod threads;
mod tls;
mod values;

pub(crate) use address::APPLICATION;
pub use address::{NoPostgresAddress, PostgresAddress};
pub(crate) use connection::connect;
pub(crate) use failure::BARRED;
pub use failure::PostgresFailure;
pub(crate) use feed::RING;
pub(crate) use threads::Threads;
pub(crate) use values::Found;

use crate::{FromRow, Row, StoreError, Value};
use postgres::{Client, Statement, Transaction, types::ToSql};
use std::collections::HashMap;

/// Statements that a connection has prepared, by their text.
pub(crate) type Statements = HashMap<&'static str, Statement>;

/// A transaction, and what its connection has prepared.
pub(crate) struct Running<'c> {
    pub(crate) transaction: Transaction<'c>,
    pub(crate) statements: &'c mut Statements,
}

impl Running<'_> {
    pub(crate) fn rows<T: FromRow>(
        &mut self,
        sql: &'static str,
        params: &[Value],
    ) -> Result<Vec<T>, StoreError> {
        // SECURITY: these are open to every use case, so a change through them would need no permit.
        if !reading::is_reading(sql) {
            return Err(StoreError::NotReading);
        }
        self.change(sql, params)
    }

    /// What a statement that may change something answers.
    pub(crate) fn change<T: FromRow>(
        &mut self,
        sql: &'static str,
        params: &[Value],
    ) -> Result<Vec<T>, StoreError> {
        let statement = self.prepared(sql, params)?;
        let rows = self.transaction.query(&statement, &borrowed(params))?;
        rows.iter().map(|row| T::from_row(&Row::Postgres(row))).collect()
    }

    pub(crate) fn execute(&mut self, sql: &'static str, params: &[Value]) -> Result<u64, StoreError> {
        let statement = self.prepared(sql, params)?;
        Ok(self.transaction.execute(&statement, &borrowed(params))?)
    }

    pub(crate) fn run_script(&mut self, text: &str) -> Result<(), StoreError> {
        Ok(self.transaction.batch_execute(text)?)
    }

    fn prepared(&mut self, sql: &'static str, params: &[Value]) -> Result<Statement, StoreError> {
        if let Some(statement) = self.statements.get(sql) {
            return fitting(statement.clone(), params);
        }
        let types: Vec<_> = params.iter().map(Value::postgres_type).collect();
        let statement = self.transaction.prepare_typed(sql, &types)?;
        self.statements.insert(sql, statement.clone());
        fitting(statement, params)
    }
}

/// Does something over a connection of its own, on a thread of its own, and waits for it.
pub(crate) fn apart<T: Send + 'static>(
    address: &PostgresAddress,
    act: impl FnOnce(&mut Client) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let address = address.clone();
    let thread = std::thread::spawn(move || act(&mut connection::connect(&address)?));
    thread.join().unwrap_or(Err(StoreError::Panicked))
}

/// The client would panic at a wrong number.
fn fitting(statement: Statement, params: &[Value]) -> Result<Statement, StoreError> {
    let (wanted, given) = (statement.params().len(), params.len());
    if wanted == given {
        return Ok(statement);
    }
    let message = format!("the statement takes {wanted} parameters and was given {given}");
    Err(StoreError::Postgres(PostgresFailure::here(message)))
}

fn borrowed(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|value| value as _).collect()
}
