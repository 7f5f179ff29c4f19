//! The conformance suite: what every database must do behind the door.
//!
//! Each test plays on every engine that `stage` knows, through the public functions and with real permits. What only
//! one engine has, such as a file that can be damaged, stands in a module of its own.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test whose stage cannot be set fails")]

mod accounts;
mod apps;
mod batches;
mod cluster;
mod decisions;
mod duties;
mod endings;
mod event_numbers;
mod events;
mod feed;
mod listeners;
mod moved_away;
mod moving;
mod own_tables;
mod people;
mod plans;
mod postgresql_faults;
mod postgresql_server;
mod previous_release;
mod sessions;
mod single_use;
mod sqlite_file;
mod stage;
mod statements;
mod tokens;
mod wire;
