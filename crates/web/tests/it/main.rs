//! The pages, driven as a browser drives them, and the attacks that they must stand.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that fails may panic")]

mod apps;
mod browser;
mod callback;
mod home;
mod house;
mod kept;
mod same_origin;
mod sessions;
mod setup;
mod sign_in;
mod tokens;
