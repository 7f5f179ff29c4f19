//! The use cases: everything that people, programs and Doorward itself can do, each a function that goes through
//! the door once.
//!
//! No HTTP: faces translate. INVARIANT: what is hashed or waited for happens before the transaction, and is
//! compared inside it with what the row says by then.

pub mod account;
pub mod apps;
pub mod audit;
mod caches;
mod directory;
mod error;
pub mod groups;
pub mod handoff;
mod held;
mod house;
mod housekeeping;
pub mod metrics;
mod naming;
pub mod sessions;
pub mod setup;
pub mod sign_in;
mod signing;
pub mod single;
pub mod tokens;
pub mod users;

pub use caches::Caches;
pub use error::Error;
pub use house::{House, HouseParts};
pub use sign_in::SignedIn;
