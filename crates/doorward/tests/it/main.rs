//! The whole product, asked as programs ask it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that fails may panic")]

mod gate;
mod revocation;
mod routes;
mod world;
