//! A bridge between two filament inventories, Spoolman and Filament DB: it maps what they have in common, carries over
//! what one of them lacks, and leaves what they disagree on to its administrator.
//!
//! All of the security is Doorward's: what the bridge asks of it stands in `security.rs`. The rest is the bridge's own.

mod backup;
mod bridge;
mod config;
mod conflicts;
mod health;
mod mappings;
mod nightly;
mod page;
mod plan;
mod routes;
mod security;
mod settings;
mod sync;
mod tables;
mod upstream;

pub use bridge::Bridge;
pub use routes::{background, routes};
pub use security::app;
pub use settings::Settings;
