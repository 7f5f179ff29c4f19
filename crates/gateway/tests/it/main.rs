//! The gateway on loopback, before an app that writes down what it gets.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails may panic"
)]

mod app;
mod attacks;
mod bodies;
mod changes;
mod connections;
mod crowd;
mod door;
mod failures;
mod flow;
mod forward_auth;
mod house;
mod http2;
mod http2_misuse;
mod identity;
mod limits;
mod origins;
mod people;
mod places;
mod quotas;
mod raw_bytes;
mod refusals;
mod reload;
mod rules;
mod secure;
mod seen;
mod shutdown;
mod stand;
mod streams;
mod tls;
mod traces;
mod web_sockets;
mod witness;
