//! The gateway on loopback, before an app that writes down what it gets.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails may panic"
)]

mod app;
mod bodies;
mod connections;
mod door;
mod failures;
mod flow;
mod forward_auth;
mod house;
mod identity;
mod limits;
mod people;
mod places;
mod raw_bytes;
mod refusals;
mod stand;
mod streams;
mod web_sockets;
