//! Transactions over the database, the door through which every change goes, and the only SQL.
//!
//! A transaction is a plain synchronous function that is handed to [`Door::write`] or [`Door::read`]. SQLite is the
//! first engine; every statement here is written so that PostgreSQL will take the same text.

mod door;
mod engine;
mod error;
mod hook;
mod migrations;
mod own;
mod refusals;
mod row;
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
pub use refusals::Refusals;
pub use row::{FromRow, Row};
pub use touch::{Committed, Touch};
pub use tx::{ReadTx, WriteTx};
pub use value::{Column, FromColumn, Value};
