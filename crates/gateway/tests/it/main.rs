//! The gateway on loopback, before an app that writes down what it gets.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that fails may panic")]

mod app;
mod bodies;
mod connections;
mod door;
mod house;
mod identity;
mod limits;
mod refusals;
mod web_sockets;
