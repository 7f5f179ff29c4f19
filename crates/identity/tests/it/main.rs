//! The use cases on a temporary database, with a clock that stands still and hashes that cost next to nothing.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test whose stage cannot be set fails")]

mod accounts;
mod app_sessions;
mod apps;
mod handing_off;
mod housekeeping;
mod kept;
mod log;
mod setting_up;
mod signing_in;
mod signing_keys;
mod stage;
mod tokens;
