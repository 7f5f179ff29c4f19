//! The binary: configuration, data directory, command line, wiring.
//!
//! `main` calls [`cli::run`]. [`serve`] puts the parts together; every other command goes through a `transport` to
//! the same use cases. Nothing but [`clock`] and [`config`] reads the machine's clock and environment.

pub mod cli;
pub mod clock;
pub mod config;
pub mod data;
pub mod exit;
mod logging;
mod operator;
pub mod seeing;
pub mod serve;
mod socket;
#[cfg(feature = "testing")]
pub mod testing;
mod transport;
