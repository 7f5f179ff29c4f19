//! What several processes keep together, on a server of the tests' own.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test whose stage cannot be set fails")]

mod server;
mod shared_sign_ins;
mod shared_visits;
mod shelf;
