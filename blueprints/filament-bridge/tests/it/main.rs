//! The contract of filament-bridge: a test for each promise, named after it, and for each attack that the original met.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that fails may panic")]

mod attacks;
mod backups;
mod domain;
mod engines;
mod passwords;
mod recovery;
mod sessions;
mod stage;
mod tokens;
mod upstreams;
