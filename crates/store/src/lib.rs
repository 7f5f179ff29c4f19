//! Transactions over the database, the door through which every change goes, and the only SQL.
//!
//! A transaction is a plain synchronous function that is handed to [`Door::write`] or [`Door::read`]. The engines are
//! SQLite and PostgreSQL; every statement here is one text that both take.

mod door;
mod engine;
mod error;
mod hook;
mod migrations;
pub mod moving;
mod own;
mod postgresql;
mod refusals;
mod row;
mod schema;
mod sequencer;
mod sqlite;
pub mod tables;
mod touch;
mod tx;
mod value;

pub use door::{Deed, Door, DoorParts, Ending, Failure, Look, NotPermitted, Work};
pub use engine::Engine;
pub use error::StoreError;
pub use hook::Hook;
pub use own::{Load, Migrations, NotAuthorized};
pub use postgresql::{NoPostgresAddress, PostgresAddress, PostgresFailure};
pub use refusals::Refusals;
pub use row::{FromRow, Row};
pub use schema::Schema;
pub use sequencer::Sequencer;
pub use touch::{Committed, Touch};
pub use tx::{ReadTx, WriteTx};
pub use value::{Column, FromColumn, Value};
