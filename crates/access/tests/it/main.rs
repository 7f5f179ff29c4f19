//! The gate before a directory that counts what it is asked, with a clock that stands still.

#![expect(clippy::unwrap_used, reason = "a test whose stage cannot be set fails")]

mod allocations;
mod caches;
mod credentials;
mod current_apps;
mod decisions;
mod identity_headers;
mod stage;
