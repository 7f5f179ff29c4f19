//! What concerns sessions, as it is in `tests/it`, with sessions held in a Valkey; and what is so in one alone.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test whose stage cannot be set fails"
)]

mod forged;
mod gone;
mod kept;

#[path = "../it/accounts.rs"]
mod accounts;
#[path = "../it/app_sessions.rs"]
mod app_sessions;
#[path = "../it/handing_off.rs"]
mod handing_off;
#[path = "../it/setting_up.rs"]
mod setting_up;
#[path = "../it/signing_in.rs"]
mod signing_in;
#[path = "../it/stage.rs"]
mod stage;
