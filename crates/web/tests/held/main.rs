//! The pages that concern sessions, as in `tests/it`, with sessions held in a Valkey; and what is so in one alone.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails may panic")]

mod gone;
mod kept;

#[path = "../it/apps.rs"]
mod apps;
#[path = "../it/browser.rs"]
mod browser;
#[path = "../it/callback.rs"]
mod callback;
#[path = "../it/house.rs"]
mod house;
#[path = "../it/same_origin.rs"]
mod same_origin;
#[path = "../it/sessions.rs"]
mod sessions;
#[path = "../it/setup.rs"]
mod setup;
#[path = "../it/sign_in.rs"]
mod sign_in;
#[path = "../it/tokens.rs"]
mod tokens;
