//! The whole product, asked as programs ask it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails may panic"
)]

mod access_log;
mod embedded;
mod gate;
mod metrics;
mod notes;
mod revocation;
mod routes;
mod single;
mod world;
