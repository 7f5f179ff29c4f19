//! The binary: configuration, data directory, command line, wiring.

pub mod clock;
pub mod config;
pub mod exit;
mod logging;
